"""Figures, tables, embeds, lists and code, kept out of the extractors' sight and put back where they stood.

Extractors judge by text: they drop pictures without words, short lists and tables full of numbers. So each
such element leaves a placeholder paragraph behind. If that survives, the element comes back whole;
if it goes with the sidebar around it, the element goes too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from bot.stages.extract import legacy

_WRAPPERS = frozenset({"a", "b", "center", "div", "em", "i", "p", "picture", "section", "span", "strong"})
_PHRASING = _WRAPPERS - {"center", "div", "section"}
_OUTSIDE = "ancestor::nav or ancestor::footer or ancestor::form or ancestor::aside"
_POST = re.compile(r"twitter-tweet|tiktok-embed|reddit-embed|instagram-media|bluesky-embed|mastodon-embed")
_MENU = re.compile(
    r"\b(?:nav|menu|share|social|tags?|related|breadcrumbs?|pag(?:er|ination)|toc|meta)\b", re.IGNORECASE
)
_CAPTION = re.compile(r"caption|legend|credit|image|photo|picture|figure", re.IGNORECASE)
_CAPTION_CHARS = 400
_FEW = 12  # children of a box around a picture
_LIST_CHARS = 2000


class Kept:
    """The elements taken out of one page."""

    def __init__(self, root: HtmlElement, seed: bytes) -> None:
        """Take them out of `root`. The page cannot forge a placeholder: it is a digest of the page (`seed`)."""
        self._mark = hashlib.sha256(seed).hexdigest()[:24]
        self._elements: list[str] = []
        for element in root.xpath(f"//body//*[self::{' or self::'.join(_IS_KEPT)}][not({_OUTSIDE})]"):
            if _IS_KEPT[element.tag](element):
                self._take(_widest(element))

    def put_back(self, html: str) -> str:
        """The markup with every placeholder replaced by what it stands for."""
        placeholder = rf"{self._mark}(\d+)x"
        lone = rf"<(p|span)(?:\s[^>]*)?>\s*{placeholder}\s*</\1>|{placeholder}"
        return re.sub(lone, lambda match: self._elements[int(match[2] or match[3])], html)

    def _take(self, element: HtmlElement) -> None:
        parent = element.getparent()
        if parent is None or not _in_document(element):
            return
        placeholder = lxml.html.Element("span" if parent.tag in _PHRASING else "p")
        placeholder.text = f"{self._mark}{len(self._elements)}x"
        placeholder.tail, element.tail = element.tail, None
        parent.replace(element, placeholder)
        self._elements.append(etree.tostring(element, encoding="unicode", method="html"))


def caption_pictures(root: HtmlElement) -> None:
    """Make `<figure>` of the boxes in which older pages keep a picture and its caption."""
    for image in list(root.iter("img")):
        if not image.xpath("ancestor::figure"):
            inner = _widest(image)
            box = inner.getparent()
            if box is not None and _is_captioned(box, inner):
                _make_figure(box, inner)


def _in_document(element: HtmlElement) -> bool:
    return any(each.tag == "body" for each in element.iterancestors())


def _widest(element: HtmlElement) -> HtmlElement:
    """The outermost wrapper that holds nothing else: an empty-looking `<div>` around a picture is dropped with it."""
    while True:
        parent = element.getparent()
        if parent is None or parent.tag not in _WRAPPERS or _has_more(parent, element):
            return element
        element = parent


def _has_more(parent: HtmlElement, child: HtmlElement) -> bool:
    """Whether the parent holds anything but the child and breaks. Looks from the child outwards: lists are long."""
    if (parent.text or "").strip() or (child.tail or "").strip():
        return True
    around = (
        (*child.itersiblings(), *child.itersiblings(preceding=True)) if len(parent) <= _FEW else (parent,)
    )
    return any(each.tag != "br" or (each.tail or "").strip() for each in around)


def _is_plain_list(element: HtmlElement) -> bool:
    text = len(element.text_content().strip())
    if not 0 < text <= _LIST_CHARS or element.xpath(".//p|.//div|.//h2|.//h3|.//h4|.//table"):
        return False
    if _MENU.search(f"{element.get('class')} {element.get('id')}"):
        return False
    return sum(len(link.text_content()) for link in element.iter("a")) * 10 <= text * 6


def _is_captioned(box: HtmlElement, inner: HtmlElement) -> bool:
    if (
        box.tag not in ("div", "dl", "p", "section", "span")
        or len(box) > _FEW
        or len(box.findall(".//img")) != 1
    ):
        return False
    text = " ".join(box.text_content().split())
    classes = " ".join(each.get("class") or "" for each in [box, *box.iterdescendants()] if each is not inner)
    linked = sum(len(link.text_content()) for link in box.iter("a"))
    return (
        0 < len(text) <= _CAPTION_CHARS
        and bool(_CAPTION.search(classes))
        and linked * 2 <= len(text)
        and not box.xpath(".//h1|.//h2|.//h3|.//h4|.//li|.//table|.//iframe")
    )


def _make_figure(box: HtmlElement, inner: HtmlElement) -> None:
    caption = lxml.html.Element("figcaption")
    caption.text, box.text = box.text, None
    for child in list(box):
        if child is inner:
            caption.text = f"{caption.text or ''}{child.tail or ''}"
            child.tail = None
        else:
            caption.append(child)
    box.append(caption)
    box.tag = "figure"


# What is taken, and when.
_IS_KEPT: dict[str, Callable[[HtmlElement], bool]] = {
    "figure": lambda _: True,
    "pre": lambda _: True,
    "table": legacy.is_data,
    "ul": _is_plain_list,
    "dl": _is_plain_list,
    "details": lambda details: len(details.text_content()) <= _LIST_CHARS,
    "img": lambda image: _widest(image).getparent().tag not in _PHRASING,
    "p": lambda paragraph: bool(paragraph.xpath("a/@data-embed")),
    "blockquote": lambda quote: bool(_POST.search(quote.get("class") or "")),
}
