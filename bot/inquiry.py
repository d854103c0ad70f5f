"""What is known of one address: `bot why URL`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from bot.config import Config, FeedConfig
from bot.model import Entry, FeedState, Hearing, Known, Times
from bot.ports import Store
from bot.stages import discover, feed
from bot.states import Publication


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that came from the address.

    `rung` is the way its article was found, '' where it was not read; `faults` what was wrong with better ways.
    `hearings` are those of the other feeds that told it.
    """

    entry: Entry
    times: Times
    rung: str
    faults: tuple[str, ...]
    publications: tuple[Publication, ...]
    hearings: tuple[Hearing, ...]


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

    It may be the link or the guid, or a variant of the link: AMP, mobile, without its scheme, with a parameter that
    says nothing, on another host of the site. Raises StoreUnavailable.
    """
    address = discover.completed(url)
    host = _host(address)
    neighbours = store.known(".".join(host.split(".")[-2:])) if host else []
    keys = _keys(address, neighbours, store) if host else []
    if keys:
        return Answer(tuple(_item(key, store) for key in keys))
    counts = Counter(item.feed for item in neighbours if _is_near(_host(item.link), host))
    likely = [each for each in config.feeds if host and (counts[each.name] or _is_of(each, host))]
    return Answer(
        (), tuple(Candidate(each.name, store.feed_state(each.name), counts[each.name]) for each in likely)
    )


def _keys(address: str, neighbours: Sequence[Known], store: Store) -> list[str]:
    """The items of an address, by the surest way that finds any."""
    exact = {feed.normalise_link(address), feed.normalise_link(urldefrag(address).url)}
    by_link = [item.key for item in neighbours if feed.normalise_link(item.link) in exact]
    by_guid = store.keys_of([feed.entry_key("", address, "", "", None)]).values()
    told = dict.fromkeys([*by_link, *filter(None, by_guid)])
    return list(told or dict.fromkeys(_alike(address, neighbours)))


def _alike(address: str, neighbours: Sequence[Known]) -> Iterator[str]:
    """The items at the same path of the same site, whatever parameters the address has beside it."""
    host, path = _host(address), _path(re.split(r"[?#]", address)[0])
    for item in neighbours:
        if path and _path(item.link) == path and _is_near(_host(item.link), host):
            yield item.key


def _path(link: str) -> str:
    return feed.normalise_link(link).partition("/")[2]


def _item(key: str, store: Store) -> KnownItem:
    article = store.article(key)
    return KnownItem(
        entry=store.entry(key),
        times=store.times(key),
        rung=article.rung if article else "",
        faults=article.faults if article else (),
        publications=tuple(store.publications_of(key)),
        hearings=tuple(store.hearings(key)),
    )


def _is_of(source: FeedConfig, host: str) -> bool:
    return _is_near(_host(source.url), host)


def _is_near(one: str, other: str) -> bool:
    """Whether two hosts are one, or one lies within the other: feeds.x.example and x.example."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _host(url: str) -> str:
    """The host of the page itself, without `www.` and the like, also where an AMP cache shows it; '' where is none."""
    try:
        has_one = bool(urlsplit(url).hostname)
    except ValueError:
        return ""
    host = re.split(r"[/?#]", feed.normalise_link(url), maxsplit=1)[0] if has_one else ""
    return re.sub(r":\d+$", "", host)
