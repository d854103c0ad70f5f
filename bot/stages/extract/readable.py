"""Readability with its slow steps made anew: what it finds stays the same to the letter.

The library looks for blocks in the markup of each child of each box, measures each text with four regexes, and
describes to its log, which nobody reads, each element that it weighs.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import lxml.html
import readability
from lxml import etree
from lxml.html import HtmlElement

_RULES = readability.readability.REGEXES
_HIDDEN = _RULES["displayNoneRe"]
# Over names in small letters, which takes a fifth of the time that IGNORECASE does.
_UNLIKELY, _MAYBE = (
    re.compile(_RULES[name].pattern) for name in ("unlikelyCandidatesRe", "okMaybeItsACandidateRe")
)
# Beginnings of names, as the library looks for them.
_BLOCKS = ("blockquote", "dl", "div", "img", "ol", "p", "table", "ul")
_PHRASES = ("a", "b", "cite", "code", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u")
_NEVER_UNLIKELY = ("main", "article", "math")
_BLANKS = re.compile(r"\t|[ \t]{2,}")


class Readable(readability.Document):  # type: ignore[misc] # the library has no types
    """The article of a page that Prepared.read has made ready."""

    def _parse(self, page: HtmlElement) -> HtmlElement:
        """A copy without what is hidden; the rest of its own cleaning was done by Prepared.read."""
        root = copy.deepcopy(page)
        for element in root.xpath("//*[@hidden or @style]"):
            if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
                element.drop_tree()
        return root

    def get_clean_html(self) -> str:
        """The markup; the library hunts for attributes in it, which cleaning will do on the tree."""
        return str(etree.tostring(self._html(), encoding="unicode", method="html"))

    def remove_unlikely_candidates(self) -> None:
        """Drop what its class or id says is beside the article."""
        known: dict[str, bool] = {}  # a page has its few names many times
        for element in self.html.xpath("//body/descendant::*[@class or @id]"):
            names = f"{element.get('class', '')} {element.get('id', '')}".lower()
            if names not in known:
                known[names] = bool(_UNLIKELY.search(names)) and not _MAYBE.search(names)
            if known[names] and not _is_code(element) and next(element.iter(*_NEVER_UNLIKELY), None) is None:
                element.drop_tree()

    def transform_misused_divs_into_paragraphs(self) -> None:
        """Make paragraphs of boxes without blocks, and of the texts and phrases in the other boxes."""
        holders = _holders(self.html)
        for box in self.html.findall(".//div"):
            if box in holders:
                _make_paragraphs(box, holders)
            else:
                box.tag = "p"

    def score_paragraphs(self) -> dict[HtmlElement, dict[str, Any]]:
        """The boxes around texts, with what speaks for each."""
        candidates: dict[HtmlElement, dict[str, Any]] = {}
        for paragraph in self.tags(self.html, "p", "pre", "td", "blockquote"):
            text = _squeezed(paragraph)
            if len(text) < self.min_text_length:
                continue
            score = 2 + text.count(",") + min(len(text) / 100, 3)
            for box, share in zip(paragraph.iterancestors(), (1, 2), strict=False):
                if box not in candidates:
                    candidates[box] = self.score_node(box)
                candidates[box]["content_score"] += score / share
        for box, candidate in candidates.items():
            candidate["content_score"] *= 1 - self.get_link_density(box)
        return candidates

    def get_link_density(self, element: HtmlElement) -> float:
        """The share of its text that stands in links."""
        linked = sum(len(_squeezed(link)) for link in element.iterdescendants("a"))
        return linked / max(len(_squeezed(element)), 1) if linked else 0.0


def _is_code(element: HtmlElement) -> bool:
    return element.tag in ("pre", "code") or next(element.iterancestors("pre", "code"), None) is not None


def _holders(root: HtmlElement) -> set[HtmlElement]:
    """The elements with a block in them."""
    found: set[HtmlElement] = set()
    for element in root.iter(etree.Element):
        for box in element.iterancestors() if element.tag.startswith(_BLOCKS) else ():
            if box in found:
                break
            found.add(box)
    return found


def _make_paragraphs(box: HtmlElement, holders: set[HtmlElement]) -> None:
    """Put each run of texts and phrases in it into a paragraph."""
    children, paragraph = list(box), None
    if box.text and box.text.strip():
        paragraph = _paragraph(box.text)
        box.text = None
        box.insert(0, paragraph)
    for child in children:
        if child.tag not in _PHRASES or child in holders:
            paragraph = None
            continue
        if paragraph is None:
            paragraph = _paragraph(None)
            child.addprevious(paragraph)
        paragraph.append(child)
    for child in reversed(list(box)):
        if child.tail and child.tail.strip():
            text, child.tail = child.tail, None
            child.addnext(_paragraph(text))
        if child.tag == "br":
            child.drop_tree()


def _paragraph(text: str | None) -> HtmlElement:
    paragraph = lxml.html.Element("p")
    paragraph.text = text
    return paragraph


def _squeezed(element: HtmlElement) -> str:
    """Its text as the library's own `clean` has it, whose length decides: of several blanks one is left.

    But for one thing: of 255 tabs or no-break spaces in a row, the library leaves one.
    """
    text = str(element.text_content())
    if "\n" in text:
        text = "\n".join(filter(None, map(str.strip, text.split("\n"))))
    return (_BLANKS.sub(" ", text) if "\t" in text or "  " in text else text).strip()
