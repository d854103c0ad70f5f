"""When the service polls a feed: what was planned before a restart, what a new rule changes, what is never sooner."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger

from bot.app.watch import Heartbeat
from bot.config import FeedConfig
from bot.engines.clock import SystemClock
from bot.model import FeedState, NotModified
from bot.scheduler import Service, first_poll, is_asked_to_wait, trigger_of
from bot.units import Schedule
from tests import world as worlds
from tests.fakes.web import FakeFetcher
from tests.test_announcements import FakeHubs

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = FeedConfig(name="f", url="https://x/feed", language="en", sites=("s",))


def state(**more) -> FeedState:
    return FeedState("f", "https://x/feed", **more)


@pytest.mark.parametrize("afresh", [False, True])
def test_a_feed_never_polled_is_polled_at_once(afresh):
    assert first_poll(FEED, FeedState("f"), NOW, afresh=afresh) == NOW


def test_a_restart_keeps_what_was_planned():
    assert first_poll(FEED, state(next_poll_at=NOW + HOUR), NOW, afresh=False) == NOW + HOUR
    assert first_poll(FEED, state(next_poll_at=NOW - HOUR), NOW, afresh=False) == NOW


def test_a_new_rule_does_not_wait_for_the_old_one():
    assert first_poll(FEED, state(next_poll_at=NOW + HOUR), NOW, afresh=True) == NOW


@pytest.mark.parametrize("afresh", [False, True])
def test_what_a_publisher_asked_for_stands_as_long_as_it_is_the_same_address(afresh):
    asked = state(not_before=NOW + HOUR)
    assert first_poll(FEED, asked, NOW, afresh=afresh) == NOW + HOUR
    moved = FeedConfig(name="f", url="https://y/feed", language="en", sites=("s",))
    assert first_poll(moved, asked, NOW, afresh=afresh) == NOW


def test_a_crontab_line_is_kept_within_half_a_minute():
    trigger = trigger_of(Schedule(cron="30 6 * * *"))
    assert isinstance(trigger, CronTrigger)
    fires = trigger.get_next_fire_time(None, NOW)
    assert timedelta(0) <= abs(fires - datetime(2026, 3, 2, 6, 30, tzinfo=UTC)) <= timedelta(seconds=30)


class Hasty(FakeHubs):
    """A hub that tells of a change as soon as it can."""

    def open(self, told):
        super().open(told)
        told("source")


class Watched(FakeFetcher):
    """Lets a test wait until it is asked."""

    def __init__(self) -> None:
        super().__init__({worlds.FEED: NotModified(worlds.FEED)})
        self.is_asked, self.asked_at = threading.Event(), None

    def get(self, url, **wishes):
        self.asked_at = SystemClock().now()
        self.is_asked.set()
        return super().get(url, **wishes)


def test_what_a_hub_tells_too_soon_is_answered_when_the_publisher_allows_it(world, tmp_path):
    world.clock, world.feeds = SystemClock(), Watched()
    allowed = world.clock.now() + timedelta(seconds=2)
    known = FeedState("source", worlds.FEED, polled_at=NOW, next_poll_at=allowed, not_before=allowed)
    world.store.save_feed_state(known)
    service = Service(
        world.config,
        build=lambda _config: world.pipeline(),
        reload=lambda: None,
        store=world.store,
        clock=world.clock,
        progress=Heartbeat(tmp_path),
        hubs=Hasty(),
    )
    running = threading.Thread(target=service.run, args=(timedelta(seconds=30),))
    running.start()
    try:
        assert world.feeds.is_asked.wait(30)
    finally:
        service.stop.set()
        running.join()
    assert world.feeds.asked_at >= allowed


class Stopping(FakeFetcher):
    """While it is asked, the service is told to stop, and begins to."""

    def __init__(self) -> None:
        super().__init__({worlds.FEED: worlds.rss(("a", "The ice has gone"))})
        self.stop = threading.Event()

    def get(self, url, **wishes):
        self.stop.set()
        while not any(thread.name == "shutdown" for thread in threading.enumerate()):
            pass
        return super().get(url, **wishes)


def test_a_poll_in_hand_ends_and_plans_its_next_while_the_service_stops(world, tmp_path):
    world.clock, world.feeds = SystemClock(), Stopping()
    service = Service(
        world.config,
        build=lambda _config: world.pipeline(),
        reload=lambda: None,
        store=world.store,
        clock=world.clock,
        progress=Heartbeat(tmp_path),
    )
    world.feeds.stop = service.stop
    assert service.run(timedelta(seconds=20))
    assert len(world.store.publications()) == 1


@pytest.mark.parametrize("wish", ["next_poll_at", "not_before"])
def test_a_plan_that_a_wrong_clock_has_made_is_void(wish):
    later, in_years = NOW + timedelta(days=8), NOW + timedelta(days=3650)
    planned, void = (state(**{wish: at}) for at in (later, in_years))
    assert first_poll(FEED, planned, NOW, afresh=False) == later
    assert first_poll(FEED, void, NOW, afresh=False) == NOW
    assert not is_asked_to_wait(FEED, void, NOW)
