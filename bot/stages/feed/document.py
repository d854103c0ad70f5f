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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.entities import name2codepoint
from typing import Any

import feedparser.api

SKIP_HOURS, SKIP_DAYS = "skip hours", "skip days"
"""Among the facts of a feed. No element can have a name with a blank in it."""

_MOST_ELEMENTS = 150_000
_MOST_ATTRIBUTES = 100
_MOST_NAMESPACES = 100
_MOST_TERMS = 100
_MOST_SKIPPED = 24  # hours or days
_MOST_PERSON_CHARS = 200
_MOST_BASE_CHARS = 4000
_BASES = ("xml:base", "base")
_MOST_AMPERSANDS = 500_000  # mended: each grows by four bytes
_MOST_LOOSE_BYTES = 2_000_000

_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"
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
_MAIL_ADDRESS = re.compile(r"[^\s<>()@]+@[^\s<>()@]+")
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


class LimitReached(Exception):
    """The document is larger or stranger than any feed."""


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
    strict = _StrictParser("", None, "utf-8")
    fault = _fault_of(lambda: _feed_strict(strict, _DECLARATION + text))
    if fault is None:
        return Document(root, strict.version, strict.feeddata, strict.entries, junk)
    if isinstance(fault, LimitReached):
        whole = strict.entries[:-1]
        return Document(root, strict.version, strict.feeddata, whole, str(fault), lost=not whole)
    repaired = _AMPERSAND.sub(_repaired, text) if text.count(b"&") <= _MOST_AMPERSANDS else text
    second = _StrictParser("", None, "utf-8")
    if repaired != text and _fault_of(lambda: _feed_strict(second, _DECLARATION + repaired)) is None:
        words = "; ".join(filter(None, (f"not well-formed XML ({_words(fault)})", junk)))
        return Document(root, second.version, second.feeddata, second.entries, words)
    return _forgiven(root, repaired, fault, junk)


def _forgiven(root: str, text: bytes, fault: Exception, junk: str) -> Document:
    """What the forgiving parser makes of a document in which the strict one found `fault`."""
    loose = _LooseParser("", None, "utf-8", {})
    kept = text[:_MOST_LOOSE_BYTES]
    crash = _fault_of(lambda: loose.feed(kept.decode("utf-8", "replace")))
    cut_off = f"</{root}".encode() not in text
    whole = loose.entries
    if crash is not None or _breaks_off_in_entry(kept):
        whole = whole[:-1]
    words = [f"not well-formed XML ({_words(crash or fault)})", junk]
    if len(kept) < len(text):
        words.append(f"only its first {_MOST_LOOSE_BYTES // 1_000_000}MB were read")
    forgiven = "; ".join(filter(None, words))
    lost = not whole and (cut_off or _ENTRY_START.search(kept) is not None)
    return Document(root, loose.version, loose.feeddata, whole, forgiven, cut_off, lost)


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


class _Bounded:
    """Limits where feedparser's time grows faster than its input; goes before its parsers in the MRO."""

    elements = 0

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> Any:
        self.elements += 1
        if self.elements > _MOST_ELEMENTS:
            raise LimitReached(f"more than {_MOST_ELEMENTS} elements; the rest was left unread")
        # Each element joins its base, inherited too, with that of the document.
        short = [
            (name, value) for name, value in attrs if name not in _BASES or len(value) <= _MOST_BASE_CHARS
        ]
        return super().unknown_starttag(tag, short[:_MOST_ATTRIBUTES])  # type: ignore[misc]

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
            if isinstance(pieces, list):  # a str where it comes from an attribute (`_cdf_common`)
                del pieces[: next((n for n, piece in enumerate(pieces) if piece.strip()), 0)]
        return super().pop(element, strip_whitespace)  # type: ignore[misc]

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        if len(self._get_context().get("tags", ())) < _MOST_TERMS:  # type: ignore[attr-defined]
            super()._add_tag(term, scheme, label)  # type: ignore[misc]

    def _sync_author_detail(self, key: str = "author") -> None:
        # Theirs takes a quadratic time to find the address, and takes half of it for a name.
        context = self._get_context()  # type: ignore[attr-defined]
        if isinstance(context.get(key), str):
            context[key] = _MAIL_ADDRESS.sub("", context[key][:_MOST_PERSON_CHARS]).strip(" <>()")
        super()._sync_author_detail(key)  # type: ignore[misc]

    # feedparser keeps the last <hour> and <day> of <skipHours> and <skipDays> only.
    def _end_hour(self) -> None:
        self._skipped(SKIP_HOURS, self.pop("hour"))

    def _end_day(self) -> None:
        self._skipped(SKIP_DAYS, self.pop("day"))

    def _skipped(self, name: str, value: Any) -> None:
        skipped = self.feeddata.setdefault(name, [])  # type: ignore[attr-defined]
        if not self.inentry and len(skipped) < _MOST_SKIPPED:  # type: ignore[attr-defined]
            skipped.append(value)

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
