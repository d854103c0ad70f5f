"""What is published is never overwritten by another article, and no article is lost to one that seems to be it."""

from __future__ import annotations

import pytest

from bot.states import Event, State
from tests.test_shared_items import Desk

SITE = "https://paper.example"


def document(*items: tuple[str, str, str, int]) -> bytes:
    """Of guid, path, title and day of each item."""
    told = "".join(
        f"<item><guid>{guid}</guid><link>{SITE}{path}</link><title>{title}</title>"
        f"<description>{title}, as it was told.</description><pubDate>{day} Feb 2026 08:00:00 GMT</pubDate></item>"
        for guid, path, title, day in items
    )
    return f"<rss version='2.0'><channel><title>T</title>{told}</channel></rss>".encode()


@pytest.fixture
def desk(tmp_path, clock):
    desk = Desk(f"sqlite:///{tmp_path}/bot.db", clock)
    desk.configure(paper={"rights": "open"}, section={"rights": "open"})
    yield desk
    desk.store.close()


def published(desk, name: str, *items: tuple[str, str, str, int]) -> list[str]:
    """The titles of the posts once this document was read, and all that was to be done is done."""
    desk.poll(name, document(*items))
    for each in desk.store.due(desk.clock.now()):
        assert each.state is State.QUEUED, "a post is to be written anew"
        desk.change(each, Event.PREPARED, Event.BEGUN, Event.PUBLISHED)
    desk.clock.advance(hours=1)
    return [desk.store.entry(each.key).title for each in desk.store.publications()]


def test_guids_that_are_places_in_the_document(desk):
    one, two, three = (("/1", "Frost", 1), ("/2", "Ferry", 2), ("/3", "Fair", 3))
    assert published(desk, "paper", ("1", *two), ("2", *one)) == ["Frost", "Ferry"]
    assert published(desk, "paper", ("1", *three), ("2", *two)) == ["Frost", "Ferry", "Fair"]
    assert published(desk, "paper", ("1", *three), ("2", *one)) == ["Frost", "Ferry", "Fair"]


def test_one_link_for_the_story_of_the_day(desk):
    assert published(desk, "paper", ("p1", "/today", "Frost", 1)) == ["Frost"]
    assert published(desk, "paper", ("p2", "/today", "Ferry", 2)) == ["Frost", "Ferry"]


def test_the_address_of_the_site_as_the_guid_of_two_feeds(desk):
    assert published(desk, "paper", (f"{SITE}/", "/1", "Frost", 1)) == ["Frost"]
    assert published(desk, "section", (f"{SITE}/", "/2", "Ferry", 1)) == ["Frost", "Ferry"]
    assert published(desk, "paper", (f"{SITE}/", "/3", "Fair", 1)) == ["Frost", "Ferry", "Fair"]


@pytest.mark.parametrize("path", ["/story?amp=1", "/amp/story", "/story/amp/", "/story?mtm_source=rss"])
def test_one_story_in_two_feeds_in_another_form_of_its_address(desk, path):
    titles = "The harbour of Hallin opens again"
    published(desk, "paper", ("i1", "/story", titles, 1))
    desk.poll("section", document(("j1", path, titles, 1)))
    assert [each.state for each in desk.store.publications()] == [State.PUBLISHED, State.SKIPPED]


def test_a_correction_is_one_of_its_post(desk):
    published(desk, "paper", ("i1", "/story", "The harbour opens", 1))
    desk.poll("paper", document(("i1", "/moved", "All is different now", 1)))
    assert [each.state for each in desk.store.publications()] == [State.OUTDATED]
