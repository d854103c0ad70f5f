"""Feeds: what is remembered of them between polls, and their names."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from bot.engines.store import hearings, rows
from bot.engines.store import tables as t
from bot.model import FeedState

_ONE = sa.select(t.feeds).where(t.feeds.c.name == sa.bindparam("wanted"))
_NAMES = (
    sa.select(t.feeds.c.name, t.feeds.c.url, t.feeds.c.known_as)
    .where(t.feeds.c.name.in_(sa.bindparam("wanted", expanding=True)))
    .with_for_update()
)
_NAMED = (t.feeds.c.name, t.items.c.feed, t.publications.c.feed, t.hearings.c.feed, t.tellings.c.feed)
"""Where names of feeds stand."""

_NAMES_AT_ONCE = 300
"""In a statement, where each stands three times: SQLite's oldest limit on variables is 999."""

_PASSING = "\x1b"
"""Begins the names that feeds have for a moment while they change them: two may swap theirs."""


def state(db: sa.Connection, name: str) -> FeedState:
    """What is known of this feed."""
    row = db.execute(_ONE, {"wanted": name}).one_or_none()
    if row is None:
        return FeedState(name)
    return unread(rows.feed_state(row)) if hearings.let_go(db, name) else rows.feed_state(row)


def states(db: sa.Connection) -> dict[str, FeedState]:
    """What is known of all feeds, by name."""
    found = {row.name: rows.feed_state(row) for row in db.execute(sa.select(t.feeds))}
    return found | {name: unread(found[name]) for name in hearings.let_go(db) if name in found}


def unread(state: FeedState) -> FeedState:
    """As if its last document had not been read: a 304 would hide what is still to be taken from it."""
    return dataclasses.replace(state, etag="", last_modified="", digest="")


def save(db: sa.Connection, *new: FeedState) -> list[str]:
    """Keep these; give the names of those left out, for their feed was renamed or moved since they were read."""
    late = _late(db, new)
    _write(db, [each for each in new if each.name not in late])
    return late


def rename(db: sa.Connection, names: Mapping[str, str], fresh: Sequence[FeedState]) -> None:
    """Give feeds and all that they brought other names (former -> new), all at once; then write those in `fresh`."""
    first_name = sa.case((t.feeds.c.known_as != "", t.feeds.c.known_as), else_=t.feeds.c.name)
    for former in _chunks(list(names)):
        db.execute(sa.update(t.feeds).where(t.feeds.c.name.in_(former)).values(known_as=first_name))
    for column in _NAMED:
        _replace(db, column, {former: _PASSING + former for former in names})
        _replace(db, column, {_PASSING + former: name for former, name in names.items()})
    _write(db, fresh)


def _write(db: sa.Connection, states: Sequence[FeedState]) -> None:
    if states:
        rows.upsert(db, t.feeds, [rows.feed_columns(each) for each in states])


def _replace(db: sa.Connection, column: sa.Column[str], names: Mapping[str, str]) -> None:
    for chunk in _chunks(list(names)):
        values = {former: names[former] for former in chunk}
        replaced = sa.update(column.table).where(column.in_(chunk))
        db.execute(replaced.values({column.name: sa.case(values, value=column)}))


def _late(db: sa.Connection, new: Sequence[FeedState]) -> list[str]:
    """The names that are another feed's by now, or nobody's while their feed goes on under another one.

    A feed is known by its first name, of which its keys are made: that never changes. Nor may a poll that began
    at a former address bring that back.
    """
    there: dict[str, sa.Row[str, str, str]] = {}
    for chunk in _chunks([each.name for each in new]):
        there.update((row.name, row) for row in db.execute(_NAMES, {"wanted": chunk}))
    late = [each.name for each in new if each.name in there and not _is_of(each, there[each.name])]
    missing = {each.known_as or each.name: each.name for each in new if each.name not in there}
    for chunk in _chunks(list(missing)):
        elsewhere = sa.select(t.feeds.c.known_as).where(t.feeds.c.known_as.in_(chunk))
        late += (missing[first] for first in db.execute(elsewhere).scalars())
    return late


def _is_of(state: FeedState, row: sa.Row[str, str, str]) -> bool:
    """Whether this is still what a state was read from."""
    same_feed = (state.known_as or state.name) == (row.known_as or row.name)
    return same_feed and ("" in (state.url, row.url) or state.url == row.url)


def _chunks(names: list[str]) -> list[list[str]]:
    return [names[start : start + _NAMES_AT_ONCE] for start in range(0, len(names), _NAMES_AT_ONCE)]
