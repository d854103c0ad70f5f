"""Keep terms out of a translator's hands: addresses and names that stay, and the glossary's own translations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.stages.segment import Code, Item, Mark, Segment, escape

_ADDRESS = (
    r"https?://[^\s<>\"'“”«»]*[\w/#=&]"
    r"|(?<![\w@.])www\.[\w-]+\.[^\s<>\"'“”«»]*[\w/]"
    r"|(?<![\w@.+-])[\w.+-]+@[\w-]+\.[\w.-]*\w"
)
_SHORTCODE = r"\[/?[a-z][\w-]*(?:\s+[\w-]+=(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\"'\]]+))+\s*/?\]|\[/[a-z][\w-]*\]"
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is not left to the engine. `keep` stays as it is, `glossary` says what else a term becomes."""

    keep: tuple[str, ...] = ()
    glossary: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, keep: Iterable[str], glossary: Mapping[str, str]) -> Terms:
        """The terms of a config; empty ones are left out."""
        return cls(
            tuple(sorted({term for term in keep if term.strip()})),
            tuple(sorted((term, own) for term, own in glossary.items() if term.strip())),
        )


def protect(segment: Segment, terms: Terms) -> Segment:
    """The segment with a point in place of every term; the longest match wins."""
    pattern = _pattern(terms)
    glossary = dict(terms.glossary)
    items: list[Item] = []
    codes = list(segment.codes)
    for item in segment.items:
        if not isinstance(item, str):
            items.append(item)
            continue
        at = 0
        for match in pattern.finditer(item):
            items += [item[at : match.start()], Mark(len(codes), "point")]
            codes.append(Code(escape(_own(match[0], glossary))))
            at = match.end()
        items.append(item[at:])
    return Segment(tuple(item for item in items if item), tuple(codes), segment.raw)


@lru_cache(maxsize=64)
def _pattern(terms: Terms) -> re.Pattern[str]:
    words = sorted({*terms.keep, *(term for term, _ in terms.glossary)}, key=len, reverse=True)
    return re.compile("|".join([_SHORTCODE, _ADDRESS, *map(_word, words)]))


def _word(term: str) -> str:
    """A pattern for the whole word; small letters match at the start of a sentence too."""
    word = re.escape(term)
    if term == term.lower():
        word = f"(?i:{word})"
    before = r"(?<!\w)" if term[0].isalnum() and not _UNSPACED.match(term[0]) else ""
    after = r"(?!\w)" if term[-1].isalnum() and not _UNSPACED.match(term[-1]) else ""
    return before + word + after


def _own(found: str, glossary: Mapping[str, str]) -> str:
    """What stands in the translation for the term that was found."""
    own = glossary.get(found, glossary.get(found.lower()))
    if own is None:
        return found
    return own[0].upper() + own[1:] if own and found[0].isupper() and found not in glossary else own
