"""The translation memory: verified lines by their key, shared by all feeds and sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.engines.store import rows
from bot.engines.store import tables as t

CHUNK = 500  # keys a query: SQLite's oldest limit on variables is 999
LONGEST_UNUSED = timedelta(days=90)
MOST_LINES = 500_000


def recall(db: sa.Connection, keys: Sequence[str], now: datetime | None = None) -> dict[str, str]:
    """The lines of those keys that are known; each counts as used now."""
    found: dict[str, str] = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), CHUNK):
        where = t.memory.c.key.in_(ordered[start : start + CHUNK])
        # PostgreSQL locks in this order, which is that of `remember`: nobody waits in a circle.
        query = sa.select(t.memory.c.key, t.memory.c.text).where(where).order_by(t.memory.c.key)
        found.update((row.key, row.text) for row in db.execute(query.with_for_update()))
        db.execute(sa.update(t.memory).where(where).values(used_at=now or datetime.now(UTC)))
    return found


def remember(db: sa.Connection, lines: Mapping[str, str], now: datetime | None = None) -> None:
    """Keep these lines, in place of what was known under their keys."""
    used_at = now or datetime.now(UTC)
    new = [{"key": key, "text": text, "used_at": used_at} for key, text in lines.items()]
    rows.upsert(db, t.memory, new)


def prune(db: sa.Connection, now: datetime, most: int = MOST_LINES) -> int:
    """Forget what was not used for long, and the least recently used beyond `most`; gives how many."""
    old = db.execute(sa.delete(t.memory).where(t.memory.c.used_at < now - LONGEST_UNUSED)).rowcount
    newest_first = sa.select(t.memory.c.used_at).order_by(t.memory.c.used_at.desc())
    limit = db.execute(newest_first.offset(most).limit(1)).scalar()
    if limit is None:
        return old
    return old + db.execute(sa.delete(t.memory).where(t.memory.c.used_at <= limit)).rowcount
