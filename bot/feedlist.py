"""The feed list, by hand: find feeds, and write them down for config.toml as an owner would."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from bot.config import Config, FeedConfig
from bot.config_types import LANGUAGE
from bot.errors import FeedUnreadable, FetchRefused, FetchUnavailable, ItemUnusable
from bot.model import ParsedFeed
from bot.opml import Outline
from bot.ports import Fetcher
from bot.reading import whole
from bot.stages import discover, feed, select

_NAME_CHARS = 40
_MOST_SITEMAPS = 5  # of robots.txt that are looked at
_USERINFO = re.compile(r"(\w+:/*)[^/?#]*@")


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that was read. `newest` is the date of its newest entry that has one.

    `bare`: its entries have no text, so that without rights to their pages nothing of them can be relayed.
    """

    url: str
    title: str
    language: str
    entries: int
    newest: datetime | None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list of feeds becomes: tables by name, and what was left out, (title and address, why)."""

    tables: dict[str, str]
    left_out: tuple[tuple[str, str], ...]


def find(fetcher: Fetcher, url: str) -> list[FoundFeed]:
    """The feeds at `url`: it is one itself, its page names some, they lie where feeds mostly do, or it has news sitemaps.

    Raises FetchUnavailable or FetchRefused where `url` itself cannot be had.
    """
    page = whole(fetcher.get(discover.completed(url), accept=feed.ACCEPT))
    try:
        return [_found(page.url, feed.parse(page.body, page.content_type, url, page.url))]
    except FeedUnreadable:
        named = discover.sitemaps(page.body) or discover.advertised(page.body, page.url)
    return (
        list(_readable(fetcher, named))
        or list(_readable(fetcher, discover.common(page.url), most=1))
        or list(_readable(fetcher, _sitemaps(fetcher, page.url), most=1))
    )


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


def _sitemaps(fetcher: Fetcher, url: str) -> list[str]:
    """The sitemaps that robots.txt names, those of an index in its place."""
    found: list[str] = []
    for address in discover.in_robots(_body(fetcher, urljoin(url, "/robots.txt")))[:_MOST_SITEMAPS]:
        found += discover.sitemaps(_body(fetcher, address)) or [address]
    return found[: discover.MOST_FEEDS]


def _body(fetcher: Fetcher, address: str) -> bytes:
    """What is there; nothing where it cannot be had."""
    try:
        return whole(fetcher.get(address)).body
    except (FetchUnavailable, FetchRefused):
        return b""


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
    bare = bool(parsed.entries) and not any(map(select.has_text, parsed.entries))
    return FoundFeed(url, parsed.title, parsed.language, len(parsed.entries), newest, bare)


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


def imported(config: Config, outlines: Iterable[Outline], sites: Sequence[str]) -> Imported:
    """The tables of the feeds that the config does not have yet, and why the others get none."""
    there = {feed.normalise_link(each.url): each.name for each in config.feeds}
    names = {each.name for each in config.feeds}
    made: dict[str, str] = {}
    left_out: list[tuple[str, str]] = []
    for outline in outlines:
        told = dataclasses.replace(outline, url=_web_address(outline.url))
        address = feed.normalise_link(told.url)
        if fault := f"is there already, as {there[address]}" if address in there else _fault(told.url):
            left_out.append((_shown(told), fault))
            continue
        name = there[address] = name_for(told.title, told.url, names | made.keys())
        made[name] = table(told, name, sites)
    return Imported(made, tuple(left_out))


def table(outline: Outline, name: str, sites: Sequence[str], *, bare: bool = False) -> str:
    """A [[feeds]] table for the end of config.toml, with what the owner may want to fill in as comments.

    `bare` as of FoundFeed.
    """
    until = "nothing, for it holds no text" if bare else "an excerpt of the feed's own text"
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
        + f'# rights = "open"                 # licensed | open | permission; until then {until}\n'
        + '# categories = ["News"]\n'
    )


def _web_address(url: str) -> str:
    """The address behind `feed:https://x.example/rss` and `feed://x.example/rss`, by which readers are opened."""
    if url.lower().startswith("feed://"):
        return f"http{url[4:]}"
    return url[5:] if url.lower().startswith("feed:") else url


def _fault(url: str) -> str:
    """Why a feed cannot have this address; '' where it can. No secret of the address is repeated."""
    if _USERINFO.match(url):
        return (
            "holds a password; write it down by hand without it, with the keys user and password_env beside"
        )
    try:
        FeedConfig(name="any", url=url, language="auto", sites=("any",))
    except ValidationError as error:
        return error.errors()[0]["msg"].removeprefix("Value error, ")
    return ""


def _shown(outline: Outline) -> str:
    address = _USERINFO.sub(r"\1", outline.url)
    return f"{outline.title} ({address})" if outline.title else address


def _key(key: str, value: object, comment: str) -> str:
    line = f"{key} = {_toml(value)}"
    return f"{line:<34} # {comment}\n" if comment else f"{line}\n"


def _toml(value: object) -> str:
    """As TOML: JSON's strings and lists are TOML's too, but for control characters, which are dropped."""
    return re.sub("[\x7f\ud800-\udfff]", "", json.dumps(value, ensure_ascii=False))
