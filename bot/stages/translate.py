"""Translate an article: cut into lines, ask the engines in turn, verify, rebuild.

    segment -> protect terms -> lines -> Dialogue with one engine -> (the next engine) -> typeset -> rebuild

A line that no engine translates credibly stays as it was and is reported with the weight that holds the
post back: the original is never passed off as a translation.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.errors import EngineRefused, EngineUnavailable
from bot.model import CleanArticle, Finding, Picture, SafeHtml, Translation
from bot.ports import Memory, Translator
from bot.stages import check, language
from bot.stages.check import REFUSED, Pair
from bot.stages.dialogue import Dialogue, Reading
from bot.stages.markers import Line, plain_text
from bot.stages.segment import Document, Segment, has_letters, plain, rebuild, render, segment
from bot.stages.terms import Terms, protect
from bot.stages.typography import typeset

Sanitise = Callable[[str], SafeHtml]


@dataclass(frozen=True)
class TranslateOptions:
    """What the config says about translating. `fixes` are replaced in the finished text."""

    do_not_translate: tuple[str, ...] = ()
    glossary: Mapping[str, str] = field(default_factory=dict)
    fixes: Mapping[str, str] = field(default_factory=dict)
    max_requests: int = 0  # an article and engine; 0: three times what it needs at least, and three
    mix_engines: bool = False  # whether one article may hold lines of several engines
    typography: bool = True

    @property
    def terms(self) -> Terms:
        """What is kept out of the engines' hands."""
        return Terms.of(self.do_not_translate, self.glossary)

    @property
    def version(self) -> str:
        """A name for all that changes what a line becomes."""
        return hashlib.sha256(repr(self.terms).encode()).hexdigest()[:16]


class DictMemory:
    """A Memory for one process."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def recall(self, keys: Sequence[str]) -> dict[str, str]:
        """As Memory says."""
        return {key: self.texts[key] for key in keys if key in self.texts}

    def remember(self, items: Mapping[str, str]) -> None:
        """As Memory says."""
        self.texts.update(items)


@dataclass(frozen=True)
class _Script:
    """The article as segments: its plain texts by field, its body, its attributes."""

    texts: dict[str, Segment]
    body: Document
    attributes: dict[str, Segment]
    shielded: dict[Segment, Segment]  # with terms protected
    left: frozenset[Segment]  # in the target's language already

    @property
    def lines(self) -> list[Line]:
        """What has to be translated, title and lead first, equal lines once."""
        segments = (*self.texts.values(), *self.body.segments, *self.attributes.values())
        lines = (_line(self.shielded[part]) for part in segments if part not in self.left)
        return list(dict.fromkeys(line for line in lines if has_letters(line.plain)))


@dataclass(frozen=True)
class _Attempt:
    """What one engine, or several mixed, made of the article."""

    engine: str
    readings: dict[Line, Reading]
    requests: int

    def missing(self, lines: Iterable[Line]) -> list[Line]:
        """The lines without a credible translation."""
        return [ln for ln in lines if ln not in self.readings or self.readings[ln].weight >= REFUSED]


def translate(
    article: CleanArticle,
    engines: Sequence[Translator],
    source: str,
    target: str,
    options: TranslateOptions,
    sanitise: Sanitise,
    memory: Memory | None = None,
) -> Translation:
    """Translate title, lead, body, alt and title attributes, and the picture's texts.

    `source` and `target` are BCP 47 codes, `source` may be "auto". Findings that sum up to 1.0 mean: hold.
    Raises EngineUnavailable where no engine can do it now, EngineRefused where none ever can.
    """
    script = _script(article, options, target)
    source = _source(source, script, article)
    if language.same(source, target):
        return _untouched(article, source, target)
    attempt = _best(engines, script, Pair(source, target), options, memory or DictMemory())
    return _assemble(article, script, attempt, Pair(source, target), options, sanitise)


# --- before -------------------------------------------------------------------------------------


def _script(article: CleanArticle, options: TranslateOptions, target: str) -> _Script:
    picture = article.picture or Picture("")
    named = {"title": article.title, "lead": article.lead, "alt": picture.alt, "caption": picture.caption}
    texts = {name: plain(text) for name, text in named.items() if text.strip()}
    body = segment(article.html)
    attributes = {text: plain(text) for text in body.attributes}
    parts = (*texts.values(), *body.segments, *attributes.values())
    shielded = {part: protect(part, options.terms) for part in parts}
    left = frozenset(part for part in shielded if _is_in(plain_text(part.items), target))
    return _Script(texts, body, attributes, shielded, left)


def _is_in(text: str, target: str) -> bool:
    """Whether a paragraph is surely in the target's language already: a quotation, for instance."""
    if len(text) < 80:
        return False
    found, sure = language.detect(text)
    return sure >= 0.9 and language.base(found) == language.base(target)


def _source(source: str, script: _Script, article: CleanArticle) -> str:
    if source != "auto":
        return source
    segments = (*script.texts.values(), *script.body.segments)
    found, _ = language.detect("\n".join(plain_text(part.items) for part in segments))
    if not found:
        raise EngineRefused(
            article.url, "its language cannot be told from so little text", remedy="set language on its feed"
        )
    return found


def _untouched(article: CleanArticle, source: str, target: str) -> Translation:
    return Translation(
        article.title, article.lead, article.html, source, target, engine="", picture=article.picture
    )


