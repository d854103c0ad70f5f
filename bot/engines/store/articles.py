"""Articles, kept with their items: one for each set of rules that made it (reading.rules_of)."""

from __future__ import annotations

import sqlalchemy as sa

from bot.engines.store import rows
from bot.engines.store import tables as t
from bot.model import CleanArticle, Entry

_BY_RULES = rows.adapter(dict[str, CleanArticle])


def article(db: sa.Connection, key: str, rules: str | None) -> CleanArticle | None:
    """The article that these rules made; without rules, the last one that was kept."""
    kept = _read(db.execute(sa.select(t.items.c.article).where(t.items.c.key == key)).scalar())
    return next(reversed(kept.values()), None) if rules is None else kept.get(rules)


def save(db: sa.Connection, entry: Entry, article: CleanArticle, rules: str) -> None:
    """Keep it, if the item is still as `entry` tells it."""
    c = t.items.c
    # Locked, or on PostgreSQL a poll could change the item between this look and the write.
    query = sa.select(c.fingerprint, c.feed, c.article).where(c.key == entry.key).with_for_update()
    item = db.execute(query).one_or_none()
    if item is None or (item.fingerprint, item.feed) != (entry.fingerprint, entry.feed):
        return
    others = {each: kept for each, kept in _read(item.article).items() if each != rules}
    told = _BY_RULES.dump_json({**others, rules: article}).decode()
    db.execute(sa.update(t.items).where(c.key == entry.key).values(article=told))


def _read(told: str | None) -> dict[str, CleanArticle]:
    kept: dict[str, CleanArticle] = _BY_RULES.validate_json(told) if told else {}
    return kept
