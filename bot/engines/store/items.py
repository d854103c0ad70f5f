"""Items: what the feeds have told, and whether its source is still there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from bot.engines.store import hearings, rows
from bot.engines.store import tables as t
from bot.engines.store.memory import CHUNK
from bot.model import Decision, Entry, Known, Recheck, Seen, Take, Times
from bot.states import TRANSITIONS, Change, Event, Publication, State, gives_way

RECHECK_EVERY = timedelta(days=1)
NO_IDENTITIES: Mapping[str, str] = MappingProxyType({})

# Asked at every poll: SQLAlchemy takes longer to put such a query together than SQLite to answer it.
_KNOWN = sa.select(t.items.c.key, t.items.c.fingerprint).where(
    t.items.c.key.in_(sa.bindparam("keys", expanding=True))
)
_SETTLED = _KNOWN.where(hearings.nothing_to_say())
_SEEN = (
    sa.select(t.items.c.id, t.items.c.seen_at, t.items.c.entry, t.items.c.feed)
    .where(t.items.c.id > sa.bindparam("after"), t.items.c.seen_at >= sa.bindparam("since"))
    .order_by(t.items.c.id)
)
_BY_IDENTITY = sa.select(t.identities.c.identity, t.identities.c.key).where(
    t.identities.c.identity.in_(sa.bindparam("wanted", expanding=True))
)


def entry(db: sa.Connection, key: str) -> Entry:
    """The entry of an item. Raises KeyError."""
    c = t.items.c
    row = db.execute(sa.select(c.entry, c.feed).where(c.key == key)).one_or_none()
    if row is None:
        raise KeyError(key)
    return _entry(row.entry, row.feed)


def entries(db: sa.Connection, keys: list[str]) -> dict[str, Entry]:
    """The entries of those keys that are known."""
    c = t.items.c
    found: dict[str, Entry] = {}
    for start in range(0, len(keys), CHUNK):
        query = sa.select(c.key, c.entry, c.feed).where(c.key.in_(keys[start : start + CHUNK]))
        found.update((row.key, _entry(row.entry, row.feed)) for row in db.execute(query))
    return found


def fingerprints(
    db: sa.Connection, keys: list[str], feed: str = "", sites: Sequence[str] = ()
) -> dict[str, str]:
    """The fingerprints of those keys that are known; with `feed`, that this feed has no more to do for."""
    query = _SETTLED if feed else _KNOWN
    asked = {"by_feed": feed, "on_sites": list(sites), "of_sites": len(set(sites))} if feed else {}
    found: dict[str, str] = {}
    for start in range(0, len(keys), CHUNK):
        known = db.execute(query, asked | {"keys": keys[start : start + CHUNK]})
        found.update((row.key, row.fingerprint) for row in known)
    return found


def keys_of(db: sa.Connection, identities: list[str]) -> dict[str, str]:
    """The keys of the items that are known by these identities."""
    found: dict[str, str] = {}
    for start in range(0, len(identities), CHUNK):
        known = db.execute(_BY_IDENTITY, {"wanted": identities[start : start + CHUNK]})
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
        hearings.hear(db, key, feed, sites)
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
    query = query.where(t.publications.c.site.in_(sites), hearings.is_open_to(feed))
    taken = []
    for before in map(rows.publication, db.execute(query).all()):
        kept_off = _kept_off(decision, before.site)
        if before.gave_way and kept_off is not None:
            hearings.hear(db, before.key, feed, [before.site], yielded=True)
            continue
        not_before = decision.not_before if isinstance(decision, Take) else None
        change = Change(Event.TAKEN_OVER, now, _turn(decision), not_before=not_before, feed=feed)
        after = rows.change(db, before, change)
        if after and kept_off is not None:
            rows.change(db, after, Change(Event.SKIPPED, now, kept_off))
        hearings.hear(db, before.key, before.feed, [before.site], yielded=before.gave_way)
        taken.append(before.site)
    return taken


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
    query = _SEEN if before is None else _SEEN.where(t.items.c.seen_at < before)
    found = db.execute(query, {"after": after, "since": since})
    return [Seen(n, at, _entry(told, feed)) for n, at, told, feed in found]


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


def rechecked(db: sa.Connection, recheck: Recheck) -> None:
    """Remember a look at the source of an item."""
    values = {"checked_at": recheck.checked_at, "gone_at": recheck.gone_at}
    db.execute(sa.update(t.items).where(t.items.c.key == recheck.key).values(values))


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
