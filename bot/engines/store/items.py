"""Items: what the feeds have told, and whether its source is still there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.engines.store import rows
from bot.engines.store import tables as t
from bot.engines.store.memory import CHUNK
from bot.model import Decision, Entry, Known, Recheck, Seen, Take, Times
from bot.states import SAME_STORY, TRANSITIONS, Change, Event, Publication, State, gives_way

RECHECK_EVERY = timedelta(days=1)
NO_IDENTITIES: Mapping[str, str] = MappingProxyType({})
EVERY_FEED = ""
"""Stands in a hearing for all feeds: what was skipped before there were hearings (migration 0003)."""


def entry(db: sa.Connection, key: str) -> Entry:
    """The entry of an item. Raises KeyError."""
    c = t.items.c
    row = db.execute(sa.select(c.entry, c.feed).where(c.key == key)).one_or_none()
    if row is None:
        raise KeyError(key)
    return _entry(row.entry, row.feed)


def fingerprints(
    db: sa.Connection, keys: list[str], feed: str = "", sites: Sequence[str] = ()
) -> dict[str, str]:
    """The fingerprints of those keys that are known; with `feed`, that this feed has no more to do for."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        query = sa.select(t.items.c.key, t.items.c.fingerprint).where(t.items.c.key.in_(chunk))
        if feed:
            query = query.where(_is_settled(feed, sites))
        found.update((row.key, row.fingerprint) for row in db.execute(query))
    return found


