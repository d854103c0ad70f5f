"""Imprints: what is remembered of the texts of the pages of a host, the newest of them."""

from __future__ import annotations

import struct

import sqlalchemy as sa

from bot.engines.store import tables as t
from bot.model import Imprint

MOST_OF_A_HOST = 200


def of_host(db: sa.Connection, host: str) -> list[Imprint]:
    """Those of a host, the newest first."""
    c = t.imprints.c
    query = sa.select(c.key, c.title, c.link, c.runs, c.titled).where(c.host == host).order_by(c.id.desc())
    return [
        Imprint(key, title, link, struct.unpack(f"<{len(runs) // 4}I", runs), titled)
        for key, title, link, runs, titled in db.execute(query.limit(MOST_OF_A_HOST))
    ]


def save(db: sa.Connection, host: str, imprint: Imprint) -> None:
    """Keep one, in place of what was known of its item, and forget the oldest of the host beyond the number."""
    c = t.imprints.c
    row = {
        "key": imprint.key,
        "host": host,
        "title": imprint.title,
        "link": imprint.link,
        "runs": struct.pack(f"<{len(imprint.runs)}I", *imprint.runs),
        "titled": imprint.titled,
    }
    db.execute(sa.delete(t.imprints).where(c.key == imprint.key))
    db.execute(sa.insert(t.imprints), row)
    newest = sa.select(c.id).where(c.host == host).order_by(c.id.desc())
    limit = db.execute(newest.offset(MOST_OF_A_HOST).limit(1)).scalar()
    if limit is not None:
        db.execute(sa.delete(t.imprints).where(c.host == host, c.id <= limit))
