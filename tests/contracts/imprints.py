"""The part of the contract of ports.Store that is about the texts of pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import FeedState, Imprint, Skip, Take
from bot.states import SAME_STORY, SAME_TEXT, Change, Event
from tests.contracts.store import NOW, entry, published


class ImprintContract:
    """Subclass it beside StoreContract."""

    def test_what_the_pages_of_a_host_showed_is_remembered(self, store):
        one = Imprint("k1", "Título 😀", "https://x/1", (0, 7, 2**32 - 1), titled=True)
        two = Imprint("k2", "", "https://x/2", (), titled=False)
        store.save_poll(FeedState("f"), [Take(entry(key)) for key in ("k1", "k2", "k3")], ["s"], NOW)
        for imprint in (one, two):
            store.save_imprint("x", imprint)
        store.save_imprint("y", replace(one, key="k3"))
        assert store.imprints("x") == [two, one]
        store.save_imprint("x", replace(one, runs=(8,)))
        assert store.imprints("x") == [replace(one, runs=(8,)), two]
        assert store.imprints("none") == []

    def test_of_a_host_with_many_pages_the_oldest_are_forgotten(self, store):
        store.save_poll(FeedState("f"), [Take(entry(f"k{n}")) for n in range(230)], ["s"], NOW)
        for n in range(230):
            store.save_imprint("x", Imprint(f"k{n}", "T", "https://x", (n,), titled=True))
        assert [each.key for each in store.imprints("x")] == [f"k{n}" for n in range(229, 29, -1)]

    def test_the_text_of_an_item_counts_while_it_may_be_read_on_a_site(self, store):
        keys = ("k1", "k2", "k3", "k4", "k5")
        store.save_poll(FeedState("f"), [Take(entry(key)) for key in keys], ["s1", "s2"], NOW)
        for key in keys:
            store.save_imprint("x", Imprint(key, "T", "https://x", (1,), titled=True))

        def happens(key: str, *events: Event, sites: tuple[str, ...] = ("s1", "s2")) -> None:
            for event in events:
                for site in sites:
                    store.change(store.publication(key, site), Change(event, NOW, "why"))

        happens("k1", Event.FAILED)
        happens("k2", Event.SKIPPED)
        happens("k3", Event.FAILED, sites=("s1",))
        published(store, "k4", "s1")
        happens("k4", Event.RETRACTED, sites=("s1",))
        happens("k4", Event.FAILED, sites=("s2",))
        for site in ("s1", "s2"):
            held = store.change(store.publication("k5", site), Change(Event.HELD, NOW, "doubt"))
            store.change(held, Change(Event.REJECTED, NOW))
        assert [each.key for each in store.imprints("x")] == ["k5", "k4", "k3"]
        happens("k1", Event.RETRIED, sites=("s2",))
        assert [each.key for each in store.imprints("x")] == ["k5", "k4", "k3", "k1"]

    def test_the_text_of_a_post_counts_where_the_second_one_that_a_person_wanted_failed(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        store.save_imprint("x", Imprint("k1", "T", "https://x", (1,), titled=True))
        again = store.change(published(store, "k1", "s"), Change(Event.AGAIN, NOW))
        store.change(again, Change(Event.FAILED, NOW, "gone"))
        assert [each.key for each in store.imprints("x")] == ["k1"]

    def test_items_that_do_not_count_crowd_out_none_that_do(self, store):
        skipped = [Skip(entry(f"n{n}"), "too short") for n in range(300)]
        store.save_poll(FeedState("f"), [Take(entry("k1")), *skipped], ["s"], NOW)
        for key in ("k1", *(each.entry.key for each in skipped)):
            store.save_imprint("x", Imprint(key, "T", "https://x", (1,), titled=True))
        assert [each.key for each in store.imprints("x")] == ["k1"]

    def test_what_gave_way_by_the_text_of_its_page_is_found_by_what_it_gave_way_to(self, store):
        store.save_poll(FeedState("f"), [Take(entry(f"k{n}")) for n in range(6)], ["s1", "s2"], NOW)

        def skip(key: str, reason: str, at: datetime = NOW) -> None:
            store.change(store.publication(key, "s1"), Change(Event.SKIPPED, at, reason))

        skip("k1", f'{SAME_STORY} "T" of f (k0){SAME_TEXT}')
        skip("k2", f'{SAME_STORY} "T" of f (k10){SAME_TEXT}')
        skip("k3", f'{SAME_STORY} "T" of f (k0)')
        skip("k4", f'{SAME_STORY} "T (k0){SAME_TEXT}" of f (k1){SAME_TEXT}')
        skip("k5", f'{SAME_STORY} "T" of f (k0){SAME_TEXT}', NOW - timedelta(days=1))
        assert [each.key for each in store.yielded_to("k0", "s1", NOW)] == ["k1"]
        assert store.yielded_to("k0", "s2", NOW) == []
        store.change(store.publication("k1", "s1"), Change(Event.REVIVED, NOW))
        assert store.yielded_to("k0", "s1", NOW) == []
