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
from bot.model import Decision, Entry, FeedState, Known, Recheck, Seen, Take, Times
from bot.states import TRANSITIONS, Change, Event, Publication, State

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
    """Whether a feed has nothing to say of an item: it is its own, it was heard, or all of its sites are closed."""
    i, p, h = t.items.c, t.publications.c, t.hearings.c
    shared = sa.exists().where(p.key == i.key, p.feed == feed)
    heard = sa.exists().where(h.key == i.key, h.feed == feed)
    closed = sa.select(sa.func.count()).select_from(t.publications)
    closed = closed.where(p.key == i.key, p.site.in_(sites), sa.not_(_is_open()))
    return (i.feed == feed) | shared | heard | (closed.scalar_subquery() == len(set(sites)))


def _is_open() -> sa.ColumnElement[bool]:
    """Whether another feed may take a publication over: a rule skipped it, and no person said anything about it."""
    p, h = t.publications.c, t.hearings.c
    over = sa.exists().where(h.key == p.key, h.feed == EVERY_FEED)
    untouched = p.remote.is_(None) & (p.earlier == "")
    return (p.state == State.SKIPPED) & (p.reason != "") & untouched & sa.not_(over)


def is_undecided(
    db: sa.Connection, keys: list[str], feed: str, others: Sequence[str], sites: Sequence[str]
) -> bool:
    """Whether one of `others` has queued one of these items for one of `sites`, and this feed was not heard on it."""
    i, p, h = t.items.c, t.publications.c, t.hearings.c
    heard = sa.exists().where(h.key == p.key, h.feed == feed)
    query = sa.select(p.key).join_from(t.publications, t.items, p.key == i.key)
    query = query.where(p.state == State.QUEUED, p.feed.in_(others), p.site.in_(sites))
    query = query.where(i.feed != feed, sa.not_(heard)).limit(1)
    chunks = (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
    return any(db.execute(query.where(p.key.in_(chunk))).first() for chunk in chunks)


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

    The item gets publications for those of `sites` where it has none. A feed that takes it takes over those that a
    rule of another feed skipped, too; and where nobody has relayed it yet, the item is this feed's from now on, in
    its words.
    """
    key, p = decision.entry.key, t.publications.c
    there = {row.site: row.state for row in db.execute(sa.select(p.site, p.state).where(p.key == key))}
    if isinstance(decision, Take):
        _take_over(db, decision, sites, now)
        if set(there.values()) == {State.SKIPPED}:
            _adopt(db, decision.entry, now)
    publications = [_publication_row(decision, site, now) for site in sites if site not in there]
    if publications:
        db.execute(sa.insert(t.publications), publications)
    rows.upsert(db, t.hearings, [{"key": key, "feed": feed}])


def _take_over(db: sa.Connection, take: Take, sites: Sequence[str], now: datetime) -> None:
    p, wanted = t.publications.c, set(sites).difference(dict(take.not_on))
    query = sa.select(t.publications).where(p.key == take.entry.key, p.site.in_(wanted), _is_open())
    change = Change(Event.TAKEN_OVER, now, _turn(take), not_before=take.not_before, feed=take.entry.feed)
    for row in db.execute(query).all():
        rows.change(db, rows.publication(row), change)


def _adopt(db: sa.Connection, entry: Entry, now: datetime) -> None:
    """Give an item to the feed of this entry. It counts as seen now: so long its story is remembered."""
    c = t.items.c
    before = db.execute(sa.select(c.feed).where(c.key == entry.key)).scalar_one()
    rows.upsert(db, t.hearings, [{"key": entry.key, "feed": before}])
    fresh = {"seen_at": now, "article": None, "checked_at": None, "gone_at": None}
    db.execute(sa.update(t.items).where(c.key == entry.key).values(_told(entry) | fresh))


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


def feeds_at(db: sa.Connection, place: str, first_name: str) -> list[FeedState]:
    """What is known of the feeds at a place, or whose first name was this."""
    f = t.feeds.c
    named = (f.known_as == first_name) & (f.known_as != "")
    query = sa.select(t.feeds).where((f.url == place) | named).order_by(f.name)
    return [rows.feed_state(row) for row in db.execute(query)]


def rename_feed(db: sa.Connection, former: str, name: str) -> None:
    """Give a feed and all that it brought another name."""
    f, h = t.feeds.c, t.hearings.c
    known_as = sa.case((f.known_as != "", f.known_as), else_=former)
    db.execute(sa.update(t.feeds).where(f.name == former).values(name=name, known_as=known_as))
    for table in (t.items, t.publications):
        db.execute(sa.update(table).where(table.c.feed == former).values(feed=name))
    db.execute(sa.delete(t.hearings).where(h.feed == name))  # of another feed that once had this name
    db.execute(sa.update(t.hearings).where(h.feed == former).values(feed=name))


def seen(db: sa.Connection, after: int, since: datetime) -> list[Seen]:
    """The items with a larger number than `after`, seen at `since` or later, in order."""
    c = t.items.c
    query = sa.select(c.id, c.seen_at, c.entry, c.feed).where(c.id > after, c.seen_at >= since).order_by(c.id)
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
    kept_off = dict(decision.not_on).get(site) if isinstance(decision, Take) else decision.reason
    if kept_off is None:
        not_before = decision.not_before if isinstance(decision, Take) else None
        publication = Publication(key, feed, site, State.QUEUED, _turn(decision), not_before=not_before)
    else:
        publication = Publication(key, feed, site, State.SKIPPED, kept_off)
    return {"key": key, "site": site, "changed_at": now} | rows.columns(publication)


def _turn(decision: Decision) -> str:
    waits = isinstance(decision, Take) and decision.not_before
    return "waits for its turn (max_per_hour)" if waits else ""
