"""Stories: where the same story stands under other keys, among all that was seen within the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.config import Config
from bot.model import Entry
from bot.ports import Store
from bot.stages import feed, similar

REBUILD_EVERY = timedelta(days=1)  # of the index: it forgets what has left the window


class Stories:
    """Finds the same story under other keys. Its owner has the lock."""

    def __init__(self, config: Config, store: Store) -> None:
        self._window = config.duplicates.window
        self._names = {each.name: each.source for each in config.feeds}
        self._store = store
        self._index, self._leads = similar.Index(), similar.Leads()
        self._newest = 0
        self._built_at: datetime | None = None
        self._since = datetime.max.replace(tzinfo=UTC)  # what was seen earlier is not in the index

    def refresh(self, now: datetime) -> None:
        """Bring the index up to date: only what came since the last time is read. Raises StoreUnavailable."""
        if self._built_at is None or now - self._built_at > REBUILD_EVERY:
            self._index, self._leads = similar.Index(), similar.Leads()
            self._newest, self._built_at = 0, now
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
        self._leads.add(entry)

    def alike(self, entry: Entry, at: datetime, *, but_of: str) -> Iterator[similar.Headline]:
        """The same story in feeds other than `but_of`, told within the window around this moment."""
        mine = similar.story_of(self._headline(entry, at), entry)
        for other in self._index.alike(mine.headline._replace(feed=but_of)):
            if other.key == entry.key:
                continue  # the item itself, which several feeds share; it stays where it is
            if abs(other.seen_at - at) > self._window:
                continue
            theirs = similar.story_of(other, self._store.entry(other.key))
            if similar.same_story(mine, theirs, self._leads):
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
