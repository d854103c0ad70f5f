"""Posts whose source changes or goes away."""

from __future__ import annotations

from dataclasses import replace

import pytest
import structlog

from bot.errors import (
    FetchUnavailable,
    PostOutcomeUnknown,
    SiteRefused,
    SiteUnavailable,
)
from bot.states import Change, Event, State
from tests.world import BODY, FEED, STORY, config, correct, rss


def test_a_changed_source_updates_its_post(world):
    world.poll()
    world.work()
    first = world.site.posts[0].post
    correct(world)
    (updated,) = world.work()
    assert updated.state is State.PUBLISHED
    (post,) = world.site.posts
    assert post.post.title != first.title
    assert world.site.calls.count("create") == 1
    assert world.site.calls.count("update") == 1
    correct(world)
    assert world.work() == []


@pytest.mark.parametrize("after", [True, False])
def test_a_second_post_that_a_person_wants_is_not_mistaken_for_the_first(world, after):
    world.poll()
    world.work()
    first = world.store.publications()[0]
    world.store.change(first, Change(Event.AGAIN, world.clock.now()))
    world.site.fail("create", PostOutcomeUnknown("monde", "timed out"), after=after)
    for _ in range(3):
        world.work()
        world.clock.advance(minutes=5)
    (second,) = world.store.publications()
    assert second.state is State.PUBLISHED
    assert second.remote.id != first.remote.id
    assert len(world.site.posts) == 2


def test_an_update_that_fails_leaves_its_post_as_it_is(world):
    """Its source changed while the update waited, and then the page was gone."""
    world.config = config(feed={"content": "full"})
    page = f"<html lang=en><head><title>T</title></head><body><article>{BODY * 4}</article></body></html>"
    world.pages.answers[f"{STORY}-a"] = page.encode()
    world.poll()
    world.work()
    correct(world)
    world.site.fail("read", SiteUnavailable("monde", "refused the connection"))
    world.work()
    correct(world, "The ice has gone, and the boats are back")
    del world.pages.answers[f"{STORY}-a"]
    world.clock.advance(hours=1)
    (kept,) = world.work()
    assert kept.state is State.PUBLISHED
    assert "404" in kept.reason


def test_a_correction_that_comes_while_an_item_is_prepared_is_not_lost(world):
    world.poll()
    (stale,) = world.store.due(world.clock.now())
    correct(world)
    assert world.pipeline().advance(stale) is None  # it was prepared from what the feed said before
    world.work()
    assert "at last" in world.store.entry(stale.key).title
    assert len(world.site.posts) == 1


class CorrectedMeanwhile:
    """Pages that the newspaper corrects, and tells of in its feed, between their answer and its arrival."""

    def __init__(self, world, correction) -> None:
        self._world, self._correction = world, correction

    def get(self, url, **more):
        answer = self._world.pages.get(url, **more)
        if self._correction:
            self._correction.pop()()
        return answer


def test_a_correction_that_comes_while_its_page_is_read_is_not_lost(world):
    def page(people: int) -> bytes:
        body = BODY.replace("310", str(people)) * 4
        return f"<html lang=en><head><title>T</title></head><body><article>{body}</article></body></html>".encode()

    def correction() -> None:
        world.pages.answers[f"{STORY}-a"] = page(999)
        correct(world)

    world.config = config(feed={"content": "full"}, language="en")
    world.pages.answers[f"{STORY}-a"] = page(310)
    world.poll()
    pipeline = world.pipeline(pages=CorrectedMeanwhile(world, [correction]))
    (queued,) = world.store.due(world.clock.now())
    assert pipeline.advance(queued) is None
    assert world.store.article(queued.key) is None
    world.work()
    assert "About 999 people" in world.site.posts[0].post.html


def test_a_held_item_hears_of_a_correction(world):
    world.poll()
    queued = world.store.publications()[0]
    world.store.change(queued, Change(Event.HELD, world.clock.now(), reason="digits"))
    correct(world)
    assert world.states() == [(State.QUEUED, "monde")]


def test_a_source_that_says_the_same_in_other_words_of_markup_sends_nothing(world):
    world.poll()
    world.work()
    same = rss(("a", "The ice has gone")).replace(b"<p>The harbour", b"<p class='x'>The harbour")
    world.feeds.answers[FEED] = same
    world.poll()
    (kept,) = world.work()
    assert kept.state is State.PUBLISHED
    assert "update" not in world.site.calls


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"https://source.example/boat", b"https://source.example/first-boat"),
        (b"</a>\nof the", b'</a> <img src="https://source.example/quay.jpg" alt="">\nof the'),
    ],
    ids=["link", "picture"],
)
def test_a_correction_of_a_link_or_a_picture_alone_updates_the_post(world, before, after):
    world.pictures.answers["https://source.example/quay.jpg"] = b"quay"
    world.poll()
    world.work()
    world.feeds.answers[FEED] = rss(("a", "The ice has gone")).replace(before, after)
    world.poll()
    (done,) = world.work()
    assert (done.state, world.site.calls.count("update")) == (State.PUBLISHED, 1)