def _is_settled(feed: str, sites: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a feed has nothing to say of an item: it is its own, or it was heard, and nothing is open to it."""
    i, p, h = t.items.c, t.publications.c, t.hearings.c
    shared = sa.exists().where(p.key == i.key, p.feed == feed)
    heard = sa.exists().where(h.key == i.key, h.feed == feed)
    there = sa.select(sa.func.count()).select_from(t.publications).where(p.key == i.key, p.site.in_(sites))
    everywhere = there.scalar_subquery() == len(set(sites))
    somewhere_open = sa.exists().where(p.key == i.key, p.site.in_(sites), _is_open_to(feed))
    return (i.feed == feed) | ((shared | heard | everywhere) & sa.not_(somewhere_open))


def _is_open_to(feed: str | sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
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
    i, p = t.items.c, t.publications.c
    db.execute(sa.delete(t.tellings).where(t.tellings.c.feed == feed))
    query = sa.select(sa.literal(feed), p.key, p.site).join_from(t.publications, t.items, p.key == i.key)
    query = query.where(i.feed != feed, p.feed != feed, p.site.in_(sites), p.remote.is_(None))
    for start in range(0, len(keys), CHUNK):
        found = query.where(p.key.in_(keys[start : start + CHUNK]))
        db.execute(sa.insert(t.tellings).from_select(["feed", "key", "site"], found))


def let_go(db: sa.Connection, feed: str = "") -> frozenset[str]:
    """The feeds, all or this one, whose last document told an item that another feed has let go since."""
    i, p, told = t.items.c, t.publications.c, t.tellings.c
    query = sa.select(told.feed).distinct().select_from(t.tellings)
    query = query.join(t.publications, (p.key == told.key) & (p.site == told.site))
    query = query.join(t.items, i.key == told.key)
    query = query.where(i.feed != told.feed, _is_open_to(told.feed))
    if feed:
        query = query.where(told.feed == feed)
    return frozenset(db.execute(query).scalars())


def yielded(db: sa.Connection, key: str, site: str) -> list[str]:
    """The feeds that want an item, too, and gave way on this site to what its publication gives way to."""
    h = t.hearings.c
    query = sa.select(h.feed).where(h.key == key, h.site == site, h.yielded).order_by(h.feed)
    return list(db.execute(query).scalars())


def keys_of(db: sa.Connection, identities: list[str]) -> dict[str, str]:
    """The keys of the items that are known by these identities."""
    found: dict[str, str] = {}
    for start in range(0, len(identities), CHUNK):
        wanted = t.identities.c.identity.in_(identities[start : start + CHUNK])
        known = db.execute(sa.select(t.identities.c.identity, t.identities.c.key).where(wanted))
        found.update((row.identity, row.key) for row in known)
    return found


def learn(db: sa.Connection, identities: Mapping[str, str]) -> None:
    """Keep these identities, in place of what was known under them."""
    if identities:
        new = [{"identity": identity, "key": key} for identity, key in identities.items()]
        rows.upsert(db, t.identities, new)


def take(
    db: sa.Connection, decisions: Sequence[Decision], feed: str, sites: Sequence[str], now: datetime
) -> int:
    """Remember what a feed decided on items that are new, or of which it was not heard; gives how many it takes."""
    keys = [decision.entry.key for decision in decisions]
    known, settled = fingerprints(db, keys), fingerprints(db, keys, feed, sites)
    new = [decision for decision in decisions if decision.entry.key not in known]
    others = [each for each in decisions if each.entry.key in known.keys() - settled.keys()]
    _insert(db, new, sites, now)
    for decision in others:
        _share(db, decision, feed, sites, now)
    return sum(isinstance(decision, Take) for decision in (*new, *others))


def _insert(db: sa.Connection, decisions: Sequence[Decision], sites: Sequence[str], now: datetime) -> None:
    """New items, and a publication of each for each site."""
    if not decisions:
        return
    items = [{"key": each.entry.key, "seen_at": now} | _told(each.entry) for each in decisions]
    db.execute(sa.insert(t.items), items)
    publications = [_publication_row(decision, site, now) for decision in decisions for site in sites]
    db.execute(sa.insert(t.publications), publications)


def _share(db: sa.Connection, decision: Decision, feed: str, sites: Sequence[str], now: datetime) -> None:
    """What a feed decided on an item that came first through another one.

    The item gets publications for those of `sites` where it has none. A feed that wants it takes over those that a
    rule of another feed skipped, too; and where nobody has relayed it yet, the item is this feed's from now on, in
    its words.
    """
    key, p = decision.entry.key, t.publications.c
    there = {row.site: row.state for row in db.execute(sa.select(p.site, p.state).where(p.key == key))}
    if isinstance(decision, Take) or gives_way(decision.reason):
        taken_over = _take_over(db, decision, feed, sites, now)
        if set(there.values()) == {State.SKIPPED} and (taken_over or isinstance(decision, Take)):
            _adopt(db, decision.entry, now)
    else:
        _hear(db, key, feed, sites)
    publications = [_publication_row(decision, site, now) for site in sites if site not in there]
    if publications:
        db.execute(sa.insert(t.publications), publications)


def _take_over(
    db: sa.Connection, decision: Decision, feed: str, sites: Sequence[str], now: datetime
) -> list[str]:
    """Make this feed's own what is open to it on these sites; gives those where there was some.

    Where it gives way to another item, its publication does, and comes back with that reason. What gives way in
    another feed already stays there: that this feed wants it, too, is written down beside it.
    """
    query = sa.select(t.publications).where(t.publications.c.key == decision.entry.key)
    query = query.where(t.publications.c.site.in_(sites), _is_open_to(feed))
    taken = []
    for before in map(rows.publication, db.execute(query).all()):
        kept_off = _kept_off(decision, before.site)
        if before.gave_way and kept_off is not None:
            _hear(db, before.key, feed, [before.site], yielded=True)
            continue
        not_before = decision.not_before if isinstance(decision, Take) else None
        change = Change(Event.TAKEN_OVER, now, _turn(decision), not_before=not_before, feed=feed)
        after = rows.change(db, before, change)
        if after and kept_off is not None:
            rows.change(db, after, Change(Event.SKIPPED, now, kept_off))
        _hear(db, before.key, before.feed, [before.site], yielded=before.gave_way)
        taken.append(before.site)
    return taken


def _hear(db: sa.Connection, key: str, feed: str, sites: Sequence[str], *, yielded: bool = False) -> None:
    rows.upsert(
        db, t.hearings, [{"key": key, "feed": feed, "site": site, "yielded": yielded} for site in sites]
    )


def _adopt(db: sa.Connection, entry: Entry, now: datetime) -> None:
    """Give an item to the feed of this entry. It counts as seen now: so long its story is remembered."""
    fresh = {"seen_at": now, "article": None, "checked_at": None, "gone_at": None}
    db.execute(sa.update(t.items).where(t.items.c.key == entry.key).values(_told(entry) | fresh))


def replace(db: sa.Connection, entry: Entry, now: datetime) -> bool:
    """An entry that changed: its publications hear of it; False while a call for one is under way.

    Only the feed through which an item came first may change it: two feeds that tell it in different words
    would otherwise rewrite it, and its posts, at every poll.
    """
    owner = db.execute(sa.select(t.items.c.feed).where(t.items.c.key == entry.key)).scalar()
    if owner != entry.feed:
        return True
    query = sa.select(t.publications).where(t.publications.c.key == entry.key)
    publications = [rows.publication(row) for row in db.execute(query)]
    if any(publication.state is State.PUBLISHING for publication in publications):
        return False  # the fingerprint stays the old one: the next poll sees the change again
    values = {"entry": rows.to_json(entry), "fingerprint": entry.fingerprint, "article": None}
    db.execute(sa.update(t.items).where(t.items.c.key == entry.key).values(values))
    for publication in publications:
        if (publication.state, Event.CHANGED) in TRANSITIONS:
            rows.change(db, publication, Change(Event.CHANGED, now))
    return True


def seen(db: sa.Connection, after: int, since: datetime, before: datetime | None) -> list[Seen]:
    """The items with a larger number than `after`, seen at `since` or later and sooner than `before`, in order."""
    c = t.items.c
    query = sa.select(c.id, c.seen_at, c.entry, c.feed).where(c.id > after, c.seen_at >= since).order_by(c.id)
    if before is not None:
        query = query.where(c.seen_at < before)
    return [Seen(n, at, _entry(told, feed)) for n, at, told, feed in db.execute(query)]


def known(db: sa.Connection, part: str) -> list[Known]:
    """The items whose link contains this text, newest first."""
    c = t.items.c
    query = sa.select(c.key, c.feed, c.link).where(c.link.icontains(part, autoescape=True))
    return [Known(*row) for row in db.execute(query.order_by(c.id.desc()))]


def times(db: sa.Connection, key: str) -> Times:
    """When things happened to an item. Raises KeyError."""
    i, p = t.items.c, t.publications.c
    item = db.execute(sa.select(i.seen_at, i.checked_at, i.gone_at).where(i.key == key)).one_or_none()
    if item is None:
        raise KeyError(key)
    steps = sa.select(p.site, p.changed_at, p.published_at).where(p.key == key).order_by(p.id)
    sites = db.execute(steps).all()
    changed = tuple((row.site, row.changed_at) for row in sites)
    published = tuple((row.site, row.published_at) for row in sites if row.published_at)
    return Times(item.seen_at, item.checked_at, item.gone_at, changed, published)


def to_recheck(db: sa.Connection, now: datetime, younger_than: timedelta, limit: int) -> list[Recheck]:
    """Items that are published somewhere, with a source that was not looked at for a day."""
    c = t.items.c
    published = sa.select(t.publications.c.key).where(
        t.publications.c.state == State.PUBLISHED, t.publications.c.published_at > now - younger_than
    )
    query = (
        sa.select(c.key, c.link, c.checked_at, c.gone_at, c.feed)
        .where(
            c.key.in_(published),
            c.link != "",
            sa.func.coalesce(c.checked_at, c.seen_at) <= now - RECHECK_EVERY,
        )
        .order_by(c.id)
        .limit(limit)
    )
    return [Recheck(**row._mapping) for row in db.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def _entry(told: str, feed: str) -> Entry:
    """An entry; its feed may have been renamed since."""
    known: Entry = rows.adapter(Entry).validate_json(told)
    return dataclasses.replace(known, feed=feed)


def _told(entry: Entry) -> dict[str, Any]:
    """What an item is, in the words of its feed."""
    return {
        "feed": entry.feed,
        "link": entry.link,
        "fingerprint": entry.fingerprint,
        "entry": rows.to_json(entry),
    }


def _publication_row(decision: Decision, site: str, now: datetime) -> dict[str, Any]:
    key, feed = decision.entry.key, decision.entry.feed
    kept_off = _kept_off(decision, site)
    if kept_off is None:
        not_before = decision.not_before if isinstance(decision, Take) else None
        publication = Publication(key, feed, site, State.QUEUED, _turn(decision), not_before=not_before)
    else:
        publication = Publication(key, feed, site, State.SKIPPED, kept_off)
    return {"key": key, "site": site, "changed_at": now} | rows.columns(publication)


def _kept_off(decision: Decision, site: str) -> str | None:
    """Why an item does not go to a site; None where it does."""
    return dict(decision.not_on).get(site) if isinstance(decision, Take) else decision.reason


def _turn(decision: Decision) -> str:
    waits = isinstance(decision, Take) and decision.not_before
    return "waits for its turn (max_per_hour)" if waits else ""
