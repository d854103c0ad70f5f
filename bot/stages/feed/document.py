"""A feed document of any kind: what it is, mended where it is not well-formed, read within bounds.

A document is read strictly first; not well-formed, with its ampersands mended; and else by the parser that
forgives. All readings together have one number of elements to spend, so that a fault at the end of a
large document does not make it twice as dear: then what the strict parser has read is taken.
"""

from __future__ import annotations

import re
import xml.sax
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.entities import name2codepoint
from typing import Any

from bot.stages.feed.parsers import (
    MOST_AMPERSANDS,
    MOST_ELEMENTS,
    SKIP_DAYS,
    SKIP_HOURS,
    LimitReached,
    Reading,
    forgivingly,
    readable_end,
    strictly,
)

__all__ = ["SKIP_DAYS", "SKIP_HOURS", "Document", "read"]

_PROLOG_PART = re.compile(
    rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_FEED_ROOT = re.compile(rb"<((?:\w+:)?(?:rss|rdf|feed|channel|urlset))[\s>]", re.IGNORECASE)
_ENTRY_START = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")
_CHARACTER_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|$(?![\s\S]))|&(?:(\w{1,32});|#\d+;|#[xX][0-9a-fA-F]+;)?", re.DOTALL
)
_BLANKS = re.compile(rb"[ \t\r\n]{64}[ \t\r\n]*")
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_CONTROLS = bytes({*range(32)} - {9, 10, 13})  # XML 1.0 forbids them


@dataclass(frozen=True, slots=True)
class Document:
    """What feedparser found: `facts` of the feed and raw `entries`, as its dicts."""

    root: str  # name of the root element, "" where there is none
    version: str  # "rss20", "atom10", ...; "" where it is no feed
    facts: dict[str, Any]
    entries: list[dict[str, Any]]
    forgiven: str = ""
    cut_off: bool = False
    lost: bool = False  # entries begin in it, or may, and none could be read


def read(text: bytes, others: Mapping[str, Callable[[bytes], Document]]) -> Document:
    """Read a document in UTF-8; whole entries only, where it breaks off.

    `others` read what is XML, but nothing for feedparser, by the name of its root. Never raises: what is no
    feed has no `version` and no entries.
    """
    start = 0
    while part := _PROLOG_PART.match(text, start):
        start = part.end()
    root = _ROOT.search(text, start)
    if root is None:
        return Document("", "", {}, [])
    if root[1].lower() in (b"html", b"head", b"body"):
        return Document("html", "", {}, [])
    root = _FEED_ROOT.search(text, start) or root
    name = root[1].decode("ascii", "replace")
    junk = "there is text before its root" if root.start() > start else ""
    whole = _scrubbed(text[root.start() :])
    other = others.get(name.rpartition(":")[2].lower())
    return other(whole) if other else _parsed(name, whole, junk)


def _parsed(root: str, text: bytes, junk: str) -> Document:
    first = strictly(text)
    if first.fault is None:
        return Document(root, first.version, first.facts, first.entries, junk)
    if isinstance(first.fault, LimitReached):
        return _left_unread(root, first, str(first.fault), junk)
    repaired = _AMPERSAND.sub(_repaired, text) if text.count(b"&") <= MOST_AMPERSANDS else text
    left = MOST_ELEMENTS - first.elements
    second = strictly(repaired, left) if repaired != text else first
    if second.fault is None:
        told = _joined(f"not well-formed XML ({_words(first.fault)})", junk)
        return Document(root, second.version, second.facts, second.entries, told)
    left -= second.elements if second is not first else 0
    loose = _forgiven(root, repaired, first.fault, junk, left)
    strict = max(first, second, key=lambda reading: len(reading.whole))
    if len(loose.entries) >= len(strict.whole):
        return loose
    told = _joined(f"not well-formed XML ({_words(first.fault)}); the rest was left unread", junk)
    return Document(root, strict.version, strict.facts, strict.whole, told, loose.cut_off)


def _left_unread(root: str, reading: Reading, why: str, junk: str) -> Document:
    told, whole = _joined(why, junk), reading.whole
    return Document(root, reading.version, reading.facts, whole, told, lost=not whole)


def _forgiven(root: str, text: bytes, fault: Exception, junk: str, most_elements: int) -> Document:
    """What the forgiving parser makes of a document in which the strict one found `fault`."""
    kept = text[: readable_end(text)]
    loose = forgivingly(kept, most_elements)
    cut_off = f"</{root}".encode() not in text
    whole = loose.entries
    if loose.fault is not None or _breaks_off_in_entry(kept):
        whole = whole[:-1]
    told = _joined(f"not well-formed XML ({_words(loose.fault or fault)})", junk)
    if len(kept) < len(text):
        told = _joined(told, f"only its first {len(kept) / 1e6:.2g}MB were read")
    lost = not whole and (cut_off or _ENTRY_START.search(kept) is not None)
    return Document(root, loose.version, loose.facts, whole, told, cut_off, lost)


def _joined(*words: str) -> str:
    return "; ".join(filter(None, words))


def _scrubbed(text: bytes) -> bytes:
    """Without characters that XML forbids, as such or as `&#...;`, and without deserts of blanks."""
    allowed = _CHARACTER_REFERENCE.sub(_character, text.translate(None, _CONTROLS))
    return _BLANKS.sub(lambda match: match[0][:64], allowed)


def _character(reference: re.Match[bytes]) -> bytes:
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits, base) if len(digits) <= 8 else 0
    if code in (9, 10, 13, 32):
        return bytes([code])
    if 32 < code < 0xD800 or 0xE000 <= code <= 0x10FFFF:
        return reference[0]
    return "\ufffd".encode()


def _repaired(match: re.Match[bytes]) -> bytes:
    """A bare ampersand or an entity of HTML (`AT&T`, `&nbsp;`) as XML wants it; CDATA as it is."""
    name = (match[1] or b"").decode("ascii", "replace")
    if name in name2codepoint and name not in _XML_ENTITIES:
        return b"&#%d;" % name2codepoint[name]
    if match[0] == b"&" or (name and name not in _XML_ENTITIES):
        return b"&amp;" + match[0][1:]
    return match[0]


def _breaks_off_in_entry(text: bytes) -> bool:
    starts = [match.start() for match in _ENTRY_START.finditer(text)]
    ends = [match.start() for match in _ENTRY_END.finditer(text)]
    return bool(starts) and (not ends or starts[-1] > ends[-1])


def _words(error: Exception) -> str:
    if isinstance(error, xml.sax.SAXParseException):
        line = error.getLineNumber()
        return f"line {line}: {error.getMessage()}"
    return str(error)[:100] or type(error).__name__
