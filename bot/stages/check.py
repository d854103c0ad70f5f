"""Doubt a translation: of each line, and of the whole article.

Each check gives Findings with weights. Within one line, ASK_AGAIN and more is worth another question, and a
line at REFUSED is not used. Over the article the weights are summed, and 1.0 holds the post back.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sentencex
from rapidfuzz import fuzz

from bot.model import Finding
from bot.stages import language
from bot.stages.markers import Answer, Line, order, plain_text

ASK_AGAIN = 0.3
REFUSED = 1.0
_SMALL_TOGETHER = 0.6
CONFIRMED = 0.2  # what is left of a doubt when a second, independent answer agrees with the first
CONFIRMABLE = frozenset({"order", "digits", "end", "sentences", "length", "echo"})

_ERROR_PAGE = re.compile(
    r"error 500|that.s an error|server error\)|unusual traffic|captcha|mymemory warning|query length limit"
    r"|invalid (?:source|target) language|too many requests|<!doctype|quota exceeded|rate limit",
    re.IGNORECASE,
)
_LEFTOVERS = re.compile(r"\[\[|\]\]|\{\{|\}\}|&(?:amp|lt|gt|quot|nbsp|#\d+);|\ufffd|</?[a-z][a-z0-9]*\s*/?>")
_NUMBER = re.compile(r"\d+(?:[.,:\u202f\xa0 ]\d+)*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_OPENERS, _CLOSERS = "“«‘(", "”»’)"

# How long a text is, beside the same text in English (letters and digits).
_DENSITY = {"zh": 0.33, "ja": 0.5, "ko": 0.5, "ar": 0.82, "he": 0.78, "fa": 0.9, "th": 0.95, "hi": 0.85}
_NO_FULL_STOP = frozenset({"th", "lo"})
_MYRIADS = frozenset({"zh", "ja", "ko", "hi", "mr", "bn"})  # numbers are grouped and spoken otherwise

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
_SCRIPT_OF = {code: script for script, codes in _SCRIPTS.items() for code in codes.split()}
_EITHER_SCRIPT = frozenset({"sr", "uz", "kk", "az", "ku", "tg", "mn"})


@dataclass(frozen=True, slots=True)
class Pair:
    """The languages of a translation, and `scale`: how long its lines come out beside what is usual (1.0)."""

    source: str
    target: str
    scale: float = 1.0
    settled: bool = False  # whether `scale` was measured on lines of this article

    @property
    def density(self) -> float:
        """How many letters of the target one letter of the source becomes, as a rule."""
        source, target = language.base(self.source), language.base(self.target)
        return _DENSITY.get(target, 1.0) / _DENSITY.get(source, 1.0)

    def ratio(self, source: str, target: str) -> float:
        """The length of a translation beside the usual length, 1.0 where it is that."""
        return _letters(target) / max(1.0, _letters(source) * self.density)


def weigh(findings: Iterable[Finding]) -> float:
    """The sum of their weights."""
    return sum(finding.weight for finding in findings)


class Echoes:
    """The texts of one request, to hear them in its answer: under whatever line they come back."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {
            bare for text in texts if len(bare := _bare(text)) >= 15 and not _looks_like_names(text)
        }
        self._heard: dict[str, bool] = {}

    def sound_in(self, answer: str) -> bool:
        """Whether a whole line that was sent stands in `answer`, untranslated."""
        if answer not in self._heard:
            bare = _bare(answer)
            self._heard[answer] = any(text in bare for text in self._texts)
        return self._heard[answer]


def check_line(line: Line, answer: Answer, pair: Pair) -> tuple[Finding, ...]:
    """All doubts about the translation of one line."""
    source, target = line.plain, plain_text(answer.items)
    if not any(map(str.isalnum, target)):
        return (Finding("empty", REFUSED, f"nothing came back for: {_short(source)}"),)
    return (
        *_echo(source, target, pair),
        *_length(source, target, pair),
        *_cut(source, answer.ended, target, pair),
        *_digits(source, target, pair),
        *_order(line, answer),
        *_foreign_matter(source, target),
        *_repetition(source, target),
        *_script(source, target, pair),
        *_quotes(source, target),
    )


def stretch(source: str, target: str, pair: Pair) -> float:
    """How far the length of an answer is from what this engine makes of such a line; 0.7 at half or double."""
    usual = _letters(source) * pair.density * pair.scale
    return abs(math.log((_letters(target) + 8) / (usual + 8)))


