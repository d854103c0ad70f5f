"""Mutations: each spoils a document in its own way. (rng, document, another document) -> document."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.fuzz.scraps import ADDRESSES, BOXES, CHARSETS, MARKS, NUMBERS, RUNS, SCRAPS

Mutation = Callable[[Random, bytes, bytes], bytes]

_TAG = re.compile(rb"<[^<>]{1,300}>")
_END_TAG = re.compile(rb"</[^<>]{1,50}>")
_NAME = re.compile(rb"<([A-Za-z][\w:]*)")
_ADDRESS = re.compile(rb"""((?:href|src|url|srcset|about)\s*=\s*["'])([^"'<>]{0,500})""", re.IGNORECASE)
_LINK = re.compile(rb"(<(?:link|guid|loc|id)[^<>]*>)([^<>]{1,500})(<)")
_NUMBER = re.compile(rb"\d+")
_ENCODING = re.compile(rb"""((?:encoding|charset)\s*=\s*["']?)([\w-]+)""", re.IGNORECASE)
_TEXT = re.compile(rb">([^<>]{3,2000})<")


def flip(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Some bytes become others."""
    spoilt = bytearray(text)
    for _ in range(rng.randint(1, 20) if spoilt else 0):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    return bytes(spoilt)


def cut_off(rng: Random, text: bytes, _other: bytes) -> bytes:
    """It breaks off."""
    return text[: _place(rng, text)]


def cut_out(rng: Random, text: bytes, _other: bytes) -> bytes:
    """A part is missing."""
    start, end = _part(rng, text)
    return text[:start] + text[end:]


def splice(rng: Random, text: bytes, other: bytes) -> bytes:
    """It begins as one document and ends as another."""
    return text[: _place(rng, text)] + other[_place(rng, other) :]


def insert(rng: Random, text: bytes, other: bytes) -> bytes:
    """A part of another document stands in it."""
    start, end = _part(rng, other)
    return _put(rng, text, other[start:end])


def double(rng: Random, text: bytes, _other: bytes) -> bytes:
    """A part is there many times."""
    start, end = _part(rng, text)
    return text[:end] + text[start:end] * rng.choice((1, 2, 30, 300)) + text[end:]


def swap_tags(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Some tags change places."""
    tags = _TAG.findall(text)
    if not tags:
        return text
    share = rng.choice((0.01, 0.1, 1.0))
    return _TAG.sub(lambda tag: rng.choice(tags) if rng.random() < share else tag[0], text)


def leave_open(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Elements have no end."""
    share = rng.choice((0.05, 0.5, 1.0))
    return _END_TAG.sub(lambda tag: b"" if rng.random() < share else tag[0], text)


def rename(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Elements of one name get the name of others."""
    names = list(dict.fromkeys(_NAME.findall(text)))
    if not names:
        return text
    old, new = rng.choice(names), rng.choice([*names, *BOXES])
    return re.sub(rb"(</?)" + re.escape(old) + rb"\b", rb"\1" + new, text)


def nest(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Elements stand in elements, far too deep."""
    name = rng.choice([*BOXES, *_NAME.findall(text)[:50]])
    depth = rng.choice((10, 200, 300, 3_000, 30_000))
    start, end = _part(rng, text)
    closing = (b"</%s>" % name) * rng.choice((0, depth))
    return text[:start] + (b"<%s>" % name) * depth + text[start:end] + closing + text[end:]


def many_attributes(rng: Random, text: bytes, _other: bytes) -> bytes:
    """A tag has a thousand attributes, or a very large one."""
    count, size = rng.choice(((1, 200_000), (90, 100), (1_900, 3), (10_000, 3)))
    attributes = b"".join(b' a%d="%s"' % (n, b"x" * size) for n in range(count))
    return _into_tag(rng, text, attributes)


def known_attributes(rng: Random, text: bytes, _other: bytes) -> bytes:
    """A tag has attributes that a program looks at."""
    names = (
        b"style",
        b"class",
        b"id",
        b"lang",
        b"xml:base",
        b"xml:lang",
        b"width",
        b"srcset",
        b"data-src",
        b"type",
    )
    value = rng.choice([*ADDRESSES, *NUMBERS, *RUNS])
    value *= rng.choice((1, 1, 1000))
    return _into_tag(rng, text, b' %s="%s"' % (rng.choice(names), value.replace(b'"', b"")))


def scraps(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Odd things stand anywhere."""
    for _ in range(rng.randint(1, 8)):
        text = _put(rng, text, rng.choice(SCRAPS) * rng.choice((1, 1, 1, 200)))
    return text


def addresses(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Links and pictures lead nowhere."""
    share = rng.choice((0.1, 1.0))

    def other(match: re.Match[bytes]) -> bytes:
        return match[1] + rng.choice(ADDRESSES) + match[0][match.end(2) - match.start() :]

    pattern = rng.choice((_ADDRESS, _LINK))
    return pattern.sub(lambda match: other(match) if rng.random() < share else match[0], text)


def numbers(rng: Random, text: bytes, _other: bytes) -> bytes:
    """Numbers are none, or too large."""
    share = rng.choice((0.02, 0.3))
    return _NUMBER.sub(lambda number: rng.choice(NUMBERS) if rng.random() < share else number[0], text)


def charset(rng: Random, text: bytes, _other: bytes) -> bytes:
    """It claims an encoding that it is not in."""
    name = rng.choice(CHARSETS)
    if rng.random() < 0.3:
        text = re.sub(rb"^\s*<\?xml[^>]*\?>", b"", text)
        return b'<?xml version="1.0" encoding="%s"?>' % name + text
    return _ENCODING.sub(lambda match: match[1] + name, text)


def recode(rng: Random, text: bytes, _other: bytes) -> bytes:
    """It is in another encoding, or begins with the mark of one."""
    if rng.random() < 0.5:
        return rng.choice(MARKS) + text
    encoding = rng.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32-le", "utf-8-sig", "cp037", "gb18030", "utf-7")
    )
    return text.decode("utf-8", "replace").encode(encoding, "replace")


def run(rng: Random, text: bytes, _other: bytes) -> bytes:
    """One sign, very often."""
    return _put(rng, text, rng.choice(RUNS) * rng.choice((100, 5_000, 100_000, 400_000)))


def long_texts(rng: Random, text: bytes, other: bytes) -> bytes:
    """A text is as long as a book, or gone."""
    start, end = _part(rng, other)
    share = rng.choice((0.05, 0.5))
    filling = rng.choice((b"", b" ", other[start:end][:3000], b"word " * 20_000))
    return _TEXT.sub(lambda match: b">%s<" % filling if rng.random() < share else match[0], text)


def turn(_rng: Random, text: bytes, _other: bytes) -> bytes:
    """Its tags stand in the opposite order."""
    return b"".join(reversed(_TAG.split(text))) if len(text) % 2 else b"".join(reversed(_TAG.findall(text)))


MUTATIONS: tuple[Mutation, ...] = (
    *(flip, cut_off, cut_out, splice, insert, double, swap_tags, leave_open, rename, nest, many_attributes),
    *(known_attributes, scraps, scraps, addresses, numbers, charset, recode, run, long_texts, turn),
)


def _place(rng: Random, text: bytes) -> int:
    return rng.randint(0, len(text))


def _part(rng: Random, text: bytes) -> tuple[int, int]:
    start = _place(rng, text)
    return start, min(len(text), start + rng.choice((1, 20, 300, 5_000, 100_000)))


def _put(rng: Random, text: bytes, scrap: bytes) -> bytes:
    """Put it in anywhere, but mostly where a text begins."""
    place = _place(rng, text)
    if rng.random() < 0.7:
        place = text.find(b">", place) + 1 or place
    return text[:place] + scrap + text[place:]


def _into_tag(rng: Random, text: bytes, attributes: bytes) -> bytes:
    tags = list(_TAG.finditer(text[:200_000]))
    if not tags:
        return text
    tag = rng.choice(tags)
    end = tag.end() - (2 if tag[0].endswith(b"/>") else 1)
    return text[:end] + attributes + text[end:]
