"""When the service polls a feed: what was planned before a restart, what a new rule changes, what is never sooner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger

from bot.config import FeedConfig
from bot.model import FeedState
from bot.scheduler import first_poll, trigger_of
from bot.units import Schedule

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
