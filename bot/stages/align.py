"""Find out which line of an answer is the translation of which line that was sent.

Engines merge lines, split them, drop them. The likeliest way to lay the answer beside the lines is found by
dynamic programming over what fits together (Gale and Church, 1993, with the checks of a line as the cost).
A line counts as found only if every other way to place it is clearly worse: a text under the wrong heading
would be worse than one more question.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.stages.markers import Asked

_JOINED = 0.1
_MOST_ENDS = 20  # of sentences, the nearest to where the halves should part: a line of dots has thousands
_LOST = 1.5
_EXTRA = 0.8
_MARGIN, _MARGIN_SHORT, _SHORT_CHARS = 0.35, 1.0, 40
_BAND = 4
_SENTENCE_END = re.compile(r"[.!?…。！？।؟։][\"'”’»)\]]*(?:\s+|(?=[^\s\d.]))")

_Place = tuple[int, int]
Cost = Callable[[Asked, str], float]


class _Step(NamedTuple):
    """`sent` lines are answered by `got` lines, as `answers`."""

    sent: int
    got: int
    answers: tuple[str, ...]
    cost: float


def align(sent: Sequence[Asked], got: Sequence[str], cost: Cost) -> list[str | None]:
    """The answer to each line, None where none is certain. `cost` says how badly an answer fits, from 0.0."""
    straight = math.inf
    if len(sent) == len(got):
        costs = [cost(asked, text) for asked, text in zip(sent, got, strict=True)]
        straight = sum(costs)
        if max(costs, default=0.0) < 1:
            return list(got)
    if len(sent) == 1:
        return [" ".join(got)]
    if abs(len(sent) - len(got)) > max(_BAND, len(sent) // 2):
        return _prefix(sent, got, cost)
    lattice = _Lattice(sent, got, cost)
    if lattice.best > straight - _LOST:
        return list(got)  # the right number of lines, some of them bad
    return lattice.certain()


def _prefix(sent: Sequence[Asked], got: Sequence[str], cost: Cost) -> list[str | None]:
    """An answer that was cut off: its lines, as long as they fit one by one and are not the last."""
    answers: list[str | None] = [None] * len(sent)
    for index, (asked, text) in enumerate(zip(sent, got[:-1], strict=False)):
        if cost(asked, text) >= 1 or len(got) > len(sent):
            break
        answers[index] = text
    return answers


@dataclass(slots=True)
class _Lattice:
    sent: Sequence[Asked]
    got: Sequence[str]
    cost: Cost
    steps: dict[_Place, list[_Step]] = field(default_factory=dict)
    ahead: dict[_Place, float] = field(init=False)
    before: dict[_Place, float] = field(init=False)

    def __post_init__(self) -> None:
        self.ahead = self._ahead()
        self.before = self._before()

    @property
    def best(self) -> float:
        """The cost of the best way through."""
        return self.ahead.get((0, 0), math.inf)

    def certain(self) -> list[str | None]:
        """The answers on the best way through, those left out to which there is an equal rival."""
        answers: list[str | None] = [None] * len(self.sent)
        i = j = 0
        while self.best < math.inf and (i, j) != (len(self.sent), len(self.got)):
            step = min(
                self.steps[i, j], key=lambda s: s.cost + self.ahead.get((i + s.sent, j + s.got), math.inf)
            )
            if step.answers and self._rival(i, j, step) - self.best >= self._margin(i, step):
                answers[i : i + step.sent] = step.answers
            i, j = i + step.sent, j + step.got
        return answers

    def _ahead(self) -> dict[_Place, float]:
        """The least cost from each place to the end."""
        end = (len(self.sent), len(self.got))
        ahead = {end: 0.0}
        for i in range(len(self.sent), -1, -1):
            for j in range(len(self.got), -1, -1):
                if not self._in_band(i, j) or (i, j) == end:
                    continue
                self.steps[i, j] = self._steps(i, j)
                ways = [s.cost + ahead.get((i + s.sent, j + s.got), math.inf) for s in self.steps[i, j]]
                ahead[i, j] = min(ways, default=math.inf)
        return ahead

    def _before(self) -> dict[_Place, float]:
        """The least cost from the start to each place."""
        before = {(0, 0): 0.0}
        for i, j in sorted(self.steps):
            for step in self.steps[i, j]:
                place = (i + step.sent, j + step.got)
                way = before.get((i, j), math.inf) + step.cost
                before[place] = min(way, before.get(place, math.inf))
        return before

    def _margin(self, i: int, step: _Step) -> float:
        """How much worse every other way must be: more for short lines, which fit in many places."""
        short = any(len(asked.line.plain) < _SHORT_CHARS for asked in self.sent[i : i + step.sent])
        return _MARGIN_SHORT if short else _MARGIN

    def _rival(self, i: int, j: int, step: _Step) -> float:
        """The least cost of a way through that answers line `i` otherwise than `step` does from `j`."""
        rivals = [
            self.before.get((row, column), math.inf)
            + other.cost
            + self.ahead.get((row + other.sent, column + other.got), math.inf)
            for row, column in self._places(i)
            for other in self.steps.get((row, column), ())
            if row <= i < row + other.sent and ((row, column) != (i, j) or other != step)
        ]
        return min(rivals, default=math.inf)

    def _places(self, i: int) -> list[_Place]:
        return [
            (row, j)
            for row in (i, i - 1)
            if row >= 0
            for j in range(len(self.got) + 1)
            if self._in_band(row, j)
        ]

    def _in_band(self, i: int, j: int) -> bool:
        return abs(j - i * len(self.got) / max(1, len(self.sent))) <= _BAND

    def _steps(self, i: int, j: int) -> list[_Step]:
        """The ways to go on from line `i` and answer `j`."""
        left, right = len(self.sent) - i, len(self.got) - j
        steps = []
        if left and right:
            steps.append(_Step(1, 1, (self.got[j],), self.cost(self.sent[i], self.got[j])))
        for count in (2, 3):
            if left and right >= count:
                text = " ".join(self.got[j : j + count])
                steps.append(_Step(1, count, (text,), self.cost(self.sent[i], text) + _JOINED * (count - 1)))
        if left >= 2 and right:
            steps.append(self._split(i, j))
        if left:
            steps.append(_Step(1, 0, (), _LOST))
        if right:
            steps.append(_Step(0, 1, (), _EXTRA))
        return steps

    def _split(self, i: int, j: int) -> _Step:
        """Two lines answered by one: cut it at the sentence end where both halves fit clearly best."""
        text = self.got[j]
        ends = [match.end() for match in _SENTENCE_END.finditer(text.rstrip())]
        one, two = self.sent[i : i + 2]
        if len(ends) > _MOST_ENDS:
            share = len(one.line.plain) / max(1, len(one.line.plain) + len(two.line.plain))
            ends = sorted(ends, key=lambda at: abs(at - share * len(text)))[:_MOST_ENDS]
        ways = sorted((self.cost(one, text[:at]) + self.cost(two, text[at:]), at) for at in ends)
        if not ways:
            return _Step(2, 1, (), 2 * _LOST)
        cost, at = ways[0]
        if len(ways) > 1 and ways[1][0] - cost < _MARGIN:
            return _Step(2, 1, (), cost + _JOINED)  # merged, surely; where, nobody can tell
        return _Step(2, 1, (text[:at].strip(), text[at:].strip()), cost + _JOINED)
