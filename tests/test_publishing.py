"""Publishing: lost answers, sites that are down or refuse, and the pace of posts."""

from __future__ import annotations

import pytest

from bot.errors import (
    PostOutcomeUnknown,
    SiteRefused,
    SiteUnavailable,
    SiteUnusable,
)
from bot.states import Change, Event, State
from tests.world import FEED, config, rss


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_answer_never_makes_two_posts_and_never_none(world, after):
    world.site.fail("create", PostOutcomeUnknown("monde", "timed out"), after=after)
    world.poll()
    (lost,) = world.work()
    assert lost.state is State.PUBLISHING
    world.clock.advance(seconds=30)
    assert world.work() == []  # the first call may still be running
    world.clock.advance(seconds=31)
    world.work()
    assert len(world.site.posts) == 1
    assert world.states() == [(State.PUBLISHED, "monde")]


def test_a_lost_answer_is_not_repeated_while_the_site_cannot_be_asked(world):
    world.site.fail("create", PostOutcomeUnknown("monde", "timed out"), after=True)
    world.site.fail("find", SiteUnavailable("monde", "refused the connection"), times=3)
    world.poll()
    world.work()
    for _ in range(6):
        world.clock.advance(hours=7)
        world.work()
    assert len(world.site.posts) == 1
    assert world.states() == [(State.PUBLISHED, "monde")]


def test_a_site_that_is_down_makes_items_wait_as_long_as_it_takes(world):
    world.site.fail("resolve_terms", SiteUnavailable("monde", "refused the connection"), times=20)
    world.poll()
    for _ in range(20):
        world.work()
        assert world.site.posts == []
        world.clock.advance(hours=7)
    world.work()
    assert len(world.site.posts) == 1


def test_a_source_that_keeps_changing_leaves_its_site_alone_as_long_as_that_wished(world):
    world.site.fail("create", SiteUnavailable("monde", "answered 503", retry_after_seconds=5 * 3600))
    for n in range(20):
        world.feeds.answers[FEED] = rss(("a", f"The ice has gone, says note {n}"))
        world.poll()
        world.work()
        assert world.site.calls.count("create") == 1
        world.clock.advance(minutes=15)
    world.work()
    assert len(world.site.posts) == 1
    assert world.store.entry(world.store.publications()[0].key).title.endswith("note 19")
    assert world.states() == [(State.PUBLISHED, "monde")]


def test_a_post_that_was_surely_not_sent_is_sent_later(world):
    world.site.fail("create", SiteUnavailable("monde", "refused the connection"))
    world.poll()
    (waiting,) = world.work()
    assert (waiting.state, waiting.attempts) == (State.READY, 1)
    world.clock.advance(minutes=2)
    world.work()
    assert len(world.site.posts) == 1


def test_a_wrong_password_stops_the_site_and_loses_nothing(world):
    world.site.fail("resolve_terms", SiteUnusable("monde", "wrong password", remedy="set another"))
    world.poll()
    (waiting,) = world.work()
    assert waiting.state is State.READY
    assert "wrong password; set another" in waiting.reason
    world.clock.advance(hours=2)
    world.work()
    assert len(world.site.posts) == 1


def test_a_refused_post_waits_and_the_next_one_passes(world):
    world.feeds.answers[FEED] = rss(("a", "The ice has gone"), ("b", "The boat is back"))
    world.site.fail("create", SiteRefused("monde", "Invalid taxonomy"))
    world.poll()
    world.work()
    assert sorted(world.states()) == [(State.PUBLISHED, "monde"), (State.QUEUED, "monde")]
    (waiting,) = world.store.publications(states=[State.QUEUED])
    assert "Invalid taxonomy" in waiting.reason
    world.clock.advance(minutes=2)
    world.work()
    assert len(world.site.posts) == 2


def test_a_refusal_of_a_post_that_is_there_all_the_same_makes_no_second_one(world):
    world.site.fail("create", SiteRefused("monde", "a plugin gave up"), after=True, times=3)
    world.poll()
    for _ in range(4):
        world.work()
        world.clock.advance(hours=7)
    assert len(world.site.posts) == 1
    assert world.states() == [(State.PUBLISHED, "monde")]


