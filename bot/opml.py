"""OPML: lists of feeds, as feed readers exchange them (http://opml.org/spec2.opml)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bot.errors import ItemUnusable

MOST_FEEDS = 10_000
MOST_DEPTH = 100

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of the list: plain text, '' where nothing was told. `folders` are those around it, outermost first."""

    url: str
    title: str = ""
    language: str = ""
    site_url: str = ""
    folders: tuple[str, ...] = ()


def parse(document: bytes, name: str) -> list[Outline]:
    """The feeds of an OPML document, each address once, in its order; `name` stands in the errors.

    Entities are refused, not expanded: no list of feeds needs any, and bombs are made of them.
    Raises ItemUnusable.
    """
    reader = _Reader(name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = reader.entity
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise ItemUnusable(name, f"not well-formed XML ({error})", remedy="export it once more") from error
    if not reader.is_opml:
        raise ItemUnusable(name, "not OPML: it has no <opml> element")
    return list(reader.found.values())


class _Reader:
    """Hears the elements of a document."""

    def __init__(self, name: str) -> None:
        self.is_opml = False
        self.found: dict[str, Outline] = {}
        self._name = name
        self._folders: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.lower() == "opml":
            self.is_opml = True
        if tag.lower() != "outline":
            return
        if len(self._folders) >= MOST_DEPTH or len(self.found) >= MOST_FEEDS:
            raise ItemUnusable(
                self._name, f"more than {MOST_FEEDS} feeds, or nested deeper than {MOST_DEPTH}"
            )
        told = {name.lower(): " ".join(value.split()) for name, value in attributes.items()}
        title = told.get("title") or told.get("text", "")
        if url := told.get("xmlurl"):
            folders = tuple(filter(None, self._folders))
            outline = Outline(url, title, told.get("language", ""), told.get("htmlurl", ""), folders)
            self.found.setdefault(url, outline)
        self._folders.append("" if url else title)

    def end(self, tag: str) -> None:
        if tag.lower() == "outline":
            self._folders.pop()

    def entity(self, *_declaration: object) -> NoReturn:
        raise ItemUnusable(self._name, "declares entities of its own", remedy="take its <!DOCTYPE> out")


def write(feeds: Sequence[Outline], title: str) -> str:
    """An OPML 2.0 document of these feeds, without folders."""
    lines = [_line(feed) for feed in feeds]
    head = f"<head><title>{_text(title)}</title></head>"
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            head,
            "<body>",
            *lines,
            "</body>",
            "</opml>\n",
        ]
    )


def _line(feed: Outline) -> str:
    told = {
        "text": feed.title or feed.url,
        "title": feed.title,
        "xmlUrl": feed.url,
        "htmlUrl": feed.site_url,
        "language": feed.language,
    }
    attributes = " ".join(f"{name}={quoteattr(_clean(value))}" for name, value in told.items() if value)
    return f'<outline type="rss" {attributes}/>'


def _text(text: str) -> str:
    return _clean(text).replace("&", "&amp;").replace("<", "&lt;")


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
