"""JSON Feed 1.x (https://www.jsonfeed.org/version/1.1/), as a Document of the same form as any other."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

from bot.stages.feed.dates import moment
from bot.stages.feed.document import Document

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d[\d.]{0,5})")
_MOST_ITEMS = 20_000
_MOST_PARTS = 100  # authors, tags and attachments of an entry that are looked at


def read(text: bytes) -> Document | None:
    """The feed in `text` (UTF-8); None where it is JSON of another kind, or none at all."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tree, dict):
        return None
    version = _VERSION.match(str(tree.get("version", "")))
    if version is None:
        return None
    facts = {
        "title": _text(tree, "title"),
        "link": _text(tree, "home_page_url"),
        "language": _text(tree, "language"),
        "links": [{"rel": "self", "href": _text(tree, "feed_url")}, *_hubs(tree)],
    }
    items = _dicts(tree, "items", None)
    told = f"more than {_MOST_ITEMS} items; the rest was left unread" if len(items) > _MOST_ITEMS else ""
    return Document("json", f"json{version[1]}", facts, [_raw(item) for item in items[:_MOST_ITEMS]], told)


def _raw(item: dict[str, Any]) -> dict[str, Any]:
    """An item under the names that feedparser has for its fields."""
    return {
        "id": _text(item, "id"),
        "link": _text(item, "url") or _text(item, "external_url"),
        "title": _text(item, "title"),
        "summary_detail": {"value": _text(item, "summary"), "type": "text/plain"},
        "content": [
            {"value": _text(item, "content_html"), "type": "text/html"},
            {"value": _text(item, "content_text"), "type": "text/plain"},
        ],
        "published_parsed": _moment(item, "date_published"),
        "updated_parsed": _moment(item, "date_modified"),
        "authors": [*_dicts(item, "authors"), *_dicts(item, "author")],
        "tags": [{"term": term} for term in _strings(item, "tags")],
        "language": _text(item, "language"),
        "links": list(_enclosures(item)),
    }


def _hubs(tree: dict[str, Any]) -> Iterator[dict[str, str]]:
    for hub in _dicts(tree, "hubs"):
        if _text(hub, "type").lower() == "websub":
            yield {"rel": "hub", "href": _text(hub, "url")}


def _enclosures(item: dict[str, Any]) -> Iterator[dict[str, str]]:
    for name in ("image", "banner_image"):
        if url := _text(item, name):
            yield {"rel": "enclosure", "type": "image", "href": url}
    for attachment in _dicts(item, "attachments"):
        kind = _text(attachment, "mime_type")
        yield {"rel": "enclosure", "type": kind, "href": _text(attachment, "url")}


def _moment(item: dict[str, Any], name: str) -> time.struct_time | None:
    text = _text(item, name)
    return moment(text) if text else None  # to find that nothing is no date takes longer than all else


def _text(table: dict[str, Any], name: str) -> str:
    """A text; a number too, for there are feeds whose ids are numbers (version 1, "id")."""
    value = table.get(name)
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _dicts(table: dict[str, Any], name: str, most: int | None = _MOST_PARTS) -> list[dict[str, Any]]:
    value = table.get(name)
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed[:most] if isinstance(each, dict)]


def _strings(table: dict[str, Any], name: str) -> list[str]:
    value = table.get(name)
    return [each for each in value[:_MOST_PARTS] if isinstance(each, str)] if isinstance(value, list) else []