def confirmed(findings: Sequence[Finding], text: str, again: Sequence[Finding], text_again: str) -> bool:
    """Whether two answers that were asked for independently say the same, doubts included."""
    kinds = {finding.check for finding in findings if finding.weight >= ASK_AGAIN}
    others = {finding.check for finding in again if finding.weight >= ASK_AGAIN}
    return bool(kinds) and kinds == others and kinds <= CONFIRMABLE and fuzz.ratio(text, text_again) >= 85


def lessened(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of an answer that was confirmed."""
    return tuple(
        Finding(f.check, f.weight * CONFIRMED, f"{f.detail} (a second answer agrees)") for f in findings
    )


def tempered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of all lines. Small ones do not add up to a refusal, however long the article is."""
    small = weigh(finding for finding in findings if finding.weight < ASK_AGAIN)
    share = min(1.0, _SMALL_TOGETHER / small) if small else 1.0
    return tuple(
        Finding(f.check, f.weight * share, f.detail) if f.weight < ASK_AGAIN else f for f in findings
    )


def check_article(source: str, target: str, pair: Pair) -> tuple[Finding, ...]:
    """Doubts about the whole text: is it in the language it should be in?"""
    found, sure = language.detect(target)
    if not found or sum(map(str.isalpha, target)) < 200 or language.alike(found, pair.target):
        return ()
    if language.base(found) == language.base(pair.source):
        weight = REFUSED if _kept_words(source, target) > 0.3 else 0.2
        return (
            (Finding("language", weight, f"reads like {found} still, not {pair.target}"),)
            if sure > 0.5
            else ()
        )
    return (Finding("language", REFUSED, f"reads like {found}, not {pair.target}"),) if sure > 0.8 else ()


# --- the checks of a line -----------------------------------------------------------------------


def _echo(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    if language.base(pair.source) == language.base(pair.target):
        return
    one, two = _bare(source), _bare(target)
    if one == two:
        few = source.count(" ") < 2
        weight = 0.02 if _looks_like_names(source) else 0.4 if few else REFUSED
        yield Finding("echo", weight, f"came back unchanged: {_short(source)}")
        return
    kept = _kept_words(source, target)
    if kept >= 0.8 or (len(one) > 30 and fuzz.ratio(one, two) >= 96):
        yield Finding("echo", REFUSED, f"came back nearly unchanged: {_short(source)}")
    elif kept >= 0.4 and not language.alike(pair.source, pair.target):
        yield Finding("echo", 0.5, f"{kept:.0%} of its words came back unchanged: {_short(source)}")


def _length(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    sent, got = _letters(source) * pair.density, _letters(target)
    slack = 12
    ratio = (got + slack) / (sent + slack)
    told = f"{got} letters for {_letters(source)}: {_short(source)}"
    if not 0.42 < ratio < 2.6:
        yield Finding("length", REFUSED, told)
    elif (pair.settled and sent >= 60 and pair.ratio(source, target) < 0.72 * pair.scale) or (
        pair.settled and sent >= 60 and pair.ratio(source, target) > 1.45 * pair.scale
    ):
        yield Finding("length", 0.5, told)
    elif not 0.6 < ratio < 2.0:
        yield Finding("length", 0.4, told)


def _cut(source: str, ended: bool, target: str, pair: Pair) -> Iterator[Finding]:  # noqa: FBT001 - a fact of the answer, not a switch
    ratio = pair.ratio(source, target) / pair.scale
    if not ended and language.base(pair.target) not in _NO_FULL_STOP:
        weight = REFUSED if ratio < 0.9 else 0.5
        yield Finding("end", weight, f"its end mark is missing, perhaps cut: {_short(source)}")
    sent, got = _sentences(source, pair.source), _sentences(target, pair.target)
    if got < sent:
        weight = REFUSED if ratio < 0.85 else 0.4
        yield Finding("sentences", weight, f"{got} sentences, not the {sent} of: {_short(source)}")
    elif got > sent and ratio > 1.2 and pair.settled:
        yield Finding("sentences", 0.5, f"{got} sentences, not the {sent} of: {_short(source)}")


def _digits(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    got = "".join(_numbers(target))
    missing = [number for number in _numbers(source) if len(number) > 1 and number not in got]
    if missing:
        weight = 0.1 if language.base(pair.target) in _MYRIADS else ASK_AGAIN
        yield Finding("digits", weight, f"{', '.join(missing[:3])} is missing in: {_short(target)}")


def _order(line: Line, answer: Answer) -> Iterator[Finding]:
    if line.marks and order(answer.items) != order(line.items):
        yield Finding("order", ASK_AGAIN, f"markers changed places in: {_short(line.plain)}")


def _foreign_matter(source: str, target: str) -> Iterator[Finding]:
    if (page := _ERROR_PAGE.search(target)) and not _ERROR_PAGE.search(source):
        yield Finding("error page", REFUSED, f"says {page[0]!r}")
    if (left := _LEFTOVERS.search(target)) and left[0] not in source:
        yield Finding("leftovers", REFUSED, f"{left[0]!r} in: {_short(target)}")


def _repetition(source: str, target: str) -> Iterator[Finding]:
    got = _most_repeated(target)
    if got >= 4 and got > _most_repeated(source) + 2:
        yield Finding("repetition", REFUSED, f"repeats itself {got} times: {_short(target)}")


def _script(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    if language.base(pair.target) in _EITHER_SCRIPT:
        return
    wanted = _SCRIPT_OF.get(language.base(pair.target), "LATIN")
    share, letters = _share(target, wanted)
    if letters >= 20 and share < 0.3 and (wanted != "LATIN" or _share(source, "LATIN")[0] > share):
        yield Finding("script", REFUSED, f"hardly any {wanted.lower()} letters in: {_short(target)}")


def _quotes(source: str, target: str) -> Iterator[Finding]:
    if _balanced(source) and not _balanced(target):
        yield Finding("quotes", 0.05, f"quotes or brackets do not match in: {_short(target)}")


# --- measures -----------------------------------------------------------------------------------


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


@lru_cache(maxsize=4096)
def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _looks_like_names(text: str) -> bool:
    """Whether it is at most three capitalised words; initials do not count."""
    words = [word for word in text.split() if not re.fullmatch(r"(?:\w\.)+|\W+", word)]
    return len(words) <= 3 and not any(word[0].islower() for word in words) and any(map(str.isupper, text))


def _kept_words(source: str, target: str) -> float:
    """The share of the source's plain words (small first letter, at least five of them) that the target has."""
    words = {word for word in _WORD.findall(source) if len(word) >= 4 and word[0].islower()}
    if len(words) < 5:
        return 0.0
    return len(words & set(_WORD.findall(target))) / len(words)


@lru_cache(maxsize=4096)
def _sentences(text: str, code: str) -> int:
    found = sentencex.segment(language.base(code), text)
    return sum(1 for sentence in found if _letters(sentence))


def _numbers(text: str) -> list[str]:
    """The numbers in `text` in ASCII digits, without what groups them; of a time only the minutes."""
    return [
        "".join(str(unicodedata.digit(c)) for c in number.rpartition(":")[2] if c.isdecimal())
        for number in _NUMBER.findall(text)
    ]


def _most_repeated(text: str) -> int:
    """How often the most frequent run of three words (ten characters where there are no words) occurs."""
    words = text.split()
    if len(words) >= 12:
        runs = Counter(" ".join(words[i : i + 3]) for i in range(len(words) - 2))
    elif len(text) >= 40 and len(words) <= 3:
        runs = Counter(text[i : i + 10] for i in range(len(text) - 9))
    else:
        return 0
    return max(runs.values())


def _share(text: str, script: str) -> tuple[float, int]:
    """The share of `script` among the letters, and how many letters there are."""
    letters = [c for c in text if c.isalpha()]
    alike = ("CJK", "HIRAGANA", "KATAKANA") if script in {"CJK", "HIRAGANA"} else (script,)
    own = sum(1 for c in letters if _name(c).startswith(alike))
    return own / max(1, len(letters)), len(letters)


@lru_cache(maxsize=8192)
def _name(character: str) -> str:
    return unicodedata.name(character, "")


def _balanced(text: str) -> bool:
    text = re.sub(r"(?<=\w)[’']", "", text)
    return text.count('"') % 2 == 0 and all(
        text.count(opener) == text.count(closer) for opener, closer in zip(_OPENERS, _CLOSERS, strict=True)
    )
