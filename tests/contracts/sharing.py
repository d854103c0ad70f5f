"""The part of the contract of ports.Store that is about items of several feeds, and about what failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import CleanArticle, Failure, FeedState, SafeHtml, Skip, Take
from bot.states import Change, Event, State
from tests.contracts.store import NOW, POST, entry, published

HOUR = timedelta(hours=1)


class SharingContract:
    """Subclass it beside StoreContract."""

    def test_what_a_rule_skipped_is_open_to_other_feeds_until_they_were_heard(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), "too old")], ["s"], NOW)
        assert store.fingerprints(["k1"], feed="f", sites=["s"]).keys() == {"k1"}
        assert store.fingerprints(["k1"], feed="g", sites=["s"]) == {}
        assert store.save_poll(FeedState("g"), [Skip(entry("k1", "g"), "excluded")], ["s"], NOW) == 0
        assert store.fingerprints(["k1"], feed="g", sites=["s"]).keys() == {"k1"}
        (left,) = store.publications()
        assert (left.feed, left.state, left.reason) == ("f", State.SKIPPED, "too old")

    def test_a_feed_that_takes_it_has_it_from_then_on(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), "too old")], ["s"], NOW)
        store.save_article("k1", CleanArticle("https://x", "T", SafeHtml("<p>é</p>"), "feed"))
        told, later = replace(entry("k1", "g"), title="In other words"), NOW + HOUR
        assert store.save_poll(FeedState("g"), [Take(told, later)], ["s", "s2"], later) == 1
        assert [(p.feed, p.site, p.state, p.not_before) for p in store.publications_of("k1")] == [
            ("g", "s", State.QUEUED, later),
            ("g", "s2", State.QUEUED, later),
        ]
        assert (store.entry("k1"), store.article("k1"), store.times("k1").seen_at) == (told, None, later)
        for feed in "fg":
            assert store.fingerprints(["k1"], feed=feed, sites=["s"]).keys() == {"k1"}
            assert store.save_poll(FeedState(feed), [Take(entry("k1", feed))], ["s"], NOW) == 0
        store.save_poll(FeedState("f"), [], ["s"], NOW, [replace(entry("k1"), title="Changed")])
        assert store.entry("k1") == told

    def test_what_is_relayed_somewhere_stays_in_the_words_of_its_first_feed(self, store):
        taken = Take(entry("k1"), not_on=(("s2", "told by h"),))
        store.save_poll(FeedState("f"), [taken], ["s1", "s2"], NOW)
        told = replace(entry("k1", "g"), title="In other words")
        assert store.save_poll(FeedState("g"), [Take(told)], ["s1", "s2"], NOW) == 1
        assert [(p.feed, p.site, p.state) for p in store.publications_of("k1")] == [
            ("f", "s1", State.QUEUED),
            ("g", "s2", State.QUEUED),
        ]
        assert store.entry("k1") == entry("k1")

    def test_a_site_that_it_is_kept_off_stays_without_it(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), "too old")], ["s1", "s2"], NOW)
        take = Take(entry("k1", "g"), not_on=(("s1", "told by h"),))
        assert store.save_poll(FeedState("g"), [take], ["s1", "s2"], NOW) == 1
        states = {p.site: (p.state, p.reason) for p in store.publications_of("k1")}
        assert states == {"s1": (State.SKIPPED, "too old"), "s2": (State.QUEUED, "")}

    @pytest.mark.parametrize("events", [(Event.HELD, Event.REJECTED), (Event.FAILED,), (Event.PREPARED,)])
    def test_only_what_a_rule_skipped_is_taken_over(self, store, events):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s1"], NOW)
        current = store.publication("k1", "s1")
        for event in events:
            current = store.change(current, Change(event, NOW, post=POST))
        assert store.fingerprints(["k1"], feed="g", sites=["s1"]).keys() == {"k1"}
        assert store.save_poll(FeedState("g"), [Take(entry("k1", "g"))], ["s1", "s2"], NOW) == 1
        assert store.publication("k1", "s1") == current
        assert store.publication("k1", "s2").feed == "g"

    def test_what_another_feed_has_in_hand_is_undecided(self, store):
        asked = {"feed": "g", "others": ["f"], "sites": ["s"]}
        keys = [f"k{n}" for n in range(1200)]
        assert not store.is_undecided(keys, **asked)
        store.save_poll(FeedState("f"), [Take(entry("k1100"))], ["s"], NOW)
        assert store.is_undecided(keys, **asked)
        for other in ({"feed": "f"}, {"others": ["h"]}, {"sites": ["s2"]}):
            assert not store.is_undecided(keys, **asked | other)
        store.change(store.publication("k1100", "s"), Change(Event.PREPARED, NOW, post=POST))
        assert not store.is_undecided(keys, **asked)

    def test_the_publications_of_an_item_are_not_those_of_one_whose_key_starts_so(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1")), Take(entry("k12"))], ["s1", "s2"], NOW)
        assert [(p.key, p.site) for p in store.publications_of("k1")] == [("k1", "s1"), ("k1", "s2")]
        assert store.publications_of("no") == []

    def test_what_failed_of_late_and_has_no_post(self, store):
        keys = ("k1", "k2", "k3", "k4", "k5")
        store.save_poll(FeedState("f"), [Take(entry(key)) for key in keys], ["s"], NOW)
        for hours, key in enumerate(keys[:3]):
            failed = Change(Event.FAILED, NOW + hours * HOUR, "gone")
            store.change(store.publication(key, "s"), failed)
        store.change(published(store, "k4", "s"), Change(Event.AGAIN, NOW))
        store.change(store.publication("k4", "s"), Change(Event.FAILED, NOW + HOUR))  # its first post is out
        assert store.failures(NOW + HOUR) == [Failure("k3", "f", "s"), Failure("k2", "f", "s")]
        store.change(store.publication("k3", "s"), Change(Event.RETRIED, NOW + 3 * HOUR))
        assert store.failures(NOW + HOUR) == [Failure("k2", "f", "s")]

    def test_a_feed_that_is_renamed_takes_all_that_it_brought_along(self, store):
        state = FeedState("f", "https://x/feed", etag='"1"', polled_at=NOW)
        store.save_poll(state, [Take(entry("k1"))], ["s"], NOW)
        store.save_poll(FeedState("h"), [Skip(entry("k2", "h"), "old")], ["s"], NOW)
        store.save_poll(state, [Skip(entry("k2"), "old")], ["s"], NOW)
        in_hand = store.publication("k1", "s")
        store.rename_feed("f", "g")
        assert store.feeds_at("https://x/feed") == [replace(state, name="g", known_as="f")]
        assert (store.feed_state("f"), store.feeds_at("https://y/feed")) == (FeedState("f"), [])
        assert store.change(in_hand, Change(Event.PREPARED, NOW, post=POST))
        assert [(p.feed, p.state) for p in store.publications_of("k1")] == [("g", State.READY)]
        assert store.entry("k1").feed == store.seen(0, NOW)[0].entry.feed == "g"
        assert store.fingerprints(["k2"], feed="g", sites=["s"]).keys() == {"k2"}
        changed = replace(entry("k1", "g"), title="Corrected")
        store.save_poll(FeedState("g"), [], ["s"], NOW, [changed])
        assert store.entry("k1") == changed
        store.rename_feed("g", "i")
        store.rename_feed("i", "f")
        assert store.entry("k1").feed == "f"
