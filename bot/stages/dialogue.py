"""Ask one engine for the lines of one article until each is verified, in as few requests as that takes.

    recall      lines that were verified before
    first       all other lines, packed
    again       the doubtful ones in a new grouping with other markers; where room is left, the same lines
                in pieces without markers travel along
    pieces      those still doubtful, text by text: nothing can be lost but fluency
    alone       those still refused, one a request

What stays refused is reported by the caller, never shown as a translation.
"""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.model import Finding
from bot.ports import Memory, Translator
from bot.stages import check
from bot.stages.align import align
from bot.stages.check import ASK_AGAIN, REFUSED, Pair, weigh
from bot.stages.markers import STYLES, Answer, Asked, Line, Misread, plain_text, read, without_markers, write
from bot.stages.packing import Parting, Room, by_sentences, by_texts, fill, pack
from bot.stages.segment import Items

FORMAT = 1  # of the texts in memory; raise it when lines are written otherwise
_IN_PIECES = Finding("pieces", 0.1, "translated in pieces")
_SCALE_LINES = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine made of a line, and what there is to doubt about it."""

    items: Items
    findings: tuple[Finding, ...] = ()

    @property
    def weight(self) -> float:
        """The sum of the doubts."""
        return weigh(self.findings)


@dataclass(slots=True)
class Dialogue:
    """The questions to one engine about one article. `read` answers; `requests` counts."""

    engine: Translator
    pair: Pair
    memory: Memory
    context: str  # what else a translation depends on: the glossary
    max_requests: int = 0  # 0: three times what the first round needs, and three
    requests: int = 0
    readings: dict[Line, Reading] = field(default_factory=dict)
    _recalled: set[Line] = field(default_factory=set)

    def read(self, lines: Sequence[Line]) -> dict[Line, Reading]:
        """The best reading of each line; a line that could not be read is left out.

        Raises EngineUnavailable, EngineRefused; what was verified until then is remembered all the same.
        """
        partings = {
            line: by_sentences(line, self.pair.source, self._fits) for line in lines if self._is_long(line)
        }
        asked = list(dict.fromkeys(part for line in lines for part in self._parts(line, partings)))
        self._recall(asked)
        try:
            self._rounds([line for line in asked if line not in self.readings])
        finally:
            self._remember(asked)
        for parting in partings.values():
            self._join(parting, ())
        return {line: self.readings[line] for line in lines if line in self.readings}

    # --- rounds ---------------------------------------------------------------------------------

    def _rounds(self, lines: list[Line]) -> None:
        room = self._room
        self._ask(pack(_written(lines, 0), room), first=True)
        again = [line for line in lines if self._weight(line) >= ASK_AGAIN]
        if again:
            doubtful = [line for line in lines if line in again or self._weight(line) > 0]
            self._again(doubtful[::-1])
        partings = [self._in_pieces(line) for line in lines if self._weight(line) >= ASK_AGAIN]
        self._ask(pack(_written(self._unverified(partings), 0), room))
        for parting in partings:
            self._join(parting, (_IN_PIECES,))
        for line in lines:
            if self._weight(line) >= REFUSED:
                self._ask([_written([line], 2)])

    def _again(self, lines: list[Line]) -> None:
        """A second question about `lines`, and in the room it leaves, the same in pieces."""
        requests = pack(_written(lines, 1), self._room)
        partings = [self._in_pieces(line) for line in lines]
        fill(requests, (_written(self._unverified([parting]), 0) for parting in partings), self._room)
        self._ask(requests)
        for parting in partings:
            if self._weight(parting.line) >= ASK_AGAIN:
                self._join(parting, (_IN_PIECES,))

    def _in_pieces(self, line: Line) -> Parting:
        return by_texts(line, self.pair.source, self._fits)

    def _join(self, parting: Parting, findings: tuple[Finding, ...]) -> None:
        """Read a line from the readings of its parts, where all were read."""
        parts = {line: self.readings[line] for line in parting.lines if self._weight(line) < REFUSED}
        items = parting.join({line: _cased(line, reading.items) for line, reading in parts.items()})
        if items is not None and parting.lines != [parting.line]:
            doubts = tuple(finding for reading in parts.values() for finding in reading.findings)
            self._offer(parting.line, Reading(items, doubts + findings))

    # --- one round ------------------------------------------------------------------------------

    def _ask(self, requests: list[list[Asked]], *, first: bool = False) -> None:
        """Send requests, read their answers, keep the best reading of each line."""
        if first:
            self.max_requests = self.max_requests or 3 * len(requests) + 3
        answers = []
        for request in requests:
            if request and self.requests < self.max_requests:
                answers += self._send(request)
        if first:
            self._measure(answers)
        for asked, answer in answers:
            self._offer(asked.line, self._verified(asked, answer))

    def _send(self, request: list[Asked]) -> list[tuple[Asked, str]]:
        """Ask, and lay the lines of the answer beside those that were sent."""
        self.requests += 1
        texts = [asked.text for asked in request]
        got = [
            line for line in self.engine.translate(texts, self.pair.source, self.pair.target) if line.strip()
        ]
        pair = self._paced(texts, got)
        costs: dict[tuple[str, str], float] = {}
        echoes = check.Echoes(asked.line.plain for asked in request)

        def cost(asked: Asked, text: str) -> float:
            key = asked.text, text
            if key not in costs:
                stretch = check.stretch(asked.line.plain, without_markers(asked, text), pair)
                doubt = REFUSED if echoes.sound_in(text) else self._verified(asked, text).weight
                costs[key] = min(2.0, doubt) + stretch
            return costs[key]

        found = align(request, got, cost)
        answers = zip(request, found, strict=True)
        return [(asked, text) for asked, text in answers if text and not echoes.sound_in(text)]

    def _paced(self, sent: list[str], got: list[str]) -> Pair:
        """The pair, with the scale of this answer where none was measured yet and it seems whole."""
        if self.pair.settled or abs(len(sent) - len(got)) > 2:
            return self.pair
        return replace(self.pair, scale=max(0.4, self.pair.ratio(" ".join(sent), " ".join(got))))

    def _verified(self, asked: Asked, text: str) -> Reading:
        try:
            answer = read(asked, text, self.pair.target)
        except Misread as problem:
            return Reading((), (Finding("markers", 2 * REFUSED, f"{problem}: {asked.line.plain[:60]}"),))
        return Reading(answer.items, check.check_line(asked.line, answer, self.pair))

    def _offer(self, line: Line, reading: Reading) -> None:
        """Keep the better of two readings; where two answers agree, most of the doubt is gone."""
        known = self.readings.get(line)
        if known and known.weight < REFUSED and reading.weight < REFUSED and known.items and known.findings:
            texts = plain_text(known.items), plain_text(reading.items)
            if check.confirmed(known.findings, texts[0], reading.findings, texts[1]):
                reading = replace(known, findings=check.lessened(known.findings))
        if known is None or reading.weight < known.weight:
            self.readings[line] = reading

    def _measure(self, answers: Iterable[tuple[Asked, str]]) -> None:
        """Learn from the first answers how long this engine's lines are, to see the cut ones."""
        ratios = [
            self.pair.ratio(asked.line.plain, text)
            for asked, text in answers
            if len(asked.line.plain) >= 40 and not asked.line.marks
        ]
        if len(ratios) >= _SCALE_LINES:
            self.pair = replace(self.pair, scale=statistics.median(ratios), settled=True)

    # --- limits and memory ----------------------------------------------------------------------

    @property
    def _room(self) -> Room:
        return Room(self.engine.max_chars, self.engine.max_url_bytes)

    def _fits(self, text: str) -> bool:
        return self._room.fits(text + "..")

    def _is_long(self, line: Line) -> bool:
        written = write(line)
        return written is None or not self._fits(written.text)

    @staticmethod
    def _parts(line: Line, partings: dict[Line, Parting]) -> list[Line]:
        return partings[line].lines if line in partings else [line]

    def _weight(self, line: Line) -> float:
        reading = self.readings.get(line)
        return reading.weight if reading else 2 * REFUSED

    def _unverified(self, partings: Iterable[Parting]) -> list[Line]:
        parts = dict.fromkeys(line for parting in partings for line in parting.lines)
        return [line for line in parts if self._weight(line) >= ASK_AGAIN]

    def _key(self, line: Line) -> str:
        parts = (FORMAT, self.engine.name, self.pair.source, self.pair.target, self.context, line.text)
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()

    def _recall(self, lines: Sequence[Line]) -> None:
        """Take what was verified before, and verify it again: checks get better, memories do not."""
        known = self.memory.recall([self._key(line) for line in lines])
        for line in lines:
            text = known.get(self._key(line))
            reading = self._verified(Asked(line, STYLES[0], text), text) if text else None
            if reading and reading.weight < ASK_AGAIN:
                self.readings[line] = reading
                self._recalled.add(line)

    def _remember(self, lines: Iterable[Line]) -> None:
        fresh = {
            self._key(line): Line(self.readings[line].items).text
            for line in lines
            if self._weight(line) < ASK_AGAIN and line not in self._recalled
        }
        if fresh:
            self.memory.remember(fresh)


def _written(lines: Iterable[Line], attempt: int) -> list[Asked]:
    return [asked for line in lines if (asked := write(line, attempt))]


def _cased(line: Line, items: Items) -> Items:
    """A piece from the middle of a sentence starts small again."""
    first = items[0] if items else ""
    if (
        isinstance(first, str)
        and line.plain[:1].islower()
        and first[:1].isupper()
        and not first[:2].isupper()
    ):
        return (first[0].lower() + first[1:], *items[1:])
    return items


__all__ = ["Answer", "Dialogue", "Reading"]
