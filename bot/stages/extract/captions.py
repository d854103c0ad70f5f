"""Pictures and the words under them: what a page shows as a picture with its caption becomes a `<figure>`.

Extractors keep a figure whole, or not at all. Of a picture, a caption and a credit that only stand near each other they
keep what they like: then a caption passes for a sentence of the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    r"(?:[a-z0-9-]+-)?(?:caption|credits?|cutline|figcaption)(?:-(?:text|wrap|wrapper|box|container|content|block|line|body))?"
)
_BUTTON = re.compile(r"(?:^|-)(?:hide|toggle|show|open|close)-")
_CREDIT_LINE = re.compile(
    r"\W*(?:image|photo|photograph|picture|foto|bild|imagen?|фото)s? ?(?:credits?|source|courtesy|by|copyright)?(?: of)? ?[:：/]",
    re.IGNORECASE,
)
_NEAR = 3  # boxes that a caption and its picture may stand in
_NEAR_CHARS = 800  # all the text in them; more is the article around a picture
_MOST = 200  # of a page are looked for


def caption_pictures(root: HtmlElement) -> None:
    """Make `<figure>` of the boxes in which older pages keep a picture and its caption, `<figcaption>` of the latter."""
    for image in list(root.iter("img")):
        inner = widest(image)
        box = inner.getparent()
        if box is not None and not image.xpath("ancestor::figure//figcaption") and _is_captioned(box, inner):
            _make_figure(box, inner)


def gather(root: HtmlElement) -> None:
    """Put captions and credits that stand near their picture into a figure with it; say each once."""
    called = list(islice(_called_captions(root), _MOST))
    boxes = {box for each in called for box in each.iterancestors()}
    for element in called:
        text = squeeze(element.text_content())
        if not 0 < len(text) <= _CAPTION_CHARS or (element in boxes and not _has_own_words(element, called)):
            continue
        image = _image_of(element)
        if image is not None:
            _put_under(image, element, text)


def _called_captions(root: HtmlElement) -> Iterator[HtmlElement]:
    for element in root.xpath(
        "//body//*[contains(@class, 'aption') or contains(@class, 'redit') or contains(@class, 'cutline')]"
        "[not(ancestor-or-self::figure or self::img or ancestor::table)]"
    ):
        names = [re.sub("[_-]+", "-", name).lower() for name in (element.get("class") or "").split()]
        called = [name for name in names if _CALLED_CAPTION.fullmatch(name)]
        if any(map(_BUTTON.search, called)):
            element.drop_tree()
        elif called:
            yield element
    for paragraph in root.iter("p"):
        text = paragraph.text_content().strip()
        if len(text) <= _CAPTION_CHARS // 2 and _CREDIT_LINE.match(text):
            yield paragraph


def _has_own_words(element: HtmlElement, called: list[HtmlElement]) -> bool:
    """Whether it is more than the box around several captions and credits."""
    inner = "".join(each.text_content() for each in called if element in each.iterancestors())
    return len("".join(inner.split())) < len("".join(element.text_content().split()))


def _image_of(caption: HtmlElement) -> HtmlElement | None:
    """The picture before it, in the boxes that hold little else."""
    before = caption.xpath("preceding::img[1]")
    around = set(before[0].iterancestors()) if before else set()
    for box in islice(caption.iterancestors(), _NEAR):
        if box.tag in ("body", "article", "main") or len(box.text_content()) > _NEAR_CHARS:
            return None
        if box in around:
            return before[0]
    return None


def _put_under(image: HtmlElement, element: HtmlElement, text: str) -> None:
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
    said = squeeze(caption.text_content())
    element.drop_tree()
    if text not in said:
        last = caption[-1] if len(caption) else None
        if last is None:
            caption.text = f"{caption.text or ''} {text}".strip()
        else:
            last.tail = f"{last.tail or ''} {text}"


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
