"""Hearings: which feeds have a say about which items, and what each has told last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from bot.engines.store import rows
from bot.engines.store import tables as t
from bot.engines.store.memory import CHUNK
from bot.model import Hearing
from bot.states import SAME_STORY, State

EVERY_FEED = ""
"""Stands in a hearing for all feeds: what was skipped before there were hearings (migration 0003)."""

# Here as in items.py: what is asked at every poll is put together once. SQLAlchemy takes longer for that than
# SQLite for the answer.
_FORGET_TOLD = sa.delete(t.tellings).where(t.tellings.c.feed == sa.bindparam("by_feed"))


def nothing_to_say() -> sa.ColumnElement[bool]:
    """Whether a feed has no more to do for an item: it is its own, or it was heard, and nothing is open to it.

    To be bound: `by_feed`, `on_sites`, and `of_sites`, their number.
    """
    i, p, h = t.items.c, t.publications.c, t.hearings.c
    feed = sa.bindparam("by_feed", type_=sa.Text)
    sites = sa.bindparam("on_sites", type_=sa.Text, expanding=True)
    shared = sa.exists().where(p.key == i.key, p.feed == feed)
    heard = sa.exists().where(h.key == i.key, h.feed == feed)
    there = sa.select(sa.func.count()).select_from(t.publications).where(p.key == i.key, p.site.in_(sites))
    everywhere = there.scalar_subquery() == sa.bindparam("of_sites", type_=sa.Integer)
    somewhere_open = sa.exists().where(p.key == i.key, p.site.in_(sites), is_open_to(feed))
    return (i.feed == feed) | ((shared | heard | everywhere) & sa.not_(somewhere_open))


def is_open_to(feed: str | sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a feed may take a publication over.

    A rule skipped it for another feed, no person said anything about it, and this feed was not heard on it there:
    it counts as heard, too, where it gave way to the story to which the publication gives way.
    """
    p, h = t.publications.c, t.hearings.c
    still = sa.not_(h.yielded) | p.reason.startswith(SAME_STORY)
    heard = sa.exists().where(
        h.key == p.key, h.site == p.site, (h.feed == feed) | (h.feed == EVERY_FEED), still
    )
    untouched = p.remote.is_(None) & (p.earlier == "")
    skipped = (p.state == State.SKIPPED) & (p.reason != "") & untouched
    return skipped & (p.feed != feed) & sa.not_(heard)


def remember_told(db: sa.Connection, feed: str, keys: Sequence[str], sites: Sequence[str]) -> None:
    """Keep what the last document of a feed told and other feeds have in hand, in place of the one before."""
    db.execute(_FORGET_TOLD, {"by_feed": feed})
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        db.execute(_remember_told(), {"by_feed": feed, "on_sites": list(sites), "keys": chunk})


@cache
def _remember_told() -> sa.Insert:
    i, p, feed = t.items.c, t.publications.c, sa.bindparam("by_feed", type_=sa.Text)
    query = sa.select(feed, p.key, p.site).join_from(t.publications, t.items, p.key == i.key)
    query = query.where(i.feed != feed, p.feed != feed, p.remote.is_(None))
    query = query.where(p.site.in_(sa.bindparam("on_sites", expanding=True)))
    query = query.where(p.key.in_(sa.bindparam("keys", expanding=True)))
    return sa.insert(t.tellings).from_select(["feed", "key", "site"], query)


def let_go(db: sa.Connection, feed: str = "") -> frozenset[str]:
    """The feeds, all or this one, whose last document told an item that another feed has let go since."""
    i, p, told = t.items.c, t.publications.c, t.tellings.c
    query = sa.select(told.feed).distinct().select_from(t.tellings)
    query = query.join(t.publications, (p.key == told.key) & (p.site == told.site))
    query = query.join(t.items, i.key == told.key)
    query = query.where(i.feed != told.feed, is_open_to(told.feed))
    if feed:
        query = query.where(told.feed == feed)
    return frozenset(db.execute(query).scalars())


def yielded(db: sa.Connection, key: str, site: str) -> list[str]:
    """The feeds that want an item, too, and gave way on this site to what its publication gives way to."""
    h = t.hearings.c
    query = sa.select(h.feed).where(h.key == key, h.site == site, h.yielded).order_by(h.feed)
    return list(db.execute(query).scalars())


def of_item(db: sa.Connection, key: str) -> list[Hearing]:
    """The feeds that told an item and did not get it, each once for a site."""
    h, p, told = t.hearings.c, t.publications.c, t.tellings.c
    late = sa.select(told.feed, told.site).where(told.key == key)
    heard = sa.select(h.feed, h.site, h.yielded).where(h.key == key, h.feed != EVERY_FEED)
    found = {(feed, site): Hearing(feed, site, "late") for feed, site in db.execute(late)}
    for feed, site, gave_way in db.execute(heard):
        found[feed, site] = Hearing(feed, site, "yielded" if gave_way else "refused")
    for owner in db.execute(sa.select(p.feed, p.site).where(p.key == key)):
        found.pop(tuple(owner), None)
    return [found[place] for place in sorted(found)]


def hear(db: sa.Connection, key: str, feed: str, sites: Sequence[str], *, yielded: bool = False) -> None:
    """Write down that a feed was heard on an item on these sites."""
    rows.upsert(
        db, t.hearings, [{"key": key, "feed": feed, "site": site, "yielded": yielded} for site in sites]
    )
