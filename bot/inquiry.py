"""What is known of one address: `bot why URL`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from bot.config import Config, FeedConfig
from bot.model import Entry, FeedState, Times
from bot.ports import Store
from bot.stages import feed
from bot.states import Publication


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that came from the address.

    `rung` is the way its article was found, '' where it was not read; `faults` what was wrong with better ways.
    """

    entry: Entry
    times: Times
    rung: str
    faults: tuple[str, ...]
    publications: tuple[Publication, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feed that could hold the address. `from_there` counts its items of the same host."""

    name: str
    state: FeedState
    from_there: int


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is known; `candidates` where the address was never seen."""

    items: tuple[KnownItem, ...]
    candidates: tuple[Candidate, ...] = ()


def ask(url: str, config: Config, store: Store) -> Answer:
    """Find the items of an address, however it is spelt, else the feeds that could have brought it.

    Raises StoreUnavailable.
    """
    host = _host(url)
    neighbours = store.known(".".join(host.split(".")[-2:])) if host else []
    addresses = {feed.normalise_link(url), feed.normalise_link(urldefrag(url).url)} if host else set()
    keys = dict.fromkeys(item.key for item in neighbours if feed.normalise_link(item.link) in addresses)
    if keys:
        return Answer(tuple(_item(key, store) for key in keys))
    counts = Counter(item.feed for item in neighbours if _is_near(_host(item.link), host))
    likely = [each for each in config.feeds if host and (counts[each.name] or _is_of(each, host))]
    return Answer(
        (), tuple(Candidate(each.name, store.feed_state(each.name), counts[each.name]) for each in likely)
    )


def _item(key: str, store: Store) -> KnownItem:
    article = store.article(key)
    return KnownItem(
        entry=store.entry(key),
        times=store.times(key),
        rung=article.rung if article else "",
        faults=article.faults if article else (),
        publications=tuple(store.publications(key=key)),
    )


def _is_of(source: FeedConfig, host: str) -> bool:
    return _is_near(_host(source.url), host)


def _is_near(one: str, other: str) -> bool:
    """Whether two hosts are one, or one lies within the other: feeds.x.example and x.example."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
