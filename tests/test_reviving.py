"""What gave way to a story that nobody tells by now, over the real store; and what a retry would tell twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.choosing import OVERLAP, told_elsewhere
from bot.engines.store import DatabaseStore
from bot.states import Change, Event, State
from tests.test_choosing import Desk, entry


@pytest.fixture
def desk(tmp_path, clock):
    store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    yield Desk(store, clock)
    store.close()


class TestTheSameStory:
    def test_comes_from_one_of_those_that_gave_way_where_the_first_fails(self, desk):
        desk.opened(dict.fromkeys(("agency", "paper", "third"), ("monde", "welt")))
        for key, feed in (("a1", "agency"), ("p1", "paper"), ("t1", "third")):
            desk.bring(entry(key, feed))
        desk.change("a1", Event.FAILED)
        assert desk.revived() == ["p1"]
        queued = {which for which, state in desk.states().items() if state is State.QUEUED}
        assert queued == {"p1 monde", "a1 welt"}
        desk.change("p1", Event.FAILED)
        desk.opened(dict.fromkeys(("agency", "paper", "third"), ("monde", "welt")))
        assert desk.revived() == ["t1"]

    def test_comes_from_a_third_feed_where_the_rules_of_the_second_did_not_want_it_after_all(self, desk):
        desk.opened(dict.fromkeys(("agency", "paper", "third"), ("monde",)))
        for key, feed in (("a1", "agency"), ("p1", "paper"), ("t1", "third")):
            desk.bring(entry(key, feed))
        desk.change("a1", Event.FAILED)
        assert desk.revived() == ["p1"]
        short = Change(Event.SKIPPED, desk.clock.now(), "its text has 3 characters")
        desk.store.change(desk.store.publication("p1", "monde"), short)
        assert desk.revived() == ["t1"]

    def test_that_a_person_rejected_does_not_come_back_in_another_version(self, desk):
        desk.opened(dict.fromkeys(("agency", "paper", "third"), ("monde",)))
        for key, feed in (("a1", "agency"), ("p1", "paper"), ("t1", "third")):
            desk.bring(entry(key, feed))
        desk.change("a1", Event.FAILED)
        assert desk.revived() == ["p1"]
        desk.change("p1", Event.HELD, Event.REJECTED)
        assert desk.revived() == []

    def test_that_was_out_is_not_told_by_another_feed_where_its_second_post_fails(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.bring(entry("p1", "paper"))
        desk.change("a1", Event.PREPARED, Event.BEGUN, Event.PUBLISHED, Event.AGAIN, Event.FAILED)
        assert desk.revived() == []

    @pytest.mark.parametrize("now_called", ["", "renamed"])
    def test_that_a_feed_has_told_which_left_the_config_is_not_told_again(self, desk, now_called):
        feeds = dict.fromkeys(("agency", "paper", "third"), ("monde",))
        desk.opened(feeds)
        for key, feed in (("a1", "agency"), ("p1", "paper"), ("t1", "third")):
            desk.bring(entry(key, feed))
        desk.change("a1", Event.FAILED)
        assert desk.revived() == ["p1"]
        desk.change("p1", Event.PREPARED, Event.BEGUN, Event.PUBLISHED)
        del feeds["paper"]
        desk.opened(feeds | ({now_called: ("monde",)} if now_called else {}))
        assert desk.revived() == []

    @pytest.mark.parametrize("told", [True, False])
    def test_does_not_come_back_beside_what_only_its_middle_version_is_alike_to(self, desk, told):
        desk.opened(dict.fromkeys(("long", "middle", "short"), ("monde",)))
        desk.bring(entry("l1", "long", "Ice releases harbour after long eleven cold winter days"))
        desk.bring(entry("m1", "middle", "Ice releases harbour after winter"))
        desk.bring(entry("s1", "short", "Ice releases harbour"))
        assert list(desk.states().values()) == [State.QUEUED, State.SKIPPED, State.QUEUED]
        desk.change("l1", *([Event.PREPARED, Event.BEGUN, Event.PUBLISHED] if told else [Event.FAILED]))
        desk.change("s1", Event.FAILED)
        assert desk.revived() == ([] if told else ["m1"])

    def test_comes_from_one_that_gave_way_where_the_first_is_skipped_after_all(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.bring(entry("p1", "paper"))
        short = Change(Event.SKIPPED, desk.clock.now(), "its text has 3 characters")
        desk.store.change(desk.store.publication("a1", "monde"), short)
        assert desk.revived() == ["p1"]

    def test_comes_from_one_that_gave_way_however_late_the_first_fails(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.bring(entry("p1", "paper"))
        desk.clock.advance(days=3, hours=1)
        desk.change("a1", Event.FAILED)
        assert desk.revived() == ["p1"]

    def test_is_left_alone_where_a_person_retries_the_first_meanwhile(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.bring(entry("p1", "paper"))
        desk.change("a1", Event.FAILED)
        failures = desk.store.failures(desk.clock.now())
        desk.change("a1", Event.RETRIED)
        desk.store.failures = lambda since: failures
        assert desk.revived() == []

    def test_is_looked_for_among_what_failed_since_the_last_time(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.change("a1", Event.FAILED)
        asked, failures = [], desk.store.failures
        desk.store.failures = lambda since: asked.append(since) or failures(since)
        start = desk.clock.now()
        desk.revived()
        desk.clock.advance(hours=1)
        desk.revived()
        assert asked == [start - timedelta(days=3), start - OVERLAP]

    def test_that_failed_long_ago_is_let_rest(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.bring(entry("p1", "paper"))
        desk.change("a1", Event.FAILED)
        desk.clock.advance(days=4)
        assert desk.revived() == []


class TestARetry:
    """Of what failed: whether its story is told elsewhere."""

    def told(self, desk, key):
        asked = desk.store.publications_of(key)
        found = told_elsewhere(asked, desk.config, desk.store, desk.clock.now())
        return {site: twin.key for site, twin in found.items()}

    def test_would_tell_a_story_twice_on_the_sites_that_have_it(self, desk):
        desk.opened({"agency": ("monde", "welt"), "paper": ("welt",)})
        desk.bring(entry("a1", "agency"))
        for site in ("monde", "welt"):
            desk.change("a1", Event.FAILED, site=site)
        assert self.told(desk, "a1") == {}
        desk.bring(entry("p1", "paper"))
        desk.clock.advance(days=60)
        assert self.told(desk, "a1") == {"welt": "p1"}

    def test_is_for_another_time_what_was_told_long_after(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.change("a1", Event.FAILED)
        desk.clock.advance(days=10)
        desk.bring(entry("p1", "paper"))
        assert self.told(desk, "a1") == {"monde": "p1"}  # just now
        desk.clock.advance(days=10)
        assert self.told(desk, "a1") == {}