def test_an_update_that_the_rules_would_not_take_leaves_its_post_as_it_is(world):
    world.poll()
    world.work()
    world.config = config(feed={"min_chars": 100_000})
    correct(world)
    (kept,) = world.work()
    assert kept.state is State.PUBLISHED
    assert "min_chars" in kept.reason


def test_an_update_that_the_site_refuses_is_made_once_more_and_then_let_be(world):
    world.poll()
    world.work()
    world.site.fail("update", SiteRefused("monde", "Invalid post format"), times=3)
    correct(world)
    states = []
    for _ in range(4):
        states += [each.state for each in world.work()]
        world.clock.advance(hours=7)
    assert states == [State.QUEUED, State.QUEUED, State.PUBLISHED]
    (kept,) = world.store.publications()
    assert "Invalid post format" in kept.reason
    assert len(world.site.posts) == 1


def test_a_post_that_a_person_edited_is_left_alone_and_told(world):
    world.poll()
    world.work()
    held = world.site.posts[0]
    held.post = replace(held.post, html=held.post.html + "<p>Uma nota da redação.</p>")
    correct(world)
    (kept,) = world.work()
    assert kept.state is State.PUBLISHED
    assert "a person edited the post" in kept.reason
    assert "nota da redação" in world.site.posts[0].post.html


def test_a_post_that_is_gone_from_the_site_is_not_made_again(world):
    world.poll()
    world.work()
    world.site.posts.clear()
    correct(world)
    (kept,) = world.work()
    assert (kept.state, world.site.posts) == (State.PUBLISHED, [])
    assert "no longer on the site" in kept.reason


def test_a_lost_answer_to_an_update_is_sent_again(world):
    world.poll()
    world.work()
    world.site.fail("update", SiteUnavailable("monde", "no answer"), after=True)
    correct(world)
    (waiting,) = world.work()
    assert waiting.state is State.READY
    world.clock.advance(minutes=5)
    (done,) = world.work()
    assert done.state is State.PUBLISHED
    assert len(world.site.posts) == 1


def test_updates_can_be_switched_off(world):
    world.config = config(updates=False)
    world.poll()
    world.work()
    correct(world)
    world.work()
    assert "update" not in world.site.calls
    assert world.states() == [(State.PUBLISHED, "monde")]


@pytest.mark.parametrize(("stories", "withdrawn"), [(5, 5), (6, 0)])
def test_a_host_where_all_is_gone_at_once_is_not_believed(world, stories, withdrawn):
    world.config = config(on_withdrawn="draft")
    world.feeds.answers[FEED] = rss(*((f"s{n}", f"The ice has gone {n}") for n in range(stories)))
    world.poll()
    world.work()
    pipeline = world.pipeline()
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            world.clock.advance(days=1, hours=1)
            pipeline.recheck()
    assert [post.remote.status for post in world.site.posts].count("draft") == withdrawn
    assert any("6 sources are gone at once" in line.get("reason", "") for line in logs) is not bool(withdrawn)


def test_the_source_of_a_feed_that_is_no_longer_relayed_is_not_looked_at(world):
    world.config = config(on_withdrawn="draft")
    world.poll()
    world.work()
    asked = len(world.pages.asked)
    world.config = world.config.model_copy(update={"feeds": ()})
    for _ in range(2):
        world.clock.advance(days=1, hours=1)
        assert world.pipeline().recheck() == []
    assert len(world.pages.asked) == asked


def test_a_source_behind_a_login_is_looked_at_with_it(world):
    world.config = config(on_withdrawn="draft", feed={"user_agent": "Subscriber/1"})
    world.poll()
    world.work()
    world.clock.advance(days=1, hours=1)
    world.pipeline().recheck()
    assert world.pages.access[-1] == world.config.feeds[0].access


@pytest.mark.parametrize(("wish", "status"), [("draft", "draft"), ("trash", "trash"), ("keep", "publish")])
def test_a_source_gone_twice_a_day_apart_is_withdrawn(world, wish, status):
    world.config = config(on_withdrawn=wish)
    world.pages.answers[f"{STORY}-a"] = b"<html>here</html>"
    world.poll()
    world.work()
    for answer in (b"<html>here</html>", FetchUnavailable(STORY, "503"), None, b"<html>here</html>", None):
        world.clock.advance(days=1)
        if answer is None:
            world.pages.answers.pop(f"{STORY}-a", None)
        else:
            world.pages.answers[f"{STORY}-a"] = answer
        assert world.pipeline().recheck() == []
    world.clock.advance(hours=5)
    assert world.pipeline().recheck() == []
    assert world.site.posts[0].remote.status == "publish"
    world.clock.advance(hours=20)
    world.pipeline().recheck()
    assert world.site.posts[0].remote.status == status


# --- pace, pictures, terms ----------------------------------------------------------------------
