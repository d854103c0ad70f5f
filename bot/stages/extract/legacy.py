"""Pages that say with tables, fonts and empty lines what others say with boxes and paragraphs."""

from __future__ import annotations

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

_TABLE_PARTS = ("tbody", "thead", "tfoot", "tr", "td", "th")
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "big",
        "br",
        "cite",
        "code",
        "em",
        "i",
        "img",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "u",
    }
)
_CELL_CHARS = 400
_PAGE_FORM_CHARS = 500  # a form with more text than this is the page itself, as ASP.NET has it


def modernise(root: HtmlElement) -> None:
    """Make boxes of layout tables, and paragraphs of what empty lines part; take fonts and page-wide forms away."""
    etree.strip_tags(root, "font", "center")
    for form in list(root.iter("form")):
        if len(form.text_content()) > _PAGE_FORM_CHARS:
            form.drop_tag()
    for table in list(root.iter("table")):
        if not is_data(table):
            _make_boxes(table)
    for first in list(root.iter("br")):
        if _breaks_again(first):
            _make_paragraphs(first.getparent())


def is_data(table: HtmlElement) -> bool:
    """Whether a table holds data, and does not lay out the page."""
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return False
    rows = table.findall(".//tr")
    if table.xpath(".//th|.//thead|.//caption"):
        return len(rows) > 1
    if len(rows) < 2 or max(len(row.findall("td")) for row in rows) < 2:
        return False
    return max((len(cell.text_content()) for cell in table.iter("td")), default=0) <= _CELL_CHARS


def _make_boxes(table: HtmlElement) -> None:
    waiting = [table]
    while waiting:
        element = waiting.pop()
        element.tag = "div"
        waiting += [child for child in element if child.tag in _TABLE_PARTS]


def _breaks_again(first: HtmlElement) -> bool:
    following = first.getnext()
    return following is not None and following.tag == "br" and not (first.tail or "").strip()


def _make_paragraphs(box: HtmlElement) -> None:
    """Put each run of text and inline elements of a box into a paragraph; an empty line ends a run."""
    if box.tag in _INLINE or box.tag == "pre":
        return
    if box.tag == "p":
        box.tag = "div"
    nodes = list(box)
    paragraph = _paragraph(box.text)
    box.text = None
    box.insert(0, paragraph)
    after_break = False
    for node in nodes:
        tail, node.tail = node.tail, None
        is_break = node.tag == "br"
        if node.tag not in _INLINE or (is_break and after_break):
            paragraph = _paragraph(tail)
            node.addnext(paragraph)
            if is_break:
                node.drop_tree()
        else:
            paragraph.append(node)
            node.tail = tail
        after_break = is_break and not (tail or "").strip()


def _paragraph(text: str | None) -> HtmlElement:
    paragraph = lxml.html.Element("p")
    paragraph.text = text
    return paragraph
