"""JSON-LD: the object on a page that describes its article (schema.org)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from bot.characters import legible

_ARTICLE_TYPES = re.compile(r"(?:Article|Posting|Report|Review|VideoObject|Recipe|HowTo)$")
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_NODES = 5_000
_FREE = "isAccessibleForFree"


def read(root: HtmlElement) -> dict[str, Any]:
    """The JSON-LD object of the article; {} where there is none. References by `@id` are resolved."""
    nodes: list[dict[str, Any]] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            nodes += _nodes(script.text_content())
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    for node in nodes:
        if any(isinstance(one, str) and _ARTICLE_TYPES.search(one) for one in each(node.get("@type"))):
            article = {name: _resolve(value, by_id) for name, value in node.items()}
            article.setdefault(_FREE, not _is_locked(article, nodes))
            return article
    return {}


def is_false(value: Any) -> bool:
    """Whether it is the truth value, in any of the ways that pages write it."""
    return str(value).lower() in ("false", "http://schema.org/false", "https://schema.org/false")


def _is_locked(article: dict[str, Any], nodes: list[dict[str, Any]]) -> bool:
    """Whether a part of the article, or the page that it is on, is said not to be free."""
    pages = (node for node in nodes if "WebPage" in each(node.get("@type")))
    parts = (part for part in each(article.get("hasPart")) if isinstance(part, dict))
    return any(is_false(node.get(_FREE)) for node in (*pages, *parts))


def _nodes(text: str) -> list[dict[str, Any]]:
    """The objects of a JSON-LD text, outermost first; none where it cannot be read: it is only a help."""
    text = _WRAPPING.sub("", text)
    try:
        waiting: list[Any] = [_legible(json.loads(text, strict=False))]
    except (ValueError, RecursionError):
        return []
    found: list[dict[str, Any]] = []
    for value in waiting:
        if len(waiting) > _NODES:
            break
        if isinstance(value, dict):
            found.append(value)
            waiting += [value.get("@graph"), value.get("mainEntity"), value.get("mainEntityOfPage")]
            waiting += [value.get(name) for name in ("author", "image", "publisher")]
        elif isinstance(value, list):
            waiting += value
    return found


def _legible(value: Any) -> Any:
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, list):
        return list(map(_legible, value))
    return {name: _legible(one) for name, one in value.items()} if isinstance(value, dict) else value


def _resolve(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    """The value with what it refers to in its place, or in the places of its first level."""
    if isinstance(value, list):
        return [_referred(one, by_id) for one in value]
    return _referred(value, by_id)


def _referred(value: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, dict) and len(value) <= 2 and isinstance(value.get("@id"), str):
        return by_id.get(value["@id"], value)
    return value


def each(value: Any) -> Iterator[Any]:
    """The values of a property, which may be one or a list of them."""
    yield from value if isinstance(value, list) else [value]
