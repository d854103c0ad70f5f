"""Measure a text: letters, words, sentences, numbers, scripts. What check.py compares."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from bot.stages import language

_NUMBER = re.compile(r"\d+(?:[.,:\u202f\xa0 ]\d+)*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_OPENERS, _CLOSERS = "“«‘(", "”»’)"

_SCRIPTS = {
    "CYRILLIC": "ru uk be bg mk sr kk ky mn tg",
    "ARABIC": "ar fa ur ps ckb ug sd",
    "HEBREW": "he yi",
    "GREEK": "el",
    "DEVANAGARI": "hi mr ne sa",
    "BENGALI": "bn as",
    "THAI": "th",
    "HANGUL": "ko",
    "CJK": "zh",
    "HIRAGANA": "ja",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "SINHALA": "si",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "ETHIOPIC": "am ti",
}
SCRIPT_OF = {code: script for script, codes in _SCRIPTS.items() for code in codes.split()}


def short(text: str) -> str:
    """The start of a text, for a message."""
    return text if len(text) <= 60 else text[:57] + "..."


@lru_cache(maxsize=4096)
def letters(text: str) -> int:
    """How many letters and digits it has."""
    return sum(map(str.isalnum, text))


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Its letters and digits alone, in one case."""
    return "".join(filter(str.isalnum, text)).casefold()


def looks_like_names(text: str) -> bool:
    """Whether it is at most three capitalised words; initials do not count."""
    words = [word for word in text.split() if not re.fullmatch(r"(?:\w\.)+|\W+", word)]
    return len(words) <= 3 and not any(word[0].islower() for word in words) and any(map(str.isupper, text))


def kept_words(source: str, target: str) -> float:
    """The share of the source's plain words (small first letter, at least five of them) that the target has."""
    words = {word for word in _WORD.findall(source) if len(word) >= 4 and word[0].islower()}
    if len(words) < 5:
        return 0.0
    return len(words & set(_WORD.findall(target))) / len(words)


@lru_cache(maxsize=4096)
def sentences(text: str, code: str) -> int:
    """How many sentences it has, in the language `code`."""
    return sum(1 for sentence in language.sentences(text, code) if letters(sentence))


def numbers(text: str) -> list[str]:
    """The numbers in `text` in ASCII digits, without what groups them; of a time only the minutes."""
    return [
        "".join(str(unicodedata.digit(c)) for c in number.rpartition(":")[2] if c.isdecimal())
        for number in _NUMBER.findall(text)
    ]


def most_repeated(text: str) -> int:
    """How often the most frequent run of three words (ten characters where there are no words) occurs."""
    words = text.split()
    if len(words) >= 12:
        runs = Counter(" ".join(words[i : i + 3]) for i in range(len(words) - 2))
    elif len(text) >= 40 and len(words) <= 3:
        runs = Counter(text[i : i + 10] for i in range(len(text) - 9))
    else:
        return 0
    return max(runs.values())


def share_of_script(text: str, script: str) -> tuple[float, int]:
    """The share of `script` among the letters, and how many letters there are."""
    letters = [c for c in text if c.isalpha()]
    alike = ("CJK", "HIRAGANA", "KATAKANA") if script in {"CJK", "HIRAGANA"} else (script,)
    own = sum(1 for c in letters if _name(c).startswith(alike))
    return own / max(1, len(letters)), len(letters)


@lru_cache(maxsize=8192)
def _name(character: str) -> str:
    return unicodedata.name(character, "")


def is_balanced(text: str) -> bool:
    """Whether each quote and bracket that opens closes too."""
    text = re.sub(r"(?<=\w)[’']", "", text)
    return text.count('"') % 2 == 0 and all(
        text.count(opener) == text.count(closer) for opener, closer in zip(_OPENERS, _CLOSERS, strict=True)
    )


def is_quantity(text: str) -> bool:
    """Whether it is a number with a unit or the like ("198 mm", "54 dB(A)"), the same in all languages."""
    words = re.findall(r"[^\W\d_]+", text)
    return any(map(str.isdigit, text)) and all(len(word) <= 3 for word in words)
