"""The contract of ports.Store: every implementation passes it (see tests/engines/test_store.py)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import (
    CleanArticle,
    Entry,
    FeedState,
    Finding,
    Media,
    Picture,
    Post,
    RemotePost,
    Rhythm,
    SafeHtml,
    Skip,
    Take,
    Topic,
)
from bot.ports import EngineState
from bot.states import Change, Event, IllegalTransition, State

NOW = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
POST = Post(
    "k1",
    "Título — “x” 😀",
    "<p>x</p>",
    "e",
    "slug-k1",
    NOW,
    "publish",
    ("A",),
    ("b",),
    Picture("https://x/y.jpg", "alt"),
    (("relay_key", "k1"),),
)


def entry(key: str, feed: str = "f", **more) -> Entry:
    return Entry(key=key, feed=feed, guid=key, link=f"https://x/{key}", title=f"Title {key}", **more)


class StoreContract:
    """Subclass it and give a fixture `store`."""

    def test_a_feed_never_polled_is_blank(self, store):
        assert store.feed_state("f") == FeedState("f")

    def test_a_poll_keeps_validators_and_items_together(self, store):
        state = FeedState("f", "https://x/feed", '"e1"', "Sun, 01 Mar 2026", NOW, NOW, None, 0, "")
        rich = entry(
            "k1", published=NOW, categories=("A", "B"), pictures=(Picture("https://x/p.jpg", width=3),)
        )
        assert store.save_poll(state, [Take(rich), Skip(entry("k2"), "too old")], ["s1", "s2"], NOW) == 1
        assert store.feed_state("f") == state
        assert store.entry("k1") == rich
        assert store.fingerprints(["k1", "k2", "k3"]) == {
            "k1": rich.fingerprint,
            "k2": entry("k2").fingerprint,
        }
        states = {(p.key, p.site): (p.state, p.reason) for p in store.publications()}
        assert states == {
            ("k1", "s1"): (State.QUEUED, ""),
            ("k1", "s2"): (State.QUEUED, ""),
            ("k2", "s1"): (State.SKIPPED, "too old"),
            ("k2", "s2"): (State.SKIPPED, "too old"),
        }

    def test_all_that_is_remembered_of_a_feed_comes_back(self, store):
        state = FeedState(
            "f",
            "https://x/feed",
            failures=3,
            error="answered 500",
            moved_to="https://y/feed",
            digest="d" * 64,
            new_at=NOW,
            failing_since=NOW,
            gone=True,
            warned_at=NOW,
            rhythm=Rhythm(60, (1, 2), (6,), 20, NOW, Topic("https://x/feed", "https://hub/")),
            archive_before=NOW,
        )
        store.save_feed_state(state)
        assert store.feed_state("f") == state
        store.save_feed_state(replace(state, gone=False, rhythm=Rhythm()))
        store.save_feed_state(FeedState("g"))
        assert store.feed_states() == {"f": replace(state, gone=False, rhythm=Rhythm()), "g": FeedState("g")}

    def test_entries_of_several_items_at_once(self, store):
        told = {key: entry(key, published=NOW) for key in ("k1", "k2", "k3")}
        store.save_poll(FeedState("f"), [Take(each) for each in told.values()], ["s"], NOW)
        assert store.entries(["k1", "k3", "k4"]) == {"k1": told["k1"], "k3": told["k3"]}
        assert store.entries([]) == {}

    def test_identities_lead_to_keys(self, store):
        first = {"i1": "k1", "i2": "k1"}
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW, identities=first)
        store.save_poll(FeedState("f"), [], ["s"], NOW, identities={"i2": "", "i3": "k1"})
        assert store.keys_of(["i1", "i2", "i3", "i4"]) == {"i1": "k1", "i2": "", "i3": "k1"}
        assert store.keys_of([]) == {}

    def test_many_identities_at_once(self, store):
        many = {f"i{n}": f"k{n}" for n in range(2500)}
        store.save_poll(FeedState("f"), [], ["s"], NOW, identities=many)
        assert store.keys_of(many) == many

    def test_an_entry_that_comes_again_is_left_alone(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        again = replace(entry("k1"), title="Changed")
        assert store.save_poll(FeedState("f"), [Take(again)], ["s"], NOW) == 0
        assert store.entry("k1").title == "Title k1"
        assert len(store.publications()) == 1

    def test_an_item_of_another_feed_reaches_the_sites_of_this_one(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s1"], NOW)
        keys, told = ["k1"], replace(entry("k1", "g"), summary_html="other words")
        assert store.fingerprints(keys, feed="g", sites=["s1"]) == store.fingerprints(keys)
        assert store.fingerprints(keys, feed="g", sites=["s1", "s2"]) == {}
        assert store.save_poll(FeedState("g"), [Take(told)], ["s1", "s2"], NOW) == 1
        assert [(p.feed, p.site) for p in store.publications(key="k1")] == [("f", "s1"), ("g", "s2")]
        assert store.entry("k1") == entry("k1")

    def test_what_gives_way_does_so_with_the_poll_or_not_at_all(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1")), Take(entry("k2"))], ["s"], NOW)
        one, two = store.publications()
        store.change(two, Change(Event.PREPARED, NOW, post=POST))
        aside = [(one, "told by g"), (two, "told by g")]
        assert store.save_poll(FeedState("g"), [Take(entry("k3", "g"))], ["s"], NOW, aside=aside) is None
        assert [each.state for each in store.publications()] == [State.QUEUED, State.READY]
        assert store.save_poll(FeedState("g"), [Take(entry("k3", "g"))], ["s"], NOW, aside=aside[:1]) == 1
        assert store.publication("k1", "s").reason == "told by g"
        assert store.publication("k1", "s").state is State.SKIPPED

    def test_a_site_that_is_added_later_is_not_flooded(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s1"], NOW)
        store.save_poll(FeedState("g"), [Take(entry("k1", "g"))], ["s2"], NOW)
        for feed in "fg":
            sites = ["s1", "s2", "s3"]
            assert store.fingerprints(["k1"], feed=feed, sites=sites).keys() == {"k1"}
            assert store.save_poll(FeedState(feed), [Take(entry("k1", feed))], sites, NOW) == 0
        assert [p.site for p in store.publications()] == ["s1", "s2"]

    def test_only_the_feed_that_brought_an_item_changes_it(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        published(store, "k1", "s")
        told = replace(entry("k1", "g"), title="In other words")
        store.save_poll(FeedState("g", etag="e"), [], ["s"], NOW, [told])
        assert store.entry("k1") == entry("k1")
        assert store.publication("k1", "s").state is State.PUBLISHED
        assert store.feed_state("g").etag == "e"

    def test_a_poll_is_all_or_nothing(self, store):
        twice = [Take(entry("k1")), Take(entry("k1"))]
        with pytest.raises(Exception):  # noqa: B017 - each database has its own
            store.save_poll(FeedState("f", etag="new"), twice, ["s"], NOW)
        assert store.feed_state("f").etag == ""
        assert store.fingerprints(["k1"]) == {}

    def test_thousands_of_keys_at_once(self, store):
        entries = [Take(entry(f"k{n}")) for n in range(2500)]
        assert store.save_poll(FeedState("f"), entries, ["s"], NOW) == 2500
        assert len(store.fingerprints(f"k{n}" for n in range(5000))) == 2500

    def test_a_pause_that_a_wrong_clock_has_set_is_over(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        put_off = Change(Event.POSTPONED, NOW, "down", not_before=NOW + timedelta(days=3650))
        store.change(store.publication("k1", "s"), put_off)
        assert [each.key for each in store.due(NOW)] == ["k1"]

    def test_items_are_due_oldest_first_and_in_time(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1")), Take(entry("k2"))], ["s"], NOW)
        store.save_poll(FeedState("g"), [Take(entry("k3", "g"))], ["s"], NOW)
        first = store.publication("k1", "s")
        later = NOW + timedelta(minutes=5)
        store.change(first, Change(Event.POSTPONED, NOW, reason="down", not_before=later))
        assert [p.key for p in store.due(NOW)] == ["k2", "k3"]
        assert [p.key for p in store.due(later)] == ["k1", "k2", "k3"]
        assert [p.key for p in store.due(later, feeds=["g"])] == ["k3"]
        assert [p.key for p in store.due(later, limit=1)] == ["k1"]

    def test_a_publication_keeps_all_it_was_given(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        current = store.publication("k1", "s")
        findings = (Finding("digits", 0.5, "12 became 21"),)
        for change in (
            Change(Event.PREPARED, NOW, post=POST, findings=findings),
            Change(Event.BEGUN, NOW),
            Change(Event.PUBLISHED, NOW, remote=RemotePost("7", "https://x/7", "T", "publish")),
        ):
            current = store.change(current, change)
            assert store.publication("k1", "s") == current
        assert (current.post, current.findings, current.remote.id) == (POST, findings, "7")
        assert store.intents_since("s", NOW - timedelta(seconds=1)) == [NOW]
        assert store.intents_since("s", NOW) == store.intents_since("other", NOW - timedelta(days=1)) == []

    def test_of_two_who_change_one_publication_one_wins(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        prepared = store.change(store.publication("k1", "s"), Change(Event.PREPARED, NOW, post=POST))

        def begin(_n: int):
            return store.change(prepared, Change(Event.BEGUN, NOW))

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(begin, range(16)))
        assert sum(result is not None for result in results) == 1

    def test_an_illegal_step_changes_nothing(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        queued = store.publication("k1", "s")
        with pytest.raises(IllegalTransition):
            store.change(queued, Change(Event.PUBLISHED, NOW))
        assert store.publication("k1", "s") == queued

    def test_publications_by_key_and_state(self, store):
        store.save_poll(FeedState("f"), [Take(entry("abc1")), Take(entry("abd2"))], ["s"], NOW)
        assert [p.key for p in store.publications(key="ab")] == ["abc1", "abd2"]
        assert [p.key for p in store.publications(key="abc")] == ["abc1"]
        assert store.publications(key="%") == []
        assert store.publications(states=[State.HELD]) == []
        assert store.counts() == {"f": {State.QUEUED: 2}}

    def test_what_is_not_there(self, store):
        for ask in (lambda: store.entry("no"), lambda: store.publication("no", "s")):
            with pytest.raises(KeyError):
                ask()
        assert store.article("no") is None
        assert store.media("s", "no") is None

    def test_an_upload_is_remembered_for_its_site(self, store):
        store.save_media("s1", "cafe", Media("3", "https://x/3.jpg"))
        store.save_media("s1", "cafe", Media("4", "https://x/4.jpg"))
        assert store.media("s1", "cafe") == Media("4", "https://x/4.jpg")
        assert store.media("s2", "cafe") is None

    def test_the_memory_gives_back_what_it_was_given(self, store):
        lines = {f"key{n}": f"linha {n} — «ç»" for n in range(1200)}
        store.remember(lines)
        store.remember({"key0": "nova"})
        assert store.recall(["key0", "key1", "none"]) == {"key0": "nova", "key1": "linha 1 — «ç»"}
        assert len(store.recall(list(lines))) == 1200

    def test_threads_that_write_the_same_at_once(self, store):
        lines = {f"key{n}": f"linha {n}" for n in range(200)}

        def write(n: int) -> None:
            for turn in range(5):
                store.remember(dict(reversed(lines.items())) if n % 2 else lines)
                assert store.recall(list(reversed(lines))) == lines
                store.save_media("s", f"picture{turn}", Media("3", "https://x/3.jpg"))
                store.save(EngineState("google", NOW.date(), turn))
                store.save_feed_state(FeedState("f", failures=turn))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(4)))
        assert store.media("s", "picture4") == Media("3", "https://x/3.jpg")
        assert (store.load("google").characters, store.feed_state("f").failures) == (4, 4)

    def test_the_state_of_an_engine_outlives_a_restart(self, store):
        assert store.load("google") == EngineState("google")
        for characters in (10, 20):
            state = EngineState("google", NOW.date(), characters, 2, NOW)
            store.save(state)
            assert store.load("google") == state

    def test_a_changed_entry_reaches_its_publications(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1")), Skip(entry("k2"), "old")], ["s1", "s2"], NOW)
        published(store, "k1", "s1")
        store.change(store.publication("k1", "s2"), Change(Event.PREPARED, NOW, post=POST))
        store.save_article(entry("k1"), CleanArticle("https://x", "T", SafeHtml("<p>é</p>"), "feed"), "r")
        changed = [replace(entry(key), title="Corrected") for key in ("k1", "k2")]
        store.save_poll(FeedState("f"), [], ["s1", "s2"], NOW, changed)
        assert store.entry("k1") == changed[0]
        assert store.fingerprints(["k1"]) == {"k1": changed[0].fingerprint}
        assert store.article("k1") is None
        states = {(p.key, p.site): p.state for p in store.publications()}
        assert states == {
            ("k1", "s1"): State.OUTDATED,
            ("k1", "s2"): State.QUEUED,
            ("k2", "s1"): State.SKIPPED,
            ("k2", "s2"): State.SKIPPED,
        }

    def test_a_change_waits_while_a_call_is_under_way(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        ready = store.change(store.publication("k1", "s"), Change(Event.PREPARED, NOW, post=POST))
        store.change(ready, Change(Event.BEGUN, NOW))
        store.save_poll(FeedState("f"), [], ["s"], NOW, [replace(entry("k1"), title="Corrected")])
        assert store.publication("k1", "s").state is State.PUBLISHING
        assert store.fingerprints(["k1"]) == {"k1": entry("k1").fingerprint}

    def test_a_take_may_wait_for_its_turn_and_leave_a_site_out(self, store):
        later = NOW + timedelta(hours=1)
        store.save_poll(
            FeedState("f"), [Take(entry("k1"), later, (("s2", "told before"),))], ["s1", "s2"], NOW
        )
        assert store.due(NOW) == []
        (due,) = store.due(later)
        assert (due.site, due.reason) == ("s1", "waits for its turn (max_per_hour)")
        left_out = store.publication("k1", "s2")
        assert (left_out.state, left_out.reason) == (State.SKIPPED, "told before")

    def test_the_turns_of_a_feed(self, store):
        hour = timedelta(hours=1)
        taken = [
            Take(entry("k1")),
            Take(entry("k2"), NOW + hour),
            Skip(entry("k3"), "old"),
            Take(entry("k4")),
        ]
        store.save_poll(FeedState("f"), taken, ["s1", "s2"], NOW)
        store.save_poll(FeedState("g"), [Take(entry("k5", "g"))], ["s1"], NOW)
        assert store.turns("f", NOW - hour) == [NOW, NOW, NOW + hour]
        assert store.turns("f", NOW) == [NOW + hour]
        failed = Change(Event.POSTPONED, NOW, reason="down", not_before=NOW + 6 * hour)
        store.change(store.publication("k4", "s1"), failed)
        published(store, "k2", "s1")
        assert store.turns("f", NOW - hour) == [NOW, NOW, NOW]
        current = store.publication("k5", "s1")
        for event in (Event.PREPARED, Event.BEGUN, Event.REFUSED):
            change = Change(event, NOW, "no", NOW + 6 * hour if event is Event.REFUSED else None, POST)
            current = store.change(current, change)
        assert store.turns("g", NOW - hour) == [NOW]

    def test_the_items_seen_since(self, store):
        for n in range(4):
            decision = Skip(entry(f"k{n}"), "old") if n == 2 else Take(entry(f"k{n}"))
            store.save_poll(FeedState("f"), [decision], ["s"], NOW + timedelta(days=n))
        seen = store.seen(0, NOW + timedelta(days=1))
        assert [(each.entry, each.seen_at.day) for each in seen] == [
            (entry(f"k{n}"), 1 + n) for n in (1, 2, 3)
        ]
        assert store.seen(seen[0].number, NOW) == seen[1:]

    def test_the_items_of_an_address(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1")), Skip(entry("k12"), "old")], ["s"], NOW)
        assert [(each.key, each.feed) for each in store.known("X/k1")] == [("k12", "f"), ("k1", "f")]
        assert store.known("%") == store.known("x_k1") == []

    def test_the_times_of_an_item(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s1", "s2"], NOW)
        published(store, "k1", "s1")
        later = NOW + timedelta(hours=1)
        store.change(store.publication("k1", "s2"), Change(Event.SKIPPED, later, reason="no"))
        times = store.times("k1")
        assert (times.seen_at, times.checked_at, times.gone_at) == (NOW, None, None)
        assert (times.changed, times.published) == ((("s1", NOW), ("s2", later)), (("s1", NOW),))
        with pytest.raises(KeyError):
            store.times("no")

    def test_the_sources_of_young_posts_are_looked_at_once_a_day(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1")), Take(entry("k2"))], ["s"], NOW)
        published(store, "k1", "s")
        week, tomorrow = timedelta(days=7), NOW + timedelta(days=1)
        assert store.to_recheck(NOW, week, 10) == []
        (look,) = store.to_recheck(tomorrow, week, 10)
        assert (look.key, look.link, look.gone_at) == ("k1", "https://x/k1", None)
        store.save_recheck(replace(look, checked_at=tomorrow, gone_at=tomorrow))
        assert store.to_recheck(tomorrow, week, 10) == []
        (again,) = store.to_recheck(tomorrow + timedelta(days=1), week, 10)
        assert again.gone_at == tomorrow
        assert store.to_recheck(NOW + timedelta(days=9), week, 10) == []


def published(store, key: str, site: str):
    current = store.publication(key, site)
    for change in (
        Change(Event.PREPARED, NOW, post=POST),
        Change(Event.BEGUN, NOW),
        Change(Event.PUBLISHED, NOW, remote=RemotePost("7", "https://x/7"), written="digest"),
    ):
        current = store.change(current, change)
    return current
