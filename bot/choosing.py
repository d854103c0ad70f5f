"""Choosing: what only the store can tell of new entries. The same story in another feed, and whose turn it is."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import RLock

from bot.config import Config, FeedConfig
from bot.ledger import Ledger
from bot.model import Decision, Entry, Failure, Skip, Take
from bot.pace import HOUR
from bot.ports import Store
from bot.stages import feed, select, similar
from bot.states import SAME_STORY, Event, Publication, State

REBUILD_EVERY = timedelta(days=1)  # of the index: it forgets what has left the window

OVERLAP = timedelta(minutes=10)
"""Of two looks at what failed: another process may have stored meanwhile what gave way to it just before."""

_TELLS_IT = frozenset(State) - {State.SKIPPED, State.FAILED}
"""States in which an item keeps the same story of another feed away; one that was taken back still does."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The decisions of a poll, and the queued publications of other feeds that give way, each with the reason."""

    decisions: list[Decision]
    aside: list[tuple[Publication, str]]


class Chooser:
    """Settles the decisions of a poll. What gave way to a story that nobody tells then comes back (`revive`).

    Hold `lock` from the choice until it is stored: of two feeds that bring one story at once, one must see
    the other. It holds within one process; several machines may, in the same second, take a story twice.
    """

    def __init__(self, config: Config, store: Store, ledger: Ledger) -> None:
        self.lock = RLock()
        self._settings = config.duplicates
        self._feeds = {each.name: each for each in config.feeds}
        self._store = store
        self._ledger = ledger
        self._stories = Stories(config, store)
        self._looked_at: datetime | None = None  # at what failed

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
        """Queue what gave way to a story that nobody tells by now; give what was queued. Raises StoreUnavailable.

        Only what failed, or was skipped after all, since the last time is looked at.
        """
        if not self._settings.across_feeds:
            return []
        since = now - self._settings.window
        if self._looked_at is not None:
            since = max(since, self._looked_at - OVERLAP)
        found = [back for failure in self._store.failures(since) if (back := self._revived(failure, now))]
        self._looked_at = now
        return found

    def _revived(self, failure: Failure, now: datetime) -> Publication | None:
        """The first of those that gave way to this one, where nobody tells the story on its site."""
        with self.lock:
            self._stories.refresh(now)
            alike = self._stories.around(self._store.entry(failure.key), failure.seen_at)
            if not alike:
                return None
            keys = [failure.key, *alike]  # with itself, for a person may have spoken meanwhile
            told = [
                each for key in keys for each in self._store.publications_of(key) if each.site == failure.site
            ]
            if any(each.state in _TELLS_IT or each.rejected for each in told):
                return None
            back = ((each, self._heir(each)) for each in told if each.gave_way)
            first, feed = next((found for found in back if found[1]), (None, ""))
            if first is None:
                return None
            reason = f"{failure.feed} did not tell this story ({failure.key})"
            # Where somebody was quicker with it, the story is told by that: no other is queued beside it.
            return self._ledger.record(first, Event.REVIVED, reason=reason, feed=feed)

    def _heir(self, publication: Publication) -> str:
        """The feed to which it comes back: its own, else one in the config that wants it, too; '' where none does."""
        if publication.feed in self._feeds:
            return publication.feed
        others = self._store.yielded(publication.key, publication.site)
        return next((name for name in others if name in self._feeds), "")

    def _rivals(
        self, decisions: Sequence[Decision], source: FeedConfig, now: datetime
    ) -> Mapping[str, list[tuple[Publication, str]]]:
        """By key: the publications of other feeds that tell the same story, each with the reason to give."""
        taken = [decision.entry for decision in decisions if isinstance(decision, Take)]
        if not taken or not self._settings.across_feeds or not self._shares_a_site(source):
            return {}
        self._stories.refresh(now)
        shared = self._store.fingerprints(entry.key for entry in taken)
        for entry in taken:
            if entry.key in shared:
                self._stories.add(entry, now)  # as this feed's too
        return {entry.key: list(self._against(entry, source, now, shared)) for entry in taken}

    def _against(
        self, entry: Entry, source: FeedConfig, now: datetime, shared: Collection[str]
    ) -> Iterator[tuple[Publication, str]]:
        """Of other feeds; but what gave way to a story before gives way to it in its own feed, too."""
        mine = source.name
        if entry.key in shared and any(each.gave_way for each in self._store.publications_of(entry.key)):
            mine = ""
        for other in self._stories.alike(entry, now, but_of=mine):
            for publication in self._store.publications_of(other.key):
                told = publication.state in _TELLS_IT and publication.feed != mine
                if told and publication.site in source.sites:
                    yield publication, f'{SAME_STORY} "{other.text}" of {publication.feed} ({other.key})'

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


