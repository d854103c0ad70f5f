"""Similar: tell whether two feeds tell the same story, in the same words.

Two different stories must never pass for one, so what counts is text, not subject. An editor may add words
to a title or a lead, or cut them; where a word stands in place of another ("Monday" for "Tuesday", 12 for 21,
one name for another) there are two stories. Two papers that report one event in their own words have
written two stories as well. Where the words do not tell ("Morning briefing", with one lead every day), dates do: two
articles of one paper that came out hours apart are two, and a lead that a feed has used on another day tells nothing.
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bot.model import Entry

Words = tuple[str, ...]

APART = timedelta(hours=6)
"""Longer than the sections of a paper take to bring one article, shorter than from one edition to the next."""

_MARKUP_CHARS, _TEXT_CHARS = 4000, 1000  # looked at for the lead
_START_MARKUP_CHARS, _START_CHARS = 800, 200  # by which a lead is known again in its feed
_LEAD_WORDS = 40
_WIDEST_GAP_PART = 0.25  # words that one lead may have between those of the other, as part of them
_TITLE_WEIGHT, _LEAD_WEIGHT = 12, 60  # letters that a text must have to say anything, see `_weight`

_TAG = re.compile(r"<[^<>]*>")
_CUT_OFF = re.compile(r"\b\w+\s*\[?\s*(?:…|\.\.\.)\s*\]?.{0,120}$")  # with the word it cuts
_FOOT = re.compile(
    r"\b(?:the post\b.{1,400}\bappeared first on\b|continue reading\b|read more\b).{0,200}$", re.IGNORECASE
)
_THOUSANDS = re.compile(r"(?<=\d)[.,\u2009\u202f\u00a0](?=\d{3}(?!\d))")
_INITIALS = re.compile(r"\b([^\W\d_])\.(?=[^\W\d_]\b)")
_APOSTROPHE = re.compile("['’ʼ`´]")
_SIGN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")  # of a script without spaces
_WORD = re.compile(  # with its accents and vowel signs, which are no letters to `\w`
    r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u109f\u1780-\u17d3]+"
)


class Headline(NamedTuple):
    """What is remembered of an entry, to find those that are alike. `text` is the title as it was told."""

    key: str
    feed: str
    text: str
    seen_at: datetime
    title: Words
    address: str


class Lead(NamedTuple):
    """The beginning of a summary or a text: its words, and its plain text, by which it is known when it comes again."""

    words: Words
    start: str


@dataclass(frozen=True, slots=True)
class Story:
    """What is compared."""

    headline: Headline
    leads: tuple[Lead, ...]
    published: datetime | None


def headline_of(entry: Entry, seen_at: datetime, *, address: str = "", source: str = "") -> Headline:
    """The headline of an entry.

    `address` is its link in the normal form of the feed stage, `source` the name that its feed may put
    before or behind a title.
    """
    return Headline(
        key=entry.key,
        feed=entry.feed,
        text=entry.title,
        seen_at=seen_at,
        title=_without(words(entry.title), words(source)),
        address=address if "/" in address else "",  # a home page is no address of a story
    )


def story_of(headline: Headline, entry: Entry) -> Story:
    """The story under a headline."""
    leads = (Lead(_lead(markup), _start(markup)) for markup in (entry.summary_html, entry.content_html))
    return Story(headline, tuple(lead for lead in leads if lead.words), entry.published)


class Leads:
    """Which leads a feed has used on several days, and so tells no story by."""

    def __init__(self) -> None:
        self._used: dict[int, tuple[float, float]] = {}  # first and last, in seconds since 1970

    def add(self, entry: Entry) -> None:
        """Remember the leads of an entry."""
        if entry.published is None:
            return
        at = entry.published.timestamp()
        for start in filter(None, map(_start, (entry.summary_html, entry.content_html))):
            use = hash((entry.feed, start))
            first, last = self._used.get(use, (at, at))
            self._used[use] = min(first, at), max(last, at)

    def repeats(self, feed: str, lead: Lead) -> bool:
        """Whether entries of this feed that came out hours apart began with it."""
        first, last = self._used.get(hash((feed, lead.start)), (0, 0))
        return last - first > APART.total_seconds()


_NONE_KNOWN = Leads()


def same_story(one: Story, other: Story, known: Leads = _NONE_KNOWN) -> bool:
    """Whether both are one story: titles that agree, and a lead, or the address, in common.

    The lead of a live page, or of a column, changes or stays from day to day. So hours apart, one address is one
    story only where the leads do not speak against it, and two addresses of one host are two.
    """
    mine, theirs = one.headline, other.headline
    if not _titles_agree(mine.title, theirs.title):
        return False
    apart = _apart(one, other)
    if mine.address and mine.address == theirs.address:
        speaks = apart and one.leads and other.leads
        return not speaks or _common_lead(one, other, known)
    if apart and _host(mine.address) == _host(theirs.address) != "":
        return False
    if min(_weight(mine.title), _weight(theirs.title)) < _TITLE_WEIGHT:
        return False
    return _common_lead(one, other, known, lightest=_LEAD_WEIGHT)


class Index:
    """Headlines by their words: what is not alike at all is never compared.

    Among hundreds of thousands of objects Python's garbage collector would look for garbage again and again. It
    leaves out plain tuples of texts, and arrays.
    """

    def __init__(self) -> None:
        self._headlines: list[tuple[Any, ...]] = []
        self._by_word: defaultdict[str, array[int]] = defaultdict(_numbers)
        self._by_rarest_word: defaultdict[str, array[int]] = defaultdict(_numbers)  # when it was added

    def add(self, headline: Headline) -> None:
        """Remember a headline."""
        number, distinct = len(self._headlines), set(headline.title)
        if distinct:
            self._by_rarest_word[self._rarest(distinct)].append(number)
        for word in distinct:
            self._by_word[word].append(number)
        self._headlines.append(tuple(headline))

    def alike(self, headline: Headline) -> list[Headline]:
        """Those of other feeds that agree with it, the first that was added first."""
        asked = set(headline.title)
        if not asked:
            return []
        longer = self._by_word.get(self._rarest(asked), ())
        shorter = [n for word in asked for n in self._by_rarest_word.get(word, ())]
        candidates = (Headline._make(self._headlines[n]) for n in sorted({*longer, *shorter}))
        return [
            other
            for other in candidates
            if other.feed != headline.feed
            and _share_words(headline.title, asked, other.title)
            and _titles_agree(headline.title, other.title)
        ]

    def _rarest(self, distinct: Iterable[str]) -> str:
        return min(distinct, key=lambda word: len(self._by_word.get(word, ())))


def _numbers() -> array[int]:
    return array("L")


def words(text: str) -> Words:
    """The words of a text in one spelling: without case, punctuation, apostrophes, thousands separators."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = _APOSTROPHE.sub("", _INITIALS.sub(r"\1", _THOUSANDS.sub("", plain)))
    return tuple(map(sys.intern, _WORD.findall(_SIGN.sub(r" \g<0> ", plain))))


