"""A listing: a page without a feed, whose entries are found by the owner's CSS selectors."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning

from bot.config import ListingConfig
from bot.stages.feed.dates import moment
from bot.stages.feed.document import Document
from bot.stages.feed.text import absolute

_MOST_BYTES = 3_000_000
_MOST_LINKS = 1000


def read(text: bytes, url: str, selectors: ListingConfig) -> Document:
    """The entries of a page (UTF-8) in its order; `version` is '' where the selector finds no link.

    An entry is what its links stand in: the largest part of the page that leads to no other entry. There
    its title and date are looked for. Without a title of its own the longest text of its links is taken.
    """
    page = _page(text[:_MOST_BYTES])
    base = _base(page, url)
    by_address: dict[str, list[Tag]] = defaultdict(list)
    for element in page.select(selectors.link, limit=_MOST_LINKS):
        if address := absolute(base, _href(element)):
            by_address[address].append(element)
    leads_to = _addresses_below(by_address)
    entries = [
        _raw(address, links, _box(links[0], leads_to), selectors) for address, links in by_address.items()
    ]
    heading = page.title.get_text(" ", strip=True) if page.title else ""
    language = page.html.get("lang", "") if page.html else ""
    facts = {"title": heading, "link": url, "language": str(language)}
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


def _raw(address: str, links: Sequence[Tag], box: Tag, selectors: ListingConfig) -> dict[str, Any]:
    """An entry under the names that feedparser has for its fields."""
    titled = box.select_one(selectors.title) if selectors.title else None
    dated = box.select_one(selectors.date) if selectors.date else None
    texts = (
        [titled.get_text(" ", strip=True)] if titled else [link.get_text(" ", strip=True) for link in links]
    )
    when = str(dated.get("datetime") or dated.get_text(" ", strip=True)) if dated else ""
    return {"link": address, "title": max(texts, key=len), "published_parsed": moment(when)}
