"""Ask one engine for the lines of one article until each is verified, in as few requests as that takes.

    recall      lines that were verified before
    first       all other lines, packed; for an engine that loses markers, marked sentences in parts at once
    again       the doubtful ones in a new grouping with other markers; where room is left, the same lines
                travel along in parts that need no markers
    parts       those still doubtful, in parts: nothing can be lost but fluency
    alone       those refused even so, one a request; in parts where the engine loses markers

What stays refused is reported by the caller, never shown as a translation.
"""

from __future__ import annotations

import hashlib
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from bot.characters import legible
from bot.model import Finding
from bot.ports import Memory, Translator
from bot.stages import check
from bot.stages.align import align
from bot.stages.check import ASK_AGAIN, REFUSED, Pair, weigh
from bot.stages.fallback import Fallback
from bot.stages.markers import STYLES, Asked, Line, Misread, plain_text, read, unmarked, write
from bot.stages.packing import Room, fill, pack
from bot.stages.parting import Parting, Projection, by_sentences
from bot.stages.segment import Items

FORMAT = 1  # of the texts in memory; raise it when lines are written otherwise
IN_PARTS = "parts"  # the check that tells of a line translated without its markers
_PROJECTED = Finding(IN_PARTS, 0.02, "pairs found again by their words")
_BY_TEXTS = Finding(IN_PARTS, 0.1, "translated text by text")
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


