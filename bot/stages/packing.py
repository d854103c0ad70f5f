"""Pack lines into as few requests as an engine's limits allow, and part lines that do not fit one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import sentencex

from bot.stages.language import base
from bot.stages.markers import Asked, Line
from bot.stages.segment import Item, Items, has_letters

_NEWLINE_URL_BYTES = 3


@dataclass(frozen=True, slots=True)
class Room:
    """What one request takes: characters, and bytes percent-encoded (0: no such limit)."""

    chars: int
    url_bytes: int = 0

    def fits(self, text: str) -> bool:
        """Whether a request can hold this text alone."""
        return len(text) <= self.chars and (not self.url_bytes or len(quote(text)) <= self.url_bytes)

    def share(self, text: str) -> float:
        """How much of a request this text takes with its newline; more than 1.0 does not fit."""
        chars = (len(text) + 1) / (self.chars + 1)
        if not self.url_bytes:
            return chars
        encoded = (len(quote(text)) + _NEWLINE_URL_BYTES) / (self.url_bytes + _NEWLINE_URL_BYTES)
        return max(chars, encoded)


def pack(lines: Sequence[Asked], room: Room) -> list[list[Asked]]:
    """Lines in requests: in their order where that costs none more, else the way that needs the fewest."""
    shares = [room.share(asked.text) for asked in lines]
    in_order = _next_fit(shares)
    if len(in_order) > math.ceil(sum(shares)):
        in_order = min(in_order, _best_fit(shares), key=len)
    return [[lines[index] for index in request] for request in in_order]


def fill(requests: list[list[Asked]], extra: Iterable[list[Asked]], room: Room) -> None:
    """Add groups of lines, each whole or not at all, where requests have room left."""
    free = [1.0 - sum(room.share(asked.text) for asked in request) for request in requests]
    for group in extra:
        need = sum(room.share(asked.text) for asked in group)
        roomy = max(range(len(free)), key=free.__getitem__, default=None)
        if roomy is not None and need <= free[roomy]:
            requests[roomy] += group
            free[roomy] -= need


def _next_fit(shares: Sequence[float]) -> list[list[int]]:
    requests: list[list[int]] = []
    used = math.inf
    for index, share in enumerate(shares):
        if used + share > 1.0:
            requests.append([])
            used = 0.0
        requests[-1].append(index)
        used += share
    return requests


def _best_fit(shares: Sequence[float]) -> list[list[int]]:
    requests: list[list[int]] = []
    used: list[float] = []
    for index in sorted(range(len(shares)), key=lambda i: -shares[i]):
        fitting = [n for n, load in enumerate(used) if load + shares[index] <= 1.0]
        if not fitting:
            requests.append([])
            used.append(0.0)
        n = max(fitting, key=used.__getitem__) if fitting else len(used) - 1
        requests[n].append(index)
        used[n] += shares[index]
    return sorted(map(sorted, requests))


# --- parting ------------------------------------------------------------------------------------


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


def by_sentences(line: Line, language: str, fits: Callable[[str], bool]) -> Parting:
    """Part a long line between sentences that stand outside all pairs, into as few lines as fit.

    What is longer without such a place is parted text by text.
    """
    elements: list[Item | Line] = []
    chunk: list[Item] = []
    for sentence in [*_sentences(line.items, language), None]:
        whole = [*chunk, *sentence] if sentence else chunk
        if sentence and fits(Line(tuple(whole)).text):
            chunk = whole
            continue
        elements += _trimmed(chunk, language, fits)
        chunk = list(sentence or ())
    return Parting(line, tuple(elements))


def by_texts(line: Line, language: str, fits: Callable[[str], bool]) -> Parting:
    """Part a line at all its marks and sentence ends: no marker is sent, so none can be lost."""
    elements: list[Item | Line] = []
    for item in line.items:
        if isinstance(item, str):
            for sentence in _split(item, language, fits):
                elements += _core(sentence)
        else:
            elements.append(item)
    return Parting(line, tuple(element for element in elements if element))


def _trimmed(chunk: list[Item], language: str, fits: Callable[[str], bool]) -> list[Item | Line]:
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
        pieces = [item] if depth else sentencex.segment(base(language), item)
        for index, piece in enumerate(pieces):
            if index:
                groups.append([])
            groups[-1].append(piece)
    return groups


def _split(text: str, language: str, fits: Callable[[str], bool]) -> list[str]:
    """A text as sentences; a sentence that does not fit by words; a word that does not fit in halves."""
    parts = []
    for sentence in sentencex.segment(base(language), text):
        parts += [sentence] if fits(sentence + ".") else _halves(sentence, fits)
    return parts


def _halves(text: str, fits: Callable[[str], bool]) -> list[str]:
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
