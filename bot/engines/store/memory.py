"""The translation memory: verified lines by their key, shared by all feeds and sites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bot.engines.store import tables as t

CHUNK = 500  # keys a query: SQLite's oldest limit on variables is 999
LONGEST_UNUSED = timedelta(days=90)
MOST_LINES = 500_000


def recall(db: sa.Connection, keys: Sequence[str], now: datetime | None = None) -> dict[str, str]:
    """The lines of those keys that are known; each counts as used now."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        where = t.memory.c.key.in_(chunk)
        rows = db.execute(sa.select(t.memory.c.key, t.memory.c.text).where(where))
        found.update((row.key, row.text) for row in rows)
        db.execute(sa.update(t.memory).where(where).values(used_at=now or datetime.now(UTC)))
    return found


def remember(db: sa.Connection, lines: Mapping[str, str], now: datetime | None = None) -> None:
    """Keep these lines, in place of what was known under their keys."""
    used_at = now or datetime.now(UTC)
    keys = list(lines)
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        db.execute(sa.delete(t.memory).where(t.memory.c.key.in_(chunk)))
        rows = [{"key": key, "text": lines[key], "used_at": used_at} for key in chunk]
        db.execute(sa.insert(t.memory), rows)


def prune(db: sa.Connection, now: datetime, most: int = MOST_LINES) -> int:
    """Forget what was not used for long, and the least recently used beyond `most`; gives how many."""
    old = db.execute(sa.delete(t.memory).where(t.memory.c.used_at < now - LONGEST_UNUSED)).rowcount
    newest_first = sa.select(t.memory.c.used_at).order_by(t.memory.c.used_at.desc())
    limit = db.execute(newest_first.offset(most).limit(1)).scalar()
    if limit is None:
        return old
    return old + db.execute(sa.delete(t.memory).where(t.memory.c.used_at <= limit)).rowcount
