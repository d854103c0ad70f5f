"""Choosing: what only the store can tell of new entries. The same story in another feed, and whose turn it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock

from bot.config import Config, FeedConfig
from bot.ledger import Ledger
from bot.model import Decision, Entry, Failure, Imprint, Skip, Take
from bot.pace import HOUR
from bot.ports import Store
from bot.stages import select, similar
from bot.states import SAME_STORY, SAME_TEXT, Event, Publication, State
from bot.stories import Stories

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

    def give_way(self, publication: Publication, told_before: Sequence[Imprint]) -> Publication | None:
        """Skip what one of these tells on its site already, or a person rejected there; None where it goes on.

        Raises StoreUnavailable.
        """
        if not told_before:
            return None
        with self.lock:  # what somebody gives way to here must not give way itself meanwhile
            for imprint in told_before:
                for other in self._store.publications_of(imprint.key):
                    if other.site == publication.site and self._keeps_off(other, publication):
                        reason = f'{SAME_STORY} "{imprint.title}" of {other.feed} ({other.key}){SAME_TEXT}'
                        return self._ledger.record(publication, Event.SKIPPED, reason=reason)
        return None

    def _keeps_off(self, other: Publication, publication: Publication) -> bool:
        both_wanted = other.feed != publication.feed and not self._settings.across_feeds
        return not both_wanted and _is_told(other)

    def revive(self, now: datetime) -> list[Publication]:
        """Queue what gave way to a story that nobody tells by now; give what was queued. Raises StoreUnavailable.

        Only what failed, or was skipped after all, since the last time is looked at.
        """
        since = now - self._settings.window
        if self._looked_at is not None:
            since = max(since, self._looked_at - OVERLAP)
        found = [back for failure in self._store.failures(since) for back in self._revived(failure, now)]
        self._looked_at = now
        return found

    def _revived(self, failure: Failure, now: datetime) -> list[Publication]:
        """The first of those that gave way to this one, where nobody tells the story on its site.

        Of those that show its text all: once they are read again, the first one that is tells the story.
        """
        with self.lock:
            told = self._told_around(failure, now)
            if any(map(_is_told, told)):
                return []
            back = [(each, heir) for each in told if each.gave_way and (heir := self._heir(each))]
            by_text = [each for each in back if each[0].reason.endswith(SAME_TEXT)]
            reason = f"{failure.feed} did not tell this story ({failure.key})"
            first = by_text if back[:1] == by_text[:1] else back[:1]
            # Where somebody was quicker with it, the story is told by that: no other is queued beside it.
            revived = (self._ledger.record(one, Event.REVIVED, reason=reason, feed=to) for one, to in first)
            return list(filter(None, revived))

    def _told_around(self, failure: Failure, now: datetime) -> list[Publication]:
        """The publications on its site of all that tells the story, those first that are known by the feeds' words."""
        # With itself, for a person may have spoken meanwhile.
        keys = dict.fromkeys([failure.key, *self._around(failure.key, now)])
        for key in list(keys):
            for each in self._store.yielded_to(key, failure.site, failure.seen_at):
                keys |= dict.fromkeys([each.key, *self._around(each.key, now)])
        found = (each for key in keys for each in self._store.publications_of(key))
        return [each for each in found if each.site == failure.site]

    def _around(self, key: str, now: datetime) -> list[str]:
        if not self._settings.across_feeds:
            return []
        self._stories.refresh(now)
        return self._stories.around(self._store.entry(key), self._store.times(key).seen_at)

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


def _is_told(publication: Publication) -> bool:
    """Whether its story is or was on its site, or is on its way there, or a person does not want it there."""
    return publication.state in _TELLS_IT or publication.rejected or bool(publication.earlier)


def _kept_off(decision: Decision, against: Mapping[str, str], source: FeedConfig) -> Decision:
    """The decision without the sites in `against`; a Skip where none is left."""
    if isinstance(decision, Skip) or not against:
        return decision
    kept_off = {**dict(decision.not_on), **against}
    if kept_off.keys() >= set(source.sites):
        return Skip(decision.entry, next(iter(against.values())))
    return dataclasses.replace(decision, not_on=tuple(kept_off.items()))
