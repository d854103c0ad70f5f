"""Translate an article: cut into lines, ask the engines in turn, verify, rebuild.

    segment -> protect terms -> lines -> ask the engines in turn, each in a Dialogue -> typeset -> rebuild

A line that no engine translates credibly stays as it was and is reported with the weight that holds the
post back: the original is never passed off as a translation.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.errors import EngineRefused
from bot.model import CleanArticle, Finding, Picture, SafeHtml, Translation
from bot.ports import Memory, Translator
from bot.stages import language
from bot.stages.attempt import Attempt, Rules, ask_in_turn
from bot.stages.check import Pair
from bot.stages.markers import Line, plain_text
from bot.stages.segment import Document, Items, Segment, has_letters, plain, rebuild, render, segment
from bot.stages.terms import Terms, protect
from bot.stages.typography import typeset

Sanitise = Callable[[str], SafeHtml]
_SURE = 0.9  # of a paragraph's language


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

    texts: Mapping[str, Segment]
    body: Document
    attributes: Mapping[str, Segment]
    shielded: Mapping[Segment, Segment]  # with terms protected
    left: frozenset[Segment] = frozenset()  # in the target's language already

    @property
    def segments(self) -> list[Segment]:
        """All that is read, title and lead first."""
        return [*self.texts.values(), *self.body.segments, *self.attributes.values()]

    @property
    def lines(self) -> list[Line]:
        """What has to be translated, equal lines once."""
        lines = (Line(self.shielded[part].items) for part in self.segments if part not in self.left)
        return list(dict.fromkeys(line for line in lines if has_letters(line.plain)))


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
    script = _script(article, options)
    pair = Pair(_source(source, script, article), target)
    if language.same(pair.source, target):
        return _untouched(article, pair)
    script = replace(script, left=_left(script, pair))
    rules = Rules(options.version, options.max_requests, options.mix_engines)
    attempt = ask_in_turn(engines, script.lines, pair, memory or DictMemory(), rules)
    return _assemble(article, script, attempt, pair, _Reader(script, attempt, target, options), sanitise)


# --- before -------------------------------------------------------------------------------------


def _script(article: CleanArticle, options: TranslateOptions) -> _Script:
    picture = article.picture or Picture("")
    named = {"title": article.title, "lead": article.lead, "alt": picture.alt, "caption": picture.caption}
    texts = {name: plain(text) for name, text in named.items() if text.strip()}
    body = segment(article.html)
    attributes = {text: plain(text) for text in body.attributes}
    parts = (*texts.values(), *body.segments, *attributes.values())
    return _Script(texts, body, attributes, {part: protect(part, options.terms) for part in parts})


def _source(source: str, script: _Script, article: CleanArticle) -> str:
    if source != "auto":
        return source
    found, _ = language.detect("\n".join(plain_text(part.items) for part in script.segments))
    if not found:
        raise EngineRefused(
            article.url, "its language cannot be told from so little text", remedy="set language on its feed"
        )
    return found


def _left(script: _Script, pair: Pair) -> frozenset[Segment]:
    """Paragraphs that are surely in the target's language already: a quotation, for instance."""
    if language.alike(pair.source, pair.target):
        return frozenset()
    found = {
        part: language.detect(text) for part in script.segments if len(text := plain_text(part.items)) >= 80
    }
    return frozenset(
        part for part, (code, sure) in found.items() if sure >= _SURE and code == language.base(pair.target)
    )


def _untouched(article: CleanArticle, pair: Pair) -> Translation:
    return Translation(
        article.title, article.lead, article.html, pair.source, pair.target, "", picture=article.picture
    )


# --- after --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reader:
    """Finds what a segment became."""

    script: _Script
    attempt: Attempt
    target: str
    options: TranslateOptions

    def segment(self, part: Segment) -> Segment | None:
        """The translated segment, None where it stays as it was."""
        if part in self.script.left:
            return None
        shielded = self.script.shielded[part]
        line = Line(shielded.items)
        if not has_letters(line.plain):
            return shielded
        reading = self.attempt.of(line)
        return Segment(self._finished(reading.items), shielded.codes) if reading else None

    def text(self, part: Segment | None) -> str:
        """The same, of a text that is no markup."""
        return html.unescape(render(self.segment(part) or part)) if part else ""

    def _finished(self, items: Items) -> Items:
        fixed = tuple(self._fixed(item) if isinstance(item, str) else item for item in items)
        return typeset(fixed, self.target) if self.options.typography else fixed

    def _fixed(self, text: str) -> str:
        for wrong, right in self.options.fixes.items():
            text = text.replace(wrong, right)
        return text


def _assemble(
    article: CleanArticle, script: _Script, attempt: Attempt, pair: Pair, reader: _Reader, sanitise: Sanitise
) -> Translation:
    texts = {name: reader.text(part) for name, part in script.texts.items()}
    attributes = {told: reader.text(part) for told, part in script.attributes.items()}
    picture = article.picture
    left = tuple(
        Finding("language", 0.0, f"is in {pair.target} already, left as it is: {plain_text(part.items)[:60]}")
        for part in script.left
    )
    return Translation(
        title=texts.get("title", ""),
        lead=texts.get("lead", ""),
        html=sanitise(rebuild(script.body, reader.segment, attributes)),
        source=pair.source,
        target=pair.target,
        engine=attempt.engine,
        picture=picture and replace(picture, alt=texts.get("alt", ""), caption=texts.get("caption", "")),
        findings=(*attempt.findings, *left),
        requests=attempt.requests,
    )
