"""Publications: what is asked of many of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.engines.store import rows
from bot.engines.store import tables as t
from bot.model import Failure
from bot.states import SAME_STORY, SAME_TEXT, Change, Event, Publication, State


def counts(db: sa.Connection) -> Mapping[str, Mapping[State, int]]:
    """Publications by feed and state."""
    c = t.publications.c
    counted: dict[str, dict[State, int]] = {}
    for feed, state, n in db.execute(sa.select(c.feed, c.state, sa.func.count()).group_by(c.feed, c.state)):
        counted.setdefault(feed, {})[State(state)] = n
    return counted


def intents_since(db: sa.Connection, site: str, moment: datetime) -> list[datetime]:
    """When posts of this site were begun after `moment`, oldest first."""
    begun = t.publications.c.intent_at
    query = sa.select(begun).where(t.publications.c.site == site, begun > moment).order_by(begun)
    return list(db.execute(query).scalars())


def turns(db: sa.Connection, feed: str, since: datetime) -> list[datetime]:
    """The turns of the items of a feed after `since`, oldest first."""
    c = t.publications.c
    untried = (c.attempts == 0) & (c.refusals == 0)
    waits = (c.state == State.QUEUED) & untried & c.not_before.is_not(None)
    turn = sa.case((waits, c.not_before), else_=sa.func.coalesce(c.intent_at, t.items.c.seen_at))
    query = (
        sa.select(sa.func.min(turn))
        .join_from(t.publications, t.items, c.key == t.items.c.key)
        .where(c.feed == feed, c.state != State.SKIPPED)
        .group_by(c.key)
        .having(sa.func.min(turn) > since)
        .order_by(sa.func.min(turn))
    )
    return list(db.execute(query).scalars())


def failures(db: sa.Connection, since: datetime) -> list[Failure]:
    """What failed at `since` or later, or was skipped after it had been taken, without a post, the latest first."""
    c = t.publications.c
    by_no_rule = (c.state == State.SKIPPED) & ((c.reason == "") | c.reason.startswith(SAME_STORY))
    query = sa.select(c.key, c.feed, c.site, t.items.c.seen_at)
    query = query.join_from(t.publications, t.items, c.key == t.items.c.key)
    query = query.where(t.GIVEN_UP, c.changed_at >= since, sa.not_(by_no_rule))
    query = query.where(c.remote.is_(None), c.earlier == "")
    return [Failure(*row) for row in db.execute(query.order_by(c.changed_at.desc(), c.id))]


def yielded_to(db: sa.Connection, key: str, site: str, since: datetime) -> list[Publication]:
    """What gave way on a site to this item, at `since` or later, by the text of its page."""
    c = t.publications.c
    named = c.reason.startswith(SAME_STORY) & c.reason.endswith(f"({key}){SAME_TEXT}", autoescape=True)
    query = sa.select(t.publications).where(t.GIVEN_UP, c.state == State.SKIPPED, c.site == site, named)
    query = query.where(c.changed_at >= since).order_by(c.id)
    return [rows.publication(row) for row in db.execute(query)]


def put_aside(db: sa.Connection, publications: Sequence[tuple[Publication, str]], now: datetime) -> bool:
    """Skip these, each for its reason; False where one has changed since it was read."""
    changes = ((each, Change(Event.SKIPPED, now, reason)) for each, reason in publications)
    return all(rows.change(db, publication, change) is not None for publication, change in changes)
