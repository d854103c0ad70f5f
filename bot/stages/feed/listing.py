"""A listing: a page without a feed, whose entries are found by the owner's CSS selectors."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning

from bot.config import ListingConfig
from bot.stages import dates
from bot.stages.feed.document import Document
from bot.stages.feed.entries import RELATIVE
from bot.stages.feed.text import absolute

_MOST_BYTES = 3_000_000
_MOST_LINKS = 1000
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
        return {RELATIVE: ago.timetuple()} if ago else {}


def read(
    text: bytes, url: str, selectors: ListingConfig, language: str = "", now: datetime | None = None
) -> Document:
    """The entries of a page (UTF-8) in its order; `version` is '' where the selector finds no link.

    An entry is what its links stand in: the largest part of the page that leads to no other entry. There
    its title and date are looked for. Without a title of its own the longest text of its links is taken.
    Dates are read in `language`, else in that of the page, as stages/dates.py does.
    """
    page = _page(text[:_MOST_BYTES])
    base = _base(page, url)
    by_address: dict[str, list[Tag]] = defaultdict(list)
    for element in page.select(selectors.link, limit=_MOST_LINKS):
        if address := absolute(base, _href(element)):
            by_address[address].append(element)
    leads_to = _addresses_below(by_address)
    of_page = str(page.html.get("lang", "") if page.html else "")
    told = _Dates(selectors.date, language or of_page, now)
    entries = []
    for number, (address, links) in enumerate(by_address.items()):
        box = _box(links[0], leads_to)
        title, moment = _title(links, box, selectors.title), told.of(box, quickly=number >= _MOST_DATES)
        entries.append({"link": address, "title": title} | moment)
    heading = page.title.get_text(" ", strip=True) if page.title else ""
    facts = {"title": heading, "link": url, "language": of_page}
    return Document("html", "listing" if entries else "", facts, entries)


def _page(text: bytes) -> BeautifulSoup:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # an XHTML page is a page
        return BeautifulSoup(text, "lxml", from_encoding="utf-8")


def _base(page: BeautifulSoup, url: str) -> str:
    told = page.find("base", href=True)
    return (absolute(url, str(told["href"])) if isinstance(told, Tag) else "") or url


def _href(element: Tag) -> str:
    """Where an element leads: it is a link, or holds one."""
    link = element if element.get("href") else element.find(href=True)
    return str(link["href"]) if isinstance(link, Tag) else ""


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
    return max((each.get_text(" ", strip=True) for each in ([titled] if titled else links)), key=len)
