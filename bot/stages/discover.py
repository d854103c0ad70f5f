"""Discover: where a page, or a site, keeps its feeds.

advertised   those that a page names or leads to
common       where they mostly lie
in_robots    the sitemaps of a site; sitemaps: those of an index
"""

from __future__ import annotations

import html
import re
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html

from bot.characters import browsed

MOST_FEEDS = 10

_PAGE_BYTES = 1_000_000
_INDEX_START_BYTES = 5000
_LONGEST_BASE_CHARS = 2000
_TYPES = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)")
_LOOSE_TYPES = re.compile(
    r"(?:text|application)/(?:xml|json)"
)  # of anything; also of WordPress' own interface
_CALLED_ONE = frozenset({"rss", "atom", "feed", "feeds", "rss-feed"})
_MOST_WORDS = 3
_LOOKS_LIKE_ONE = re.compile(
    r"(?:/(?:feeds?|rss|atom)/?|\.(?:rss|atom)|/(?:feed|rss|atom|index)\.xml)$", re.IGNORECASE
)
_ASKS_FOR_ONE = re.compile(r"(?:^|&)feed=(?:rss2?|atom|rdf)(?:&|$)")  # WordPress without pretty permalinks
_COMMON_PATHS = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/rss", "/feed.json", "/feed")
_SITEMAP_LINE = re.compile(
    rb"^[ \t]*sitemap[ \t]*:[ \t]*(https?://[^\s#]{1,2000})", re.IGNORECASE | re.MULTILINE
)
_INDEX = re.compile(rb"<(?:\w+:)?sitemapindex[\s>]")
_LOC = re.compile(rb"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*(https?://[^\s<\]]{1,2000})")


def advertised(page: bytes, url: str) -> list[str]:
    """The addresses that a page names as its feeds (`rel=alternate`), else those that its links look, or read, like.

    Without doubles, in the page's order, at most MOST_FEEDS; feeds of comments come last.
    """
    try:
        root = lxml.html.document_fromstring(page[:_PAGE_BYTES])
    except (lxml.etree.LxmlError, ValueError):
        return []
    told = next(iter(root.xpath("//base/@href")), "")
    base = (_address(url, told) if len(told) <= _LONGEST_BASE_CHARS else "") or url
    hrefs = _named(root) or _named_loosely(root) or _looking_like_one(root)
    found = dict.fromkeys(address for href in hrefs if (address := _address(base, href)))
    return sorted(found, key=is_of_comments)[:MOST_FEEDS]


def sitemaps(index: bytes) -> list[str]:
    """The first addresses in an index of sitemaps, those of news before the others; none where it is no index."""
    if not _INDEX.search(index[:_INDEX_START_BYTES]):
        return []
    found = [html.unescape(each.decode("utf-8", "replace")) for each in _LOC.findall(index[:_PAGE_BYTES])]
    return sorted(found, key=lambda address: "news" not in address.lower())[:MOST_FEEDS]


def in_robots(robots: bytes) -> list[str]:
    """The sitemaps that a robots.txt names, those of news before the others."""
    found = [each.decode("utf-8", "replace") for each in _SITEMAP_LINE.findall(robots[:_PAGE_BYTES])]
    return sorted(found, key=lambda address: "news" not in address.lower())[:MOST_FEEDS]


def completed(url: str) -> str:
    """An address as it stands in the bar of a browser, which leaves its scheme out."""
    address = url.strip()
    has_scheme = re.match(r"\w[\w+.-]*:(?!\d)", address)
    return f"https://{address}" if not has_scheme and re.match(r"[^/?#\s]+\.[^/?#\s]", address) else address


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


def _named(root: lxml.html.HtmlElement) -> list[str]:
    return [
        link.get("href", "")
        for link in root.iter("link")
        if "feed" in (rel := _rel(link)) or ("alternate" in rel and _TYPES.match(_type(link)))
    ]


def _named_loosely(root: lxml.html.HtmlElement) -> list[str]:
    return [
        link.get("href", "")
        for link in root.iter("link")
        if "alternate" in _rel(link) and _LOOSE_TYPES.fullmatch(_type(link))
    ]


def _rel(link: lxml.html.HtmlElement) -> list[str]:
    return link.get("rel", "").lower().split()  # type: ignore[no-any-return]


def _type(link: lxml.html.HtmlElement) -> str:
    return link.get("type", "").partition(";")[0].strip().lower()  # type: ignore[no-any-return]


def _looking_like_one(root: lxml.html.HtmlElement) -> list[str]:
    links = {link: link.get("href", "") for link in root.iter("a")}
    return [href for href in links.values() if _looks_like_one(href)] or [
        href for link, href in links.items() if _is_called_one(link)
    ]


def _is_called_one(link: lxml.html.HtmlElement) -> bool:
    words = f"{link.text_content()[:100]} {link.get('title', '')}"[:100].lower().split()
    return len(words) <= 2 * _MOST_WORDS and not _CALLED_ONE.isdisjoint(words)


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
