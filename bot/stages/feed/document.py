"""A feed document of any kind, read by feedparser's own parsers within bounds.

`feedparser.parse()` has none: a long author, many attributes or a line of blanks before the root take it
minutes. So its two parsers, the strict and the forgiving one, are driven from here, with a limit on
everything that costs more than its length. No DOCTYPE reaches them, so there are no entities to
expand and no files to include.
"""

from __future__ import annotations

import io
import re
import xml.sax
import xml.sax.handler
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import feedparser.api
from feedparser.encodings import convert_to_utf8, parse_content_type

_MOST_ELEMENTS = 150_000
_MOST_ATTRIBUTES = 100
_MOST_NAMESPACES = 100
_MOST_TERMS = 100
_MOST_PERSON_CHARS = 200
_MOST_LOOSE_BYTES = 4_000_000

_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"
_PROLOG_PART = re.compile(
    rb"\s+|\xef\xbb\xbf|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_ENTRY_START = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")
_CHARACTER_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
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


class LimitReached(Exception):
    """The document is larger or stranger than any feed."""


def read(body: bytes, content_type: str) -> Document:
    """Read a document; whole entries only, where it breaks off.

    Never raises: what is no feed has no `version` and no entries.
    """
    text = _utf8(body, content_type)
    start = 0
    while part := _PROLOG_PART.match(text, start):
        start = part.end()
    root = _ROOT.search(text, start)
    if root is None:
        return Document("", "", {}, [])
    name = root[1].decode("ascii", "replace")
    if name.lower() in ("html", "head", "body"):
        return Document(name, "", {}, [])
    junk = " (there was text before it)" if root.start() > start else ""
    return _parsed(name, _scrubbed(text[root.start() :]), junk)


def _parsed(root: str, text: bytes, junk: str) -> Document:
    strict = _StrictParser("", None, "utf-8")
    fault = _fault_of(lambda: _feed_strict(strict, _DECLARATION + text))
    if fault is None:
        return Document(root, strict.version, strict.feeddata, strict.entries, junk.strip(" ()"))
    if isinstance(fault, LimitReached):
        return Document(root, strict.version, strict.feeddata, strict.entries[:-1], str(fault), cut_off=True)
    loose = _LooseParser("", None, "utf-8", {})
    kept = text[:_MOST_LOOSE_BYTES]
    crash = _fault_of(lambda: loose.feed(kept.decode("utf-8", "replace")))
    cut_off = crash is not None or f"</{root}".encode() not in kept
    entries = loose.entries
    if crash is not None or (cut_off and _breaks_off_in_entry(kept)):
        entries = entries[:-1]
    forgiven = f"not well-formed XML ({_words(crash or fault)}){junk}"
    return Document(root, loose.version, loose.feeddata, entries, forgiven, cut_off)


def _feed_strict(parser: Any, text: bytes) -> None:
    sax = xml.sax.make_parser()  # noqa: S317 - no DOCTYPE gets here
    sax.setFeature(xml.sax.handler.feature_namespaces, True)
    sax.setFeature(xml.sax.handler.feature_external_ges, False)
    sax.setContentHandler(parser)
    sax.setErrorHandler(parser)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(text))
    sax.parse(source)


def _fault_of(parse: Callable[[], None]) -> Exception | None:
    try:
        parse()
    except Exception as error:  # noqa: BLE001 - feedparser raises what its input provokes; told in `forgiven`
        return error
    return None


def _utf8(body: bytes, content_type: str) -> bytes:
    """`body` in UTF-8.

    What reads as UTF-8 is UTF-8, whatever header and declaration claim: text in another encoding that
    happens to be valid UTF-8 is next to impossible. Else byte order mark, header, declaration, guess.
    """
    if not body.isascii() and b"\0" not in body[:200] and _is_utf8(body):
        return body
    charset = parse_content_type(content_type)[1]
    header = f"application/xml; charset={charset}" if charset else "application/xml"
    return bytes(convert_to_utf8({"content-type": header}, body, {}))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(body) - 4  # cut in the middle of a character
    return True


def _scrubbed(text: bytes) -> bytes:
    """Without characters that XML forbids, as such or as `&#...;`."""
    return _CHARACTER_REFERENCE.sub(_character, text.translate(None, _CONTROLS))


def _character(reference: re.Match[bytes]) -> bytes:
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits, base) if len(digits) <= 8 else 0
    if code in (9, 10, 13, 32):
        return bytes([code])
    if 32 < code < 0xD800 or 0xE000 <= code <= 0x10FFFF:
        return reference[0]
    return "\ufffd".encode()


def _breaks_off_in_entry(text: bytes) -> bool:
    starts = [match.start() for match in _ENTRY_START.finditer(text)]
    ends = [match.start() for match in _ENTRY_END.finditer(text)]
    return bool(starts) and (not ends or starts[-1] > ends[-1])


def _words(error: Exception) -> str:
    if isinstance(error, xml.sax.SAXParseException):
        line = error.getLineNumber()
        return f"line {line}: {error.getMessage()}"
    return str(error)[:100] or type(error).__name__


class _Bounded:
    """Limits where feedparser's time grows faster than its input; goes before its parsers in the MRO."""

    elements = 0

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> Any:
        self.elements += 1
        if self.elements > _MOST_ELEMENTS:
            raise LimitReached(f"more than {_MOST_ELEMENTS} elements; the rest was left unread")
        return super().unknown_starttag(tag, attrs[:_MOST_ATTRIBUTES])  # type: ignore[misc]

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> Any:  # noqa: N802 - SAX
        if len(attrs) > _MOST_ATTRIBUTES:
            raise LimitReached(f"an element with {len(attrs)} attributes; the rest was left unread")
        return super().startElementNS(name, qname, attrs)  # type: ignore[misc]

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < _MOST_NAMESPACES:  # type: ignore[attr-defined]
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        if self.elementstack:  # type: ignore[attr-defined]
            pieces = self.elementstack[-1][2]  # type: ignore[attr-defined]
            del pieces[: next((n for n, piece in enumerate(pieces) if piece.strip()), 0)]
        return super().pop(element, strip_whitespace)  # type: ignore[misc]

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        if len(self._get_context().get("tags", ())) < _MOST_TERMS:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()  # type: ignore[attr-defined]
        if isinstance(context.get(key), str):
            context[key] = context[key][:_MOST_PERSON_CHARS]
        super()._sync_author_detail(key)  # type: ignore[misc]

    # feedparser takes the caption of a picture for the text of the entry.
    def _start_media_description(self, _attrs: dict[str, str]) -> None:
        self.push("media_description", 1)  # type: ignore[attr-defined]

    def _end_media_description(self) -> None:
        self.pop("media_description")


class _StrictParser(_Bounded, feedparser.api.StrictFeedParser):  # type: ignore[misc]
    resolve_relative_uris = False
    sanitize_html = False


class _LooseParser(_Bounded, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    resolve_relative_uris = False
    sanitize_html = False
