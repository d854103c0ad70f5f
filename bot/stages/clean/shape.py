"""The shape of a body: no boxes, only headings, paragraphs, lists, tables, figures and quotes in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from bot.characters import shortened, without_bad_references
from bot.stages.parser import html_parser

_BOX_NAMES = "address article aside body center div fieldset footer form header hgroup main nav section"
_BLOCK_NAMES = (
    "blockquote dd details dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre summary table ul"
)
_PHRASING_NAMES = "a abbr b cite em i q small span strong sub sup u"
_BOXES = frozenset(_BOX_NAMES.split())
_BLOCKS = _BOXES | frozenset(_BLOCK_NAMES.split())
_PHRASING = frozenset(_PHRASING_NAMES.split())
_HOLDERS = ("blockquote", "dd", "details", "dt", "figcaption", "figure", "li", "summary", "td", "th")
_TEXT_HOLDERS = ("dd", "dt", "figcaption", "li", "summary", "td", "th")  # need no paragraph around their text
_LINES = ("dd", "dt", "figcaption", "h2", "h3", "h4", "h5", "h6", "li", "p")
_MAY_BE_EMPTY = (*_PHRASING, *_LINES, "blockquote", "details", "dl", "figure", "ol", "pre", "table", "ul")
_SHOWN = ("img", "hr")
LINKED_SHARE = 0.8
_HINT_CHARS = 1000  # of what appears under the pointer
_KEPT_SPANS = ("lang", "dir", "translate", "title")

_Piece: TypeAlias = str | HtmlElement
_BORDER = object()


def parse(html: str) -> HtmlElement:
    """The markup as the children of one element."""
    return lxml.html.document_fromstring(
        f"<div>{without_bad_references(html)}</div>".encode(), parser=html_parser(), ensure_head_body=True
    ).body


def flatten(body: HtmlElement) -> None:
    """Take the boxes away; text that stood in them bare, or parted by empty lines, gets its paragraphs."""
    for heading in list(body.iter("h1")):
        heading.tag = "h2"
    for span in list(body.iter("span", "font", "big")):
        if span.tag != "span" or not any(span.get(name) for name in _KEPT_SPANS):
            span.drop_tag()
    for holder in reversed(list(body.iter(*_HOLDERS))):
        if any(_is_box(child) for child in holder):
            _rebuild(holder)
    _rebuild(body)


def drop_empty(body: HtmlElement) -> None:
    """Drop what shows nothing, innermost first, captions of pictures that are lost, and rules that part nothing."""
    for element in reversed(list(body.iter(*_MAY_BE_EMPTY))):
        if _shows([element]) and not _is_mere_caption(element):
            continue
        if element.tag in _PHRASING:
            element.drop_tag()  # the blank in it may part two words
        else:
            element.drop_tree()
    for from_the_end in (False, True):
        while (outer := outermost(body, from_the_end=from_the_end)) is not None and outer.tag == "hr":
            outer.drop_tree()


def _is_mere_caption(element: HtmlElement) -> bool:
    caption = element.find(".//figcaption") if element.tag == "figure" else None
    return (
        caption is not None
        and next(element.iter(*_SHOWN), None) is None
        and text_of(element) == text_of(caption)
    )


def outermost(body: HtmlElement, *, from_the_end: bool) -> HtmlElement | None:
    """The first or last child; not by its number, for which all are counted."""
    return next(body.iterchildren(reversed=from_the_end), None)


def drop_attributes(body: HtmlElement) -> None:
    """Drop what only made sense on the page that the body comes from; cut the rest at what is sane."""
    for element in body.iter(etree.Element):
        for name, value in element.items():
            if name in ("class", "id", "style") or name.startswith("data-"):
                del element.attrib[name]
            elif name == "title" and len(value) > _HINT_CHARS:
                element.set(name, shortened(value, _HINT_CHARS))


def markup(body: HtmlElement) -> str:
    """The body's markup, one block a line."""
    return "\n".join(
        etree.tostring(block, encoding="unicode", method="html", with_tail=False) for block in body
    )


def lines(body: HtmlElement) -> list[HtmlElement]:
    """The innermost blocks of text, in order: paragraphs, headings, list items, captions."""
    return [
        line
        for line in body.iter(*_LINES)
        if len(line) == 0 or next(line.iterdescendants(*_LINES), None) is None
    ]


def shows(element: HtmlElement) -> bool:
    """Whether a reader sees anything of it."""
    return _shows([element])


def text_of(element: HtmlElement) -> str:
    """Its text on one line."""
    return " ".join(element.text_content().split())


