"""Imprints: what is remembered of the texts of the pages of a host, the newest of them."""

from __future__ import annotations

import struct

import sqlalchemy as sa

from bot.engines.store import tables as t
from bot.model import Imprint
from bot.states import State

MOST_OF_A_HOST = 200


def of_host(db: sa.Connection, host: str) -> list[Imprint]:
    """Those of a host whose items count, the newest first."""
    c = t.imprints.c
    query = sa.select(c.key, c.title, c.link, c.runs, c.titled).where(c.host == host, _counts())
    return [
        Imprint(key, title, link, struct.unpack(f"<{len(runs) // 4}I", runs), titled)
        for key, title, link, runs, titled in db.execute(query.order_by(c.id.desc()).limit(MOST_OF_A_HOST))
    ]


def save(db: sa.Connection, host: str, imprint: Imprint) -> None:
    """Keep one, in place of what was known of its item, and forget the oldest of the host beyond the number."""
    row = {
        "key": imprint.key,
        "host": host,
        "title": imprint.title,
        "link": imprint.link,
        "runs": struct.pack(f"<{len(imprint.runs)}I", *imprint.runs),
        "titled": imprint.titled,
    }
    db.execute(sa.delete(t.imprints).where(t.imprints.c.key == imprint.key))
    db.execute(sa.insert(t.imprints), row)
    # Each for itself: those that do not count must not crowd out those that do, and may yet come to count.
    _bound(db, host, _counts())
    _bound(db, host, sa.not_(_counts()))


def _bound(db: sa.Connection, host: str, which: sa.ColumnElement[bool]) -> None:
    c = t.imprints.c
    newest = sa.select(c.id).where(c.host == host, which).order_by(c.id.desc())
    limit = db.execute(newest.offset(MOST_OF_A_HOST).limit(1)).scalar()
    if limit is not None:
        db.execute(sa.delete(t.imprints).where(c.host == host, c.id <= limit, which))


def _counts() -> sa.ColumnElement[bool]:
    """Whether the item was or is out on some site, is on its way to one, or a person looked at it and said no."""
    p = t.publications.c
    rejected = (p.state == State.SKIPPED) & (p.reason == "")
    on_its_way = p.state.not_in([State.SKIPPED, State.FAILED])
    was_out = p.earlier != ""
    return sa.exists().where(p.key == t.imprints.c.key, on_its_way | rejected | was_out)
