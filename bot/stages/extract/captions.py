"""Pictures and the words under them: what a page shows as a picture with its caption becomes a `<figure>`.

Extractors keep a figure whole, or not at all. Of a picture, a caption and a credit that only stand near each other they
keep what they like: then a caption passes for a sentence of the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from bot.stages.extract.keep import has_few, widest
from bot.stages.extract.metadata import squeeze

_CAPTION = re.compile(r"caption|legend|credit|image|photo|picture|figure", re.IGNORECASE)
_CAPTION_CHARS = 400

# A class that says so, and only that: "article-caption" does, "captioned-story" does not.
_CALLED_CAPTION = re.compile(
    r"(?:[a-z0-9-]+-)?(?:caption|credits?|cutline|figcaption)"
    r"(?:-(?:text|wrap|wrapper|box|container|content|block|line|body))?"
)
_CALLED_BUTTON = re.compile(r"(?:hide|toggle|show|open|close)-(?:image-|photo-)?caption")
_BUTTON_CHARS = 30
_CREDIT_LINE = re.compile(
    r"\W*(?:image|photo|photograph|picture|foto|bild|imagen?|фото)s? ?(?:credits?|source|courtesy|by|copyright)?(?: of)? ?[:：/]",
    re.IGNORECASE,
)
_CREDIT_CHARS = 80
_SENTENCE_ENDS = (".", "!", "?", "…", "。")
_PHRASES = ("div", "p", "span", "small", "b", "i", "em", "strong", "cite")
_NEAR = 3  # boxes that a caption and its picture may stand in
_NEAR_CHARS = 800  # all the text in them; more is the article around a picture
_MOST = 200  # of a page are looked for


def settle(root: HtmlElement, classed: Sequence[HtmlElement]) -> None:
    """Make `<figure>` of a picture and its caption, `<figcaption>` of the latter, and say each caption once.

    `classed` are the elements that have a class.
    """
    named = [each for each in classed if _may_be_called(each.get("class"))]
    _drop_buttons(named)
    _caption_boxes(root)
    _gather(root, named)


def _may_be_called(classes: str) -> bool:
    """Whether it is worth a look at each of the classes."""
    return "aption" in classes or "redit" in classes or "cutline" in classes


def _drop_buttons(named: Sequence[HtmlElement]) -> None:
    """Drop "hide caption" and "toggle caption"."""
    for element in named:
        if any(map(_CALLED_BUTTON.fullmatch, _names(element))) and _is_button(element):
            element.drop_tree()


def _names(element: HtmlElement) -> list[str]:
    return [re.sub("[_-]+", "-", name).lower() for name in (element.get("class") or "").split()]


def _caption_boxes(root: HtmlElement) -> None:
    """The boxes in which older pages keep a picture and its caption."""
    captioned = {figure for each in root.iter("figcaption") for figure in each.iterancestors("figure")}
    for image in list(root.iter("img")):
        inner = widest(image)
        box = inner.getparent()
        if box is None or not captioned.isdisjoint(image.iterancestors("figure")):
            continue
        if _is_captioned(box, inner):
            _make_figure(box, inner)
            captioned.add(box)


def _gather(root: HtmlElement, named: Sequence[HtmlElement]) -> None:
    """What is called a caption, and stands near its picture."""
    called = list(islice(_called_captions(root, named), _MOST))
    boxes = {box for each in called for box in each.iterancestors()}
    for element in called:
        text = squeeze(element.text_content())
        if not 0 < len(text) <= _CAPTION_CHARS or element.tag not in _PHRASES or _holds_more(element):
            continue
        if element in boxes and not _has_own_words(element, called):
            continue
        image = _image_of(element)
        if image is not None:
            _put_under(image, element)


def _called_captions(root: HtmlElement, named: Sequence[HtmlElement]) -> Iterator[HtmlElement]:
    for element in named:
        if any(map(_CALLED_CAPTION.fullmatch, _names(element))) and _is_loose(element):
            yield element
    for paragraph in root.iter("p"):
        if _is_credit(paragraph):
            yield paragraph


def _is_loose(element: HtmlElement) -> bool:
    """Whether it stands on the page, and is no part of a figure or a table."""
    around = {each.tag for each in element.iterancestors()}
    return (
        element.tag not in ("figure", "img") and "body" in around and around.isdisjoint(("figure", "table"))
    )


def _is_button(element: HtmlElement) -> bool:
    return len(squeeze(element.text_content())) <= _BUTTON_CHARS and not _holds_more(element)


def _is_credit(paragraph: HtmlElement) -> bool:
    """Whether it is no sentence but "Photo: ...", right below a picture."""
    text = squeeze(paragraph.text_content())
    if len(text) > _CREDIT_CHARS or text.endswith(_SENTENCE_ENDS) or not _CREDIT_LINE.match(text):
        return False
    above = paragraph.getprevious()
    return (
        above is not None
        and next(paragraph.iterancestors("figure", "table"), None) is None
        and next(above.iter("img"), None) is not None
        and not squeeze(above.text_content())
    )


def _holds_more(element: HtmlElement) -> bool:
    """Whether there is more to it than words and links."""
    return next(
        element.iter("img", "iframe", "video", "table", "ul", "ol", "figure", "h1", "h2", "h3"), None
    ) is not None or bool(element.xpath(".//a/@data-embed"))


def _has_own_words(element: HtmlElement, called: list[HtmlElement]) -> bool:
    """Whether it is more than the box around several captions and credits."""
    inner = "".join(each.text_content() for each in called if element in each.iterancestors())
    return len("".join(inner.split())) < len("".join(element.text_content().split()))


def _image_of(caption: HtmlElement) -> HtmlElement | None:
    """The picture before it, the only one in boxes that hold little else: of several, nobody can tell which it is."""
    before = caption.xpath("preceding::img[1]")
    around = set(before[0].iterancestors()) if before else set()
    for box in islice(caption.iterancestors(), _NEAR):
        if box.tag in ("body", "article", "main") or len(box.text_content()) > _NEAR_CHARS:
            return None
        if box in around:
            return before[0] if len(list(islice(box.iter("img"), 2))) == 1 else None
    return None


def _put_under(image: HtmlElement, element: HtmlElement) -> None:
    figure = next(image.iterancestors("figure"), None)
    if figure is None:
        inner = widest(image)
        figure = lxml.html.Element("figure")
        figure.tail, inner.tail = inner.tail, None
        inner.getparent().replace(inner, figure)
        figure.append(inner)
    caption = figure.find(".//figcaption")
    if caption is None:
        caption = etree.SubElement(figure, "figcaption")
    element.drop_tree()
    if f" {squeeze(element.text_content())} " not in f" {squeeze(caption.text_content())} ":
        _move_into(caption, element)


def _move_into(caption: HtmlElement, element: HtmlElement) -> None:
    """With its links and its emphasis, behind what the caption says already."""
    for box in list(element.iter("div", "p")):
        if box is not element:
            box.drop_tag()
    element.tag, element.tail = "span", None
    element.attrib.clear()
    if caption.text_content().strip():
        last = caption[-1] if len(caption) else None
        if last is None:
            caption.text = f"{caption.text} "
        else:
            last.tail = f"{last.tail or ''} "
    caption.append(element)


def _is_captioned(box: HtmlElement, inner: HtmlElement) -> bool:
    if (
        box.tag not in ("div", "dl", "figure", "p", "section", "span")
        or not has_few(box)
        or len(box.findall(".//img")) != 1
    ):
        return False
    text = " ".join(box.text_content().split())
    beside = (each for child in box if child is not inner for each in child.iter(etree.Element))
    classes = " ".join(each.get("class") or "" for each in (box, *beside))
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
