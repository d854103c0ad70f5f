"""Discover: where a page keeps its feeds."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html

from bot.characters import browsed

MOST_FEEDS = 10

_PAGE_BYTES = 1_000_000
_LONGEST_BASE_CHARS = 2000
_TYPES = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)")
_LOOKS_LIKE_ONE = re.compile(
    r"(?:/(?:feeds?|rss|atom)/?|\.(?:rss|atom)|/(?:feed|rss|atom|index)\.xml)$", re.IGNORECASE
)
_ASKS_FOR_ONE = re.compile(r"(?:^|&)feed=(?:rss2?|atom|rdf)(?:&|$)")  # WordPress without pretty permalinks
_COMMON_PATHS = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/rss", "/feed.json")


def advertised(page: bytes, url: str) -> list[str]:
    """The addresses that a page names as its feeds (`rel=alternate`), else those that its links look like.

    Without doubles, in the page's order, at most MOST_FEEDS; feeds of comments come last.
    """
    try:
        root = lxml.html.document_fromstring(page[:_PAGE_BYTES])
    except (lxml.etree.LxmlError, ValueError):
        return []
    told = next(iter(root.xpath("//base/@href")), "")
    base = (_address(url, told) if len(told) <= _LONGEST_BASE_CHARS else "") or url
    named = [
        link.get("href", "")
        for link in root.iter("link")
        if "alternate" in link.get("rel", "").lower().split()
        and _TYPES.match(link.get("type", "").strip().lower())
    ]
    seen = [link.get("href", "") for link in root.iter("a")]
    hrefs = named or [href for href in seen if _looks_like_one(href)]
    found = dict.fromkeys(address for href in hrefs if (address := _address(base, href)))
    return sorted(found, key=is_of_comments)[:MOST_FEEDS]


def common(url: str) -> list[str]:
    """Where a site mostly keeps its feed, for a page that names none; the likeliest first."""
    below = [urljoin(url, f"{_path(url).rstrip('/')}/feed/")] if _path(url).strip("/") else []
    return list(dict.fromkeys([*below, *(urljoin(url, path) for path in _COMMON_PATHS)]))


def is_of_comments(address: str) -> bool:
    """Whether a feed seems to hold what readers say, not what editors write."""
    return "comment" in address.lower()


def _address(base: str, href: str) -> str:
    try:
        address = urljoin(base, browsed(href))
        return address if href.strip() and urlsplit(address).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _looks_like_one(href: str) -> bool:
    try:
        parts = urlsplit(href)
    except ValueError:
        return False
    return bool(_LOOKS_LIKE_ONE.search(parts.path) or _ASKS_FOR_ONE.search(parts.query))


def _path(href: str) -> str:
    try:
        return urlsplit(href).path
    except ValueError:
        return ""
