"""Items: what the feeds have told, and whether its source is still there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.engines.store import rows
from bot.engines.store import tables as t
from bot.engines.store.memory import CHUNK
from bot.model import Decision, Entry, Known, Recheck, Seen, Take, Times
from bot.states import TRANSITIONS, Change, Event, Publication, State

RECHECK_EVERY = timedelta(days=1)
NO_IDENTITIES: Mapping[str, str] = MappingProxyType({})


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
    """Whether an item is this feed's own, was shared by it before, or has publications for all its sites."""
    i, p = t.items.c, t.publications.c
    shared = sa.exists().where(p.key == i.key, p.feed == feed)
    on_them = sa.select(sa.func.count()).select_from(t.publications).where(p.key == i.key, p.site.in_(sites))
    return (i.feed == feed) | shared | (on_them.scalar_subquery() == len(set(sites)))


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


def insert(db: sa.Connection, decisions: Sequence[Decision], sites: Sequence[str], now: datetime) -> None:
    """New items, and a publication of each for each site."""
    if not decisions:
        return
    db.execute(sa.insert(t.items), [_item_row(decision.entry, now) for decision in decisions])
    publications = [_publication_row(decision, site, now) for decision in decisions for site in sites]
    db.execute(sa.insert(t.publications), publications)


def share(db: sa.Connection, decisions: Sequence[Decision], sites: Sequence[str], now: datetime) -> None:
    """Publications of items that came first through another feed, for those of `sites` where they have none."""
    for decision in decisions:
        there = sa.select(t.publications.c.site).where(t.publications.c.key == decision.entry.key)
        missing = set(sites).difference(db.execute(there).scalars())
        publications = [_publication_row(decision, site, now) for site in sites if site in missing]
        if publications:
            db.execute(sa.insert(t.publications), publications)


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


def put_aside(db: sa.Connection, publications: Sequence[tuple[Publication, str]], now: datetime) -> bool:
    """Skip these, each for its reason; False where one has changed since it was read."""
    changes = ((each, Change(Event.SKIPPED, now, reason)) for each, reason in publications)
    return all(rows.change(db, publication, change) is not None for publication, change in changes)


def turns(db: sa.Connection, feed: str, since: datetime) -> list[datetime]:
    """The turns of the items of a feed after `since`, oldest first."""
    c = t.publications.c
    waits = sa.and_(c.state == State.QUEUED, c.attempts == 0, c.not_before.is_not(None))
    turn = sa.case((waits, c.not_before), else_=sa.func.coalesce(c.intent_at, t.items.c.seen_at))
    query = (
        sa.select(sa.func.min(turn))
        .join_from(t.publications, t.items, c.key == t.items.c.key)
        .where(c.feed == feed, c.state != State.SKIPPED)
        .group_by(c.key)
        .having(sa.func.min(turn) > since)
        .order_by(sa.func.min(turn))
    )
    return list(db.execute(query).scalars())


def seen(db: sa.Connection, after: int, since: datetime) -> list[Seen]:
    """The items with a larger number than `after`, seen at `since` or later, in order."""
    c = t.items.c
    query = sa.select(c.id, c.seen_at, c.entry).where(c.id > after, c.seen_at >= since).order_by(c.id)
    return [Seen(n, at, rows.adapter(Entry).validate_json(entry)) for n, at, entry in db.execute(query)]


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


def _item_row(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "key": entry.key,
        "feed": entry.feed,
        "link": entry.link,
        "seen_at": now,
        "fingerprint": entry.fingerprint,
        "entry": rows.to_json(entry),
    }


def _publication_row(decision: Decision, site: str, now: datetime) -> dict[str, Any]:
    key, feed = decision.entry.key, decision.entry.feed
    kept_off = dict(decision.not_on).get(site) if isinstance(decision, Take) else decision.reason
    if kept_off is None:
        not_before = decision.not_before if isinstance(decision, Take) else None
        reason = "waits for its turn (max_per_hour)" if not_before else ""
        publication = Publication(key, feed, site, State.QUEUED, reason, not_before=not_before)
    else:
        publication = Publication(key, feed, site, State.SKIPPED, kept_off)
    identity = {"key": key, "feed": feed, "site": site, "changed_at": now}
    return identity | rows.columns(publication)