@dataclass
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
        ways = {
            line: by_sentences(line, self.pair.source, self._fits) for line in lines if self._is_long(line)
        }
        parts = [ways[line].lines if line in ways else [line] for line in lines]
        asked = list(dict.fromkeys(line for group in parts for line in group))
        self._recall(asked)
        try:
            self._rounds([line for line in asked if line not in self.readings])
        finally:
            self._remember(asked)
        for parting in ways.values():
            self._join(parting, ())
        return {line: self.readings[line] for line in lines if line in self.readings}

    # --- rounds ---------------------------------------------------------------------------------

    def _rounds(self, lines: list[Line]) -> None:
        self._first(lines)
        whole = [line for line in lines if self._goes_whole(line)]
        if any(self._weight(line) >= ASK_AGAIN for line in whole):
            self._again([line for line in whole if self._weight(line) > 0][::-1])
        doubtful = [self._fallback(line) for line in lines if self._weight(line) >= ASK_AGAIN]
        self._ask(pack(self._written(self._unverified(doubtful), 0), self._room))
        self._resolve(doubtful)
        for line in lines:
            if self._weight(line) >= REFUSED:
                self._alone(line)

    def _first(self, lines: list[Line]) -> None:
        """All lines, as they are where the engine keeps markers."""
        parted = [self._fallback(line).projected() for line in lines if not self._goes_whole(line)]
        whole = [line for line in lines if self._goes_whole(line)]
        asked = list(dict.fromkeys([*whole, *(line for way in parted for line in way.lines)]))
        requests = pack(self._written(asked, 0), self._room)
        self.max_requests = self.max_requests or 3 * len(requests) + 3
        self._ask(requests, first=True)
        self._resolve(parted)

    def _again(self, lines: list[Line]) -> None:
        """A second question about `lines`, and in the room it leaves, the same in parts."""
        requests = pack(self._written(lines, 1), self._room)
        fallbacks = [self._fallback(line) for line in lines]
        fill(requests, (self._written(self._unverified([way]), 0) for way in fallbacks), self._room)
        self._ask(requests)
        self._resolve([way for way in fallbacks if self._weight(way.whole.line) >= ASK_AGAIN])

    def _alone(self, line: Line) -> None:
        """A last question about one line; about its parts, if the engine would lose its markers."""
        if self._goes_whole(line):
            self._ask([self._written([line], 2)])
            return
        way = self._fallback(line)
        self._ask(pack(self._written(self._unverified([way]), 0), self._room))
        self._resolve([way])

    def _resolve(self, fallbacks: Iterable[Fallback]) -> None:
        """Read lines from their parts, as far as those were read."""
        for way in fallbacks:
            for projection in way.projections:
                self._join(projection, (_PROJECTED,))
            for parting in way.by_texts:
                self._join(parting, (_BY_TEXTS,))
            if way.whole.lines != [way.whole.line]:
                self._join(way.whole, ())

    def _join(self, way: Parting | Projection, findings: tuple[Finding, ...]) -> None:
        """Read a line from the readings of its parts, where all were read."""
        parts = {line: self.readings[line] for line in way.lines if self._weight(line) < REFUSED}
        items = way.join({line: _cased(line, reading.items) for line, reading in parts.items()})
        if items is not None:
            doubts = tuple(finding for reading in parts.values() for finding in reading.findings)
            self._offer(way.line, Reading(items, doubts + findings))

    # --- one round ------------------------------------------------------------------------------

    def _ask(self, requests: list[list[Asked]], *, first: bool = False) -> None:
        """Send requests, read their answers, keep the best reading of each line."""
        answers: list[tuple[Asked, str]] = []
        try:
            for request in requests:
                if request and self.requests < self.max_requests:
                    answers += self._send(request)
        finally:  # what came before the engine went down is kept
            if first:
                self._measure(answers)
            for asked, answer in answers:
                self._offer(asked.line, self._verified(asked, answer))

    def _send(self, request: list[Asked]) -> list[tuple[Asked, str]]:
        """Ask, and lay the lines of the answer beside those that were sent."""
        self.requests += 1
        texts = [asked.text for asked in request]
        answer = self.engine.translate(texts, self.pair.source, self.pair.target)
        got = [told for line in answer if (told := legible(line)).strip()]
        echoes = check.Echoes(unmarked(asked.line.plain) for asked in request)
        if echoes.are_most_of(list(map(unmarked, got))):
            return []
        found = zip(request, align(request, got, self._cost(texts, got, echoes)), strict=True)
        return [
            (asked, text)
            for asked, text in found
            if text and not echoes.sound_in(unmarked(text), unmarked(asked.line.plain))
        ]

    def _cost(self, sent: list[str], got: list[str], echoes: check.Echoes) -> Callable[[Asked, str], float]:
        """How badly an answer fits a line: by the checks and by its length."""
        costs: dict[tuple[str, str], float] = {}
        pair = self.pair
        if not pair.settled and abs(len(sent) - len(got)) <= 2:
            pair = replace(pair, scale=max(0.4, pair.ratio(" ".join(sent), " ".join(got))))

        def cost(asked: Asked, text: str) -> float:
            key = asked.text, text
            if key not in costs:
                source, target = unmarked(asked.line.plain), unmarked(text)
                stretch = check.stretch(source, target, pair)
                echo = echoes.sound_in(target, source)
                doubt = REFUSED if echo else self._verified(asked, text).weight
                costs[key] = min(2.0, doubt) + stretch
            return costs[key]

        return cost

    def _verified(self, asked: Asked, text: str) -> Reading:
        try:
            answer = read(asked, text, self.pair.target)
        except Misread as problem:
            return Reading((), (Finding("markers", 2 * REFUSED, f"{problem}: {asked.line.plain[:60]}"),))
        return Reading(answer.items, check.check_line(asked.line, answer, self.pair))

    def _offer(self, line: Line, reading: Reading) -> None:
        """Keep the better of two readings; where two answers agree, most of the doubt is gone."""
        known = self.readings.get(line)
        if known and known.weight < REFUSED and reading.weight < REFUSED and known.findings:
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
        scale = statistics.median(ratios) if len(ratios) >= _SCALE_LINES else 0.0
        if 0.3 < scale < 3.3:
            self.pair = replace(self.pair, scale=scale, settled=True)

    # --- parts ----------------------------------------------------------------------------------

    def _goes_whole(self, line: Line) -> bool:
        """Whether the engine is asked for the line as it is: one that loses markers would misplace them too."""
        return self.engine.keeps_markers or not line.marks

    def _fallback(self, line: Line) -> Fallback:
        return Fallback.of(line, self.pair.source, self._fits)

    def _written(self, lines: Iterable[Line], attempt: int) -> list[Asked]:
        """The lines for the engine. A model of this machine needs no full stop to show that it is not cut."""
        lend = self.engine.keeps_markers
        return [asked for line in lines if (asked := write(line, attempt, lend_stop=lend))]

    def _unverified(self, ways: Iterable[Fallback]) -> list[Line]:
        parts = dict.fromkeys(line for way in ways for line in way.lines)
        return [line for line in parts if self._weight(line) >= ASK_AGAIN]

    # --- limits and memory ----------------------------------------------------------------------

    @cached_property
    def _room(self) -> Room:
        return Room(self.engine.max_chars, self.engine.max_url_bytes)

    def _fits(self, text: str) -> bool:
        return self._room.fits(text + "..")

    def _is_long(self, line: Line) -> bool:
        written = write(line)
        return written is None or not self._fits(written.text)

    def _weight(self, line: Line) -> float:
        reading = self.readings.get(line)
        return reading.weight if reading else 2 * REFUSED

    def _key(self, line: Line) -> str:
        parts = (FORMAT, self.engine.name, self.pair.source, self.pair.target, self.context, line.text)
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()

    def _recall(self, lines: Sequence[Line]) -> None:
        """Take what was verified before, and verify it again: checks get better, memories do not."""
        keys = {line: self._key(line) for line in lines}
        known = self.memory.recall(list(keys.values()))
        for line, key in keys.items():
            reading = self._remembered(line, known) if key in known else None
            if reading and reading.weight < ASK_AGAIN:
                self.readings[line] = reading
                self._recalled.add(line)

    def _remembered(self, line: Line, known: Mapping[str, str]) -> Reading:
        return self._verified(Asked(line, STYLES[0], line.text), known[self._key(line)])

    def _remember(self, lines: Iterable[Line]) -> None:
        fresh = {
            self._key(line): Line(self.readings[line].items).text
            for line in lines
            if self._weight(line) < ASK_AGAIN and line not in self._recalled
        }
        if fresh:
            self.memory.remember(fresh)


def _cased(line: Line, items: Items) -> Items:
    """A part from the middle of a sentence starts small again."""
    first = items[0] if items else ""
    if (
        isinstance(first, str)
        and line.plain[:1].islower()
        and first[:1].isupper()
        and not first[1:2].isupper()
    ):
        return (first[0].lower() + first[1:], *items[1:])
    return items
