"""What a body leaves out: paragraphs of the page that stand before, between or after those which it holds.

What follows its last paragraph is no gap, as there are the comments, and the next article; unless that is more than all
that the body holds, and no article of its own: then the body may be no more than a beginning.

A first paragraph that the page also gives as its description often has a box of its own, and is lost with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from bot.stages.extract.metadata import is_standfirst, squeeze

_SHORTEST_CHARS = 80  # shorter ones are by-lines, captions, buttons
_BEGINNING_CHARS = 60  # by so much a paragraph is known again
_LINKED_SHARE = 0.3
_NAMES_CHARS = 300
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|sidebar|related|recirc|disqus|respond|newsletter|promo)(?:$|[\s_-])"
)
_BOXES = 4  # of a first paragraph: the next one is in one of these
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
        if True in is_lead[:-1] and _opens(*elements[(number := is_lead.index(True)) : number + 2]):
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
        is_there = _letters(opening.text_content()) in _letters(body.text_content())
        for paragraph in () if is_there else body.iter("p"):
            if _beginning(squeeze(paragraph.text_content())) == self.follower:
                paragraph.addprevious(opening)
                return

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
        """What follows this paragraph in its article, where there are such on the page."""
        here = self.paragraphs[last].article if last >= 0 else 0
        return (each for each in self.paragraphs[last + 1 :] if not here or each.article == here)


def _number(numbers: dict[HtmlElement | None, int], element: HtmlElement) -> int:
    return numbers.setdefault(next(element.iterancestors("article"), None), len(numbers))


def _opens(paragraph: HtmlElement, following: HtmlElement) -> bool:
    """Whether it begins the text that goes on with the other: below the headline, in a box around both."""
    near = set(islice(paragraph.iterancestors(), _BOXES))
    is_near = any(box.tag != "body" and box in near for box in following.iterancestors())
    is_below = not paragraph.xpath("following::h1") or bool(paragraph.xpath("preceding::h1"))
    return is_near and is_below and not is_standfirst(paragraph)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _beginning(text: str) -> str:
    return text[:_BEGINNING_CHARS]


def _is_prose(paragraph: HtmlElement) -> bool:
    length = len(paragraph.text_content())
    if length < _SHORTEST_CHARS or any(map(_is_beside, paragraph.iterancestors())):
        return False
    return sum(len(link.text_content()) for link in paragraph.iter("a")) <= length * _LINKED_SHARE


def _is_beside(box: HtmlElement) -> bool:
    """Whether what stands in it is beside the text of an article."""
    if box.tag in _ELSEWHERE:
        return True
    names = f"{box.get('class') or ''} {box.get('id') or ''}"[:_NAMES_CHARS]
    return box.tag not in ("body", "html", "article", "main") and _BESIDE.search(names.lower()) is not None
