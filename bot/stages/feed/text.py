"""Text and addresses out of a feed: plain, whole, and of sane length."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from bot.characters import browsed, legible, unbroken

_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)|</?[A-Za-z][^<>]*>|<!\[CDATA\[|\]\]>",
    re.DOTALL | re.IGNORECASE,
)
_BREAK = re.compile(r"</?(?:p|br|div|h[1-6]|ul|ol|li|t[dhr]|blockquote|fig\w+)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ELEMENT = re.compile(r"<[A-Za-z][^<>]*>")
_ADDRESS = re.compile(r"(\s(?:href|src|poster|cite|data-src)\s*=\s*)(\"[^\"<>]*\"|'[^'<>]*')", re.IGNORECASE)
_ESCAPED_TWICE = re.compile(
    r"\s*&lt;(?:p|div|span|figure|img|a|h[1-6]|ul|ol|table|blockquote|br|strong|em|b|i)\b[^<>]*?&gt;",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_VOID_END = re.compile(r"</(?:area|br|col|embed|hr|img|input|link|meta|source|track|wbr)\s*>", re.IGNORECASE)

_LONGEST_ADDRESS_CHARS = 4000

LONGEST_MARKUP_CHARS = 2_000_000
"""Longer text is left out, not cut: half an article must not pass for a whole one."""

_MOST_GROWTH = 4  # of a text by its addresses, in its own lengths; and as much as that of a short text:
_GROWTH_OF_ANY_CHARS = 10_000


def plain(detail: object, value: object, most_chars: int) -> str:
    """A text construct without tags and entities, blanks collapsed, cut to `most_chars`.

    `detail` is feedparser's dict beside `value`; it tells whether this is markup.
    """
    text = str(value or "")[: most_chars * 20]
    if isinstance(detail, Mapping) and detail.get("type") != "text/plain":
        text = _TAG.sub(lambda tag: " " if _BREAK.match(tag[0]) else "", text)
    text = unbroken(_ENTITY.sub(lambda match: html.unescape(match[0]), text))
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]", " ", text).split())
    return text if len(text) <= most_chars else text[: most_chars - 1].rstrip() + "…"


def markup(detail: object, base: str) -> str:
    """The markup of a text construct (untrusted), its relative addresses made absolute."""
    if not isinstance(detail, Mapping):
        return ""
    text, kind = legible(str(detail.get("value") or "")), str(detail.get("type") or "text/html")
    if not text.strip() or len(text) > LONGEST_MARKUP_CHARS:
        return ""
    if kind == "text/plain":
        return _paragraphs(html.escape(text, quote=False))
    if kind not in ("text/html", "application/xhtml+xml"):
        return ""  # a picture or a file in base64
    if "<" not in text and _ESCAPED_TWICE.match(text):
        text = html.unescape(text)
    if kind == "application/xhtml+xml":
        text = _VOID_END.sub("", text)
    return _with_absolute_addresses(text, absolute(base, str(detail.get("base") or "")) or base)


def _paragraphs(text: str) -> str:
    """Escaped text, a paragraph for each part between blank lines where it has such lines."""
    parts = [part.strip() for part in _BLANK_LINE.split(text)]
    return "".join(f"<p>{part}</p>" for part in parts if part) if len(parts) > 1 else text


def absolute(base: str, address: str) -> str:
    """`address` as seen from `base`; '' where it is empty or none that the web knows."""
    address = browsed(legible(address))
    if not address or len(address) > _LONGEST_ADDRESS_CHARS:
        return ""
    try:
        joined = urljoin(base, address)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or len(joined) > _LONGEST_ADDRESS_CHARS:
        return ""
    return joined.replace(" ", "%20")


def _with_absolute_addresses(text: str, base: str) -> str:
    """The markup with absolute addresses, up to a growth that no article needs: cleaning resolves the others."""
    room = _GROWTH_OF_ANY_CHARS + _MOST_GROWTH * len(text)

    def resolved(match: re.Match[str]) -> str:
        nonlocal room
        quote, address = match[2][0], html.unescape(match[2][1:-1]).strip()
        if (
            room < 0
            or not address
            or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address)
            or address.startswith("#")
        ):
            return match[0]
        whole = absolute(base, address)
        room -= len(whole)
        return f"{match[1]}{quote}{html.escape(whole)}{quote}" if whole else match[0]

    return _ELEMENT.sub(lambda element: _ADDRESS.sub(resolved, element[0]), text)
