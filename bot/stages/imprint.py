"""Imprint: know the text of a page again that the same host shows under another address.

Some sites show their home page, a consent page or their last story in the place of every article. So a page's text
is refused where another item of the host had the same one, unless it may well be right:

* both items have one title, give or take a few words: a story with two addresses, an update, a daily report. Items
  without a title have none in common, and one of a word or two ("Video") is not taken for a part of another. Of these
  one may tell the story of the other: see `is_one_story`;
* both links lead to one page: the entries of a changelog;
* this page bears the title of its item, and that other page did not: it is the other one that was wrong;
* the text is so short that it tells nothing, as under a weekly cartoon.

Texts are compared by the smallest hashes of their runs of words (Broder, "On the resemblance and containment of
documents", 1997): a changed date, a counter, a list of links beside the text make no other text of it.
"""

from __future__ import annotations

import html
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from rapidfuzz import fuzz

from bot.model import CleanArticle, Entry, Imprint

RUN_WORDS = 5
MOST_RUNS = 32
FEWEST_RUNS = 20
SAME_SHARE = 0.8  # of the runs; two stories in the words of one form have far fewer in common
FEWEST_TITLE_WORDS = 3  # of a title that may be a part of another
SAME_TITLE_SHARE = 0.75  # of the words; more is another date or another number in the same title
NEARLY_SAME_PERCENT = 85  # of the letters of two titles: a word more or less, a slip of the pen
_SAME_MINUTE, _SAME_DAY = timedelta(minutes=1), timedelta(days=1)
_MOST_CHARS = 20_000

_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+"
)  # a sign of a script without spaces is one


@dataclass(frozen=True, slots=True)
class Dates:
    """When an item came out, as its feed says and as its page does."""

    told: datetime | None
    shown: datetime | None


def imprint(article: CleanArticle, entry: Entry) -> Imprint:
    """What is to be remembered of the page that `article` was found on."""
    words = _words(html.unescape(_TAG.sub(" ", article.html[:_MOST_CHARS])))
    runs = {
        zlib.crc32(" ".join(words[n : n + RUN_WORDS]).encode()) for n in range(len(words) - RUN_WORDS + 1)
    }
    return Imprint(
        key=entry.key,
        title=entry.title,
        link=entry.link,
        runs=tuple(sorted(runs)[:MOST_RUNS]),
        titled=_same_title(article.title, entry.title),
    )


def twin(one: Imprint, others: Sequence[Imprint]) -> Imprint | None:
    """The first of these that makes the text of `one` the wrong one; None where it may be right."""
    return next((each for each in others if _only_one_is_right(one, each) and not _is_right(one, each)), None)


def wrong_beside(one: Imprint, others: Sequence[Imprint]) -> list[Imprint]:
    """Those of these whose text `one` shows to be the wrong one, for they showed what bears its title."""
    return [each for each in others if _only_one_is_right(one, each) and _is_right(one, each)]


def told_before(one: Imprint, known: Sequence[Imprint]) -> list[Imprint]:
    """Those remembered before this item that have its text and may have its title, the newest first.

    `known` has the newest first, and this item among them: a text is remembered when its page is read, so that
    even of two pages that are read at once only one comes after the other.
    """
    place = [each.key for each in known].index(one.key)
    return [
        each
        for each in known[place + 1 :]
        if _same_text(one.runs, each.runs) and _nearly_one_title(one.title, each.title)
    ]


def is_one_story(one: Imprint, other: Imprint, mine: Dates, theirs: Dates) -> bool:
    """Whether two items that show one text under nearly one title tell one story, and not two daily reports.

    Their dates say so. Where one has none, the title must be more than a word or two, have no word in place of
    another, and the pages be two.
    """
    same = _one_date(mine, theirs)
    if same is not None:
        return same
    words, others = _words(one.title), _words(other.title)
    return (
        min(len(words), len(others)) >= FEWEST_TITLE_WORDS
        and _is_part(words, others)
        and _page(one.link) != _page(other.link)
    )


def _one_date(mine: Dates, theirs: Dates) -> bool | None:
    """Whether both came out at one time; None where that cannot be known."""
    for one, other in ((mine.told, theirs.told), (mine.shown, theirs.shown)):
        if one and other:
            return abs(one - other) < _SAME_MINUTE
    one, other = mine.told or mine.shown, theirs.told or theirs.shown
    return False if one and other and abs(one - other) > _SAME_DAY else None


def _nearly_one_title(one: str, other: str) -> bool:
    """Whether one has all words of the other, or both have nearly the same letters; and both the same numbers."""
    words, others = _words(one), _words(other)
    all_there = _is_part(words, others) and _numbers(words) == _numbers(others)
    return all_there or _same_letters(words, others)


def _same_letters(one: Sequence[str], other: Sequence[str]) -> bool:
    alike = fuzz.ratio(" ".join(one), " ".join(other)) >= NEARLY_SAME_PERCENT
    return bool(one) and bool(other) and alike and _numbers(one) == _numbers(other)


def _is_part(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one has all words of the other, which has at most as many again."""
    short, long = sorted((one, other), key=len)
    return bool(short) and Counter(short) <= Counter(long) and len(long) <= 2 * len(short)


def _numbers(words: Sequence[str]) -> Counter[str]:
    return Counter(word for word in words if any(map(str.isdigit, word)))


def _only_one_is_right(one: Imprint, other: Imprint) -> bool:
    return (
        one.key != other.key
        and _same_text(one.runs, other.runs)
        and not _same_title(one.title, other.title)
        and _page(one.link) != _page(other.link)
    )


def _is_right(one: Imprint, other: Imprint) -> bool:
    return one.titled and not other.titled


def _same_text(one: Sequence[int], other: Sequence[int]) -> bool:
    if min(len(one), len(other)) < FEWEST_RUNS:
        return False
    shared = {*one}.intersection(other)
    if len(shared) < SAME_SHARE * min(len(one), len(other)):
        return False  # as most of them end
    smallest = sorted({*one, *other})[:MOST_RUNS]
    return sum(run in shared for run in smallest) >= SAME_SHARE * len(smallest)


def _same_title(one: str, other: str) -> bool:
    """Whether both are titles, and are the same, nearly the same, or the shorter has all its words in the other."""
    words, others = _words(one), _words(other)
    mine, theirs = Counter(words), Counter(others)
    if not mine or not theirs:
        return False
    if _same_letters(words, others):
        return True
    shared, fewer = (mine & theirs).total(), min(mine.total(), theirs.total())
    return shared == fewer >= FEWEST_TITLE_WORDS or (
        2 * shared > SAME_TITLE_SHARE * (mine.total() + theirs.total())
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _page(link: str) -> tuple[str, str, str]:
    """The page that a link leads to, whichever part of it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return "", link, ""
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query
