"""Titles and texts of one entry, as an editor may have changed them; and those of two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from bot.model import Entry

_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]*>")
_TEXT_CHARS, _TEXT_WORDS = 4000, 120  # of a text that are compared
_FEWEST_WORDS = 8  # that tell anything
_SAME_WORDS, _OTHER_WORDS = 0.9, 0.5  # in their order, as part of the shorter text
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


def texts_alike(one: Entry, other: Entry) -> bool:
    """Whether both have a text, and it is the same but for some words."""
    shared = _shared_part(_words_of(one), _words_of(other), fewest=1)
    return shared is not None and shared >= _SAME_WORDS


def texts_unlike(one: Entry, other: Entry) -> bool:
    """Whether both have a text, long enough to say something, and one cannot be the other, edited."""
    shared = _shared_part(_words_of(one), _words_of(other), fewest=_FEWEST_WORDS)
    return shared is not None and shared < _OTHER_WORDS


def _shared_part(mine: Sequence[str], theirs: Sequence[str], *, fewest: int) -> float | None:
    """How much of the shorter text is in the other; None where they are too short to tell."""
    length = min(len(mine), len(theirs))
    if length < fewest:
        return None
    return LCSseq.similarity(mine[:length], theirs[:length]) / length


def _words_of(entry: Entry) -> Sequence[str]:
    markup = (entry.content_html or entry.summary_html)[:_TEXT_CHARS]
    return _WORD.findall(headline(_TAG.sub(" ", markup)))[:_TEXT_WORDS]


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
