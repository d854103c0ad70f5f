"""A page's bytes without its scripts and styles: four fifths of many a page, which all that follows need not look at.

Tags are told apart as browsers do (HTML, "Tokenization"): a `<script>` in a comment, in an attribute or in a title is
none. Where a page does what browsers and libxml2 read differently, the rest of it stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_ATTRIBUTES = 2_000

_BLANK = r" \t\n\r\f"
_VALUE = rf"\"[^\"]*+\"|'[^']*+'|[^{_BLANK}>\"'][^{_BLANK}>]*+"
_ATTRIBUTE = rf"[{_BLANK}/]*+[^{_BLANK}/>][^{_BLANK}/>=]*+(?:[{_BLANK}]*+=[{_BLANK}]*+(?:{_VALUE})?)?+"
_TAG = rf"[a-zA-Z][^{_BLANK}/>]*+(?:{_ATTRIBUTE}){{0,{MOST_ATTRIBUTES}}}+"
_COMMENT = r"!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)"


def _in_any_case(name: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" for letter in name)


# What stands in these is text, up to their end tag.
_OF_TEXT = ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
_DROPPED = ("script", "style")
_NAME = rf"(?:{'|'.join(map(_in_any_case, _OF_TEXT))})(?=[{_BLANK}/>])"
# What stands between two tags is taken along with the first: each step of a pattern has its price.
_UP_TO_TEXT = re.compile(
    rf"[^<]*+(?:<(?:(?!{_NAME}){_TAG}|/{_TAG}|{_COMMENT}|(?:[!?]|/(?![a-zA-Z]))[^>]*+|(?![a-zA-Z!?/]))[^<]*+)*+"
    rf"<(?P<name>{_NAME})(?P<attributes>(?:{_ATTRIBUTE})*+)[{_BLANK}]*+>".encode()
)
_END_OF = {
    name.encode(): re.compile(rf"</{_in_any_case(name)}(?=[{_BLANK}/>])".encode()) for name in _OF_TEXT
}
_JSON_LD = re.compile(rb"ld(?:\+|&[#\w]{1,8};)json", re.IGNORECASE)  # some write the sign as a reference
_NESTED = re.compile(f"<{_in_any_case('script')}".encode())
# It matches as far as none has too many.
_BOUNDED_TAGS = re.compile(rf"[^<]*+(?:<(?:{_TAG}(?!{_ATTRIBUTE})|(?![a-zA-Z]))[^<]*+)*+")


def without_programs(page: bytes) -> bytes:
    """The page with nothing in its scripts and styles, but for what they say in JSON-LD. Of encodings that hold ASCII."""
    return b"".join(_kept(page))


def has_monstrous_tag(html: str) -> bool:
    """Whether a tag has more than MOST_ATTRIBUTES: parsers take time by the square of them."""
    return _BOUNDED_TAGS.fullmatch(html) is None


def _kept(page: bytes) -> Iterator[bytes]:
    position = 0
    while start := _UP_TO_TEXT.match(page, position):
        name = start["name"].lower()
        end = _END_OF[name].search(page, start.end())
        if end is None or (name == b"script" and _holds_another(page, start.end(), end.start())):
            break
        is_dropped = name.decode() in _DROPPED and not _JSON_LD.search(start["attributes"])
        yield page[position : start.end() if is_dropped else end.start()]
        position = end.start()
    yield page[position:]


def _holds_another(page: bytes, start: int, end: int) -> bool:
    """Whether a script stands in a comment of this one: then its own end is another one ("script data double escaped")."""
    comment = page.find(b"<!--", start, end)
    return comment >= 0 and _NESTED.search(page, comment, end) is not None
