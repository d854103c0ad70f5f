"""What a body leaves out: paragraphs of the page that stand before, between or after those which it holds.

What follows its last paragraph is no gap, as there are the comments, and the next article; unless that is more than all
that the body holds, and no article of its own: then the body may be no more than a beginning.

A first paragraph that the page also gives as its description often has a box of its own, and is lost with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from bot.stages.extract.metadata import is_standfirst, squeeze

_SHORTEST_CHARS = 80  # shorter ones are by-lines, captions, buttons
_BEGINNING_CHARS = 60  # by so much a paragraph is known again
_LINKED_SHARE = 0.3
_ELSEWHERE = frozenset({"aside", "blockquote", "figure", "footer", "form", "header", "li", "nav", "table"})


@dataclass(frozen=True, slots=True)
class _Paragraph:
    beginning: str
    chars: int
    article: int  # the number of the `<article>` it stands in; 0: in none


@dataclass(frozen=True, slots=True)
class Prose:
    """The paragraphs of a page, in its order, without the lead; `opening` is the markup of that where it is one."""

    paragraphs: tuple[_Paragraph, ...]
    opening: str = ""
    follower: str = ""  # the beginning of the paragraph after the opening

    @classmethod
    def of(cls, root: HtmlElement, lead: str) -> Prose:
        """Read them off the page, of which `lead` is the description."""
        elements = [each for each in root.iter("p") if _is_prose(each)]
        texts = [squeeze(each.text_content()) for each in elements]
        is_lead = [bool(lead) and _beginning(text) == _beginning(lead) for text in texts]
        opening = follower = ""
        if True in is_lead[:-1] and not is_standfirst(elements[number := is_lead.index(True)]):
            opening = etree.tostring(elements[number], encoding="unicode", method="html", with_tail=False)
            follower = _beginning(texts[number + 1])
        numbers: dict[HtmlElement | None, int] = {None: 0}
        paragraphs = [
            _Paragraph(_beginning(text), len(text), _number(numbers, element))
            for element, text, known in zip(elements, texts, is_lead, strict=True)
            if not known
        ]
        return cls(tuple(paragraphs), opening, follower)

    def put_back_opening(self, body: HtmlElement) -> None:
        """Put the opening back before the paragraph that follows it, where `body` has only the latter."""
        if not self.opening:
            return
        opening = lxml.html.fragment_fromstring(self.opening)
        beginnings = {_beginning(squeeze(each.text_content())): each for each in body.iter("p")}
        if self.follower in beginnings and _beginning(squeeze(opening.text_content())) not in beginnings:
            beginnings[self.follower].addprevious(opening)

    def left_out(self, body: HtmlElement) -> float:
        """The share of the prose that is not in `body`, as far as it belongs to it: 0 to 1."""
        found = {_beginning(squeeze(each.text_content())) for each in body.iter("p")}
        last = max(
            (number for number, each in enumerate(self.paragraphs) if each.beginning in found), default=-1
        )
        held = sum(each.chars for each in self.paragraphs if each.beginning in found)
        whole = sum(each.chars for each in self.paragraphs[: last + 1])
        after = sum(each.chars for each in self._going_on(last))
        if after > len(squeeze(body.text_content())):
            whole += after
        return (whole - held) / whole if whole else 0.0

    def _going_on(self, last: int) -> Iterator[_Paragraph]:
        """What follows this paragraph, and is no part of another article."""
        here = self.paragraphs[last].article if last >= 0 else 0
        return (each for each in self.paragraphs[last + 1 :] if not here or each.article in (here, 0))


def _number(numbers: dict[HtmlElement | None, int], element: HtmlElement) -> int:
    return numbers.setdefault(next(element.iterancestors("article"), None), len(numbers))


def _beginning(text: str) -> str:
    return text[:_BEGINNING_CHARS]


def _is_prose(paragraph: HtmlElement) -> bool:
    length = len(paragraph.text_content())
    if length < _SHORTEST_CHARS or not _ELSEWHERE.isdisjoint(each.tag for each in paragraph.iterancestors()):
        return False
    return sum(len(link.text_content()) for link in paragraph.iter("a")) <= length * _LINKED_SHARE
