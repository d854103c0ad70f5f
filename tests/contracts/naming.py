"""What a store must keep when the names of feeds change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import FeedUnavailable
from bot.model import FeedState, Skip, Take
from bot.states import Change, Event, State
from tests.contracts.store import NOW, POST, entry

PLACE, OTHER = "https://x/feed", "https://y/feed"


class NamingContract:
    """Subclass it and give a fixture `store`."""

    def test_a_feed_that_is_renamed_takes_all_that_it_brought_along(self, store):
        state = FeedState("f", PLACE, etag='"1"', polled_at=NOW)
        store.save_poll(state, [Take(entry("k1"))], ["s"], NOW)
        store.save_poll(FeedState("h"), [Skip(entry("k2", "h"), "old")], ["s"], NOW)
        store.save_poll(state, [Skip(entry("k2"), "old")], ["s"], NOW)
        in_hand = store.publication("k1", "s")
        store.rename_feeds({"f": "g"})
        assert store.feed_states().keys() == {"g", "h"}
        assert store.feed_state("g") == replace(state, name="g", known_as="f")
        assert store.change(in_hand, Change(Event.PREPARED, NOW, post=POST))
        assert [(p.feed, p.state) for p in store.publications_of("k1")] == [("g", State.READY)]
        assert store.entry("k1").feed == store.seen(0, NOW)[0].entry.feed == "g"
        assert store.fingerprints(["k2"], feed="g", sites=["s"]).keys() == {"k2"}
        changed = replace(entry("k1", "g"), title="Corrected")
        store.save_poll(store.feed_state("g"), [], ["s"], NOW, [changed])
        assert store.entry("k1") == changed

    def test_a_first_name_stays_whatever_comes(self, store):
        store.save_feed_state(FeedState("f"))
        for former, name in (("f", "g"), ("g", "h"), ("h", "f")):
            store.rename_feeds({former: name})
            assert store.feed_states() == {name: FeedState(name, known_as="f")}

    def test_many_swap_their_names_at_once(self, store):
        names = [f"f{n}" for n in range(700)]
        store.save_feed_state(*(FeedState(name, f"https://{name}/feed") for name in names))
        for n in (0, 350, 699):
            store.save_poll(
                store.feed_state(names[n]),
                [Take(entry(f"k{n}", names[n])), Skip(entry("k", names[n]), "old")],
                ["s"],
                NOW,
            )
        store.rename_feeds(dict(zip(names, reversed(names), strict=True)))
        assert store.feed_state("f0") == FeedState("f0", "https://f699/feed", known_as="f699")
        assert {p.key: p.feed for p in store.publications()} == {
            "k0": "f699",
            "k": "f699",
            "k350": "f349",
            "k699": "f0",
        }
        assert store.fingerprints(["k"], feed="f349", sites=["s"]).keys() == {"k"}  # was heard as f350

    def test_what_is_known_of_a_feed_is_put_in_place_of_what_was(self, store):
        store.save_feed_state(FeedState("f", PLACE, etag="e"))
        fresh = [FeedState("g", OTHER, known_as="f"), FeedState("f", PLACE, known_as="f at x")]
        store.rename_feeds({"f": "g"}, fresh)
        assert store.feed_states() == {"g": fresh[0], "f": fresh[1]}

    @pytest.mark.parametrize(
        ("names", "fresh"),
        [
            ({"f": "g"}, ()),
            ({"f": "g"}, [FeedState("f", OTHER, known_as="f at y")]),
            ({}, [FeedState("f", OTHER)]),
        ],
    )
    def test_a_poll_that_began_before_changes_nothing(self, store, names, fresh):
        state = FeedState("f", PLACE)
        store.save_feed_state(state)
        store.rename_feeds(names, fresh)
        known = store.feed_states()
        with pytest.raises(FeedUnavailable, match="f: its name or url was changed while it was asked"):
            store.save_poll(state, [Take(entry("k1"))], ["s"], NOW)
        store.save_feed_state(state, FeedState("h"))
        assert store.feed_states() == known | {"h": FeedState("h")}
        assert store.publications() == []
