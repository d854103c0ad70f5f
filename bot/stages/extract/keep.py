"""Figures, tables, embeds, lists and code, kept out of the extractors' sight and put back where they stood.

Extractors judge by text: they drop pictures without words, short lists and tables full of numbers. So each
such element leaves a placeholder paragraph behind. If that survives, the element comes back whole;
if it goes with the sidebar around it, the element goes too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from bot.stages.extract import legacy
from bot.stages.extract.metadata import squeeze

_WRAPPERS = frozenset({"a", "b", "center", "div", "em", "i", "p", "picture", "section", "span", "strong"})
_PHRASING = _WRAPPERS - {"center", "div", "section"}
_HEADINGS = ("h2", "h3", "h4")
_HEADING_BOXES = ("div", "header", "hgroup", "section", "span")
_OUTSIDE = ("nav", "footer", "form", "aside")
_POST = re.compile(r"twitter-tweet|tiktok-embed|reddit-embed|instagram-media|bluesky-embed|mastodon-embed")
_MENU = re.compile(
    r"\b(?:nav|menu|share|social|tags?|related|breadcrumbs?|pag(?:er|ination)|toc|meta)\b", re.IGNORECASE
)
_FEW = 12  # children: so many are looked at one by one
_FOOT = re.compile(
    r"(?:^|\s)(?:(?:site|page|global|main|l)[-_]+)?(?:footer|copyright|colophon)"
    r"(?:[-_]+(?:body|inner|wrapper|container|content|logo|area|top|bottom))?(?:\s|$)",
    re.IGNORECASE,
)
_LIST_CHARS = 2000
_MOST_SOURCES = 50  # links
_DOCUMENT = re.compile(r"\.(?:pdf|docx?|odt|xlsx?|ods|csv|pptx?|zip)(?:[?#]|$)", re.IGNORECASE)
_NOT_IN_LISTS = ("p", "div", "h2", "h3", "h4", "table")  # in plain ones
_PARAGRAPH_CHARS = 40
_BEGINNING_CHARS = 60
_OWN_BOXES = 3
_PLAYER = "data-embed"


@dataclass(frozen=True, slots=True)
class _Between:
    """What stands between two paragraphs of one box: a text by which it is known, itself, how the second begins."""

    sign: str
    markup: str
    before: str

    def put_before(self, paragraph: HtmlElement) -> None:
        """Put it back; in several parts, where the page nests wrongly."""
        for part in lxml.html.fragments_fromstring(self.markup):
            if not isinstance(part, str):
                paragraph.addprevious(part)


class Kept:
    """The elements taken out of one page."""

    def __init__(self, root: HtmlElement, seed: bytes, url: str, *, has_lead_picture: bool) -> None:
        """Take them out of `root`. The page cannot forge a placeholder: it is a digest of the page (`seed`).

        Where the lead picture is known, another below the headline is taken for a copy of it.
        """
        self._kinds_after_headline = (_PLAYER,) if has_lead_picture else (_PLAYER, "<img")
        self._mark = hashlib.sha256(seed).hexdigest()[:24]
        self._url = url
        self._elements: list[str] = []
        self._placeholders: dict[HtmlElement, int] = {}
        for element in list(root.iter(*_IS_KEPT)):
            if _is_in_text(element) and (_IS_KEPT[element.tag](element) or _is_of_sources(element, url)):
                self._take(widest(element))
        self._between = list(self._find_between(root))

    def put_back(self, html: str) -> str:
        """The markup with every placeholder replaced by what it stands for."""
        placeholder = rf"{self._mark}(\d+)x"
        lone = rf"<(p|span)(?:\s[^>]*)?>\s*{placeholder}\s*</\1>|{placeholder}"
        return re.sub(lone, lambda match: self._elements[int(match[2] or match[3])], html)

    def add_lost(self, body: HtmlElement, html: str) -> None:
        """Put into `body` what extractors lost from between two of its paragraphs; `html` is what they gave.

        Page builders keep each picture, and some each heading, in a box beside the boxes of the text, and these alone
        are found.
        """
        present = set(re.findall(rf"{self._mark}\d+x", html))
        present |= {squeeze(heading.text_content()) for heading in body.iter(*_HEADINGS)}
        lost: dict[str, list[_Between]] = {}
        for each in self._between:
            if each.sign not in present:
                lost.setdefault(each.before, []).append(each)
        for paragraph in body.xpath(".//p[not(ancestor::figure)]") if lost else []:
            for each in lost.pop(_beginning(paragraph), []):
                each.put_before(paragraph)

    def _find_between(self, root: HtmlElement) -> Iterator[_Between]:
        waiting: list[HtmlElement] = []
        border: HtmlElement | None = None
        for element in root.iter("h1", "p", "span", *_HEADINGS):
            if element in self._placeholders or (
                element.tag in _HEADINGS and self._is_of_text(element, border)
            ):
                waiting.append(element)
            elif _is_border(element):
                if waiting and border is not None and element.tag == "p":
                    yield from self._kept_between(border, waiting, element)
                waiting, border = [], element

    def _kept_between(
        self, border: HtmlElement, waiting: list[HtmlElement], paragraph: HtmlElement
    ) -> Iterator[_Between]:
        both = frozenset(paragraph.iterancestors()) & frozenset(border.iterancestors())
        kinds = self._kinds_after_headline if border.tag == "h1" else ("",)
        for each in waiting:
            markup = self._markup(each)
            if any(kind in markup for kind in kinds) and not both.isdisjoint(_boxes_of(each, markup)):
                yield _Between(self._sign(each), markup, _beginning(paragraph))

    def _markup(self, element: HtmlElement) -> str:
        number = self._placeholders.get(element)
        if number is not None:
            return self._elements[number]
        return self.put_back(etree.tostring(element, encoding="unicode", method="html", with_tail=False))

    def _sign(self, element: HtmlElement) -> str:
        """By what it is known again: a placeholder is one, and a heading has words without those in it."""
        text = element.text_content()
        return squeeze(text if element in self._placeholders else re.sub(rf"{self._mark}\d+x", "", text))

    def _is_of_text(self, heading: HtmlElement, border: HtmlElement | None) -> bool:
        """Whether it is no link to another article of the site; one out of it stands in the box of the text."""
        links = [link.get("href") or "" for link in heading.iter("a")]
        if not any(links):
            return True
        own, site = self._url.partition("#")[0], f"//{urlsplit(self._url).netloc}/"
        leads_on = any(site in link and link.partition("#")[0] != own for link in links)
        return not leads_on and border is not None and border.getparent() is heading.getparent()

    def _take(self, element: HtmlElement) -> None:
        if _is_in_foot(element):
            return
        parent = element.getparent()
        placeholder = lxml.html.Element("span" if parent.tag in _PHRASING else "p")
        placeholder.text = f"{self._mark}{len(self._elements)}x"
        placeholder.tail, element.tail = element.tail, None
        parent.replace(element, placeholder)
        self._placeholders[placeholder] = len(self._elements)
        self._elements.append(etree.tostring(element, encoding="unicode", method="html"))


def classed(root: HtmlElement) -> list[HtmlElement]:
    """The elements that have a class: several steps look through them."""
    return [each for each in root.iter(etree.Element) if each.get("class")]


def unname(root: HtmlElement, classed: Iterable[HtmlElement]) -> None:
    """Take class, id and empty boxes off headings and footnotes, which are judged by them; `classed` have a class.

    To extractors a "subheader" is a header, "footnotes" are a footer, and a heading in a box of its own is a short box.
    """
    headings = list(root.iter(*_HEADINGS))
    for element in (*headings, *(each for each in classed if "footnote" in (each.get("class") or ""))):
        for name in ("class", "id"):
            element.attrib.pop(name, None)
    for heading in headings:
        box = heading.getparent()
        while box is not None and box.tag in _HEADING_BOXES and not has_more(box, heading):
            box.drop_tag()
            box = heading.getparent()


def _is_border(element: HtmlElement) -> bool:
    return element.tag == "h1" or (element.tag == "p" and len(element.text_content()) >= _PARAGRAPH_CHARS)


def _boxes_of(element: HtmlElement, markup: str) -> Iterator[HtmlElement]:
    """The boxes of which one must hold both paragraphs: the next around it; players and captioned pictures have more."""
    has_more_boxes = _PLAYER in markup or ("<figcaption" in markup and "<a" not in markup)
    return islice(element.iterancestors(), _OWN_BOXES if has_more_boxes else 1)


def _beginning(paragraph: HtmlElement) -> str:
    return squeeze(paragraph.text_content())[:_BEGINNING_CHARS]


def _is_in_text(element: HtmlElement) -> bool:
    """Whether it is still on the page, and in none of the boxes that are never part of an article."""
    around = {each.tag for each in element.iterancestors()}
    return "body" in around and around.isdisjoint(_OUTSIDE)


def _is_in_foot(element: HtmlElement) -> bool:
    """Whether it stands in the foot of the site: its placeholder would pass for a paragraph there."""
    return any(
        _FOOT.search(f"{each.get('class') or ''} {each.get('id') or ''}") for each in element.iterancestors()
    )


def widest(element: HtmlElement) -> HtmlElement:
    """The outermost wrapper that holds nothing else: an empty-looking `<div>` around a picture is dropped with it."""
    while True:
        parent = element.getparent()
        if parent is None or parent.tag not in _WRAPPERS or has_more(parent, element):
            return element
        element = parent


def has_few(element: HtmlElement) -> bool:
    """Whether it has few enough children to look at each; `len` counts all, each time anew."""
    return sum(1 for _ in islice(element, _FEW + 1)) <= _FEW


def has_more(parent: HtmlElement, child: HtmlElement) -> bool:
    """Whether the parent holds anything but the child and breaks. Looks from the child outwards: lists are long."""
    if (parent.text or "").strip() or (child.tail or "").strip():
        return True
    around = (*child.itersiblings(), *child.itersiblings(preceding=True)) if has_few(parent) else (parent,)
    return any(each.tag != "br" or (each.tail or "").strip() for each in around)


def _is_plain_list(element: HtmlElement) -> bool:
    text = len(element.text_content().strip())
    if not 0 < text <= _LIST_CHARS or next(element.iterdescendants(*_NOT_IN_LISTS), None) is not None:
        return False
    if _MENU.search(f"{element.get('class')} {element.get('id')}"):
        return False
    return sum(len(link.text_content()) for link in element.iter("a")) * 10 <= text * 6


def _is_of_sources(element: HtmlElement, url: str) -> bool:
    """Whether it is a list below a line of text and leads to documents, or, announced, to others than this site."""
    above = element.getprevious() if element.tag == "ul" else None
    if above is None or above.tag != "p":
        return False
    links = [link.get("href") or "" for link in islice(element.iter("a"), _MOST_SOURCES + 1)]
    if not 0 < len(links) <= _MOST_SOURCES:
        return False
    own, is_announced = urlsplit(url).netloc, squeeze(above.text_content()).endswith((":", "："))
    return all(_DOCUMENT.search(link) or (is_announced and own not in link) for link in links)


# What is taken, and when.
_IS_KEPT: dict[str, Callable[[HtmlElement], bool]] = {
    "figure": lambda _: True,
    "pre": lambda _: True,
    "table": legacy.is_data,
    "ul": _is_plain_list,
    "dl": _is_plain_list,
    "details": lambda details: len(details.text_content()) <= _LIST_CHARS,
    "img": lambda image: widest(image).getparent().tag not in _PHRASING,
    "p": lambda paragraph: any(_PLAYER in link.attrib for link in paragraph.iterchildren("a")),
    "blockquote": lambda quote: bool(_POST.search(quote.get("class") or "")),
}
