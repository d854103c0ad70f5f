"""The store: what the bot remembers, in SQLite or PostgreSQL."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from bot.engines.store import memory
from bot.engines.store import tables as t
from bot.engines.store.database import connect, translated
from bot.model import (
    CleanArticle,
    Decision,
    Entry,
    FeedState,
    Finding,
    Media,
    Post,
    RemotePost,
    Take,
)
from bot.ports import EngineState
from bot.states import OPEN_STATES, Change, Event, Publication, State, apply


class DatabaseStore:
    """ports.Store on SQLAlchemy. Thread-safe; one instance a process."""

    def __init__(self, url: str) -> None:
        self._engine = connect(url)
        self._subject = self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with translated(self._subject), self._engine.begin() as connection:
            yield connection

    # --- feeds and items ------------------------------------------------------------------------

    def feed_state(self, name: str) -> FeedState:
        """See ports.Store."""
        with self._begin() as db:
            row = db.execute(sa.select(t.feeds).where(t.feeds.c.name == name)).one_or_none()
        return FeedState(**row._mapping) if row else FeedState(name)  # noqa: SLF001 - SQLAlchemy's public name

    def save_feed_state(self, state: FeedState) -> None:
        """See ports.Store."""
        with self._begin() as db:
            _put(db, t.feeds, dataclasses.asdict(state))

    def known(self, keys: Iterable[str]) -> set[str]:
        """See ports.Store."""
        with self._begin() as db:
            return _known(db, list(keys))

    def save_poll(
        self, state: FeedState, decisions: Sequence[Decision], sites: Sequence[str], now: datetime
    ) -> int:
        """See ports.Store."""
        with self._begin() as db:
            known = _known(db, [decision.entry.key for decision in decisions])
            new = [decision for decision in decisions if decision.entry.key not in known]
            if new:
                db.execute(sa.insert(t.items), [_item_row(decision.entry, now) for decision in new])
                rows = [_publication_row(decision, site, now) for decision in new for site in sites]
                db.execute(sa.insert(t.publications), rows)
            _put(db, t.feeds, dataclasses.asdict(state))
        return sum(isinstance(decision, Take) for decision in new)

    def entry(self, key: str) -> Entry:
        """See ports.Store."""
        text = self._item_column(key, t.items.c.entry)
        if text is None:
            raise KeyError(key)
        return _adapter(Entry).validate_json(text)  # type: ignore[no-any-return]

    def article(self, key: str) -> CleanArticle | None:
        """See ports.Store."""
        text = self._item_column(key, t.items.c.article)
        return _adapter(CleanArticle).validate_json(text) if text else None

    def save_article(self, key: str, article: CleanArticle) -> None:
        """See ports.Store."""
        with self._begin() as db:
            db.execute(sa.update(t.items).where(t.items.c.key == key).values(article=_json(article)))

    def _item_column(self, key: str, column: sa.Column[Any]) -> str | None:
        with self._begin() as db:
            text: str | None = db.execute(sa.select(column).where(t.items.c.key == key)).scalar()
        return text

    # --- publications ---------------------------------------------------------------------------

    def publication(self, key: str, site: str) -> Publication:
        """See ports.Store."""
        where = (t.publications.c.key == key) & (t.publications.c.site == site)
        with self._begin() as db:
            row = db.execute(sa.select(t.publications).where(where)).one_or_none()
        if row is None:
            raise KeyError(f"{key} on {site}")
        return _publication(row)

    def publications(
        self, *, key: str = "", states: Iterable[State] = (), limit: int = 0
    ) -> list[Publication]:
        """See ports.Store."""
        query = sa.select(t.publications)
        if key:
            query = query.where(t.publications.c.key.startswith(key, autoescape=True))
        if wanted := list(states):
            query = query.where(t.publications.c.state.in_(wanted))
        return self._publications(query, limit)

    def due(self, now: datetime, *, feeds: Sequence[str] = (), limit: int = 0) -> list[Publication]:
        """See ports.Store."""
        not_before = t.publications.c.not_before
        query = sa.select(t.publications).where(
            t.publications.c.state.in_(OPEN_STATES), not_before.is_(None) | (not_before <= now)
        )
        if feeds:
            query = query.where(t.publications.c.feed.in_(feeds))
        return self._publications(query, limit)

    def _publications(self, query: sa.Select[Any], limit: int) -> list[Publication]:
        query = query.order_by(t.publications.c.id)
        with self._begin() as db:
            return [_publication(row) for row in db.execute(query.limit(limit or None))]

    def change(self, publication: Publication, change: Change) -> Publication | None:
        """See ports.Store."""
        after = dataclasses.replace(apply(publication, change), version=publication.version + 1)
        where = (
            (t.publications.c.key == publication.key)
            & (t.publications.c.site == publication.site)
            & (t.publications.c.version == publication.version)
        )
        values = _changed_columns(after) | {"changed_at": change.at}
        if change.event is Event.PUBLISHED:
            values["published_at"] = change.at
        with self._begin() as db:
            done = db.execute(sa.update(t.publications).where(where).values(values))
        return after if done.rowcount == 1 else None

    def counts(self) -> Mapping[str, Mapping[State, int]]:
        """See ports.Store."""
        c = t.publications.c
        query = sa.select(c.feed, c.state, sa.func.count()).group_by(c.feed, c.state)
        counts: dict[str, dict[State, int]] = {}
        with self._begin() as db:
            for feed, state, n in db.execute(query):
                counts.setdefault(feed, {})[State(state)] = n
        return counts

    def published_since(self, moment: datetime) -> int:
        """See ports.Store."""
        query = sa.select(sa.func.count()).where(t.publications.c.published_at > moment)
        with self._begin() as db:
            return db.execute(query).scalar_one()

    # --- translation memory ---------------------------------------------------------------------

    def recall(self, keys: Sequence[str]) -> dict[str, str]:
        """See ports.Memory."""
        with self._begin() as db:
            return memory.recall(db, keys)

    def remember(self, items: Mapping[str, str]) -> None:
        """See ports.Memory."""
        if items:
            with self._begin() as db:
                memory.remember(db, items)

    def load(self, name: str) -> EngineState:
        """See ports.EngineStates."""
        with self._begin() as db:
            row = db.execute(sa.select(t.engines).where(t.engines.c.name == name)).one_or_none()
        return EngineState(**row._mapping) if row else EngineState(name)  # noqa: SLF001 - SQLAlchemy's public name

    def save(self, state: EngineState) -> None:
        """See ports.EngineStates."""
        with self._begin() as db:
            _put(db, t.engines, dataclasses.asdict(state))

    # --- media ----------------------------------------------------------------------------------

    def media(self, site: str, sha256: str) -> Media | None:
        """See ports.Store."""
        where = (t.media.c.site == site) & (t.media.c.sha256 == sha256)
        with self._begin() as db:
            row = db.execute(sa.select(t.media.c.id, t.media.c.url).where(where)).one_or_none()
        return Media(row.id, row.url) if row else None

    def save_media(self, site: str, sha256: str, media: Media) -> None:
        """See ports.Store."""
        where = (t.media.c.site == site) & (t.media.c.sha256 == sha256)
        row = {"site": site, "sha256": sha256, "id": media.id, "url": media.url}
        with self._begin() as db:
            db.execute(sa.delete(t.media).where(where))
            db.execute(sa.insert(t.media), row)


# --- rows and values ----------------------------------------------------------------------------


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _json(value: Any) -> str:
    kind: Any = type(value)
    return _adapter(kind).dump_json(value).decode()


def _known(db: sa.Connection, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), memory.CHUNK):
        query = sa.select(t.items.c.key).where(t.items.c.key.in_(keys[start : start + memory.CHUNK]))
        found.update(db.execute(query).scalars())
    return found


def _put(db: sa.Connection, table: sa.Table, row: dict[str, Any]) -> None:
    """Write a row of a table whose key is `name`, new or not."""
    done = db.execute(sa.update(table).where(table.c.name == row["name"]).values(row))
    if done.rowcount == 0:
        db.execute(sa.insert(table), row)


def _item_row(entry: Entry, now: datetime) -> dict[str, Any]:
    return {
        "key": entry.key,
        "feed": entry.feed,
        "link": entry.link,
        "seen_at": now,
        "entry": _json(entry),
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
    return identity | _changed_columns(publication)


def _changed_columns(publication: Publication) -> dict[str, Any]:
    """The columns that a change may touch."""
    return {
        "state": publication.state,
        "reason": publication.reason,
        "attempts": publication.attempts,
        "not_before": publication.not_before,
        "intent_at": publication.intent_at,
        "post": _json(publication.post) if publication.post else None,
        "findings": _adapter(tuple[Finding, ...]).dump_json(publication.findings).decode(),
        "remote": _json(publication.remote) if publication.remote else None,
        "version": publication.version,
    }


def _publication(row: sa.Row[Any]) -> Publication:
    return Publication(
        key=row.key,
        feed=row.feed,
        site=row.site,
        state=State(row.state),
        reason=row.reason,
        attempts=row.attempts,
        not_before=row.not_before,
        intent_at=row.intent_at,
        post=_adapter(Post).validate_json(row.post) if row.post else None,
        findings=_adapter(tuple[Finding, ...]).validate_json(row.findings),
        remote=_adapter(RemotePost).validate_json(row.remote) if row.remote else None,
        version=row.version,
    )
