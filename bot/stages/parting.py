"""Part a line into lines that are asked on their own, and join what was read of them.

by_sentences    between sentences: for lines longer than a request, and to narrow a fault down
by_texts        at all marks too: no marker is sent, so none can be lost
project         the plain sentence, and the texts of its pairs beside it, found again in the translation
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.stages.language import sentences
from bot.stages.markers import Line, contents, order, plain_text
from bot.stages.segment import Item, Items, Mark, has_letters

Fits = Callable[[str], bool]
_POINT = "\x00"  # in place of a point: no text holds it, and no words match it
_FOUND = 80  # of 100: how alike a pair's text and its place in the sentence must be


@dataclass(frozen=True, slots=True)
class Parting:
    """A line, cut into lines that are asked on their own, with what stands between them."""

    line: Line
    elements: tuple[Item | Line, ...]

    @property
    def lines(self) -> list[Line]:
        """The lines to ask."""
        return [element for element in self.elements if isinstance(element, Line)]

    def join(self, read: Mapping[Line, Items]) -> Items | None:
        """The items of the whole line, None where a part was not read."""
        items: list[Item] = []
        for element in self.elements:
            part = read.get(element) if isinstance(element, Line) else (element,)
            if part is None:
                return None
            for item in part:
                seam = items and isinstance(items[-1], str) and isinstance(item, str)
                items[-1:] = [f"{items[-1]}{item}"] if seam else [*items[-1:], item]
        return tuple(items)


def by_sentences(line: Line, language: str, fits: Fits, *, single: bool = False) -> Parting:
    """Part a line between sentences that stand outside all pairs, into as few lines as fit.

    What is longer without such a place is parted text by text. `single`: a line each sentence.
    """
    elements: list[Item | Line] = []
    chunk: list[Item] = []
    for sentence in [*_sentences(line.items, language), None]:
        whole = [*chunk, *sentence] if sentence else chunk
        if sentence and (not chunk or not single) and fits(Line(tuple(whole)).text):
            chunk = whole
            continue
        elements += _trimmed(chunk, language, fits)
        chunk = list(sentence or ())
    return Parting(line, tuple(elements))


def by_texts(line: Line, language: str, fits: Fits) -> Parting:
    """Part a line at all its marks and sentence ends: no marker is sent, so none can be lost."""
    elements: list[Item | Line] = []
    for item in line.items:
        if isinstance(item, str):
            for sentence in _split(item, language, fits):
                elements += _core(sentence)
        else:
            elements.append(item)
    return Parting(line, tuple(element for element in elements if element))


def _trimmed(chunk: list[Item], language: str, fits: Fits) -> list[Item | Line]:
    """A chunk as a line, the white space around it outside."""
    if not chunk:
        return []
    before, after = "", ""
    if isinstance(chunk[0], str):
        before, chunk[0] = _space_before(chunk[0])
    if isinstance(chunk[-1], str):
        text = chunk[-1].rstrip()
        after, chunk[-1] = chunk[-1][len(text) :], text
    line = Line(tuple(item for item in chunk if item))
    if not has_letters(line.plain):
        inner: list[Item | Line] = list(line.items)
    elif fits(line.text):
        inner = [line]
    else:
        inner = list(by_texts(line, language, fits).elements)
    return [element for element in (before, *inner, after) if element]


def _space_before(text: str) -> tuple[str, str]:
    stripped = text.lstrip()
    return text[: len(text) - len(stripped)], stripped


def _sentences(items: Items, language: str) -> list[list[Item]]:
    """The items in groups that end where a sentence ends outside all pairs."""
    groups: list[list[Item]] = [[]]
    depth = 0
    for item in items:
        if not isinstance(item, str):
            depth += {"open": 1, "close": -1}.get(item.kind, 0)
            groups[-1].append(item)
            continue
        pieces = [item] if depth else sentences(item, language)
        for index, piece in enumerate(pieces):
            if index:
                groups.append([])
            groups[-1].append(piece)
    return groups


def _split(text: str, language: str, fits: Fits) -> list[str]:
    """A text as sentences; a sentence that does not fit by words; a word that does not fit in halves."""
    parts: list[str] = []
    for sentence in sentences(text, language):
        parts += [sentence] if fits(sentence + ".") else _halves(sentence, fits)
    return parts


def _halves(text: str, fits: Fits) -> list[str]:
    if fits(text + ".") or len(text) < 2:
        return [text]
    middle = len(text) // 2
    space = text.rfind(" ", 0, middle)
    cut = space + 1 if space > middle // 2 else middle
    return _halves(text[:cut], fits) + _halves(text[cut:], fits)


def _core(text: str) -> list[Item | Line]:
    """A text as a line from its first letter or digit to its last, the rest outside."""
    places = [index for index, character in enumerate(text) if character.isalnum()]
    if not places or not has_letters(text):
        return [text]
    first, last = places[0], places[-1] + 1
    return [text[:first], Line((text[first:last],)), text[last:]]


# --- projection ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Projection:
    """A sentence without the marks of its pairs (`bare`), and the texts of the pairs on their own."""

    line: Line
    bare: Line
    pairs: tuple[tuple[int, Line], ...]  # outer pairs before inner ones

    @property
    def lines(self) -> list[Line]:
        """The lines to ask."""
        return [self.bare, *(line for _, line in self.pairs)]

    def join(self, read: Mapping[Line, Items]) -> Items | None:
        """The sentence with the pairs' marks where their texts are found; None where one is not, or not surely.

        Marks that would change places, or stand one in another, are not found surely: their words are said
        elsewhere too (all pairs that a real model seemed to swap were a "to" or an "a" in another place).
        """
        bare = read.get(self.bare)
        if bare is None or any(line not in read for _, line in self.pairs):
            return None
        text = "".join(item if isinstance(item, str) else _POINT for item in bare)
        spans: dict[int, tuple[int, int]] = {}
        for code, line in self.pairs:
            parent = self.line.parents[code]
            within = spans.get(parent, (0, len(text)))
            place = _place(text, plain_text(read[line]), within, list(spans.values()))
            if place is None:
                return None
            spans[code] = place
        items = _with_pairs(text, spans, iter(order(bare)))
        return items if Line(items).marks == self.line.marks else None


def project(line: Line) -> Projection | None:
    """A projection of one sentence; None where a pair holds no letters, or a point."""
    texts = contents(line.items)
    points = {mark.code for mark in line.marks if mark.kind == "point"}
    in_pairs = any(line.parents[code] != -1 for code in points)
    if not texts or in_pairs or not all(map(has_letters, texts.values())):
        return None
    bare = tuple(item for item in line.items if isinstance(item, str) or item.kind == "point")
    pairs = tuple((code, Line((text.strip(),))) for code, text in texts.items())
    return Projection(line, Line(joined(bare)), pairs)


def joined(items: Items) -> Items:
    """Items with adjacent texts as one."""
    result: list[Item] = []
    for item in items:
        seam = result and isinstance(result[-1], str) and isinstance(item, str)
        result[-1:] = [f"{result[-1]}{item}"] if seam else [*result[-1:], item]
    return tuple(result)


def _place(
    text: str, part: str, within: tuple[int, int], taken: list[tuple[int, int]]
) -> tuple[int, int] | None:
    """Where `part` stands in `text` as whole words: once, inside `within`, beside what is taken."""
    words = re.escape(part.strip())
    found = [m.span() for m in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE)]
    if not found:
        alike = fuzz.partial_ratio_alignment(part.casefold(), text.casefold(), score_cutoff=_FOUND)
        if alike is None or len(part) < 6 or len(text.casefold()) != len(text):
            return None
        found = [_whole_words(text, alike.dest_start, alike.dest_end)]
    free = [
        (start, end)
        for start, end in found
        if within[0] <= start
        and end <= within[1]
        and _POINT not in text[start:end]
        and all(end <= s or start >= e or (s <= start and end <= e) for s, e in taken)
        and (start, end) not in taken
    ]
    return free[0] if len(free) == 1 else None


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    inner = text[start:end]
    return start + len(inner) - len(inner.lstrip()), end - (len(inner) - len(inner.rstrip()))


def _with_pairs(text: str, spans: Mapping[int, tuple[int, int]], points: Iterator[int]) -> Items:
    """The text with the marks of the pairs at their spans, and its points, in their order, as marks again."""
    cuts: list[tuple[tuple[int, int, int], Mark]] = []
    for depth, (code, (start, end)) in enumerate(spans.items()):  # outer pairs come first
        cuts.append(((start, 1, depth), Mark(code, "open")))
        cuts.append(((end, 0, -depth), Mark(code, "close")))
    items: list[Item] = []
    at = 0
    for (place, _, _), mark in sorted(cuts):
        items += [*_points(text[at:place], points), mark]
        at = place
    return tuple(item for item in (*items, *_points(text[at:], points)) if item)


def _points(text: str, points: Iterator[int]) -> list[Item]:
    head, *tails = text.split(_POINT)
    return [head, *(item for tail in tails for item in (Mark(next(points), "point"), tail))]
