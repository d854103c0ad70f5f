"""feedparser's own two parsers, the strict and the forgiving one, driven within bounds.

`feedparser.parse()` has none: a long author, many attributes or a line of blanks before the root take it
minutes. Here everything that costs more than its length has a limit, and what is over it is told. No DOCTYPE
may reach the parsers, so that there are no entities to expand and no files to include.
"""

from __future__ import annotations

import io
import re
import xml.sax
import xml.sax.handler
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import feedparser.api
from feedparser.util import FeedParserDict

SKIP_HOURS, SKIP_DAYS = "skip hours", "skip days"
"""Among the facts of a feed. No element can have a name with a blank in it."""

MOST_ELEMENTS = 150_000
"""Of a document, in all its readings together: those of a hundred entries in XHTML of a thousand elements each, and
half as many again, or of 1,500 entries of 25, ill-formed near the end. An element takes some 15 microseconds."""

MOST_LOOSE_BYTES = 2_000_000
MOST_AMPERSANDS = 500_000
_MOST_TAGS = 200_000  # ends of elements that never began among them
_MOST_ATTRIBUTES = 100
_MOST_NAMESPACES = 100
_MOST_TERMS = 100
_MOST_SKIPPED = 24  # hours or days
_MOST_PERSONS = 200
_MOST_PERSON_CHARS = 200
_MOST_BASE_CHARS = 500
_BASES = ("xml:base", "base")

_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"
_MAIL_ADDRESS = re.compile(r"[^\s<>()@]+@[^\s<>()@]+")


class LimitReached(Exception):
    """The document is larger or stranger than any feed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a parser made of a document, up to the `fault` that stopped it, if one did."""

    version: str
    facts: dict[str, Any]
    entries: list[dict[str, Any]]
    elements: int
    fault: Exception | None = None
    in_entry: bool = False  # it was stopped within its last entry

    @property
    def whole(self) -> list[dict[str, Any]]:
        """The entries that were read to their end."""
        return self.entries[:-1] if self.in_entry else self.entries


def strictly(text: bytes, most_elements: int = MOST_ELEMENTS) -> Reading:
    """Read XML (UTF-8, without declaration and DOCTYPE) until it is found not to be well-formed."""
    parser = _StrictParser("", None, "utf-8")
    parser.most_elements = most_elements
    return _reading(parser, lambda: _parse(parser, _DECLARATION + text))


def forgivingly(text: bytes, most_elements: int) -> Reading:
    """Read what may be XML (UTF-8). An element counts twice, for it costs this parser more."""
    parser = _LooseParser("", None, "utf-8", {})
    parser.most_elements = most_elements // 2
    return _reading(parser, lambda: parser.feed(text.decode("utf-8", "replace")))


def readable_end(text: bytes) -> int:
    """How many bytes of a document the forgiving parser may be given: in these it meets a bounded number of marks."""
    ends = (place_of(b"<", text, _MOST_TAGS), place_of(b"&", text, MOST_AMPERSANDS))
    return min(MOST_LOOSE_BYTES, *ends)


def place_of(sign: bytes, text: bytes, number: int) -> int:
    """Where a sign stands that has so many of its kind before it; else the end."""
    if text.count(sign) <= number:
        return len(text)
    return next(islice(re.finditer(sign, text), number, None)).start()


def _reading(parser: Any, parse: Callable[[], None]) -> Reading:
    fault: Exception | None = None
    try:
        parse()
    except Exception as error:  # noqa: BLE001 - feedparser raises what its input provokes; told in `forgiven`
        fault = error
    in_entry = fault is not None and bool(parser.inentry)
    return Reading(parser.version, parser.feeddata, parser.entries, parser.elements, fault, in_entry)


def _parse(parser: Any, text: bytes) -> None:
    sax = xml.sax.make_parser()  # noqa: S317 - no DOCTYPE gets here
    sax.setFeature(xml.sax.handler.feature_namespaces, True)
    sax.setFeature(xml.sax.handler.feature_external_ges, False)
    sax.setContentHandler(parser)
    sax.setErrorHandler(parser)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(text))
    sax.parse(source)


class _Flat(dict[str, Any]):
    """What is known of the text being read, which feedparser asks five times for each element, and copies deeply.

    Of its own dict, which looks for other names of each key, that takes longer than the rest.
    """

    def __deepcopy__(self, _memo: object) -> FeedParserDict:
        return FeedParserDict(self)


class _Bounded:
    """Limits where feedparser's time grows faster than its input; goes before its parsers in the MRO."""

    elements = 0
    most_elements = MOST_ELEMENTS

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.contentparams = _Flat()

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> Any:
        self.elements += 1
        if self.elements > self.most_elements:
            again = "" if self.most_elements == MOST_ELEMENTS else ", counted once for each reading"
            raise LimitReached(f"more than {MOST_ELEMENTS} elements{again}; the rest was left unread")
        # Each element joins its base, inherited too, with that of the document.
        room = _MOST_BASE_CHARS - len(self.baseuri)  # type: ignore[attr-defined]
        short = [(name, value) for name, value in attrs if name not in _BASES or len(value) <= room]
        return super().unknown_starttag(tag, short[:_MOST_ATTRIBUTES])  # type: ignore[misc]

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> Any:  # noqa: N802 - SAX
        if len(attrs) > _MOST_ATTRIBUTES:
            raise LimitReached(f"an element with {len(attrs)} attributes; the rest was left unread")
        return super().startElementNS(name, qname, attrs)  # type: ignore[misc]

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) < _MOST_NAMESPACES:  # type: ignore[attr-defined]
            super().track_namespace(prefix, uri)  # type: ignore[misc]

    def push_content(self, *arguments: Any) -> None:
        super().push_content(*arguments)  # type: ignore[misc]
        self.contentparams = _Flat(self.contentparams)

    def pop(self, element: str, strip_whitespace: int = 1) -> Any:
        if self.elementstack and self.elementstack[-1][0] == element:  # type: ignore[attr-defined]
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
        if len(context.get(f"{key}s", ())) > _MOST_PERSONS:
            return
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
