"""Polls over the real store: what is asked, what is remembered, what the owner is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from bot import renaming
from bot.choosing import Chooser
from bot.config import Config, FeedConfig
from bot.engines.store import DatabaseStore
from bot.errors import FeedUnreadable, FetchGone, FetchTooSoon, FetchUnavailable
from bot.ledger import Ledger
from bot.model import Fetched, NotModified
from bot.polling import Poller, by_turns
from bot.ports import Ports
from bot.scheduler import is_asked_to_wait
from bot.states import RetryPolicy
from tests.fakes.web import FakeFetcher

FEED = "https://news.example/feed"
NEW = "https://new.example/feed"


class Desk:
    """A poller of one feed, and what a test may turn."""

    def __init__(self, url: str, clock, **keys) -> None:
        self.store = DatabaseStore(url)
        self.clock = clock
        self.feeds, self.pages = FakeFetcher(), FakeFetcher()
        self.told: list[dict] = []
        self.configure(**keys)

    def configure(self, feeds=({},), *, rehearsal=False, **keys) -> None:
        feed = {"name": "news", "url": FEED, "language": "en", "sites": ["s"], "rights": "open", **keys}
        site = {
            "name": "s",
            "url": "https://s.example",
            "username": "u",
            "password_env": "P",
            "language": "fr",
        }
        tree = {"sites": [site], "feeds": [feed | each for each in feeds]}
        self.config = Config.model_validate(tree, context={"environ": {"P": "x"}})
        ports = Ports(
            self.store, self.feeds, self.pages, None, [], self.store, sites={}, templates={}, clock=self.clock
        )
        if rehearsal:
            self.config = renaming.as_stored(self.config, self.store.feed_states())
        else:
            renaming.settle(self.config.feeds, self.store)
        chooser = Chooser(self.config, self.store, Ledger(self.store, self.clock, RetryPolicy()))
        self.poller = Poller(self.config, ports, chooser, RetryPolicy())

    def poll(self):
        with structlog.testing.capture_logs() as logs:
            polled = self.poller.poll(self.config.feeds[0])
        self.told = [line for line in logs if line["log_level"] == "warning"]
        return polled

    @property
    def state(self):
        return self.store.feed_state("news")

    def titles(self) -> list[str]:
        return [self.store.entry(each.key).title for each in self.store.publications()]


@pytest.fixture
def desk(tmp_path, clock):
    desk = Desk(f"sqlite:///{tmp_path}/bot.db", clock)
    desk.feeds.answers[FEED] = rss("one", "two")
    yield desk
    desk.store.close()


def rss(*names: str, more: str = "") -> bytes:
    items = "".join(
        f"<item><guid>{name}</guid><title>Story {name}</title><link>https://news.example/{name}</link></item>"
        for name in names
    )
    return f"<rss version='2.0'><channel><title>T</title>{more}{items}</channel></rss>".encode()


def test_the_next_poll_is_planned_and_told_to_the_scheduler(desk):
    polled = desk.poll()
    assert (polled.new, polled.next_poll_at) == (2, desk.state.next_poll_at)
    wait = polled.next_poll_at - desk.clock.now()
    assert timedelta(minutes=15) <= wait <= timedelta(minutes=16, seconds=30)


def test_a_server_without_etag_that_sends_the_same_again_is_unchanged(desk):
    desk.feeds.answers[FEED] = Fetched(FEED, rss("one"), max_age_seconds=7200)
    assert desk.poll().new == 1
    again = desk.poll()
    assert again.unchanged
    assert again.next_poll_at - desk.clock.now() >= timedelta(hours=2)
    desk.feeds.answers[FEED] = Fetched(FEED, rss("one", "two"))
    assert desk.poll().new == 1


def test_what_a_document_said_of_when_to_ask_is_remembered_over_a_304(desk):
    desk.feeds.answers[FEED] = rss("one", more="<ttl>180</ttl>")
    desk.poll()
    desk.feeds.answers[FEED] = NotModified(FEED)
    assert desk.poll().next_poll_at - desk.clock.now() >= timedelta(hours=3)


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address_and_the_owners_stays(desk):
    desk.feeds.answers[FEED] = Fetched(NEW, rss("one"), etag='"1"', moved_to=NEW)
    desk.feeds.answers[NEW] = rss("one", "two")
    desk.poll()
    assert desk.poll().new == 1
    assert [asked for asked, *_ in desk.feeds.asked] == [FEED, NEW]
    assert (desk.state.url, desk.state.moved_to) == (FEED, NEW)


def test_a_new_address_that_fails_is_forgotten_again(desk):
    desk.feeds.answers[FEED] = Fetched(NEW, rss("one"), moved_to=NEW)
    desk.poll()
    desk.feeds.answers[NEW] = FetchGone(NEW, "answered 404 Not Found")
    assert desk.poll().error
    desk.feeds.answers[FEED] = rss("one", "two")
    assert desk.poll().new == 1
    assert [asked for asked, *_ in desk.feeds.asked] == [FEED, NEW, FEED]


def test_a_new_address_that_is_down_for_a_moment_stays(desk):
    desk.feeds.answers[FEED] = Fetched(NEW, rss("one"), moved_to=NEW)
    desk.poll()
    desk.feeds.answers[NEW] = FetchUnavailable(NEW, "answered 503")
    for _ in range(3):
        assert desk.poll().error
    assert desk.poll().unchanged
    assert [asked for asked, *_ in desk.feeds.asked] == [FEED, NEW, NEW, NEW, FEED]


def test_a_host_that_was_not_asked_is_held_against_no_feed(desk):
    desk.feeds.answers[FEED] = Fetched(NEW, rss("one"), etag='"1"', moved_to=NEW)
    desk.poll()
    before = desk.state
    desk.feeds.answers[NEW] = FetchTooSoon(NEW, "not asked: it rests", retry_after_seconds=600)
    until = desk.clock.now() + timedelta(minutes=10)
    for _ in range(5):
        assert desk.poll().next_poll_at == until
        assert desk.told == []
    assert desk.state == replace(before, next_poll_at=until, not_before=until)


def test_what_a_feed_said_that_was_never_read_is_heard_too(desk):
    desk.feeds.answers[FEED] = FetchUnavailable(FEED, "answered 429", retry_after_seconds=600)
    desk.poll()
    source = desk.config.feeds[0]
    assert is_asked_to_wait(source, desk.state, desk.clock.now())
    desk.configure(url="https://other.example/feed")
    assert not is_asked_to_wait(desk.config.feeds[0], desk.state, desk.clock.now())


def test_a_redirect_to_something_that_is_no_feed_is_not_remembered(desk):
    desk.feeds.answers[FEED] = Fetched(NEW, b"<html>parked</html>", "text/html", moved_to=NEW)
    assert isinstance(desk.poll().error, FeedUnreadable)
    assert desk.state.moved_to == ""


def test_another_address_in_the_config_begins_without_what_was_learnt_of_the_old_one(desk):
    desk.feeds.answers[FEED] = Fetched(NEW, rss("one"), etag='"1"', moved_to=NEW)
    desk.poll()
    other = "https://other.example/feed"
    desk.configure(url=other)
    desk.feeds.answers[other] = rss("one", "three")
    assert desk.poll().new == 1
    assert desk.feeds.asked[-1] == (other, "", "")
    assert (desk.state.url, desk.state.moved_to) == (other, "")


def test_a_feed_that_is_gone_is_told_and_asked_once_a_day(desk):
    desk.feeds.answers[FEED] = FetchGone(FEED, "answered 410 Gone", status=410)
    polled = desk.poll()
    assert polled.next_poll_at == desk.clock.now() + timedelta(days=1)
    assert "gone for good" in desk.told[0]["reason"]
    desk.feeds.answers[FEED] = rss("one")
    assert desk.poll().new == 1
    assert not desk.state.gone


def test_a_feed_that_fails_for_long_is_told_once_a_day(desk):
    desk.poll()
    desk.feeds.answers[FEED] = FetchUnavailable(FEED, "answered 500")
    told = []
    for hour in range(0, 73, 6):
        polled = desk.poll()
        assert polled.next_poll_at <= desk.clock.now() + timedelta(hours=6)
        told += [hour for line in desk.told if line["event"] == "feed needs a look"]
        desk.clock.advance(hours=6)
    assert told == [24, 48, 72]


def test_a_feed_that_falls_silent_is_told_once_a_day(desk):
    desk.configure(silent_after="3d")
    desk.poll()
    told = []
    for day in range(6):
        desk.poll()
        told += [day for line in desk.told if "no new entry for" in line["reason"]]
        desk.clock.advance(days=1)
    assert told == [3, 4, 5]
    desk.feeds.answers[FEED] = rss("three", "two", "one")
    desk.poll()
    assert desk.told == []


def test_a_listing_is_fetched_like_a_page_and_read_again_when_its_selectors_change(desk):
    page = "https://news.example/"
    html = b"<html><main><a href='/one'>One</a><b><a href='/two'>Two</a></b></main></html>"
    desk.configure(url=page, listing={"link": "b a"})
    desk.pages.answers[page] = html
    assert desk.poll().new == 1
    assert desk.poll().unchanged
    assert desk.feeds.asked == []
    desk.configure(url=page, listing={"link": "main a"})
    assert desk.poll().new == 1
    assert desk.titles() == ["Two", "One"]


def test_an_item_that_changed_its_guid_is_neither_taken_twice_nor_left_as_it_was(desk):
    desk.poll()
    desk.feeds.answers[FEED] = rss("one", "two").replace(b"<guid>", b"<guid>urn:new:")
    assert desk.poll().new == 0
    corrected = b"<guid>urn:new:"
    desk.feeds.answers[FEED] = rss("one", "two").replace(b"<guid>", corrected).replace(b"Story", b"New story")
    assert desk.poll().new == 0
    assert sorted(desk.titles()) == ["New story one", "New story two"]


def test_a_round_writes_down_what_was_uneventful_at_its_end(desk):
    source = desk.config.feeds[0]
    desk.poll()
    before = desk.state
    desk.feeds.answers[FEED] = NotModified(FEED)
    desk.clock.advance(hours=1)
    notebook = desk.poller.notebook([source, source])
    assert desk.poller.poll(source, notebook).unchanged
    assert desk.state == before
    notebook.flush()
    assert desk.state.polled_at == desk.clock.now()


def test_in_a_round_items_and_failures_are_written_down_at_once(desk):
    source = desk.config.feeds[0]
    notebook = desk.poller.notebook([source, source])
    assert desk.poller.poll(source, notebook).new == 2
    assert len(desk.titles()) == 2
    desk.feeds.answers[FEED] = FetchUnavailable(FEED, "answered 429", retry_after_seconds=600)
    desk.poller.poll(source, desk.poller.notebook([source, source]))
    assert desk.state.failures == 1


def test_a_rehearsal_knows_items_by_what_they_were_and_stores_nothing(desk):
    desk.poll()
    desk.feeds.answers[FEED] = rss("one", "three").replace(b"<guid>", b"<guid>urn:new:")
    before = desk.state
    (decision,) = desk.poller.decide(desk.config.feeds[0])
    assert decision.entry.title == "Story three"
    assert desk.state == replace(before)


def test_an_item_that_two_feeds_bring_reaches_the_sites_of_both_in_the_words_of_the_first(desk):
    shared = "https://wire.example/one"
    desk.feeds.answers[FEED] = rss(shared)
    desk.poll()
    other = "https://other.example/feed"
    desk.configure(name="other", url=other, sites=["s", "t"])
    for more, new in (((), 1), (("two",), 1), ((), 0)):
        desk.feeds.answers[other] = rss(shared, *more).replace(b"Story", b"Other words:")
        assert desk.poll().new == new
    sites = [(each.feed, each.site) for each in desk.store.publications()]
    assert sites == [("news", "s"), ("other", "t"), ("other", "s"), ("other", "t")]
    assert desk.titles() == [f"Story {shared}"] * 2 + ["Other words: two"] * 2


def test_feeds_of_one_host_lie_apart():
    def source(url: str) -> FeedConfig:
        return FeedConfig(name="f", url=url, language="en", sites=("s",))

    urls = ["https://a/1", "https://a/2", "https://a/3", "https://b/1", "https://c/1", "https://b/2"]
    ordered = by_turns([source(url) for url in urls])
    assert [feed.url[8:] for feed in ordered] == ["a/1", "b/1", "c/1", "a/2", "b/2", "a/3"]
