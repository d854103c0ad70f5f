"""Elements that no post holds, said with those that it does: custom ones, formulas, the speakers of quotes."""

from __future__ import annotations

import lxml.html
from lxml.html import HtmlElement

from bot.stages.extract.metadata import squeeze

_BLOCKS = (
    "blockquote",
    "div",
    "dl",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
)
_IN_LINE = frozenset(
    {
        "a",
        "b",
        "cite",
        "code",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "i",
        "li",
        "p",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "td",
        "th",
    }
)
# Of AMP: what shows advertisements, counts readers, asks them, or leads elsewhere.
_ADVERTISING = ("ad", "ad-exit", "analytics", "auto-ads", "consent", "embed", "pixel", "sidebar", "sticky-ad")
_SIGNS = {"msup": "^", "msub": "_", "mfrac": "/"}  # between the two parts of each
_FORMULA_CHARS = 300


def settle(root: HtmlElement) -> None:
    """Take custom elements from around what they hold; write formulas out; give the speaker of a quote a paragraph."""
    for custom in root.xpath("//body//*[contains(local-name(), '-')]"):
        _unwrap(custom)
    for formula in list(root.iter("math")):
        _write_out(formula)
    for quote in root.iter("blockquote"):
        for footer in list(quote.iterdescendants("footer")):
            footer.tag = "div" if _holds_blocks(footer) else "p"


def _unwrap(custom: HtmlElement) -> None:
    if custom.tag.removeprefix("amp-") in _ADVERTISING:
        custom.drop_tree()
    elif _holds_blocks(custom) or custom.getparent().tag not in _IN_LINE:
        custom.tag = "div"
    else:
        custom.drop_tag()


def _holds_blocks(element: HtmlElement) -> bool:
    return next(element.iterdescendants(*_BLOCKS), None) is not None


def _write_out(formula: HtmlElement) -> None:
    """As TeX where the page tells it so (MathML Core, "annotation"), else its letters and the plainest signs."""
    text = squeeze(formula.get("alttext")) or squeeze(formula.findtext(".//annotation"))
    for notes in () if text else list(formula.iter("annotation", "annotation-xml")):
        notes.drop_tree()
    for part in () if text else formula.iter(*_SIGNS):
        if len(part) > 1:
            part[0].tail = _SIGNS[part.tag]
    written = lxml.html.Element("span", translate="no")
    written.text = (text or "".join(formula.text_content().split()))[:_FORMULA_CHARS]
    written.tail, formula.tail = formula.tail, None
    formula.getparent().replace(formula, written)
