"""Ask the engines in turn for an article, until one translates all of it credibly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.errors import EngineRefused, EngineUnavailable
from bot.model import Finding
from bot.ports import Memory, Translator
from bot.stages import check
from bot.stages.check import REFUSED, Pair, weigh
from bot.stages.dialogue import Dialogue, Reading
from bot.stages.markers import Line, plain_text


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one engine, or several mixed, made of the lines of an article, and what there is to doubt."""

    engine: str = ""
    readings: Mapping[Line, Reading] = field(default_factory=dict)
    requests: int = 0  # of all engines so far
    findings: tuple[Finding, ...] = ()

    def of(self, line: Line) -> Reading | None:
        """The reading of a line, None where there is none that is credible."""
        reading = self.readings.get(line)
        return reading if reading and reading.weight < REFUSED else None

    @property
    def is_credible(self) -> bool:
        """Whether it may be published."""
        return weigh(self.findings) < REFUSED


@dataclass(frozen=True, slots=True)
class Rules:
    """How engines are asked: see TranslateOptions."""

    context: str
    max_requests: int
    mix_engines: bool


def ask_in_turn(
    engines: Sequence[Translator], lines: Sequence[Line], pair: Pair, memory: Memory, rules: Rules
) -> Attempt:
    """The first credible attempt; where there is none, the one with the least doubt, for a person to see.

    A doubtful attempt is not taken while a better engine is only down for the moment: then the item waits.
    Raises EngineUnavailable, EngineRefused.
    """
    if not lines:
        return Attempt()
    attempts: list[Attempt] = []
    down: list[EngineUnavailable] = []
    refusals: list[EngineRefused] = []
    for engine in engines:
        if not engine.supports(pair.source, pair.target):
            continue
        before = attempts[-1] if attempts else Attempt()
        dialogue = Dialogue(engine, pair, memory, rules.context, rules.max_requests)
        try:
            dialogue.read([line for line in lines if not (rules.mix_engines and before.of(line))])
        except EngineUnavailable as error:
            down.append(error)
        except EngineRefused as error:
            refusals.append(error)
        attempts.append(_judged(_added(before, dialogue, lines, mix=rules.mix_engines), lines, pair))
        if attempts[-1].is_credible:
            return attempts[-1]
    return _least_doubtful(attempts, pair, down, refusals)


def _added(before: Attempt, dialogue: Dialogue, lines: Sequence[Line], *, mix: bool) -> Attempt:
    """What the dialogue brought, with what another engine had done before where engines may be mixed."""
    fresh = {line: dialogue.readings[line] for line in lines if line in dialogue.readings}
    kept = {line: reading for line in lines if mix and (reading := before.of(line))}
    names = [before.engine] * bool(kept) + [dialogue.engine.name] * bool(fresh)
    return Attempt("+".join(filter(None, names)), fresh | kept, before.requests + dialogue.requests)


def _judged(attempt: Attempt, lines: Sequence[Line], pair: Pair) -> Attempt:
    """The attempt with all doubts: line by line in the order of the text, then those about the whole."""
    findings: list[Finding] = []
    read: list[tuple[str, str]] = []
    for line in lines:
        reading = attempt.of(line)
        if reading is None:
            findings.append(_untranslated(line, attempt.readings.get(line)))
            continue
        findings += [finding for finding in reading.findings if finding.weight]
        read.append((line.plain, plain_text(reading.items)))
    source, target = ("\n".join(texts) for texts in zip(*read, strict=True)) if read else ("", "")
    whole = (*check.check_repeats(read), *check.check_article(source, target, pair))
    return replace(attempt, findings=(*check.tempered(findings), *whole))


def _untranslated(line: Line, refused: Reading | None) -> Finding:
    checks = sorted({finding.check for finding in refused.findings}) if refused else ["no answer"]
    return Finding("untranslated", REFUSED, f"left as it was ({', '.join(checks)}): {line.plain[:80]}")


def _least_doubtful(
    attempts: Sequence[Attempt], pair: Pair, down: list[EngineUnavailable], refusals: list[EngineRefused]
) -> Attempt:
    if down:
        raise min(down, key=lambda error: error.retry_after_seconds or 0.0)
    best = min(attempts, key=lambda attempt: weigh(attempt.findings), default=Attempt())
    if refusals and not best.readings:
        raise refusals[0]
    if not attempts:
        raise EngineRefused(
            f"{pair.source} -> {pair.target}",
            "no engine in the config translates this pair",
            remedy="add one to translation.engines, or a model with `bot models add`",
        )
    return replace(best, requests=attempts[-1].requests)
