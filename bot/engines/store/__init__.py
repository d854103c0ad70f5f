"""The store: what the bot remembers, in SQLite or PostgreSQL."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.engines.store import articles, feeds, hearings, imprints, items, memory, publications, rows
from bot.engines.store import tables as t
from bot.engines.store.database import KIND, NOTES, READS, WRITES, connect, shown, translated
from bot.errors import FeedUnavailable
from bot.model import (
    CleanArticle,
    Decision,
    Entry,
    Failure,
    FeedState,
    Hearing,
    Imprint,
    Known,
    Media,
    Recheck,
    Seen,
    Times,
)
from bot.ports import EngineState
from bot.states import OPEN_STATES, Change, Event, Publication, State
from bot.units import FARTHEST_PLAN


class DatabaseStore:
    """ports.Store on SQLAlchemy. Thread-safe; one instance a process."""

    def __init__(self, url: str) -> None:
        self._engine = connect(url)
        self._kinds = {
            kind: self._engine.execution_options(**{KIND: kind}) for kind in (WRITES, READS, NOTES)
        }
        self._subject = shown(self._engine.url)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _begin(self, kind: str = WRITES) -> Iterator[sa.Connection]:
        """A transaction of this kind (see database.py)."""
        with translated(self._subject), self._kinds[kind].begin() as connection:
            yield connection

    # --- feeds and items ------------------------------------------------------------------------

    def feed_state(self, name: str) -> FeedState:
        """See ports.Store."""
        with self._begin(READS) as db:
            return feeds.state(db, name)

    def feed_states(self) -> dict[str, FeedState]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return feeds.states(db)

    def rename_feeds(self, names: Mapping[str, str], fresh: Sequence[FeedState] = ()) -> None:
        """See ports.Store."""
        with self._begin() as db:
            feeds.rename(db, names, fresh)

    def save_feed_state(self, *states: FeedState) -> None:
        """See ports.Store. What a power cut undoes here costs one more poll, and no item."""
        with self._begin(NOTES) as db:
            feeds.save(db, *states)

    def keys_of(self, identities: Iterable[str]) -> dict[str, str]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return items.keys_of(db, list(identities))

    def fingerprints(
        self, keys: Iterable[str], *, feed: str = "", sites: Sequence[str] = ()
    ) -> dict[str, str]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return items.fingerprints(db, list(keys), feed, sites)

    def yielded(self, key: str, site: str) -> list[str]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return hearings.yielded(db, key, site)

    def save_poll(  # noqa: PLR0913 - one transaction, all of its parts
        self,
        state: FeedState,
        decisions: Sequence[Decision],
        sites: Sequence[str],
        now: datetime,
        changed: Sequence[Entry] = (),
        identities: Mapping[str, str] = items.NO_IDENTITIES,
        aside: Sequence[tuple[Publication, str]] = (),
        *,
        told: Iterable[str] = (),
    ) -> int | None:
        """See ports.Store."""
        with self._begin() as db:
            if not publications.put_aside(db, aside, now):
                db.rollback()
                return None
            taken = items.take(db, decisions, state.name, sites, now)
            items.learn(db, identities)
            hearings.remember_told(db, state.name, list(dict.fromkeys(told)), sites)
            replaced = [items.replace(db, entry, now) for entry in changed]
            if not all(replaced):
                state = feeds.unread(state)  # the next poll must see what had to wait
            if feeds.save(db, state):
                problem = "its name or url was changed while it was asked"
                raise FeedUnavailable(state.name, problem, remedy="it is polled anew as the config says now")
        return taken

    def entry(self, key: str) -> Entry:
        """See ports.Store."""
        with self._begin(READS) as db:
            return items.entry(db, key)

    def entries(self, keys: Iterable[str]) -> dict[str, Entry]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return items.entries(db, list(keys))

    def article(self, key: str, rules: str | None = None) -> CleanArticle | None:
        """See ports.Store."""
        with self._begin(READS) as db:
            return articles.article(db, key, rules)

    def save_article(self, entry: Entry, article: CleanArticle, rules: str) -> None:
        """See ports.Store."""
        with self._begin(NOTES) as db:
            articles.save(db, entry, article, rules)

    def imprints(self, host: str) -> list[Imprint]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return imprints.of_host(db, host)

    def save_imprint(self, host: str, imprint: Imprint) -> None:
        """See ports.Store."""
        with self._begin(NOTES) as db:
            imprints.save(db, host, imprint)

    # --- publications ---------------------------------------------------------------------------

    def publication(self, key: str, site: str) -> Publication:
        """See ports.Store."""
        where = (t.publications.c.key == key) & (t.publications.c.site == site)
        with self._begin(READS) as db:
            row = db.execute(sa.select(t.publications).where(where)).one_or_none()
        if row is None:
            raise KeyError(f"{key} on {site}")
        return rows.publication(row)

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

    def publications_of(self, key: str) -> list[Publication]:
        """See ports.Store."""
        return self._publications(sa.select(t.publications).where(t.publications.c.key == key), 0)

    def failures(self, since: datetime) -> list[Failure]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return publications.failures(db, since)

    def yielded_to(self, key: str, site: str, since: datetime) -> list[Publication]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return publications.yielded_to(db, key, site, since)

    def due(self, now: datetime, *, feeds: Sequence[str] = (), limit: int = 0) -> list[Publication]:
        """See ports.Store."""
        not_before = t.publications.c.not_before
        is_time = not_before.is_(None) | (not_before <= now) | (not_before > now + FARTHEST_PLAN)
        query = sa.select(t.publications).where(t.publications.c.state.in_(OPEN_STATES), is_time)
        if feeds:
            query = query.where(t.publications.c.feed.in_(feeds))
        return self._publications(query, limit)

    def _publications(self, query: sa.Select[Any], limit: int) -> list[Publication]:
        query = query.order_by(t.publications.c.id)
        with self._begin(READS) as db:
            return [rows.publication(row) for row in db.execute(query.limit(limit or None))]

    def change(self, publication: Publication, change: Change) -> Publication | None:
        """See ports.Store.

        That a post is out may be undone by a power cut: its intent is not, and by that it is looked up.
        """
        with self._begin(NOTES if change.event is Event.PUBLISHED else WRITES) as db:
            return rows.change(db, publication, change)

    def counts(self) -> Mapping[str, Mapping[State, int]]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return publications.counts(db)

    def intents_since(self, site: str, moment: datetime) -> list[datetime]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return publications.intents_since(db, site, moment)

    def turns(self, feed: str, since: datetime) -> list[datetime]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return publications.turns(db, feed, since)

    def seen(self, after: int, since: datetime, before: datetime | None = None) -> list[Seen]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return items.seen(db, after, since, before)

    def known(self, part: str) -> list[Known]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return items.known(db, part)

    def hearings(self, key: str) -> list[Hearing]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return hearings.of_item(db, key)

    def times(self, key: str) -> Times:
        """See ports.Store."""
        with self._begin() as db:
            return items.times(db, key)

    # --- sources of published items -------------------------------------------------------------

    def to_recheck(self, now: datetime, younger_than: timedelta, limit: int) -> list[Recheck]:
        """See ports.Store."""
        with self._begin(READS) as db:
            return items.to_recheck(db, now, younger_than, limit)

    def save_recheck(self, recheck: Recheck) -> None:
        """See ports.Store."""
        with self._begin(NOTES) as db:
            items.rechecked(db, recheck)

    # --- translation memory ---------------------------------------------------------------------

    def recall(self, keys: Sequence[str]) -> dict[str, str]:
        """See ports.Memory."""
        with self._begin(NOTES) as db:
            return memory.recall(db, keys)

    def remember(self, items: Mapping[str, str]) -> None:
        """See ports.Memory."""
        if items:
            with self._begin(NOTES) as db:
                memory.remember(db, items)

    def prune(self, now: datetime) -> int:
        """See ports.Store."""
        with self._begin() as db:
            return memory.prune(db, now)

    def load(self, name: str) -> EngineState:
        """See ports.EngineStates."""
        with self._begin(READS) as db:
            row = db.execute(sa.select(t.engines).where(t.engines.c.name == name)).one_or_none()
        return EngineState(**row._mapping) if row else EngineState(name)  # noqa: SLF001 - SQLAlchemy's public name

    def save(self, state: EngineState) -> None:
        """See ports.EngineStates."""
        with self._begin(NOTES) as db:
            rows.upsert(db, t.engines, [dataclasses.asdict(state)])

    # --- media ----------------------------------------------------------------------------------

    def media(self, site: str, sha256: str) -> Media | None:
        """See ports.Store."""
        where = (t.media.c.site == site) & (t.media.c.sha256 == sha256)
        with self._begin(READS) as db:
            row = db.execute(sa.select(t.media.c.id, t.media.c.url).where(where)).one_or_none()
        return Media(row.id, row.url) if row else None

    def save_media(self, site: str, sha256: str, media: Media) -> None:
        """See ports.Store."""
        with self._begin(NOTES) as db:
            rows.upsert(db, t.media, [{"site": site, "sha256": sha256, "id": media.id, "url": media.url}])
