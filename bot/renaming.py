"""Renaming: which feed of the config is which feed of the store.

    feeds of the config, states of the store -> Naming      `naming`, for all of them at once
    Naming -> the store                                     `settle`, before any work under a new config
    Naming -> a config in the names of the store            `as_stored`, for a rehearsal, which stores nothing

The decision and its limits stand in docs/adr/0006.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot import log
from bot.config import Config, FeedConfig
from bot.model import FeedState
from bot.ports import Store

logger = log.get()

_Trait = tuple[Callable[[FeedConfig], object], Callable[[FeedState], object]]
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

OUT_SINCE = timedelta(days=2)  # a feed that was polled so much earlier was not in the config any more

_SAME: tuple[_Trait, ...] = (
    (lambda feed: (feed.name, feed.place), lambda state: (state.name, state.url)),  # as it was
    (lambda feed: feed.place, lambda state: state.url),  # its name was changed
    (lambda feed: feed.name, lambda state: state.name),  # its address was changed
    (lambda feed: feed.place, lambda state: state.moved_to),  # both, but to where its server has sent us
)
"""What tells that a feed and a state are of the same feed, the surest first."""


@dataclass(frozen=True, slots=True)
class Naming:
    """How the names of the store follow those of the config.

    `stored` has, for feeds of the config, their names in the store until now; `aside`, for feeds that are out of
    the config and whose names others have, their names from now on. `fresh` are the states of feeds that are new,
    or new at their place: what was learnt elsewhere is void.
    """

    stored: Mapping[str, str]
    aside: Mapping[str, str]
    fresh: tuple[FeedState, ...]

    @property
    def renamed(self) -> dict[str, str]:
        """All names that change: former name -> new one."""
        return {was: name for name, was in self.stored.items() if was != name} | dict(self.aside)


def naming(feeds: Sequence[FeedConfig], states: Mapping[str, FeedState]) -> Naming:
    """Find every feed of the config in the store: by its place, else by its name.

    A name that another feed has in the store, and may have made keys of, is not given to a new feed's keys.
    """
    stored = _stored(feeds, states)
    names = {feed.name for feed in feeds}
    left = [states[name] for name in sorted(names & (states.keys() - stored.values()))]
    used = {*states, *(state.known_as or state.name for state in states.values())}
    free = _Names(names | used)
    aside = {state.name: free.at(state.name, state.url) for state in left}
    new = [feed for feed in feeds if feed.name not in stored]
    firsts = [free.at(feed.name, feed.place) if feed.name in used else "" for feed in new]
    fresh = [
        FeedState(feed.name, feed.place, known_as=first) for feed, first in zip(new, firsts, strict=True)
    ]
    moved = [_moved(feed, states[stored[feed.name]]) for feed in feeds if feed.name in stored]
    return Naming(stored, aside, (*fresh, *filter(None, moved)))


def settle(feeds: Sequence[FeedConfig], store: Store) -> Mapping[str, FeedState]:
    """Bring the names of the store in line with the config; gives what is known of all feeds then.

    To be called before anything is polled or prepared under a new config: until then a renamed feed seems to have
    been taken out of it. Raises StoreUnavailable; nothing is changed then.
    """
    states = store.feed_states()
    found = naming(feeds, states)
    if found.renamed or found.fresh:
        store.rename_feeds(found.renamed, found.fresh)
        for former, name in found.renamed.items():
            logger.info("feed renamed", former=former, name=name)
        for former, name in found.aside.items():
            logger.warning(
                "feed set aside",
                feed=former,
                name=name,
                reason="another feed has its name, and nothing in the config has its address",
                remedy="if it is the same feed, give it its former url, start the bot once, then change one at a time",
            )
    return _after(states, found)


def as_stored(config: Config, states: Mapping[str, FeedState]) -> Config:
    """The config with every feed, in its order, under the name by which the store knows it until `settle`."""
    found = naming(config.feeds, states)
    names = {state.name: state.known_as or state.name for state in found.fresh} | dict(found.stored)
    feeds = tuple(
        feed.model_copy(update={"name": names[feed.name], "source_name": feed.source})
        for feed in config.feeds
    )
    prefer = tuple(names.get(name, name) for name in config.duplicates.prefer)
    duplicates = config.duplicates.model_copy(update={"prefer": prefer})
    return config.model_copy(update={"feeds": feeds, "duplicates": duplicates})


def _stored(feeds: Sequence[FeedConfig], states: Mapping[str, FeedState]) -> dict[str, str]:
    """A feed of the config -> its name in the store."""
    stored: dict[str, str] = {}
    names, places = {feed.name for feed in feeds}, {feed.place for feed in feeds}
    by_age = sorted(states.values(), key=lambda state: (_last_poll(state), state.name))
    for of_feed, of_state in _SAME:
        taken = set(stored.values())
        left = _grouped((state for state in by_age if state.name not in taken), of_state)
        for feed in feeds:
            alike = left.get(of_feed(feed))
            if feed.name in stored or not alike:
                continue
            own = states.get(feed.name)
            if own is None or own.name in taken or own.url in places or not _moved_on(own, alike[-1], names):
                stored[feed.name] = alike.pop().name  # of several at one place, the one that was polled last
    return stored


def _moved_on(own: FeedState, other: FeedState, names: set[str]) -> bool:
    """Whether a feed has rather moved to the place of `other` than been renamed to the name of `own`.

    So it is where `other` has its name still, and where it was tried once and is out of the config since long.
    """
    return own is not other and (other.name in names or _last_poll(own) - _last_poll(other) > OUT_SINCE)


def _last_poll(state: FeedState) -> datetime:
    return state.polled_at or _LONG_AGO


def _grouped(
    states: Iterable[FeedState], trait: Callable[[FeedState], object]
) -> dict[object, list[FeedState]]:
    groups: dict[object, list[FeedState]] = defaultdict(list)
    for state in states:
        groups[trait(state)].append(state)
    return dict(groups)


def _moved(feed: FeedConfig, state: FeedState) -> FeedState | None:
    """What stays known of a feed at another place; None where it is where it was."""
    if state.url == feed.place:
        return None
    first = state.known_as or (state.name if state.name != feed.name else "")
    return FeedState(feed.name, feed.place, polled_at=state.polled_at, known_as=first)


def _after(states: Mapping[str, FeedState], found: Naming) -> dict[str, FeedState]:
    """The states once the store has followed."""
    after = {name: state for name, state in states.items() if name not in found.renamed}
    for former, name in found.renamed.items():
        state = states[former]
        after[name] = dataclasses.replace(state, name=name, known_as=state.known_as or former)
    return after | {state.name: state for state in found.fresh}


class _Names:
    """Makes names that nothing has."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken

    def at(self, name: str, place: str) -> str:
        """A name for what is, or was, called `name` at this place. Of an address only the host is for everybody."""
        name = f"{name} at {urlsplit(place).hostname or 'another address'}"
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        return name
