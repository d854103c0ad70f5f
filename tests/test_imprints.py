"""Whose page keeps that of another item away: see docs/extraction.md."""

from __future__ import annotations

import pytest

from bot.engines.store import DatabaseStore
from bot.errors import ItemUnusable
from bot.states import Change, Event
from tests.desk import SITE, page
from tests.desk import Desk as Reading
from tests.test_other_articles import BOAT, ICE


@pytest.fixture
def desk(tmp_path, clock):
    desk = Reading(f"sqlite:///{tmp_path}/bot.db", clock)
    desk.pages.answers |= dict.fromkeys((f"{SITE}/a", f"{SITE}/b"), page(title="Welcome"))
    yield desk
    desk.store.close()


def first_item(store: DatabaseStore, clock, *events: Event) -> None:
    for event in events:
        store.change(store.publication(ICE.key, "s"), Change(event, clock.now(), "why"))


@pytest.mark.parametrize("event", [Event.FAILED, Event.SKIPPED])
def test_what_is_on_no_site_keeps_no_other_item_away(desk, clock, event):
    desk.article(ICE)
    first_item(desk.store, clock, event)
    assert desk.article(BOAT).rung == "readability"


@pytest.mark.parametrize("events", [(), (Event.FAILED, Event.RETRIED), (Event.HELD,)])
def test_what_may_yet_be_out_does(desk, clock, events):
    desk.article(ICE)
    first_item(desk.store, clock, *events)
    with pytest.raises(ItemUnusable, match="the same text"):
        desk.article(BOAT)
