"""Whose page keeps that of another item away: see docs/extraction.md; and one story at two addresses: docs/choosing.md."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from bot.engines.store import DatabaseStore
from bot.errors import ItemUnusable
from bot.model import Entry, FeedState, Take
from bot.reading import publisher_of
from bot.states import Change, Event, State
from tests.desk import SITE, page
from tests.desk import Desk as Reading
from tests.fakes.translator import FakeTranslator
from tests.fakes.web import FakeFetcher
from tests.test_other_articles import BOAT, ICE
from tests.world import World, config


@pytest.fixture
def desk(tmp_path, clock):
    desk = Reading(f"sqlite:///{tmp_path}/bot.db", clock)
    desk.pages.answers |= dict.fromkeys((f"{SITE}/a", f"{SITE}/b"), page(title="Welcome"))
    yield desk
    desk.store.close()


def first_item(store: DatabaseStore, clock, *events: Event) -> None:
    for event in events:
        store.change(store.publication(ICE.key, "s"), Change(event, clock.now(), "why"))


@pytest.mark.parametrize("event", [Event.FAILED, Event.SKIPPED])
def test_what_is_on_no_site_keeps_no_other_item_away(desk, clock, event):
    desk.article(ICE)
    first_item(desk.store, clock, event)
    assert desk.article(BOAT).rung == "readability"


@pytest.mark.parametrize("events", [(), (Event.FAILED, Event.RETRIED), (Event.HELD,)])
def test_what_may_yet_be_out_does(desk, clock, events):
    desk.article(ICE)
    first_item(desk.store, clock, *events)
    with pytest.raises(ItemUnusable, match="the same text"):
        desk.article(BOAT)


DAY = datetime(2026, 3, 1, 8, tzinfo=UTC)


class Newsroom(World):
    """A pipeline, and a host that shows one page under each address."""

    def __init__(self, tmp_path, clock) -> None:
        super().__init__(tmp_path, clock, FakeTranslator())
        self.open()

    def open(self, sites: tuple[str, ...] = ("monde",), **duplicates) -> None:
        told = config(sites, {"content": "full"})
        feeds = [told.feeds[0].model_copy(update={"name": name}) for name in ("source", "other")]
        wanted = told.duplicates.model_copy(update=duplicates)
        self.config = told.model_copy(update={"feeds": feeds, "duplicates": wanted})

    def bring(
        self, key: str, published: datetime | None = DAY, *, site: str = SITE, feed: str = "source"
    ) -> None:
        entry = Entry(key, feed, key, f"{site}/{key}", ICE.title, published=published)
        self.pages.answers[entry.link] = page(title=ICE.title)
        sites = [each.name for each in self.config.sites]
        self.store.save_poll(FeedState(feed), [Take(entry)], sites, self.clock.now())

    def read(self, key: str) -> None:
        self.pipeline()._reader.article(self.store.entry(key), self.config.feed("source"))

    def happens(self, key: str, *events: Event) -> None:
        for event in events:
            self.store.change(self.store.publication(key, "monde"), Change(event, self.clock.now(), "why"))

    def reached(self) -> dict[str, str]:
        return {each.key: str(each.state) for each in self.store.publications() if each.site == "monde"}


@pytest.fixture
def newsroom(tmp_path, clock):
    newsroom = Newsroom(tmp_path, clock)
    yield newsroom
    newsroom.store.close()


class TestOneStoryAtTwoAddresses:
    def test_comes_once(self, newsroom):
        newsroom.bring("a")
        newsroom.bring("b")
        newsroom.work()
        assert newsroom.reached() == {"a": "published", "b": "skipped"}
        told = f'the same story as "{ICE.title}" of source (a), by the text of its page'
        assert newsroom.store.publication("b", "monde").reason == told
        assert len(newsroom.site.posts) == 1

    @pytest.mark.parametrize("host", ["amp.news.example", "m.news.example", "www.news.example"])
    def test_comes_once_though_one_is_for_telephones(self, newsroom, host):
        newsroom.bring("a")
        newsroom.bring("b", site=f"https://{host}")
        newsroom.work()
        assert newsroom.reached() == {"a": "published", "b": "skipped"}

    @pytest.mark.parametrize(
        "second", [{"published": DAY + timedelta(days=1)}, {"site": "https://other.example"}]
    )
    def test_another_day_or_another_paper_has_another_story(self, newsroom, second):
        newsroom.bring("a")
        newsroom.bring("b", **second)
        newsroom.work()
        assert newsroom.reached() == {"a": "published", "b": "published"}

    def test_comes_to_each_site_of_its_feed(self, newsroom):
        newsroom.open(("monde", "welt"))
        newsroom.sites["welt"] = type(newsroom.site)("welt")
        newsroom.bring("a")
        newsroom.work()
        assert [each.state for each in newsroom.store.publications()] == [State.PUBLISHED] * 2

    def test_comes_from_the_second_address_on_the_site_where_the_first_failed(self, newsroom):
        newsroom.open(("monde", "welt"))
        newsroom.sites["welt"] = type(newsroom.site)("welt")
        newsroom.bring("a")
        newsroom.read("a")
        newsroom.happens("a", Event.FAILED)
        newsroom.bring("b")
        newsroom.work()
        assert newsroom.reached() == {"a": "failed", "b": "published"}
        assert newsroom.store.publication("b", "welt").state is State.SKIPPED

    def test_does_not_come_again_where_its_second_post_failed(self, newsroom):
        newsroom.bring("a")
        newsroom.work()
        newsroom.happens("a", Event.AGAIN, Event.FAILED)
        newsroom.bring("b")
        newsroom.work()
        assert newsroom.reached() == {"a": "failed", "b": "skipped"}

    def test_does_not_come_again_where_a_person_said_no(self, newsroom):
        newsroom.bring("a")
        newsroom.bring("b")
        newsroom.read("a")
        newsroom.happens("a", Event.HELD)
        held = newsroom.store.publication("a", "monde")
        newsroom.store.change(held, Change(Event.REJECTED, newsroom.clock.now()))
        newsroom.work()
        assert newsroom.reached() == {"a": "skipped", "b": "skipped"}

    def test_comes_a_second_time_on_a_persons_word(self, newsroom):
        for key in "ab":
            newsroom.bring(key)
        newsroom.work()
        newsroom.happens("b", Event.RETRIED)
        newsroom.work()
        assert newsroom.reached() == {"a": "published", "b": "published"}

    def test_of_two_feeds_comes_twice_where_the_owner_wants_both(self, newsroom):
        newsroom.open(across_feeds=False)
        for key, feed in (("a", "source"), ("b", "other"), ("c", "other")):
            newsroom.bring(key, feed=feed)
        newsroom.work()
        assert newsroom.reached() == {"a": "published", "b": "published", "c": "skipped"}

    @pytest.mark.parametrize("across_feeds", [True, False])
    def test_comes_from_one_that_gave_way_where_the_first_fails(self, newsroom, across_feeds):
        newsroom.open(across_feeds=across_feeds)
        for key in "abc":
            newsroom.bring(key)
        newsroom.read("a")
        waiting = Change(Event.POSTPONED, newsroom.clock.now(), not_before=DAY + timedelta(days=9))
        newsroom.store.change(newsroom.store.publication("a", "monde"), waiting)
        newsroom.work()
        assert newsroom.reached() == {"a": "queued", "b": "skipped", "c": "skipped"}
        assert newsroom.pipeline().recheck() == []
        newsroom.happens("a", Event.FAILED)
        assert {each.key for each in newsroom.pipeline().recheck()} == {"b", "c"}
        newsroom.work()
        assert newsroom.reached() == {"a": "failed", "b": "published", "c": "skipped"}

    def test_that_was_out_twice_before_is_kept_up_to_date(self, newsroom):
        newsroom.bring("a")
        newsroom.bring("b", DAY + timedelta(days=1))
        newsroom.work()
        corrected = Entry("b", "source", "b", f"{SITE}/b", ICE.title, summary_html="New.", published=DAY)
        newsroom.store.save_poll(FeedState("source"), [], ["monde"], newsroom.clock.now(), [corrected])
        assert newsroom.reached()["b"] == "outdated"
        newsroom.work()
        assert newsroom.reached()["b"] == "published"

    def test_that_several_lanes_read_at_once_comes_once(self, newsroom):
        barrier = Barrier(4)

        class Together(FakeFetcher):
            def get(self, url, **options):
                barrier.wait(timeout=30)
                return super().get(url, **options)

        for key in "abcd":
            newsroom.bring(key)
        together = Together()
        together.answers = newsroom.pages.answers
        pipeline = newsroom.pipeline(together)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(pipeline.advance, newsroom.store.due(newsroom.clock.now())))
        assert sorted(newsroom.reached().values()) == ["published", "skipped", "skipped", "skipped"]


def test_the_forms_of_a_host_are_one_publishers():
    hosts = ("x.example", "www.x.example", "m.x.example", "mobile.x.example", "amp.x.example")
    assert {publisher_of(f"https://{host}/a") for host in hosts} == {"x.example"}
    assert [publisher_of(f"https://{host}/") for host in ("amp.dev", "m.com", "mx.example")] == [
        "amp.dev",
        "m.com",
        "mx.example",
    ]
