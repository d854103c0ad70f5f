"""What the feed says of an article, by which its page is known, or known not to be it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.model import Entry
from bot.stages.extract import whole
from bot.stages.extract.feed_text import bodies_of
from bot.stages.extract.metadata import squeeze

LEAST_WORDS = 5  # of weight, in title and summary: a feed that says less may mean anything
LEAST_TITLE_WORDS = 3
OTHER_SHARE = 0.2  # of those; true articles have a fourth and more, other ones seldom
SAME_SHARE = 0.34
SUMMARY_CHARS = 600
_STEM_LETTERS = 5  # of a word: it may be inflected

_WORD = re.compile(rf"[^\W\d_]{{{_STEM_LETTERS},}}")
_SIGNS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")  # each two are a word of weight
_SYLLABLES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{4,}")  # each four
_LATIN = re.compile("[a-z]")
_LETTER = re.compile(r"[^\W\d_]")
_START_PATH = re.compile(
    r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:(?:index|default|home)(?:\.\w{2,5})?/?)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Title, beginning of the summary and longest text of an entry, its link and its language; '' : not told."""

    title: str = ""
    summary: str = ""
    text: str = ""
    link: str = ""
    language: str = ""

    @classmethod
    def of(cls, entry: Entry | None) -> Expected:
        """What this entry says."""
        if entry is None:
            return NOTHING
        texts = list(map(whole.text_of, bodies_of(entry)))
        summary = whole.text_of(entry.summary_html) or next(iter(texts), "")
        return cls(
            squeeze(entry.title),
            summary[:SUMMARY_CHARS],
            next(iter(texts), ""),
            entry.link,
            entry.language,
        )

    def fault_of_address(self, url: str) -> str:
        """What is wrong with the address `url`, to which the link of the entry led; '' where nothing is."""
        if self.link and _is_start(url) and not _is_start(self.link) and _host(url) == _host(self.link):
            return "its link leads to the start page of the site"
        return ""

    def is_met_by(self, text: str) -> bool:
        """Whether this text tells of what title and summary tell."""
        words = words_of(f"{self.title} {self.summary}")
        found = _count(words, text)
        return found >= 2 and found >= len(words) * SAME_SHARE

    def is_headed(self, title: str) -> bool:
        """Whether a page of this title may be its own, by the words of weight in both."""
        words = words_of(self.title)
        return len(words) < LEAST_TITLE_WORDS or _count(words, title) >= len(words) * SAME_SHARE

    def fault_of_text(self, text: str, title: str, language: str) -> str:
        """Why a page of this `title` with this `text` is another one's; '' where it may well be the entry's."""
        shown = f"{title} {text}".lower()
        if _in_other_words(self.language, language) or _script(self.title) != _script(shown):
            return ""
        titled = words_of(self.title)
        words = titled | words_of(self.summary)
        if len(titled) < LEAST_TITLE_WORDS or len(words) < LEAST_WORDS or self.title.lower() in shown:
            return ""
        if any(_count(part, shown) > len(part) * OTHER_SHARE for part in (titled, words)):
            return ""
        return f"holds {_count(words, shown)} of the {len(words)} words by which the feed tells of it"


NOTHING = Expected()


def words_of(text: str) -> set[str]:
    """The words of weight of a text, without their endings; of scripts without spaces, short runs of signs."""
    text = text.lower()
    words = {word[:_STEM_LETTERS] for word in _WORD.findall(_SYLLABLES.sub(" ", _SIGNS.sub(" ", text)))}
    for pattern, size in ((_SIGNS, 2), (_SYLLABLES, 4)):
        for run in pattern.findall(text):
            words |= {run[start : start + size] for start in range(len(run) - size + 1)}
    return words


def _count(words: Collection[str], text: str) -> int:
    text = text.lower()
    return sum(word in text for word in words)


def _in_other_words(one: str, other: str) -> bool:
    """Whether they are two languages; where one is not told, they are not."""
    first, second = (each.lower().partition("-")[0] for each in (one, other))
    return bool(first and second and first != second)


def _script(text: str) -> bool:
    """Whether most of its letters are Latin."""
    beginning = text[:2000].lower()
    return len(_LATIN.findall(beginning)) * 2 > len(_LETTER.findall(beginning))


def _is_start(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return not parts.query and not parts.fragment and _START_PATH.fullmatch(parts.path) is not None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
