"""Announcements: what hubs tell is answered by a poll, once within half a minute, and never lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.announcements import Announcements, topics_of
from bot.config import Config, FeedConfig, ScheduleConfig
from bot.errors import FetchUnavailable
from bot.model import FeedState, Polled, Rhythm, Topic
from bot.stages.schedule import PollPolicy
from bot.units import Schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
TOPIC = Topic("https://x/feed", "https://hub.example/")
FEED = FeedConfig(name="f", url="https://x/feed", language="en", sites=("s",))
STATE = FeedState("f", "https://x/feed", rhythm=Rhythm(topic=TOPIC))
POLICY = PollPolicy(every=15 * MINUTE, longest=HOUR)
POLLED = Polled("f", next_poll_at=NOW + 15 * MINUTE)


class FakeHubs:
    """announcements.Subscriptions, as a test wants it."""

    def __init__(self, *trusted: str) -> None:
        self.trusted, self.kept, self.is_open = set(trusted), {}, False

    def open(self, told):
        self.is_open = True

    def close(self):
        self.is_open = False

    def keep(self, topics, stop):
        self.kept = dict(topics)

    def is_trusted(self, feed):
        return feed in self.trusted

    def doubt(self, feed):
        self.trusted.discard(feed)


class FakeStore:
    """As much of ports.Store as is asked."""

    def __init__(self, state: FeedState) -> None:
        self.state = state

    def feed_state(self, name):
        return self.state


def planned(hubs, polled: Polled = POLLED, rhythm: Rhythm = STATE.rhythm, **more) -> datetime | None:
    """When a feed is polled next."""
    store = FakeStore(replace(STATE, rhythm=rhythm))
    return Announcements(hubs).next_poll(
        polled, more.pop("policy", POLICY), store, NOW, **{"told": True} | more
    )


class TestPolls:
    def test_the_first_word_is_answered_now_and_the_next_ones_in_half_a_minute_as_one(self):
        told = Announcements(FakeHubs())
        assert told.add("f", NOW) == NOW
        assert told.add("f", NOW + SECOND) == NOW
        assert told.take("f", NOW + SECOND)
        due = NOW + 31 * SECOND
        assert told.add("f", NOW + 2 * SECOND) == told.add("f", NOW + 20 * SECOND) == due
        assert not told.take("g", NOW)
        assert told.take("f", due)
        assert not told.take("f", due)

    def test_what_comes_during_a_poll_is_answered_by_another(self):
        told = Announcements(FakeHubs())
        told.take("f", NOW)
        told.add("f", NOW + SECOND)
        assert told.next_poll(POLLED, POLICY, FakeStore(STATE), NOW, told=False) == NOW + SECOND

    def test_long_after_the_last_one_it_is_answered_at_once(self):
        told = Announcements(FakeHubs())
        told.add("f", NOW)
        told.take("f", NOW)
        assert told.add("f", NOW + HOUR) == NOW + HOUR


class TestPace:
    def test_a_feed_whose_hub_tells_is_polled_less_often_but_polled(self):
        assert planned(FakeHubs("f")) == NOW + HOUR
        late = replace(POLLED, next_poll_at=NOW + 3 * HOUR)
        assert planned(FakeHubs("f"), late) == NOW + 3 * HOUR

    @pytest.mark.parametrize(("span", "pause"), [(80, 40), (300, 60), (10, 15)])
    def test_before_its_newest_entries_can_be_gone_or_when_its_poll_says(self, span, pause):
        rhythm = Rhythm(recent=20, recent_since=NOW - span * MINUTE)
        assert planned(FakeHubs("f"), rhythm=rhythm) == NOW + pause * MINUTE

    def test_without_dates_after_some_times_its_own_interval(self):
        policy = PollPolicy(every=15 * MINUTE, longest=6 * HOUR)
        assert planned(FakeHubs("f"), policy=policy) == NOW + HOUR
        assert planned(FakeHubs("f"), policy=replace(policy, longest=30 * MINUTE)) == NOW + 30 * MINUTE

    @pytest.mark.parametrize("hubs", [None, FakeHubs(), FakeHubs("g")])
    def test_any_other_as_its_poll_says(self, hubs):
        assert planned(hubs, told=False) == POLLED.next_poll_at

    def test_news_that_nobody_told_end_the_trust(self):
        hubs = FakeHubs("f")
        assert planned(hubs, replace(POLLED, new=1), told=False) == POLLED.next_poll_at
        assert hubs.trusted == set()

    def test_after_a_failure_it_is_polled_as_soon_as_without_a_hub(self):
        failed = replace(POLLED, error=FetchUnavailable("x", "down"))
        assert planned(FakeHubs("f"), failed) == POLLED.next_poll_at

    def test_a_crontab_line_is_kept_to_the_letter(self):
        cron = replace(POLLED, next_poll_at=None)
        assert planned(FakeHubs("f"), cron, told=False) is None


class TestTopics:
    def test_what_a_feed_names(self):
        assert topics_of([FEED], {"f": STATE}, ScheduleConfig()) == {"f": TOPIC}

    @pytest.mark.parametrize(
        ("keys", "state"),
        [
            ({}, FeedState("f")),
            ({}, replace(STATE, rhythm=Rhythm())),
            ({"url": "https://moved/feed"}, STATE),
            ({"every": Schedule(cron="0 6 * * *")}, STATE),
            ({"proxy": "http://proxy:3128"}, STATE),
        ],
    )
    def test_no_hub_is_asked_for_others(self, keys, state):
        feed = FEED.model_copy(update=keys)
        assert topics_of([feed], {"f": state}, ScheduleConfig()) == {}
        assert topics_of([feed], {}, ScheduleConfig()) == {}

    def test_hubs_are_asked_where_a_document_names_another(self):
        hubs = FakeHubs()
        told = Announcements(hubs)
        general = ScheduleConfig()
        assert told.are_due(FEED, FakeStore(STATE), general)
        told.keep(Config(feeds=(FEED,)), {"f": STATE}, threading.Event())
        assert hubs.kept == {"f": TOPIC}
        assert not told.are_due(FEED, FakeStore(STATE), general)
        assert told.are_due(FEED, FakeStore(replace(STATE, rhythm=Rhythm())), general)

    def test_without_a_public_address_nothing_happens(self):
        told = Announcements()
        assert not told.open(lambda _feed: None)
        assert not told.are_due(FEED, FakeStore(STATE), ScheduleConfig())
        told.keep(Config(), {}, threading.Event())
        told.close()
