"""Doubt a translation: of each line, and of the whole article.

Each check gives Findings with weights. Within one line, ASK_AGAIN and more is worth another question, and a
line at REFUSED is not used. Over the article the weights are summed, and 1.0 holds the post back.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.model import Finding
from bot.stages import language, measure
from bot.stages.markers import Answer, Line, order, plain_text

ASK_AGAIN = 0.3
REFUSED = 1.0
ECHO_OF_FEW = 0.4  # a line of a word or two that came back unchanged: worth another question
_SMALL_TOGETHER = 0.6
_SLACK_LETTERS = 12
CONFIRMED = 0.2  # what is left of a doubt when a second, independent answer agrees with the first
CONFIRMABLE = frozenset({"order", "digits", "end", "sentences", "length", "echo"})

_ERROR_PAGE = re.compile(
    r"error 500|that.s an error|server error\)|unusual traffic|captcha|mymemory warning|query length limit"
    r"|invalid (?:source|target) language|too many requests|<!doctype|quota exceeded|rate limit",
    re.IGNORECASE,
)
_LEFTOVERS = re.compile(r"\[\[|\]\]|\{\{|\}\}|&(?:amp|lt|gt|quot|nbsp|#\d+);|\ufffd|</?[a-z][a-z0-9]*\s*/?>")

# How long a text is, beside the same text in English (letters and digits).
_DENSITY = {"zh": 0.33, "ja": 0.5, "ko": 0.5, "ar": 0.82, "he": 0.78, "fa": 0.9, "th": 0.95, "hi": 0.85}
_NO_FULL_STOP = frozenset({"th", "lo"})
_MYRIADS = frozenset({"zh", "ja", "ko", "hi", "mr", "bn"})  # numbers are grouped and spoken otherwise

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
        return measure.letters(target) / max(1.0, measure.letters(source) * self.density)


def weigh(findings: Iterable[Finding]) -> float:
    """The sum of their weights."""
    return sum(finding.weight for finding in findings)


class Echoes:
    """The texts of one request, to hear them in its answer: under whatever line they come back."""

    def __init__(self, texts: Iterable[str]) -> None:
        texts = list(texts)
        self._texts = frozenset(map(measure.bare, texts))
        self._telling = frozenset(measure.bare(text) for text in texts if not measure.looks_like_names(text))
        self._long = [text for text in self._telling if len(text) >= 15]
        self._heard: dict[str, bool] = {}

    def sound_in(self, answer: str, source: str = "") -> bool:
        """Whether a line that was sent stands in `answer`, untranslated.

        A short one counts only where it is the whole answer to another line, `source`: names stay as they are.
        """
        said = measure.bare(answer)
        return (said in self._texts and said != measure.bare(source)) or self._holds_long(answer, said)

    def are_most_of(self, answers: Sequence[str]) -> bool:
        """Whether most of what was sent came back untranslated: then no line of it is believed."""
        said = {measure.bare(answer) for answer in answers if not answer.isupper()}
        return 2 * len(self._telling & said) > len(self._telling)

    def _holds_long(self, answer: str, said: str) -> bool:
        if answer not in self._heard:
            self._heard[answer] = not answer.isupper() and any(text in said for text in self._long)
        return self._heard[answer]


def check_line(line: Line, answer: Answer, pair: Pair) -> tuple[Finding, ...]:
    """All doubts about the translation of one line."""
    source, target = line.plain, plain_text(answer.items)
    if not any(map(str.isalnum, target)):
        return (Finding("empty", REFUSED, f"nothing came back for: {measure.short(source)}"),)
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
    usual = measure.letters(source) * pair.density * pair.scale
    return abs(math.log((measure.letters(target) + 8) / (usual + 8)))


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
    small = weigh(finding for finding in findings if _is_small(finding))
    share = min(1.0, _SMALL_TOGETHER / small) if small else 1.0
    return tuple(Finding(f.check, f.weight * share, f.detail) if _is_small(f) else f for f in findings)


def _is_small(finding: Finding) -> bool:
    """A word or two that stayed as they were after all questions are a name, as a rule (a fish, a street)."""
    return finding.weight < (ECHO_OF_FEW + 0.01 if finding.check == "echo" else ASK_AGAIN)


def check_article(source: str, target: str, pair: Pair) -> tuple[Finding, ...]:
    """Doubts about the whole text: is it in the language it should be in?"""
    found, sure = language.detect(target)
    if not found or sum(map(str.isalpha, target)) < 200 or language.alike(found, pair.target):
        return ()
    if language.base(found) == language.base(pair.source):
        weight = REFUSED if measure.kept_words(source, target) > 0.3 else 0.2
        return (
            (Finding("language", weight, f"reads like {found} still, not {pair.target}"),)
            if sure > 0.5
            else ()
        )
    return (Finding("language", REFUSED, f"reads like {found}, not {pair.target}"),) if sure > 0.8 else ()


def check_repeats(lines: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """Doubts about one answer for different questions; `lines` are pairs of source and translation."""
    first: dict[str, str] = {}
    for source, target in lines:
        known = first.setdefault(measure.bare(target), source)
        if measure.letters(target) >= 15 and fuzz.ratio(known, source) < 80:
            yield Finding("repeated", 0.5, f"the same answer as for another text: {measure.short(target)}")


# --- the checks of a line -----------------------------------------------------------------------


def _echo(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    if language.base(pair.source) == language.base(pair.target):
        return
    one, two = measure.bare(source), measure.bare(target)
    if one == two and measure.is_quantity(source):
        return
    shouted = target.isupper() and not source.isupper()  # whatever that is, it is not the source sent back
    if one == two and not shouted:
        few = source.count(" ") < 2
        weight = 0.02 if measure.looks_like_names(source) else ECHO_OF_FEW if few else REFUSED
        yield Finding("echo", weight, f"came back unchanged: {measure.short(source)}")
        return
    kept = measure.kept_words(source, target)
    if kept >= 0.8 or (len(one) > 30 and not shouted and fuzz.ratio(one, two) >= 96):
        yield Finding("echo", REFUSED, f"came back nearly unchanged: {measure.short(source)}")
    elif kept >= 0.4 and not language.alike(pair.source, pair.target):
        yield Finding("echo", 0.5, f"{kept:.0%} of its words came back unchanged: {measure.short(source)}")


def _length(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    """Too long or too short beside what is usual: for these scripts, and for this engine in this article."""
    sent, got = measure.letters(source) * pair.density * pair.scale, measure.letters(target)
    ratio = (got + _SLACK_LETTERS) / (sent + _SLACK_LETTERS)
    told = f"{got} letters for {measure.letters(source)}: {measure.short(source)}"
    if not 0.3 < ratio < 3.3 or (pair.settled and not 0.45 < ratio < 2.4):
        yield Finding("length", REFUSED, told)
    elif (pair.settled and sent >= 60 and not 0.72 < got / sent < 1.45) or not 0.55 < ratio < 2.0:
        yield Finding("length", 0.5, told)


def _cut(source: str, ended: bool, target: str, pair: Pair) -> Iterator[Finding]:  # noqa: FBT001 - a fact of the answer, not a switch
    ratio = pair.ratio(source, target) / pair.scale
    if not ended and language.base(pair.target) not in _NO_FULL_STOP:
        weight = REFUSED if ratio < 0.9 else 0.5
        yield Finding("end", weight, f"its end mark is missing, perhaps cut: {measure.short(source)}")
    sent, got = measure.sentences(source, pair.source), measure.sentences(target, pair.target)
    if got < sent:
        weight = REFUSED if ratio < 0.85 else 0.4
        yield Finding("sentences", weight, f"{got} sentences, not the {sent} of: {measure.short(source)}")
    elif got > sent and ratio > 1.2 and pair.settled:
        yield Finding("sentences", 0.5, f"{got} sentences, not the {sent} of: {measure.short(source)}")


def _digits(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    got = "".join(measure.numbers(target))
    missing = [number for number in measure.numbers(source) if len(number) > 1 and number not in got]
    if missing:
        weight = 0.1 if language.base(pair.target) in _MYRIADS else ASK_AGAIN
        yield Finding("digits", weight, f"{', '.join(missing[:3])} is missing in: {measure.short(target)}")


def _order(line: Line, answer: Answer) -> Iterator[Finding]:
    if line.marks and order(answer.items) != order(line.items):
        yield Finding("order", ASK_AGAIN, f"markers changed places in: {measure.short(line.plain)}")


def _foreign_matter(source: str, target: str) -> Iterator[Finding]:
    if (page := _ERROR_PAGE.search(target)) and not _ERROR_PAGE.search(source):
        yield Finding("error page", REFUSED, f"says {page[0]!r}")
    if (left := _LEFTOVERS.search(target)) and left[0] not in source:
        yield Finding("leftovers", REFUSED, f"{left[0]!r} in: {measure.short(target)}")


def _repetition(source: str, target: str) -> Iterator[Finding]:
    got = measure.most_repeated(target)
    if got >= 4 and got > measure.most_repeated(source) + 2:
        yield Finding("repetition", REFUSED, f"repeats itself {got} times: {measure.short(target)}")


def _script(source: str, target: str, pair: Pair) -> Iterator[Finding]:
    if language.base(pair.target) in _EITHER_SCRIPT:
        return
    wanted = measure.SCRIPT_OF.get(language.base(pair.target), "LATIN")
    share, letters = measure.share_of_script(target, wanted)
    if (
        letters >= 20
        and share < 0.3
        and (wanted != "LATIN" or measure.share_of_script(source, "LATIN")[0] > share)
    ):
        yield Finding("script", REFUSED, f"hardly any {wanted.lower()} letters in: {measure.short(target)}")


def _quotes(source: str, target: str) -> Iterator[Finding]:
    if measure.is_balanced(source) and not measure.is_balanced(target):
        yield Finding("quotes", 0.05, f"quotes or brackets do not match in: {measure.short(target)}")
