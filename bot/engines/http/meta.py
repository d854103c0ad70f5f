"""What a page's own markup says of mining: <meta name="tdm-reservation">, found as browsers find it.

No tree is built: most pages say nothing, and a page that is too large or broken to be an article may still say it.
Where browsers and this reading may differ, a page is rather reserved than not.
"""

from __future__ import annotations

import codecs
import re

_NAME = b"tdm-reservation"
_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*utf-?16(le|be)?\b", re.IGNORECASE)
_WIDE = {"utf-16-le": re.compile(rb"(?:\s\0)*+<\0"), "utf-16-be": re.compile(rb"(?:\0\s)*+\0<")}

# HTML, "Tokenization". What has begun always ends, if only with the page, so that the time is linear.
_REST_OF_TAG = rb"""(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?+)*+(?:>|\Z)"""
_COMMENT = rb"<!--(?:-?>|.*?(?:--!?>|\Z))"  # "<!-->" is a whole one
_TEXT = rb"<(script|style|title|textarea|xmp|iframe|noembed|noframes)(?=[\s/>])%s.*?(?:</\1(?=[\s/>])|\Z)"
_TOKEN = re.compile(
    rb"%s|%s|(?P<meta><meta(?=[\s/>])%s)|</?[a-z]%s"
    % (_COMMENT, _TEXT % _REST_OF_TAG, _REST_OF_TAG, _REST_OF_TAG),
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(rb"""([^\s/>=]++)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>"'][^\s>]*+)))?+""")


def told_by(page: bytes, content_type: str = "") -> str:
    """The value of <meta name="tdm-reservation">, "0" or "1"; '' where there is none that counts.

    `content_type` is the header of the answer. A page in UTF-16 is read as that, whether or not it says so.
    """
    return _told_by(page) or _told_by(_narrowed(page, content_type))


def _told_by(page: bytes) -> str:
    if _NAME not in page.lower():
        return ""
    for token in _TOKEN.finditer(page):
        if token["meta"] and _NAME in token["meta"].lower():
            value = _reservation(token["meta"][len(b"<meta") :])
            if value in (b"0", b"1"):
                return value.decode()
    return ""


def _reservation(attributes: bytes) -> bytes:
    """What a meta tag says of mining; of two attributes of one name the first counts."""
    told: dict[bytes, bytes] = {}
    for name, *values in _ATTRIBUTE.findall(attributes):
        told.setdefault(name.lower(), b"".join(values).strip(b" \t\r\n\f/"))
    named = re.match(rb"%s\b" % _NAME, told.get(b"name", b""), re.IGNORECASE)
    return told.get(b"content", b"") if named else b""


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
