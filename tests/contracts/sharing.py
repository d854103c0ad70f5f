"""The part of the contract of ports.Store that is about items of several feeds, and about what failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import CleanArticle, Failure, FeedState, Hearing, SafeHtml, Skip, Take
from bot.states import SAME_STORY, Change, Event, State
from tests.contracts.store import NOW, POST, entry, published

HOUR = timedelta(hours=1)
TOLD = f'{SAME_STORY} "Rain" of h (k9)'


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

    def test_what_other_feeds_said_of_an_item(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), "too old")], ["s"], NOW)
        store.save_poll(FeedState("g"), [Skip(entry("k1", "g"), "excluded")], ["s"], NOW)
        store.save_poll(FeedState("h"), [Take(entry("k1", "h"))], ["s"], NOW)
        store.save_poll(FeedState("i"), [], ["s"], NOW, told=["k1"])
        assert [(told.feed, told.outcome) for told in store.hearings("k1")] == [
            ("f", "refused"),
            ("g", "refused"),
            ("i", "late"),
        ]
        assert store.hearings("k2") == []

    def test_a_feed_that_takes_it_has_it_from_then_on(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), "too old")], ["s"], NOW)
        store.save_article(entry("k1"), CleanArticle("https://x", "T", SafeHtml("<p>é</p>"), "feed"), "r")
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

    def test_where_a_feed_wants_it_and_the_same_story_keeps_it_off_it_gives_way_as_this_feeds(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), "too old")], ["s1", "s2"], NOW)
        take = Take(entry("k1", "g"), not_on=(("s1", TOLD),))
        assert store.save_poll(FeedState("g"), [take], ["s1", "s2"], NOW) == 1
        states = {p.site: (p.feed, p.state, p.reason) for p in store.publications_of("k1")}
        assert states == {"s1": ("g", State.SKIPPED, TOLD), "s2": ("g", State.QUEUED, "")}
        for feed in "fg":
            assert store.fingerprints(["k1"], feed=feed, sites=["s1", "s2"]).keys() == {"k1"}

    def test_what_gave_way_stays_in_its_feed_and_another_one_that_wants_it_too_is_remembered(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), TOLD)], ["s"], NOW)
        assert store.yielded("k1", "s") == []
        assert store.save_poll(FeedState("g"), [Skip(entry("k1", "g"), TOLD)], ["s"], NOW) == 0
        assert (store.yielded("k1", "s"), store.yielded("k1", "s2")) == (["g"], [])
        assert store.hearings("k1") == [Hearing("g", "s", "yielded")]
        (left,) = store.publications_of("k1")
        assert (left.feed, left.gave_way, store.entry("k1").feed) == ("f", True, "f")
        assert store.fingerprints(["k1"], feed="g", sites=["s"]).keys() == {"k1"}
        back = store.change(left, Change(Event.REVIVED, NOW))
        store.change(back, Change(Event.SKIPPED, NOW, "too short"))
        assert store.fingerprints(["k1"], feed="g", sites=["s"]) == {}

    def test_a_feed_is_heard_on_each_site_for_itself(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s1", "s2"], NOW)
        for site in ("s1", "s2"):
            waiting = store.publication("k1", site)
            assert store.fingerprints(["k1"], feed="g", sites=["s1", "s2"]).keys() == {"k1"}
            store.change(waiting, Change(Event.SKIPPED, NOW, "too short"))
            assert store.fingerprints(["k1"], feed="g", sites=["s1", "s2"]) == {}
            assert store.save_poll(FeedState("g"), [Take(entry("k1", "g"))], ["s1", "s2"], NOW) == 1
            assert store.publication("k1", site).feed == "g"
        store.change(store.publication("k1", "s1"), Change(Event.SKIPPED, NOW, "too short"))
        for feed in "fg":
            assert store.fingerprints(["k1"], feed=feed, sites=["s1", "s2"]).keys() == {"k1"}

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

    def test_a_feed_is_read_again_once_another_has_let_go_what_it_told(self, store):
        read = FeedState("g", etag="e", last_modified="m", digest="d")
        keys = [f"k{n}" for n in range(1200)]
        store.save_poll(FeedState("f"), [Take(entry("k1100"))], ["s", "s2"], NOW)
        store.save_poll(read, [], ["s"], NOW, told=[*keys, *keys])
        store.save_poll(replace(read, name="h"), [], ["s2"], NOW, told=keys)
        store.save_poll(replace(read, name="i"), [], ["s"], NOW, told=keys[:1100])
        assert store.feed_state("g") == store.feed_states()["g"] == read
        store.change(store.publication("k1100", "s"), Change(Event.SKIPPED, NOW, "too short"))
        store.save_feed_state(read)  # a poll that was under way and found nothing new
        assert store.feed_state("g") == store.feed_states()["g"] == FeedState("g")
        assert store.feed_state("h").etag == store.feed_state("i").etag == "e"
        assert store.save_poll(read, [Take(entry("k1100", "g"))], ["s"], NOW, told=keys) == 1
        assert store.feed_state("g") == store.feed_states()["g"] == read

    def test_what_was_let_go_while_a_feed_was_asked_is_not_hidden_either(self, store):
        read = FeedState("g", etag="e")
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        store.change(store.publication("k1", "s"), Change(Event.SKIPPED, NOW, "too short"))
        store.save_poll(read, [], ["s"], NOW, told=["k1"])  # decided on before that
        assert store.feed_state("g").etag == ""
        store.rename_feeds({"g": "new"})
        assert store.feed_state("new").etag == ""
        store.save_poll(replace(read, name="new", known_as="g"), [], ["s"], NOW, told=["k2"])
        assert store.feed_state("new").etag == "e"  # it tells it no more

    @pytest.mark.parametrize("events", [(Event.HELD, Event.REJECTED), (Event.FAILED,), (Event.PREPARED,)])
    def test_what_is_not_open_to_a_feed_is_not_read_for_again(self, store, events):
        read = FeedState("g", etag="e")
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        store.save_poll(read, [], ["s"], NOW, told=["k1"])
        for event in events:
            store.change(store.publication("k1", "s"), Change(event, NOW, post=POST))
        assert store.feed_state("g") == read

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
        assert store.failures(NOW + HOUR) == [Failure(key, "f", "s", NOW) for key in ("k3", "k2")]
        store.change(store.publication("k3", "s"), Change(Event.RETRIED, NOW + 3 * HOUR))
        assert store.failures(NOW + HOUR) == [Failure("k2", "f", "s", NOW)]

    def test_what_a_rule_skipped_after_it_was_taken_counts_as_failed(self, store):
        decisions = [Skip(entry("k0"), "too old"), *(Take(entry(key)) for key in ("k1", "k2", "k3"))]
        store.save_poll(FeedState("f"), decisions, ["s"], NOW)
        short = Change(Event.SKIPPED, NOW + HOUR, "too short")
        store.change(store.publication("k1", "s"), short)
        store.change(store.publication("k2", "s"), replace(short, reason=TOLD))
        held = store.change(store.publication("k3", "s"), Change(Event.HELD, NOW + HOUR))
        store.change(held, Change(Event.REJECTED, NOW + HOUR))
        assert store.failures(NOW) == [Failure("k1", "f", "s", NOW)]

    def test_what_was_seen_in_a_time(self, store):
        for hours, key in enumerate(("k1", "k2", "k3")):
            store.save_poll(FeedState("f"), [Take(entry(key))], ["s"], NOW + hours * HOUR)
        assert [each.entry.key for each in store.seen(0, NOW + HOUR, NOW + 2 * HOUR)] == ["k2"]
        assert [each.number for each in store.seen(1, NOW, NOW + HOUR)] == []
