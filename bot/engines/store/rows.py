"""Publications as rows, and values as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter
from sqlalchemy.dialects import postgresql, sqlite

from bot.engines.store import tables as t
from bot.model import FeedState, Finding, Post, RemotePost, Rhythm
from bot.states import Change, Event, Publication, State, apply

_COMPARE_AND_SET = sa.update(t.publications).where(
    t.publications.c.key == sa.bindparam("seen_key"),
    t.publications.c.site == sa.bindparam("seen_site"),
    t.publications.c.version == sa.bindparam("seen_version"),
)

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def upsert(db: sa.Connection, table: sa.Table, new: Sequence[dict[str, Any]]) -> None:
    """Write these rows, each in place of the one with its primary key, in one statement and in order of the keys.

    "Look, then insert" would fail where another thread inserts in between, and two threads that write the
    same rows in different orders would wait for each other.
    """
    keys = [column.name for column in table.primary_key]
    ordered = sorted(new, key=lambda row: [row[key] for key in keys])
    db.execute(_upserting(table, db.dialect.name), ordered)


@cache
def _upserting(table: sa.Table, dialect: str) -> sa.Insert:
    statement = _INSERTS[dialect](table)
    values = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
    if not values:
        nothing: sa.Insert = statement.on_conflict_do_nothing()
        return nothing
    upserting: sa.Insert = statement.on_conflict_do_update(index_elements=table.primary_key, set_=values)
    return upserting


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """What reads and writes this type as JSON."""
    return TypeAdapter(kind)


def to_json(value: object) -> str:
    """A value of the model as JSON."""
    kind: Any = type(value)
    return adapter(kind).dump_json(value).decode()


def change(db: sa.Connection, before: Publication, what: Change) -> Publication | None:
    """Apply `what`, if the row is still as `before` was read; None where it is not.

    Raises IllegalTransition.
    """
    after = dataclasses.replace(apply(before, what), version=before.version + 1)
    values = columns(after) | {"changed_at": what.at}
    if not what.feed:
        del values["feed"]  # it may have been renamed meanwhile
    if after.post is before.post:
        del values["post"]  # the largest by far, and the same in nearly every step
    if what.event is Event.PUBLISHED and before.remote is None:
        values["published_at"] = what.at
    seen = {"seen_key": before.key, "seen_site": before.site, "seen_version": before.version}
    done = db.execute(_COMPARE_AND_SET, values | seen)
    return after if done.rowcount == 1 else None


def columns(publication: Publication) -> dict[str, Any]:
    """The columns that a change may touch."""
    return {
        "feed": publication.feed,
        "state": publication.state,
        "reason": publication.reason,
        "attempts": publication.attempts,
        "refusals": publication.refusals,
        "not_before": publication.not_before,
        "intent_at": publication.intent_at,
        "post": to_json(publication.post) if publication.post else None,
        "findings": adapter(tuple[Finding, ...]).dump_json(publication.findings).decode(),
        "remote": to_json(publication.remote) if publication.remote else None,
        "earlier": " ".join(publication.earlier),
        "wanted": publication.wanted,
        "written": publication.written,
        "version": publication.version,
    }


def feed_state(row: sa.Row[Any]) -> FeedState:
    """A row of the table of feeds as its value."""
    columns = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return FeedState(**columns | {"rhythm": adapter(Rhythm).validate_json(columns["rhythm"])})


def feed_columns(state: FeedState) -> dict[str, Any]:
    """The columns of a feed. (`dataclasses.asdict` would take the rhythm apart.)"""
    columns = {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}
    return columns | {"rhythm": to_json(state.rhythm)}


def publication(row: sa.Row[Any]) -> Publication:
    """A row of the table as its value."""
    return Publication(
        key=row.key,
        feed=row.feed,
        site=row.site,
        state=State(row.state),
        reason=row.reason,
        attempts=row.attempts,
        refusals=row.refusals,
        not_before=row.not_before,
        intent_at=row.intent_at,
        post=adapter(Post).validate_json(row.post) if row.post else None,
        findings=adapter(tuple[Finding, ...]).validate_json(row.findings),
        remote=adapter(RemotePost).validate_json(row.remote) if row.remote else None,
        earlier=tuple(row.earlier.split()),
        wanted=row.wanted,
        written=row.written,
        version=row.version,
    )