# --- the engines --------------------------------------------------------------------------------


def _best(
    engines: Sequence[Translator], script: _Script, pair: Pair, options: TranslateOptions, memory: Memory
) -> _Attempt:
    """The first attempt that leaves nothing out, else the one that leaves out least."""
    lines, attempts = script.lines, [_Attempt("", {}, 0)]
    down: list[EngineUnavailable] = []
    refusals: list[EngineRefused] = []
    for engine in engines:
        if not engine.supports(pair.source, pair.target):
            continue
        dialogue = Dialogue(engine, pair, memory, options.version, options.max_requests)
        done = attempts[-1].readings if options.mix_engines else {}
        try:
            dialogue.read([line for line in lines if line not in done])
        except EngineUnavailable as error:
            down.append(error)
        except EngineRefused as error:
            refusals.append(error)
        attempts.append(_attempt(engine, dialogue, attempts[-1], lines, mix=options.mix_engines))
        if not attempts[-1].missing(lines):
            return attempts[-1]
    return _least_bad(attempts, lines, pair, down, refusals)


def _attempt(
    engine: Translator, dialogue: Dialogue, before: _Attempt, lines: Sequence[Line], *, mix: bool
) -> _Attempt:
    requests = before.requests + dialogue.requests
    fresh = {line: dialogue.readings[line] for line in lines if line in dialogue.readings}
    if not mix:
        return _Attempt(engine.name, fresh, requests)
    kept = {line: reading for line, reading in before.readings.items() if reading.weight < REFUSED}
    name = f"{before.engine}+{engine.name}" if kept and fresh else engine.name if fresh else before.engine
    return _Attempt(name, fresh | kept, requests)


def _least_bad(
    attempts: list[_Attempt],
    lines: Sequence[Line],
    pair: Pair,
    down: list[EngineUnavailable],
    refusals: list[EngineRefused],
) -> _Attempt:
    """Where no attempt is whole: wait for an engine that may come back, else take the best for a person to see."""
    if down:
        raise min(down, key=lambda error: error.retry_after_seconds or 0.0)
    best = min(attempts, key=lambda attempt: len(attempt.missing(lines)))
    if refusals and not best.readings:
        raise refusals[0]
    if len(attempts) == 1 and lines:
        raise EngineRefused(
            f"{pair.source} -> {pair.target}",
            "no engine in the config translates this pair",
            remedy="add one to translation.engines, or a model with `bot models add`",
        )
    return replace(best, requests=attempts[-1].requests)


# --- after --------------------------------------------------------------------------------------


def _assemble(
    article: CleanArticle,
    script: _Script,
    attempt: _Attempt,
    pair: Pair,
    options: TranslateOptions,
    sanitise: Sanitise,
) -> Translation:
    def read(part: Segment) -> Segment | None:
        return _read(script, attempt, part, pair.target, options)

    def text(name: str) -> str:
        part = script.texts.get(name)
        return _as_text(read(part) or part) if part else ""

    attributes = {told: _as_text(read(part) or part) for told, part in script.attributes.items()}
    picture = article.picture
    return Translation(
        title=text("title"),
        lead=text("lead"),
        html=sanitise(rebuild(script.body, read, attributes)),
        source=pair.source,
        target=pair.target,
        engine=attempt.engine,
        picture=picture and replace(picture, alt=text("alt"), caption=text("caption")),
        findings=_findings(script, attempt, pair),
        requests=attempt.requests,
    )


def _read(
    script: _Script, attempt: _Attempt, part: Segment, target: str, options: TranslateOptions
) -> Segment | None:
    """The translated segment, None where it stays as it was."""
    if part in script.left:
        return None
    shielded = script.shielded[part]
    line = _line(shielded)
    reading = attempt.readings.get(line)
    if reading is None or reading.weight >= REFUSED:
        return None if has_letters(line.plain) else shielded
    items = tuple(_fixed(item, options.fixes) if isinstance(item, str) else item for item in reading.items)
    return Segment(typeset(items, target) if options.typography else items, shielded.codes)


def _fixed(text: str, fixes: Mapping[str, str]) -> str:
    for wrong, right in fixes.items():
        text = text.replace(wrong, right)
    return text


def _as_text(part: Segment) -> str:
    return html.unescape(render(part))


def _line(part: Segment) -> Line:
    return Line(part.items)


def _findings(script: _Script, attempt: _Attempt, pair: Pair) -> tuple[Finding, ...]:
    """All doubts: line by line in the order of the text, then those about the whole."""
    findings: list[Finding] = []
    source, target = [], []
    for line in script.lines:
        reading = attempt.readings.get(line)
        if reading is None or reading.weight >= REFUSED:
            why = (
                ", ".join(sorted({finding.check for finding in reading.findings})) if reading else "no answer"
            )
            findings.append(Finding("untranslated", REFUSED, f"left as it was ({why}): {line.plain[:80]}"))
            continue
        findings += [finding for finding in reading.findings if finding.weight]
        source.append(line.plain)
        target.append(plain_text(reading.items))
    left = [plain_text(part.items)[:60] for part in script.left]
    findings += [
        Finding("language", 0.0, f"is in {pair.target} already, left as it is: {text}") for text in left
    ]
    return (*check.tempered(findings), *check.check_article("\n".join(source), "\n".join(target), pair))