def _lead(markup: str) -> Words:
    """The first words of a text, without the foot that blogs put under a teaser."""
    text = " ".join(html.unescape(_TAG.sub(" ", markup[:_MARKUP_CHARS])).split())
    if len(text) <= _TEXT_CHARS:
        text = _CUT_OFF.sub("", _FOOT.sub("", text))
    return words(text[:_TEXT_CHARS])[: 3 * _LEAD_WORDS]


def _start(markup: str) -> str:
    """The first letters of a text."""
    plain = html.unescape(_TAG.sub(" ", markup[:_START_MARKUP_CHARS]))
    return " ".join(plain.split())[:_START_CHARS].casefold()


def _without(title: Words, source: Words) -> Words:
    """A title without the name of its source at either end."""
    length = len(source)
    if not length or length >= len(title):
        return title
    if title[-length:] == source:
        return title[:-length]
    return title[length:] if title[:length] == source else title


def _apart(one: Story, other: Story) -> bool:
    """Whether both have a date, and these lie hours apart."""
    if one.published is None or other.published is None:
        return False
    return abs(one.published - other.published) > APART


def _host(address: str) -> str:
    return address.partition("/")[0]


def _share_words(one: Words, distinct: AbstractSet[str], other: Words) -> bool:
    """Whether all words of the shorter title are in the other: what tells most candidates apart, quickly."""
    return all(
        map(other.__contains__, distinct) if len(one) <= len(other) else map(distinct.__contains__, other)
    )


def _titles_agree(one: Words, other: Words) -> bool:
    """Whether one has all words of the other, and at most as many again, and both the same numbers."""
    short, long = sorted((Counter(one), Counter(other)), key=Counter.total)
    return (
        bool(short)
        and short <= long
        and long.total() <= 2 * short.total()
        and not any(map(_has_digit, long - short))
    )


def _common_lead(one: Story, other: Story, known: Leads, *, lightest: int = 0) -> bool:
    """Whether a lead of one agrees with one of the other, of this weight at least, and neither feed repeats it."""
    mine, theirs = (
        [
            lead.words
            for lead in each.leads
            if _weight(lead.words) >= lightest and not known.repeats(each.headline.feed, lead)
        ]
        for each in (one, other)
    )
    return any(_leads_agree(lead, another) for lead in mine for another in theirs)


def _leads_agree(one: Words, other: Words) -> bool:
    """Whether the beginning of the shorter runs through the other, in its order."""
    short, long = sorted((one, other), key=len)
    short = short[:_LEAD_WORDS]
    starts = (n for n in range(len(long)) if long[n] == short[0])
    return any(_runs_through(short, long[start:]) for start in starts)


def _runs_through(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether all of `short` comes in `long`, with few words and no numbers between."""
    most = int(len(short) * _WIDEST_GAP_PART)
    matched = 0
    for word in long[: len(short) + most]:
        if word == short[matched]:
            matched += 1
            if matched == len(short):
                return True
        elif _has_digit(word):
            return False
    return False


def _weight(text: Words) -> int:
    """The letters of a text; a sign that is a word of its own counts for two."""
    return sum(max(2, len(word)) for word in text)


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
