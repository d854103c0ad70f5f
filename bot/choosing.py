"""Choosing: what only the store can tell of new entries. The same story in another feed, and whose turn it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from threading import RLock

from bot.config import Config, FeedConfig
from bot.ledger import Ledger
from bot.model import Decision, Entry, Skip, Take
from bot.pace import HOUR
from bot.ports import Store
from bot.stages import feed, select, similar
from bot.states import Event, Publication, State

REBUILD_EVERY = timedelta(days=1)  # of the index: it forgets what has left the window

_TELLS_IT = frozenset(State) - {State.SKIPPED, State.FAILED}
"""States in which an item keeps the same story of another feed away; one that was taken back still does."""


class Chooser:
    """Settles the decisions of a poll.

    Hold `lock` from the choice until it is stored: of two feeds that bring one story at once, one must see
    the other. It holds within one process; several machines may, in the same second, take a story twice.
    """

    def __init__(self, config: Config, store: Store, ledger: Ledger) -> None:
        self.lock = RLock()
        self._settings = config.duplicates
        self._feeds = {each.name: each for each in config.feeds}
        self._store = store
        self._ledger = ledger
        self._index = similar.Index()
        self._newest = 0
        self._built_at: datetime | None = None

    def settle(
        self, decisions: Sequence[Decision], source: FeedConfig, now: datetime, *, rehearsal: bool = False
    ) -> list[Decision]:
        """Skip what other feeds have told already, and give the rest its turns.

        A story of a feed that is preferred puts aside the one of another feed, as long as that is queued;
        in a `rehearsal` nothing is put aside for real. Raises StoreUnavailable.
        """
        with self.lock:
            rivals = self._rivals(decisions, source, now)
            once = [self._once(decision, source, rivals) for decision in decisions]
            turns = self._store.turns(source.name, now - HOUR) if source.max_per_hour else ()
            settled = select.spread(once, source, turns, now)
            return settled if rehearsal else [self._put_aside(each, source, rivals) for each in settled]

    def _rivals(
        self, decisions: Sequence[Decision], source: FeedConfig, now: datetime
    ) -> Mapping[str, list[tuple[Publication, str]]]:
        """By key: the publications of other feeds that tell the same story, each with the reason to give."""
        taken = [decision.entry for decision in decisions if isinstance(decision, Take)]
        if not taken or not self._settings.across_feeds or not self._shares_a_site(source):
            return {}
        self._refresh(now)
        return {entry.key: list(self._against(entry, source, now)) for entry in taken}

    def _against(self, entry: Entry, source: FeedConfig, now: datetime) -> Iterator[tuple[Publication, str]]:
        mine = similar.story_of(self._headline(entry, now), entry)
        for other in self._index.alike(mine.headline):
            if other.key == entry.key:
                continue  # the item itself, which this feed shares; it stays where it is
            if other.seen_at < now - self._settings.window:
                continue
            if not similar.same_story(mine, similar.story_of(other, self._store.entry(other.key))):
                continue
            reason = f'the same story as "{other.text}" of {other.feed} ({other.key})'
            for publication in self._store.publications(key=other.key):
                its_own = publication.key == other.key  # not one whose key only starts so
                if its_own and publication.site in source.sites and publication.state in _TELLS_IT:
                    yield publication, reason

    def _once(
        self,
        decision: Decision,
        source: FeedConfig,
        rivals: Mapping[str, Sequence[tuple[Publication, str]]],
    ) -> Decision:
        against = {
            publication.site: reason
            for publication, reason in rivals.get(decision.entry.key, ())
            if not self._may_put_aside(publication, source)
        }
        return _kept_off(decision, against, source)

    def _put_aside(
        self,
        decision: Decision,
        source: FeedConfig,
        rivals: Mapping[str, Sequence[tuple[Publication, str]]],
    ) -> Decision:
        """The publications that yield are skipped; where one was quicker, it stays and this one yields."""
        against = {}
        if isinstance(decision, Take):
            entry = decision.entry
            why = f'the same story as "{entry.title}" of {source.name} ({entry.key}), which is preferred'
            for publication, reason in rivals.get(entry.key, ()):
                if not self._may_put_aside(publication, source):
                    continue
                if self._ledger.record(publication, Event.SKIPPED, reason=why) is None:
                    against[publication.site] = reason
        return _kept_off(decision, against, source)

    def _may_put_aside(self, publication: Publication, source: FeedConfig) -> bool:
        return publication.state is State.QUEUED and self._settings.prefers(source.name, publication.feed)

    def _shares_a_site(self, source: FeedConfig) -> bool:
        return any(
            other.name != source.name and set(other.sites) & set(source.sites)
            for other in self._feeds.values()
        )

    def _refresh(self, now: datetime) -> None:
        """Bring the index up to date: only what came since the last time is read."""
        if self._built_at is None or now - self._built_at > REBUILD_EVERY:
            self._index, self._newest, self._built_at = similar.Index(), 0, now
        for item in self._store.seen(self._newest, now - self._settings.window):
            self._index.add(self._headline(item.entry, item.seen_at))
            self._newest = item.number

    def _headline(self, entry: Entry, seen_at: datetime) -> similar.Headline:
        name = self._feeds[entry.feed].source if entry.feed in self._feeds else ""
        return similar.headline_of(entry, seen_at, address=feed.normalise_link(entry.link), source=name)


def _kept_off(decision: Decision, against: Mapping[str, str], source: FeedConfig) -> Decision:
    """The decision without the sites in `against`; a Skip where none is left."""
    if isinstance(decision, Skip) or not against:
        return decision
    kept_off = {**dict(decision.not_on), **against}
    if kept_off.keys() >= set(source.sites):
        return Skip(decision.entry, next(iter(against.values())))
    return dataclasses.replace(decision, not_on=tuple(kept_off.items()))
