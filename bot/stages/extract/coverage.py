"""What a body leaves out: paragraphs of the page that stand before or between those which it holds.

What follows its last paragraph is no gap: there are the comments, and the next article.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml.html import HtmlElement

from bot.stages.extract.metadata import squeeze

_SHORTEST_CHARS = 80  # shorter ones are by-lines, captions, buttons
_BEGINNING_CHARS = 60  # by so much a paragraph is known again
_LINKED_SHARE = 0.3
_ELSEWHERE = frozenset({"aside", "blockquote", "figure", "footer", "form", "header", "li", "nav", "table"})


@dataclass(frozen=True, slots=True)
class Prose:
    """The paragraphs of a page, in its order."""

    paragraphs: tuple[str, ...]

    @classmethod
    def of(cls, root: HtmlElement, lead: str) -> Prose:
        """Read them off the page; its `lead` is none of them: it is relayed anyway."""
        texts = (squeeze(each.text_content()) for each in root.iter("p") if _is_prose(each))
        beginning = lead[:_BEGINNING_CHARS]
        return cls(tuple(text for text in texts if not beginning or text[:_BEGINNING_CHARS] != beginning))

    def left_out(self, body: HtmlElement) -> float:
        """The share of the prose up to the last paragraph of `body` that is not in `body`: 0 to 1."""
        found = {squeeze(each.text_content())[:_BEGINNING_CHARS] for each in body.iter("p")}
        is_in = [text[:_BEGINNING_CHARS] in found for text in self.paragraphs]
        end = max((number for number, inside in enumerate(is_in, 1) if inside), default=0)
        sizes = [(len(text), inside) for text, inside in zip(self.paragraphs[:end], is_in, strict=False)]
        whole = sum(size for size, _ in sizes)
        return sum(size for size, inside in sizes if not inside) / whole if whole else 0.0


def _is_prose(paragraph: HtmlElement) -> bool:
    length = len(paragraph.text_content())
    if length < _SHORTEST_CHARS or not _ELSEWHERE.isdisjoint(each.tag for each in paragraph.iterancestors()):
        return False
    return sum(len(link.text_content()) for link in paragraph.iter("a")) <= length * _LINKED_SHARE
