"""Choosing: what only the store can tell of new entries. The same story in another feed, and whose turn it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

SAME_STORY = "the same story as"  # how each reason begins by which an item gives way to another feed's

_TELLS_IT = frozenset(State) - {State.SKIPPED, State.FAILED}
"""States in which an item keeps the same story of another feed away; one that was taken back still does."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The decisions of a poll, and the queued publications of other feeds that give way, each with the reason."""

    decisions: list[Decision]
    aside: list[tuple[Publication, str]]


class Chooser:
    """Settles the decisions of a poll. What gives way to a story that fails comes back (`revive`).

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
        self._mourned: set[tuple[str, str, int]] = set()  # failed publications, as they were when looked at

    def settle(self, decisions: Sequence[Decision], source: FeedConfig, now: datetime) -> Settled:
        """Skip what other feeds have told already, and give the rest its turns.

        A story of a feed that is preferred puts aside the one of another feed, as long as that is queued.
        Nothing is stored. Raises StoreUnavailable.
        """
        with self.lock:
            rivals = self._rivals(decisions, source, now)
            once = [self._once(decision, source, rivals) for decision in decisions]
            turns = self._store.turns(source.name, now - HOUR) if source.max_per_hour else ()
            settled = select.spread(once, source, turns, now)
            aside = (each for one in settled for each in self._aside(one, source, rivals))
            # Two entries may tell what one publication tells: it gives way once.
            return Settled(
                settled, list({(each.key, each.site): (each, why) for each, why in aside}.values())
            )

    def revive(self, now: datetime) -> list[Publication]:
        """Queue what gave way to a story that has failed since; give what was queued. Raises StoreUnavailable."""
        if not self._settings.across_feeds or len(self._feeds) == 1:
            return []
        with self.lock:
            failed = {
                (each.key, each.site, each.version): each
                for each in self._store.publications(states=[State.FAILED])
                if each.remote is None
            }
            new = failed.keys() - self._mourned
            if new:
                self._refresh(now)
            revived = [back for which in sorted(new) for back in self._revived(failed[which], now)]
            self._mourned = set(failed)
            return revived

    def _revived(self, failed: Publication, now: datetime) -> Iterator[Publication]:
        """The first of those that gave way to this one, where nobody tells the story on its site."""
        entry = self._store.entry(failed.key)
        twins = [
            publication
            for publication in self._twins(entry, now)
            if publication.site == failed.site and publication.feed in self._feeds
        ]
        if any(twin.state in _TELLS_IT for twin in twins):
            return
        for twin in twins:
            if twin.state is State.SKIPPED and twin.reason.startswith(SAME_STORY):
                reason = f"{failed.feed} failed to tell this story ({failed.key})"
                if back := self._ledger.record(twin, Event.REVIVED, reason=reason):
                    yield back
                    return

    def _twins(self, entry: Entry, now: datetime) -> Iterator[Publication]:
        """The publications of other feeds that tell the story of this entry, or gave way to it."""
        for other in self._alike(entry, now):
            yield from self._publications(other.key)

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
        for other in self._alike(entry, now):
            reason = f'{SAME_STORY} "{other.text}" of {other.feed} ({other.key})'
            for publication in self._publications(other.key):
                if publication.site in source.sites and publication.state in _TELLS_IT:
                    yield publication, reason

    def _alike(self, entry: Entry, now: datetime) -> Iterator[similar.Headline]:
        """The same story in other feeds, within the window."""
        mine = similar.story_of(self._headline(entry, now), entry)
        for other in self._index.alike(mine.headline):
            if other.key == entry.key:
                continue  # the item itself, which this feed shares; it stays where it is
            if other.seen_at < now - self._settings.window:
                continue
            if similar.same_story(mine, similar.story_of(other, self._store.entry(other.key))):
                yield other

    def _publications(self, key: str) -> list[Publication]:
        """Those of this item, not of one whose key only starts so."""
        return [each for each in self._store.publications(key=key) if each.key == key]

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

    def _aside(
        self,
        decision: Decision,
        source: FeedConfig,
        rivals: Mapping[str, Sequence[tuple[Publication, str]]],
    ) -> Iterator[tuple[Publication, str]]:
        """The publications that yield to this decision."""
        if isinstance(decision, Take):
            entry = decision.entry
            why = f'{SAME_STORY} "{entry.title}" of {source.name} ({entry.key}), which is preferred'
            for publication, _ in rivals.get(entry.key, ()):
                if self._may_put_aside(publication, source):
                    yield publication, why

    def _may_put_aside(self, publication: Publication, source: FeedConfig) -> bool:
        """Whether it waits, has no post yet and never had, and nobody asked for it."""
        untouched = not (publication.remote or publication.earlier or publication.wanted)
        waits = publication.state is State.QUEUED and untouched
        return waits and self._settings.prefers(source.name, publication.feed)

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
