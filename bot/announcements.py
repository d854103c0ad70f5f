"""Announcements: what hubs tell of feeds (WebSub), and which poll answers it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from bot.config import Config, FeedConfig, ScheduleConfig
from bot.model import FeedState, Polled, Topic
from bot.ports import Store
from bot.stages import schedule
from bot.stages.schedule import PollPolicy

APART = timedelta(seconds=30)
"""What hubs tell of one feed within this time is answered by one poll."""


class Subscriptions(Protocol):
    """Hears of changes of feeds from the hubs that their publishers name (WebSub)."""

    def open(self, told: Callable[[str], None]) -> None:
        """Begin to listen; `told` hears the name of a feed that has changed, in any thread, and returns at once.

        Raises ConfigError where that cannot be.
        """

    def close(self) -> None:
        """Listen no more. Nothing is unsubscribed: the bot may be back in a moment."""

    def keep(self, topics: Mapping[str, Topic], stop: threading.Event) -> None:
        """Be subscribed to these, by name of the feed, and to no others. Called every few minutes.

        Asks the hubs for what is new or to be renewed, one after the other, until `stop` is set. Raises nothing
        that is ours: polling goes on whatever hubs do.
        """

    def is_trusted(self, feed: str) -> bool:
        """Whether a hub would tell: it has lately, and the subscription is live."""

    def doubt(self, feed: str) -> None:
        """Its feed has changed, and nobody told. It is not trusted until it tells again."""


class Announcements:
    """What stands between the jobs of the service and the hubs. Thread-safe. Without `hubs` it does nothing.

    Nothing told is lost: what comes while its feed is polled is answered by another poll.
    """

    def __init__(self, hubs: Subscriptions | None = None) -> None:
        self._hubs = hubs
        self._lock = threading.Lock()
        self._topics: Mapping[str, Topic] = {}
        self._due: dict[str, datetime] = {}
        self._answered: dict[str, datetime] = {}

    def open(self, told: Callable[[str], None]) -> bool:
        """Begin to listen; False where there is nothing to listen to. Raises ConfigError."""
        if self._hubs is None:
            return False
        self._hubs.open(told)
        return True

    def close(self) -> None:
        """Listen no more."""
        if self._hubs is not None:
            self._hubs.close()

    def keep(self, config: Config, states: Mapping[str, FeedState], stop: threading.Event) -> None:
        """Be subscribed to what the feeds of this config name."""
        if self._hubs is not None:
            self._topics = topics_of(config.feeds, states, config.schedule)
            self._hubs.keep(self._topics, stop)

    def are_due(self, feed: FeedConfig, store: Store, general: ScheduleConfig) -> bool:
        """Whether the document of `feed` now names another hub, or none. Raises StoreUnavailable."""
        if self._hubs is None:
            return False
        topics = topics_of([feed], {feed.name: store.feed_state(feed.name)}, general)
        return topics.get(feed.name) != self._topics.get(feed.name)

    def add(self, feed: str, now: datetime) -> datetime:
        """Note that `feed` has changed; gives the moment of the poll that answers it."""
        with self._lock:
            before = self._answered.get(feed)
            soonest = max(now, before + APART) if before else now
            return self._due.setdefault(feed, soonest)

    def take(self, feed: str, now: datetime) -> bool:
        """A poll of `feed` begins; gives whether it answers an announcement."""
        with self._lock:
            if self._due.pop(feed, None) is None:
                return False
            self._answered[feed] = now
            return True

    def next_poll(
        self, polled: Polled, policy: PollPolicy, store: Store, now: datetime, *, told: bool
    ) -> datetime | None:
        """When this feed is polled next: as its poll says; later where a hub would tell, at once where it did.

        `told`: this poll answered an announcement. None where a crontab line says when. Raises StoreUnavailable.
        """
        moment = polled.next_poll_at
        if self._hubs is not None and moment is not None:
            if polled.new and not told:
                self._hubs.doubt(polled.feed)
            if not polled.error and self._hubs.is_trusted(polled.feed):
                state = store.feed_state(polled.feed)
                moment = max(moment, now + schedule.told_pause(policy, state, now))
        with self._lock:
            return self._due.get(polled.feed, moment)


def topics_of(
    feeds: Iterable[FeedConfig], states: Mapping[str, FeedState], general: ScheduleConfig
) -> dict[str, Topic]:
    """What to be told of, by name of the feed.

    A crontab line is kept to the letter, and what is asked through a proxy is not to be asked for by other ways:
    for these no hub is asked.
    """
    topics = {}
    for feed in feeds:
        state = states.get(feed.name)
        if state is None or state.url != feed.place or state.rhythm.topic is None:
            continue
        if not (feed.every or general.every).cron and feed.proxy is None:
            topics[feed.name] = state.rhythm.topic
    return topics