def test_a_refusal_is_believed_only_once_the_site_can_be_asked(world):
    world.site.fail("create", SiteRefused("monde", "a plugin gave up"), after=True)
    world.site.fail("find", SiteUnavailable("monde", "refused the connection"), times=2)
    world.poll()
    (waiting,) = world.work()
    assert waiting.state is State.PUBLISHING
    for _ in range(3):
        world.clock.advance(hours=7)
        world.work()
    assert len(world.site.posts) == 1
    assert world.states() == [(State.PUBLISHED, "monde")]


def test_a_refused_post_is_made_anew_with_what_the_owner_has_mended(world):
    world.config = config(post_type="news")
    world.site.fail("create", SiteRefused("monde", "Invalid post type"))
    world.poll()
    world.work()
    world.config = config(post_type="post")
    world.clock.advance(minutes=2)
    world.work()
    assert [each.post.kind for each in world.site.posts] == ["post"]


def test_a_post_that_is_refused_every_time_fails_in_the_end_and_can_be_retried(world):
    world.site.fail("create", SiteRefused("monde", "Invalid taxonomy"), times=3)
    world.poll()
    states = []
    for _ in range(4):
        states += [each.state for each in world.work()]
        world.clock.advance(hours=7)
    assert states == [State.QUEUED, State.QUEUED, State.FAILED]
    (failed,) = world.store.publications()
    assert "Invalid taxonomy" in failed.reason
    world.store.change(failed, Change(Event.RETRIED, world.clock.now()))
    world.work()
    assert len(world.site.posts) == 1


def test_a_post_that_is_refused_every_time_fails_in_the_end_although_its_source_keeps_changing(world):
    world.site.fail("create", SiteRefused("monde", "Invalid taxonomy"), times=3)
    states = []
    for n in range(3):
        world.feeds.answers[FEED] = rss(("a", f"The ice has gone, says note {n}"))
        world.poll()
        states += [each.state for each in world.work()]
        world.clock.advance(hours=7)
    assert states == [State.QUEUED, State.QUEUED, State.FAILED]


def test_a_refusal_after_a_long_outage_is_but_the_first(world):
    world.site.fail("create", SiteUnavailable("monde", "refused the connection"), times=5)
    world.site.fail("create", SiteRefused("monde", "Invalid taxonomy"))
    world.poll()
    for _ in range(7):
        world.work()
        world.clock.advance(hours=7)
    assert len(world.site.posts) == 1


def test_posts_come_at_the_pace_of_their_site(world):
    world.config = config(apart="10m")
    world.feeds.answers[FEED] = rss(*((f"n{n}", f"The boat number {n} is back") for n in range(3)))
    world.poll()
    made = []
    for _ in range(3):
        world.work()
        made.append(len(world.site.posts))
        world.clock.advance(minutes=10)
    assert made == [1, 2, 3]


def test_a_call_in_vain_takes_nobodys_turn(world):
    world.config = config(posts_per_hour=1)
    world.site.fail("create", SiteUnavailable("monde", "refused the connection"))
    world.poll()
    world.work()
    world.clock.advance(minutes=2)
    world.work()
    assert len(world.site.posts) == 1


def test_quiet_hours_are_kept(world):
    world.config = config(quiet_hours="11:00-13:00")  # the fake clock starts at 12:00 UTC
    world.poll()
    (waiting,) = world.work()
    assert (waiting.state, waiting.attempts) == (State.READY, 0)
    world.clock.advance(hours=1)
    world.work()
    assert len(world.site.posts) == 1


def test_a_term_that_may_not_be_made_makes_items_wait_not_fail(world):
    world.site.fail("resolve_terms", SiteRefused("monde", "may not create it", remedy="use an editor"))
    world.poll()
    (waiting,) = world.work()
    assert waiting.state is State.READY
    world.clock.advance(hours=2)
    world.work()
    assert len(world.site.posts) == 1
