"""All ways to ask for a line in parts: its sentences, and each marked one of them without its marks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.stages.markers import Line
from bot.stages.parting import Fits, Parting, Projection, by_sentences, by_texts, project


@dataclass(frozen=True, slots=True)
class Fallback:
    """A line in sentences; `projections` and `by_texts` are two ways to ask for those that have marks."""

    whole: Parting
    projections: tuple[Projection, ...]
    by_texts: tuple[Parting, ...]

    @classmethod
    def of(cls, line: Line, language: str, fits: Fits) -> Fallback:
        """Every way to ask for `line`."""
        whole = by_sentences(line, language, fits, single=True)
        marked = [sentence for sentence in whole.lines if sentence.marks]
        projections = tuple(way for sentence in marked if (way := project(sentence)))
        return cls(whole, projections, tuple(by_texts(sentence, language, fits) for sentence in marked))

    def projected(self) -> Fallback:
        """Only the best way for each sentence."""
        done = {way.line for way in self.projections}
        return replace(self, by_texts=tuple(way for way in self.by_texts if way.line not in done))

    @property
    def lines(self) -> list[Line]:
        """All that has to be asked."""
        plain = [line for line in self.whole.lines if not line.marks]
        ways: tuple[Projection | Parting, ...] = (*self.projections, *self.by_texts)
        return list(dict.fromkeys([*plain, *(line for way in ways for line in way.lines)]))
