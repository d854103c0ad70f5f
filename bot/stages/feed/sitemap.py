"""News sitemaps (https://www.google.com/schemas/sitemap-news/0.9), as a Document of the same form as any other."""

from __future__ import annotations

import re
import time
from itertools import islice
from typing import Any

from lxml import etree

from bot.stages.feed.dates import moment
from bot.stages.feed.document import Document
from bot.stages.feed.parsers import place_of

_MOST_ADDRESSES = 50_000  # the most that a sitemap may hold (sitemaps.org)
_MOST_TAGS = 1_000_000
_MOST_FIELDS = 200
_ADDRESS_START = re.compile(rb"<(?:[\w.-]+:)?url[\s>]")
_END = re.compile(rb"</(?:[\w.-]+:)?urlset\s*>")


def read(text: bytes) -> Document:
    """The news in a <urlset> (UTF-8, from its root on: there is no DOCTYPE and so no entity to expand).

    An address without <news:news> is no news; whole ones only are taken of a sitemap that breaks off.
    """
    entries, forgiven = _entries(text)
    cut_off = _breaks_off(text)
    if cut_off:
        entries, forgiven = entries[:-1], forgiven or "it has no end"
    news = [entry for entry in entries if entry.pop("is_news")]
    return Document("urlset", "sitemap" if news else "", {}, news, forgiven, cut_off)


def _breaks_off(text: bytes) -> bool:
    """It has no end behind its last address; comments of any length may follow the end."""
    ends = [match.end() for match in _END.finditer(text)]
    return not ends or _ADDRESS_START.search(text, ends[-1]) is not None


def _entries(text: bytes) -> tuple[list[dict[str, Any]], str]:
    # Not step by step: what libxml2 is given in pieces it looks through anew for each tag without an end.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    kept = text[: place_of(b"<", text, _MOST_TAGS)]
    try:
        root: etree._Element | None = etree.fromstring(kept, parser)
    except etree.XMLSyntaxError as error:
        return [], f"not well-formed XML ({str(error)[:100]})"
    if root is None:
        return [], "not well-formed XML"
    entries = [_raw(url) for url in islice(root.iter("{*}url"), _MOST_ADDRESSES + 1)]
    if len(entries) > _MOST_ADDRESSES:
        return entries[:-1], f"more than {_MOST_ADDRESSES} addresses; the rest was left unread"
    if len(kept) < len(text):
        return entries[:-1], f"more than {_MOST_TAGS // 2} elements; the rest was left unread"
    return entries, "not well-formed XML" if len(parser.error_log) else ""


def _raw(url: etree._Element) -> dict[str, Any]:
    """A <url> under the names that feedparser has for its fields."""
    told: dict[str, str] = {}
    pictures = []
    is_news = False
    for element in islice(url.iterdescendants(etree.Element), _MOST_FIELDS):
        namespace, _, name = str(element.tag).rpartition("}")
        prefix, _, name = name.rpartition(":")  # one that was declared nowhere
        text = (element.text or "").strip()
        if "sitemap-image" in namespace or prefix == "image":
            if name == "loc":
                pictures.append({"rel": "enclosure", "type": "image", "href": text})
            continue
        is_news = is_news or name == "news"
        told.setdefault(name, text)
    return {
        "is_news": is_news,
        "link": told.get("loc", ""),
        "title": told.get("title", ""),
        "published_parsed": _moment(told.get("publication_date")),
        "updated_parsed": _moment(told.get("lastmod")),
        "language": told.get("language", ""),
        "tags": [{"term": term} for term in told.get("keywords", "").split(",")[:_MOST_FIELDS]],
        "links": pictures,
    }


def _moment(text: str | None) -> time.struct_time | None:
    return moment(text) if text else None
