"""Titles of one entry, as an editor may have changed them; and those of two."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

_WORD = re.compile(r"\w+")
_SHARED = 0.7  # of the words, where some stand in place of others
_SPELT = 90  # percent of the letters, where words are spelt in another way


def headline(title: str) -> str:
    """A title for comparing: letter case, blanks and compatibility forms do not count."""
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())


def alike(one: str, other: str) -> bool:
    """Whether one title may be the other, edited.

    Words may be added or left out, misspellings mended, and of a longer title a few words replaced. Another number in
    place of one makes another title, or all the episodes of a series would be one.
    """
    mine, theirs = _read(one), _read(other)
    if mine.text == theirs.text:
        return True
    if not mine.words or not theirs.words:
        return False
    shared = LCSseq.similarity(mine.words, theirs.words)
    if shared == min(len(mine.words), len(theirs.words)):
        return True
    if mine.numbers != theirs.numbers:
        return False
    return shared / max(len(mine.words), len(theirs.words)) >= _SHARED or _spelt_alike(mine.text, theirs.text)


class _Read(NamedTuple):
    text: str
    words: tuple[str, ...]
    numbers: tuple[str, ...]


@lru_cache(maxsize=64)  # one title is compared with several
def _read(title: str) -> _Read:
    text = headline(title)
    words = tuple(_WORD.findall(text))
    return _Read(text, words, tuple(sorted(word for word in words if any(map(str.isdigit, word)))))


def _spelt_alike(one: str, other: str) -> bool:
    return fuzz.ratio(one, other) >= _SPELT