class Stories:
    """Finds the same story under other keys. Its owner has the lock."""

    def __init__(self, config: Config, store: Store) -> None:
        self._window = config.duplicates.window
        self._names = {each.name: each.source for each in config.feeds}
        self._store = store
        self._index = similar.Index()
        self._newest = 0
        self._built_at: datetime | None = None
        self._since = datetime.max.replace(tzinfo=UTC)  # what was seen earlier is not in the index

    def refresh(self, now: datetime) -> None:
        """Bring the index up to date: only what came since the last time is read. Raises StoreUnavailable."""
        if self._built_at is None or now - self._built_at > REBUILD_EVERY:
            self._index, self._newest, self._built_at = similar.Index(), 0, now
            self._since = now - self._window
        for item in self._store.seen(self._newest, now - self._window):
            self.add(item.entry, item.seen_at)
            self._newest = item.number

    def reach(self, since: datetime) -> None:
        """Remember what was seen from this moment on, too: at least a day more at once. Raises StoreUnavailable."""
        if since < self._since:
            since = min(since, self._since - REBUILD_EVERY)
            for item in self._store.seen(0, since, self._since):
                self.add(item.entry, item.seen_at)
            self._since = since

    def add(self, entry: Entry, seen_at: datetime) -> None:
        """Remember that its feed tells it."""
        self._index.add(self._headline(entry, seen_at))

    def alike(self, entry: Entry, at: datetime, *, but_of: str) -> Iterator[similar.Headline]:
        """The same story in feeds other than `but_of`, told within the window around this moment."""
        mine = similar.story_of(self._headline(entry, at), entry)
        for other in self._index.alike(mine.headline._replace(feed=but_of)):
            if other.key == entry.key:
                continue  # the item itself, which several feeds share; it stays where it is
            if abs(other.seen_at - at) > self._window:
                continue
            if similar.same_story(mine, similar.story_of(other, self._store.entry(other.key))):
                yield other

    def around(self, entry: Entry, seen_at: datetime) -> list[str]:
        """The keys of all that is alike to an entry seen at this moment, in any feed, and to those in turn.

        A middle version may agree with a longer and with a shorter one that do not agree with each other: on one
        site the middle one must not stand beside either.
        """
        found: list[str] = []
        asked = deque([(entry, seen_at)])
        while asked:
            known, at = asked.popleft()
            self.reach(at - self._window)
            for other in self.alike(known, at, but_of=""):
                if other.key not in found and other.key != entry.key:
                    found.append(other.key)
                    asked.append((self._store.entry(other.key), other.seen_at))
        return found

    def _headline(self, entry: Entry, seen_at: datetime) -> similar.Headline:
        address, name = feed.normalise_link(entry.link), self._names.get(entry.feed, "")
        return similar.headline_of(entry, seen_at, address=address, source=name)


def told_elsewhere(
    publications: Sequence[Publication], config: Config, store: Store, now: datetime
) -> Mapping[str, Publication]:
    """By site: what tells the story of these publications of one item, so that to retry them would tell it twice.

    Not, where a person knows of it: both are wanted in general, or the reason says that this one gave way.
    Raises StoreUnavailable.
    """
    given_up = (State.FAILED, State.SKIPPED)
    asked = {each.site: each for each in publications if each.state in given_up and not each.gave_way}
    if not config.duplicates.across_feeds or not asked:
        return {}
    told: dict[str, Publication] = {}
    for other, twin in _twins(next(iter(asked.values())).key, config, store, now):
        of_site = asked.get(twin.site)
        if of_site and of_site.feed != other.feed and twin.state in _TELLS_IT:
            told.setdefault(twin.site, twin)
    return told


def _twins(
    key: str, config: Config, store: Store, now: datetime
) -> Iterator[tuple[similar.Headline, Publication]]:
    """What told the story of an item when that was seen, or tells it now, and its publications."""
    entry, seen_at, window = store.entry(key), store.times(key).seen_at, config.duplicates.window
    stories = Stories(config, store)
    stories.refresh(now)
    for item in store.seen(0, seen_at - window, min(seen_at + window + timedelta.resolution, now - window)):
        stories.add(item.entry, item.seen_at)
    for moment in (seen_at, now):
        for other in stories.alike(entry, moment, but_of=""):
            for publication in store.publications_of(other.key):
                yield other, publication


def _kept_off(decision: Decision, against: Mapping[str, str], source: FeedConfig) -> Decision:
    """The decision without the sites in `against`; a Skip where none is left."""
    if isinstance(decision, Skip) or not against:
        return decision
    kept_off = {**dict(decision.not_on), **against}
    if kept_off.keys() >= set(source.sites):
        return Skip(decision.entry, next(iter(against.values())))
    return dataclasses.replace(decision, not_on=tuple(kept_off.items()))
