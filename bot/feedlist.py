"""The feed list, by hand: find feeds, and write them down for config.toml as an owner would."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.config import Config, FeedConfig
from bot.config_types import LANGUAGE
from bot.errors import FeedUnreadable, FetchRefused, FetchUnavailable, ItemUnusable
from bot.model import ParsedFeed
from bot.opml import Outline
from bot.ports import Fetcher
from bot.reading import whole
from bot.stages import discover, feed

_NAME_CHARS = 40


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was read. `newest` is the date of its newest entry that has one."""

    url: str
    title: str
    language: str
    entries: int
    newest: datetime | None


def find(fetcher: Fetcher, url: str) -> list[FoundFeed]:
    """The feeds at `url`: it is one itself, its page names some, or they lie where feeds mostly do.

    Raises FetchUnavailable or FetchRefused where `url` itself cannot be had.
    """
    page = whole(fetcher.get(url, accept=feed.ACCEPT))
    try:
        return [_found(page.url, feed.parse(page.body, page.content_type, url, page.url))]
    except FeedUnreadable:
        named = discover.advertised(page.body, page.url)
    return list(_readable(fetcher, named)) or list(_readable(fetcher, discover.common(page.url), most=1))


def find_one(fetcher: Fetcher, url: str) -> FoundFeed:
    """The one feed at `url`, feeds of comments aside. Raises ItemUnusable where there is none, or a choice."""
    found = find(fetcher, url)
    articles = [each for each in found if not discover.is_of_comments(each.url)] or found
    if not articles:
        raise ItemUnusable(url, "no feed was found there", remedy="look up its address on the site")
    if len(articles) > 1:
        there = ", ".join(each.url for each in articles)
        raise ItemUnusable(url, f"has {len(articles)} feeds", remedy=f"name one of them: {there}")
    return articles[0]


def _readable(
    fetcher: Fetcher, addresses: Sequence[str], most: int = discover.MOST_FEEDS
) -> Iterator[FoundFeed]:
    left = most
    for address in addresses:
        try:
            document = whole(fetcher.get(address, accept=feed.ACCEPT))
            parsed = feed.parse(document.body, document.content_type, address, document.url)
        except (FetchUnavailable, FetchRefused, FeedUnreadable):
            continue  # a guess that was wrong, or a page that promises what is not there
        yield _found(address, parsed)
        left -= 1
        if not left:
            return


def _found(url: str, parsed: ParsedFeed) -> FoundFeed:
    newest = max((entry.published for entry in parsed.entries if entry.published), default=None)
    return FoundFeed(url, parsed.title, parsed.language, len(parsed.entries), newest)


# --- into the config ----------------------------------------------------------------------------


def twin(config: Config, url: str) -> FeedConfig | None:
    """The feed of the config that has this address already, however it is spelt."""
    address = feed.normalise_link(url)
    return next((each for each in config.feeds if feed.normalise_link(each.url) == address), None)


def name_for(title: str, url: str, taken: Collection[str]) -> str:
    """A name for a feed that nobody has yet: "The Hallin Times" -> "the-hallin-times"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    host = (urlsplit(url).hostname or "feed").removeprefix("www.")
    name = re.sub(r"[^a-z0-9]+", "-", plain)[:_NAME_CHARS].strip("-")
    name = name or re.sub(r"[^a-z0-9.]+", "-", host).strip("-.") or "feed"
    return next(
        each for n in range(1, len(taken) + 2) if (each := f"{name}-{n}" if n > 1 else name) not in taken
    )


def tables(config: Config, outlines: Iterable[Outline], sites: Sequence[str]) -> dict[str, str]:
    """By name, the tables of those feeds that the config does not have yet, and that have a web address."""
    names = [each.name for each in config.feeds]
    addresses = {feed.normalise_link(each.url) for each in config.feeds}
    made: dict[str, str] = {}
    for outline in outlines:
        address = feed.normalise_link(outline.url)
        if address not in addresses and _is_web_address(outline.url):
            addresses.add(address)
            name = name_for(outline.title, outline.url, {*names, *made})
            made[name] = table(outline, name, sites)
    return made


def table(outline: Outline, name: str, sites: Sequence[str]) -> str:
    """A [[feeds]] table for the end of config.toml, with what the owner may want to fill in as comments."""
    language = outline.language.replace("_", "-")
    primary, _, rest = language.partition("-")
    language = f"{primary.lower()}-{rest}" if rest else primary.lower()
    known = bool(re.match(LANGUAGE, language))
    lines = [
        ("name", name, ""),
        ("url", outline.url, ""),
        (
            "language",
            language if known else "auto",
            "as the feed says" if known else "detected article by article",
        ),
        ("sites", list(sites), ""),
        ("source_name", outline.title or name, "as readers see it"),
    ]
    folders = f"# {_toml(' / '.join(outline.folders))[1:-1]}\n" if outline.folders else ""
    return (
        f"\n{folders}[[feeds]]\n"
        + "".join(_key(key, value, comment) for key, value, comment in lines)
        + '# rights = "open"                 # licensed | open | permission; until then an excerpt and a link\n'
        + '# categories = ["News"]\n'
    )


def _is_web_address(url: str) -> bool:
    try:
        FeedConfig(name="any", url=url, language="auto", sites=("any",))
    except ValidationError:
        return False
    return True


def _key(key: str, value: object, comment: str) -> str:
    line = f"{key} = {_toml(value)}"
    return f"{line:<34} # {comment}\n" if comment else f"{line}\n"


def _toml(value: object) -> str:
    """As TOML: JSON's strings and lists are TOML's too, but for control characters, which are dropped."""
    return re.sub("[\x7f\ud800-\udfff]", "", json.dumps(value, ensure_ascii=False))
