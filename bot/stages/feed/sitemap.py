"""News sitemaps (https://www.google.com/schemas/sitemap-news/0.9), as a Document of the same form as any other."""

from __future__ import annotations

import io
from typing import Any

from lxml import etree

from bot.stages.feed.dates import moment
from bot.stages.feed.document import Document

_MOST_ADDRESSES = 50_000  # the most that a sitemap may hold (sitemaps.org)
_MOST_FIELDS = 200


def read(text: bytes) -> Document:
    """The news in a <urlset> (UTF-8, from its root on: there is no DOCTYPE and so no entity to expand).

    An address without <news:news> is no news; whole ones only are taken of a sitemap that breaks off.
    """
    entries, forgiven = _entries(text)
    cut_off = b"</" not in text[-200:] or b"urlset" not in text[-200:]
    if cut_off:
        entries, forgiven = entries[:-1], forgiven or "it has no end"
    news = [entry for entry in entries if entry.pop("is_news")]
    return Document("urlset", "sitemap" if news else "", {}, news, forgiven, cut_off)


def _entries(text: bytes) -> tuple[list[dict[str, Any]], str]:
    entries: list[dict[str, Any]] = []
    try:
        parser = etree.iterparse(
            io.BytesIO(text), tag="{*}url", recover=True, resolve_entities=False, no_network=True
        )
        for _, element in parser:
            entries.append(_raw(element))
            element.clear()
            if len(entries) == _MOST_ADDRESSES:
                return entries, f"more than {_MOST_ADDRESSES} addresses; the rest was left unread"
    except etree.XMLSyntaxError as error:
        return entries, f"not well-formed XML ({str(error)[:100]})"
    return entries, "not well-formed XML" if len(parser.error_log) else ""


def _raw(url: etree._Element) -> dict[str, Any]:
    """A <url> under the names that feedparser has for its fields."""
    told: dict[str, str] = {}
    pictures = []
    is_news = False
    for element in list(url.iterdescendants(etree.Element))[:_MOST_FIELDS]:
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
        "published_parsed": moment(told.get("publication_date", "")),
        "updated_parsed": moment(told.get("lastmod", "")),
        "language": told.get("language", ""),
        "tags": [{"term": term} for term in told.get("keywords", "").split(",")[:_MOST_FIELDS]],
        "links": pictures,
    }
