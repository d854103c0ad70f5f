"""News sitemaps (https://www.google.com/schemas/sitemap-news/0.9), as a Document of the same form as any other."""

from __future__ import annotations

import html
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
_INDEX_BYTES = 500_000
_MOST_NAMED = 3
_LOC = re.compile(rb"<(?:\w+:)?loc>\s*(?:<!\[CDATA\[)?\s*(https?://[^\s<\]]{1,300})")
_EXTENSION = re.compile(r"/sitemap-(\w+)/")  # http://www.google.com/schemas/sitemap-video/1.1
_OF_THE_NEWS = ("", "news")
_END = re.compile(rb"</(?:[\w.-]+:)?urlset\s*>")


def read(text: bytes) -> Document:
    """The news in a <urlset> (UTF-8, from its root on: there is no DOCTYPE and so no entity to expand).

    An address without <news:news> is no news; whole ones only are taken of a sitemap that breaks off. Its name and
    language are those of the publication of its first news.
    """
    entries, forgiven = _entries(text)
    cut_off = _breaks_off(text)
    if cut_off:
        entries, forgiven = entries[:-1], forgiven or "it has no end"
    news = [entry for entry in entries if entry.pop("is_news")]
    facts = {"title": news[0]["publication"], "language": news[0]["language"]} if news else {}
    return Document("urlset", "sitemap" if news else "", facts, news, forgiven, cut_off)


def of_index(text: bytes) -> list[str]:
    """The first addresses in an index of sitemaps (UTF-8), those of news before the others."""
    found = [html.unescape(each.decode("utf-8", "replace")) for each in _LOC.findall(text[:_INDEX_BYTES])]
    return sorted(found, key=lambda address: "news" not in address.lower())[:_MOST_NAMED]


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
        kind, name = _kind_and_name(str(element.tag))
        text = (element.text or "").strip()
        if (kind, name) == ("image", "loc"):
            pictures.append({"rel": "enclosure", "type": "image", "href": text})
        if kind in _OF_THE_NEWS:  # a video has a title and a date, too
            is_news = is_news or name == "news"
            told.setdefault(name, text)
    return {
        "is_news": is_news,
        "publication": told.get("name", ""),
        "link": told.get("loc", ""),
        "title": told.get("title", ""),
        "published_parsed": _moment(told.get("publication_date")),
        "updated_parsed": _moment(told.get("lastmod")),
        "language": told.get("language", ""),
        "tags": [{"term": term} for term in told.get("keywords", "").split(",")[:_MOST_FIELDS]],
        "links": pictures,
    }


def _kind_and_name(tag: str) -> tuple[str, str]:
    """("news", "title") of <news:title>, also where the prefix was declared nowhere; ("", "loc") of <loc>."""
    namespace, _, name = tag.rpartition("}")
    prefix, _, name = name.rpartition(":")
    extension = _EXTENSION.search(namespace)
    return (extension[1] if extension else prefix), name


def _moment(text: str | None) -> time.struct_time | None:
    return moment(text) if text else None
