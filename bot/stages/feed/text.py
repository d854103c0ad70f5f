"""Text and addresses out of a feed: plain, whole, and of sane length."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from bot.characters import legible

_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>|<!\[CDATA\[|\]\]>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ELEMENT = re.compile(r"<[A-Za-z][^<>]*>")
_ADDRESS = re.compile(r"(\s(?:href|src|poster|cite|data-src)\s*=\s*)(\"[^\"<>]*\"|'[^'<>]*')", re.IGNORECASE)
_VOID_END = re.compile(r"</(?:area|br|col|embed|hr|img|input|link|meta|source|track|wbr)\s*>", re.IGNORECASE)

LONGEST_MARKUP_CHARS = 2_000_000
"""Longer text is left out, not cut: half an article must not pass for a whole one."""


def plain(detail: object, value: object, most_chars: int) -> str:
    """A text construct without tags and entities, blanks collapsed, cut to `most_chars`.

    `detail` is feedparser's dict beside `value`; it tells whether this is markup.
    """
    text = str(value or "")[: most_chars * 20]
    if isinstance(detail, Mapping) and detail.get("type") != "text/plain":
        text = _TAG.sub(" ", text) if "<p" in text or "<br" in text else _TAG.sub("", text)
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    text = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u200b\ufeff\ufffe\uffff\ud800-\udfff]", " ", text).split())
    return text if len(text) <= most_chars else text[: most_chars - 1].rstrip() + "…"


def markup(detail: object, base: str) -> str:
    """The markup of a text construct (untrusted), its relative addresses made absolute."""
    if not isinstance(detail, Mapping):
        return ""
    text, kind = legible(str(detail.get("value") or "")), str(detail.get("type") or "text/html")
    if not text.strip() or len(text) > LONGEST_MARKUP_CHARS:
        return ""
    if kind == "text/plain":
        return html.escape(text, quote=False)
    if kind not in ("text/html", "application/xhtml+xml"):
        return ""  # a picture or a file in base64
    if kind == "application/xhtml+xml":
        text = _VOID_END.sub("", text)
    return _with_absolute_addresses(text, absolute(base, str(detail.get("base") or "")) or base)


def absolute(base: str, address: str) -> str:
    """`address` as seen from `base`; '' where it is empty or none that the web knows."""
    address = legible(address).strip()
    if not address:
        return ""
    try:
        joined = urljoin(base, address)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or len(joined) > 4000:
        return ""
    return joined.replace(" ", "%20")


def _with_absolute_addresses(text: str, base: str) -> str:
    def resolved(match: re.Match[str]) -> str:
        quote, address = match[2][0], html.unescape(match[2][1:-1]).strip()
        if not address or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", address) or address.startswith("#"):
            return match[0]
        whole = absolute(base, address)
        return f"{match[1]}{quote}{html.escape(whole)}{quote}" if whole else match[0]

    return _ELEMENT.sub(lambda element: _ADDRESS.sub(resolved, element[0]), text)
