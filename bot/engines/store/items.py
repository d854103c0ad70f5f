"""Items: what the feeds have told, and whether its source is still there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.engines.store import rows
from bot.engines.store import tables as t
from bot.engines.store.memory import CHUNK
from bot.model import Decision, Entry, Recheck, Take
from bot.states import TRANSITIONS, Change, Event, Publication, State

RECHECK_EVERY = timedelta(days=1)


def fingerprints(db: sa.Connection, keys: list[str]) -> dict[str, str]:
    """The fingerprints of those keys that are known."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), CHUNK):
        wanted = t.items.c.key.in_(keys[start : start + CHUNK])
        known = db.execute(sa.select(t.items.c.key, t.items.c.fingerprint).where(wanted))
        found.update((row.key, row.fingerprint) for row in known)
    return found


def insert(db: sa.Connection, decisions: Sequence[Decision], sites: Sequence[str], now: datetime) -> None:
    """New items, and a publication of each for each site."""
    if not decisions:
        return
    db.execute(sa.insert(t.items), [_item_row(decision.entry, now) for decision in decisions])
    publications = [_publication_row(decision, site, now) for decision in decisions for site in sites]
    db.execute(sa.insert(t.publications), publications)


def replace(db: sa.Connection, entry: Entry, now: datetime) -> None:
    """An entry that changed: its publications hear of it, unless a call for one is under way."""
    query = sa.select(t.publications).where(t.publications.c.key == entry.key)
    publications = [rows.publication(row) for row in db.execute(query)]
    if any(publication.state is State.PUBLISHING for publication in publications):
        return  # the fingerprint stays the old one: the next poll sees the change again
    values = {"entry": rows.to_json(entry), "fingerprint": entry.fingerprint, "article": None}
    db.execute(sa.update(t.items).where(t.items.c.key == entry.key).values(values))
    for publication in publications:
        if (publication.state, Event.CHANGED) in TRANSITIONS:
            rows.change(db, publication, Change(Event.CHANGED, now))


def to_recheck(db: sa.Connection, now: datetime, younger_than: timedelta, limit: int) -> list[Recheck]:
    """Items that are published somewhere, with a source that was not looked at for a day."""
    c = t.items.c
    published = sa.select(t.publications.c.key).where(
        t.publications.c.state == State.PUBLISHED, t.publications.c.published_at > now - younger_than
    )
    query = (
        sa.select(c.key, c.link, c.checked_at, c.gone_at)
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
    taken = isinstance(decision, Take)
    publication = Publication(
        key=decision.entry.key,
        feed=decision.entry.feed,
        site=site,
        state=State.QUEUED if taken else State.SKIPPED,
        reason="" if isinstance(decision, Take) else decision.reason,
    )
    identity = {"key": publication.key, "feed": publication.feed, "site": site, "changed_at": now}
    return identity | rows.columns(publication)