def linked_chars(element: HtmlElement) -> int:
    """How many characters of its text stand in links."""
    return len(" ".join(filter(None, map(text_of, element.iter("a")))))


def is_all_links(element: HtmlElement) -> bool:
    """Whether its text leads elsewhere, and is no player."""
    text = text_of(element)
    return bool(text) and not is_embed(element) and linked_chars(element) >= len(text) * LINKED_SHARE


def is_embed(element: HtmlElement) -> bool:
    """Whether a player or a post of somebody else is in it, as the link that extract made of it."""
    return element.find(".//a[@data-embed]") is not None


def _rebuild(holder: HtmlElement) -> None:
    """Give the holder its blocks, without the boxes around them."""
    blocks = list(_blocks(_pieces(holder)))
    holder.text = None
    del holder[:]
    if holder.tag == "figure":
        blocks = [_bare_picture(block) for block in blocks]
    if holder.tag in _TEXT_HOLDERS and [block.tag for block in blocks] == ["p"]:
        holder.text = blocks[0].text
        blocks = list(blocks[0])
    holder.extend(blocks)


def _bare_picture(block: HtmlElement) -> HtmlElement:
    """The picture, where a paragraph holds nothing else: a figure needs no paragraph around it."""
    alone = block.tag == "p" and len(block) == 1 and not block.text and not (block[0].tail or "").strip()
    if alone and (block[0].tag == "img" or (block[0].tag == "a" and block[0].find("img") is not None)):
        block[0].tail = None
        return block[0]
    return block


def _pieces(holder: HtmlElement) -> Iterator[_Piece | object]:
    """The texts and elements of a holder in order, those of the boxes in it between borders."""
    if holder.text:
        yield holder.text
    for child in list(holder):
        tail, child.tail = child.tail, None
        if _is_box(child):
            yield _BORDER
            yield from _pieces(child)
            yield _BORDER
        else:
            yield child
        if tail:
            yield tail


def _blocks(pieces: Iterable[_Piece | object]) -> Iterator[HtmlElement]:
    """The blocks among the pieces, and a paragraph for each run of what lies between; an empty line ends a run."""
    run: list[_Piece] = []
    for piece in pieces:
        ends = piece is _BORDER or _is_block(piece)
        if ends or (_is_break(piece) and _ends_in_break(run)):
            yield from _paragraph(run)
            run = []
            if ends and piece is not _BORDER:
                yield piece
        else:
            run.append(piece)
    yield from _paragraph(run)


def _paragraph(run: list[_Piece]) -> Iterator[HtmlElement]:
    """The run as a paragraph, without blanks and breaks at its ends; nothing where it shows nothing."""
    for end in (0, -1):
        while run and (_is_break(run[end]) or _is_blank(run[end])):
            run.pop(end)
    if not _shows(run):
        return
    paragraph = lxml.html.Element("p")
    for piece in run:
        if not isinstance(piece, str):
            paragraph.append(piece)
        elif len(paragraph):
            paragraph[-1].tail = (paragraph[-1].tail or "") + piece
        else:
            paragraph.text = (paragraph.text or "") + piece
    yield paragraph


def _ends_in_break(run: list[_Piece]) -> bool:
    last = next((piece for piece in reversed(run) if not _is_blank(piece)), "")
    return _is_break(last)


def _is_box(element: HtmlElement) -> bool:
    """A box, or what became one by holding blocks or empty lines: `<a><div>`, `<p><figure>`, `<p>..<br><br>`."""
    if element.tag in _BOXES:
        return True
    if element.tag != "p" and element.tag not in _PHRASING:
        return False
    return next(element.iterdescendants(*_BLOCKS), None) is not None or (
        element.tag == "p" and _trims(element)
    )


def _trims(paragraph: HtmlElement) -> bool:
    """Whether breaks part it, or stand at its ends."""
    breaks = paragraph.findall("br")
    return any(_is_break(one.getnext()) and not (one.tail or "").strip() for one in breaks) or any(
        (one.getnext() is None and not (one.tail or "").strip())
        or (one.getprevious() is None and not (paragraph.text or "").strip())
        for one in breaks
    )


def _is_block(piece: object) -> bool:
    return getattr(piece, "tag", None) in _BLOCKS


def _is_break(piece: object) -> bool:
    return getattr(piece, "tag", None) == "br"


def _is_blank(piece: object) -> bool:
    return isinstance(piece, str) and not piece.strip()


def _shows(run: Iterable[_Piece]) -> bool:
    for piece in run:
        if isinstance(piece, str):
            if piece.strip():
                return True
        elif (
            piece.tag in _SHOWN or piece.text_content().strip() or next(piece.iter(*_SHOWN), None) is not None
        ):
            return True
    return False
