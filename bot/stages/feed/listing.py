"""A listing: a page without a feed, whose entries are found by the owner's CSS selectors."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning

from bot.config import ListingConfig
from bot.stages import dates
from bot.stages.feed.dates import RELATIVE
from bot.stages.feed.document import Document
from bot.stages.feed.parsers import place_of
from bot.stages.feed.text import absolute

_MOST_BYTES = 3_000_000
_MOST_TAGS = 60_000  # of start and of end
_MOST_LINKS = 1000
_MOST_DEPTH = 200
_MOST_WITHIN = 200  # elements and texts that are looked at for a link
_MOST_OF_ONE_ADDRESS = 50
_MOST_DATES = 200  # that are written for readers: each may take some milliseconds


@dataclass(frozen=True, slots=True)
class _Dates:
    """How the dates of a page are read."""

    selector: str
    language: str
    now: datetime | None

    def of(self, box: Tag, *, quickly: bool) -> dict[str, Any]:
        """The date in `box`, as feedparser would tell it; `quickly`: only one that is written for machines."""
        dated = box.select_one(self.selector) if self.selector else None
        if dated is None:
            return {}
        stamp, text = str(dated.get("datetime") or ""), dated.get_text(" ", strip=True)
        if moment := dates.standard(stamp, self.now) or dates.standard(text, self.now):
            return {"published_parsed": moment.timetuple()}
        if quickly:
            return {}
        if moment := dates.absolute(text, self.language, self.now):
            return {"published_parsed": moment.timetuple()}
        ago = dates.relative(text, self.language, self.now) if self.now else None
        return {f"{RELATIVE}_parsed": ago.timetuple()} if ago else {}


def read(
    text: bytes, url: str, selectors: ListingConfig, language: str = "", now: datetime | None = None
) -> Document:
    """The entries of a page (UTF-8) in its order; `version` is '' where the selector finds no link.

    An entry is what its links stand in: the largest part of the page that leads to no other entry. There
    its title and date are looked for. Without a title of its own the longest text of its links is taken.
    Dates are read in `language`, else in that of the page, as stages/dates.py does.
    """
    kept = text[: min(_MOST_BYTES, place_of(b"<", text, _MOST_TAGS))]
    page = _page(kept)
    base = _base(page, url)
    by_address: dict[str, list[Tag]] = defaultdict(list)
    links = page.select(selectors.link, limit=_MOST_LINKS + 1)
    for element in links[:_MOST_LINKS]:
        if address := absolute(base, _href(element)):
            by_address[address].append(element)
    leads_to = _addresses_below(by_address)
    of_page = str(page.html.get("lang", "") if page.html else "")
    told = _Dates(selectors.date, language or of_page, now)
    entries = []
    for number, (address, elements) in enumerate(by_address.items()):
        box = _box(elements[0], leads_to)
        title, moment = _title(elements, box, selectors.title), told.of(box, quickly=number >= _MOST_DATES)
        entries.append({"link": address, "title": title} | moment)
    heading = page.title.get_text(" ", strip=True) if page.title else ""
    facts = {"title": heading, "link": url, "language": of_page}
    forgiven = _left_unread(
        is_long=len(kept) < len(text), has_more_links=len(links) > _MOST_LINKS, is_deep=page.was_deeper
    )
    return Document("html", "listing" if entries else "", facts, entries, forgiven)


def _left_unread(*, is_long: bool, has_more_links: bool, is_deep: bool) -> str:
    told = {
        "its end": is_long,
        f"its links after the first {_MOST_LINKS}": has_more_links,
        f"elements within {_MOST_DEPTH} others": is_deep,
    }
    parts = [part for part, was_left in told.items() if was_left]
    return f"a page larger than any: left unread were {', '.join(parts)}" if parts else ""


class _Shallow(BeautifulSoup):
    """A page whose elements lie in each other so deep and no deeper: a selector looks at all that each stands in.

    What is deeper is taken out; the links in it stay, and the text.
    """

    def __init__(self, text: bytes) -> None:
        self.was_deeper = False
        self._are_kept: list[bool] = []  # of the elements that are open now
        super().__init__(text, "lxml", from_encoding="utf-8")

    def handle_starttag(
        self, name: str, namespace: Any, nsprefix: Any, attrs: Any, *more: Any, **named: Any
    ) -> Any:
        depth = len(self.tagStack)
        is_kept = depth <= _MOST_DEPTH or ("href" in attrs and depth <= 2 * _MOST_DEPTH)
        self._are_kept.append(is_kept)
        self.was_deeper |= not is_kept
        return super().handle_starttag(name, namespace, nsprefix, attrs, *more, **named) if is_kept else None

    def handle_endtag(self, name: str, nsprefix: str | None = None) -> None:
        if not self._are_kept or self._are_kept.pop():
            super().handle_endtag(name, nsprefix)


def _page(text: bytes) -> _Shallow:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # an XHTML page is a page
        return _Shallow(text)


def _base(page: BeautifulSoup, url: str) -> str:
    told = page.find("base", href=True)
    return (absolute(url, str(told["href"])) if isinstance(told, Tag) else "") or url


def _href(element: Tag) -> str:
    """Where an element leads: it is a link, or holds one."""
    within = (each for each in islice(element.descendants, _MOST_WITHIN) if isinstance(each, Tag))
    return next((str(each["href"]) for each in (element, *within) if each.get("href")), "")


def _addresses_below(by_address: dict[str, list[Tag]]) -> dict[int, set[str]]:
    """By the id of each element above a link: where the links in it lead."""
    below: dict[int, set[str]] = defaultdict(set)
    for address, links in by_address.items():
        for link in links:
            for above in link.parents:
                below[id(above)].add(address)
    return below


def _box(link: Tag, leads_to: dict[int, set[str]]) -> Tag:
    box = link
    for above in link.parents:
        if len(leads_to[id(above)]) > 1 or above.name in ("body", "html", "[document]"):
            break
        box = above
    return box


def _title(links: Sequence[Tag], box: Tag, selector: str) -> str:
    titled = box.select_one(selector) if selector else None
    texts = [titled] if titled else links[:_MOST_OF_ONE_ADDRESS]
    return max((each.get_text(" ", strip=True) for each in texts), key=len)
