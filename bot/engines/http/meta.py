"""What a page's own markup says of mining: <meta name="tdm-reservation">, found as browsers find it.

No tree is built: most pages say nothing, and a page that is too large or broken to be an article may still say it.
Where browsers and this reading may differ, a page is rather reserved than not.
"""

from __future__ import annotations

import codecs
import re
from html import unescape

_NAME = b"tdm-reservation"
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*utf-?16(le|be)?\b", re.IGNORECASE)
_WIDE = {"utf-16-le": re.compile(rb"(?:\s\0)*+<\0"), "utf-16-be": re.compile(rb"(?:\0\s)*+\0<")}

_MOST_TAG_BYTES = 65_536  # of one tag that are looked at

# HTML, "Tokenization". What has begun always ends, if only with the page, so that the time is linear.
_REST_OF_TAG = rb"""(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+)*+(?:>|\Z)"""
_ATTRIBUTE = re.compile(
    rb"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"'][^\s>]*+))?+)?+"""
)
_COMMENT = rb"<!--(?:-?>|.*?(?:--!?>|\Z))"  # "<!-->" is a whole one
_RAW_NAMES = rb"script|style|title|textarea|xmp|iframe|noembed|noframes"
_RAW = rb"<(%s)(?=[\s/>])%s(?:%s.*?(?:</\1(?=[\s/>])|\Z))"
_TOKEN = rb"%s|%s|(?P<meta><meta(?=[\s/>])%s)|</?[a-z][^\s/>]*+%s"
_AS_HTML, _AS_XML = (
    re.compile(
        _TOKEN % (_COMMENT, _RAW % (_RAW_NAMES, _REST_OF_TAG, closed), _REST_OF_TAG, _REST_OF_TAG),
        re.DOTALL | re.IGNORECASE,
    )
    for closed in (b"", rb"(?<=/>)|")
)
_CLOSED_RAW = re.compile(rb"<(?:%s)[^<>]*/>" % _RAW_NAMES, re.IGNORECASE)
_WITH_REFERENCE = re.compile(rb"<meta[^<>]*&#", re.IGNORECASE)  # letters have no names, only numbers


def told_by(page: bytes, content_type: str = "") -> str:
    """The value of <meta name="tdm-reservation">, "0" or "1"; '' where there is none that counts.

    `content_type` is the header of the answer. A page in UTF-16 is read as that, whether or not it says so.
    """
    return _told_by(page) or _told_by(_narrowed(page, content_type))


def _told_by(page: bytes) -> str:
    """As HTML; and as XML, where <script/> is a whole element, as it is in HTML's drawings and formulas."""
    if _NAME not in page.lower() and not _WITH_REFERENCE.search(page):
        return ""
    told = _first_told(_AS_HTML, page)
    return "1" if told != "1" and _CLOSED_RAW.search(page) and _first_told(_AS_XML, page) == "1" else told


def _first_told(tokens: re.Pattern[bytes], page: bytes) -> str:
    for token in tokens.finditer(page):
        begin, end = token.span("meta")
        if begin >= 0:
            value = _reservation(page[begin + len(b"<meta") : min(end, begin + _MOST_TAG_BYTES)])
            if value in ("0", "1"):
                return value
    return ""


def _reservation(attributes: bytes) -> str:
    """What a meta tag says of mining; of two attributes of one name the first counts."""
    if _NAME not in attributes.lower() and b"&#" not in attributes:
        return ""
    told: dict[bytes, str] = {}
    for attribute in _ATTRIBUTE.finditer(attributes):
        name, *values = attribute.groups(b"")
        told.setdefault(name.lower(), unescape(b"".join(values).decode("latin-1")).strip(" \t\r\n\f/"))
    return told.get(b"content", "") if told.get(b"name", "").lower() == _NAME.decode() else ""


def _narrowed(page: bytes, content_type: str) -> bytes:
    """A page in UTF-16 as UTF-8; empty where it is none."""
    encoding = _wide_encoding(page, content_type)
    return page.decode(encoding, "replace").encode("utf-8", "replace") if encoding else b""


def _wide_encoding(page: bytes, content_type: str) -> str:
    """By its mark, else by its first bytes, which are ASCII, else by the header; '' where it is not UTF-16."""
    if marked := _MARKS.get(page[:2]):
        return marked
    for encoding, beginning in _WIDE.items():
        if beginning.match(page):
            return encoding
    told = _CHARSET.search(content_type)
    return f"utf-16-{(told[1] or 'le').lower()}" if told else ""
