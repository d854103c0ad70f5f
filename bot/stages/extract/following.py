"""What a page shows right below the text that was found on it: there it asks for money, in a box of its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from bot.stages.extract.metadata import squeeze

REACH_CHARS = 600
_MOST_ELEMENTS = 200
_LEAST_CHARS = 30  # of a text by which its place on the page is found; of the title of another article
_SIGN_CHARS = 60
_BOXES = 4  # around the text: their names are its own
_LAST_PLACE = etree.XPath("(//body/descendant::text()[contains(., $sign)])[last()]")
_LONG_TEXTS = etree.XPath(f"descendant::text()[string-length(.) >= {_LEAST_CHARS}]", smart_strings=False)
_RUN = re.compile(r"[^\n\t\r]+")
_ELSEWHERE = ("footer", "header", "nav")
_OF_OTHERS = ("a", "article", "li")  # what stands in them may be said of another article
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_NAMES = frozenset(
    {
        "d-none",
        "hidden",
        "hide",
        "invisible",
        "is-hidden",
        "js-hidden",
        "sr-only",
        "u-hidden",
        "visually-hidden",
    }
)


@dataclass(frozen=True, slots=True)
class Following:
    """About REACH_CHARS of what follows; `own` is its text but for links and what follows teasers, all in small letters."""

    text: str = ""
    own: str = ""
    names: str = (
        ""  # classes and ids of what follows, and of the box at the end of the text, where they hold text
    )
    around: str = ""  # those of the boxes around all of the text, and of what is empty below it


def following(root: HtmlElement, body: HtmlElement) -> Following:
    """What `root` shows below the last text of `body`; nothing where that is not found on the page."""
    end = _end(root, body)
    if end is None:
        return Following()
    element = end.getparent()
    around = (element, *element.iterancestors())
    below = list(_near(element, within=not end.is_tail))
    teasers = accumulate(map(_is_teaser, below))
    own = (
        "" if before > 1 or _is_of_another(each, around) else squeeze(each.text)
        for each, before in zip(below, teasers, strict=True)
    )
    most = len(body.text_content()) // 2
    named = [(_names(box), len(box.text_content()) < most) for box in around[:_BOXES]]
    named += [(_names(each), any(map(str.strip, each.itertext()))) for each in below]
    return Following(
        _joined(part for each in below for part in (squeeze(each.text), squeeze(each.tail))),
        _joined(part for words, each in zip(own, below, strict=True) for part in (words, squeeze(each.tail))),
        _joined(names for names, is_theirs in named if is_theirs),
        _joined(names for names, is_theirs in named if not is_theirs),
    )


def _joined(parts: Iterable[str]) -> str:
    return " ".join(filter(None, parts)).lower()


def _near(element: HtmlElement, *, within: bool) -> Iterator[HtmlElement]:
    """The elements below a text, as far as this looks."""
    length = 0
    for each in islice(_after(element, within=within), _MOST_ELEMENTS):
        yield each
        length += len(squeeze(each.text)) + len(squeeze(each.tail))
        if length > REACH_CHARS:
            return


def _end(root: HtmlElement, body: HtmlElement) -> Any:
    """The text of the page that is the last long one of `body`: one of the last, for captions may be set apart."""
    for text in reversed(_LONG_TEXTS(body)[-5:]):
        sign = max(_RUN.findall(text), key=len, default="").strip()[-_SIGN_CHARS:]
        if len(sign) >= _LEAST_CHARS and (places := _LAST_PLACE(root, sign=sign)):
            return places[0]
    return None


def _after(element: HtmlElement, *, within: bool) -> Iterator[HtmlElement]:
    """The elements below a text, in the page's order; of what is hidden or the site's own, none."""
    if within:
        yield from _shown(element)
    while element is not None and element.tag != "body":
        for sibling in element.itersiblings():
            if not _is_elsewhere(sibling):
                yield sibling
                yield from _shown(sibling)
        element = element.getparent()


def _shown(element: HtmlElement) -> Iterator[HtmlElement]:
    for child in element:
        if not _is_elsewhere(child):
            yield child
            yield from _shown(child)


def _is_elsewhere(element: HtmlElement) -> bool:
    return element.tag in _ELSEWHERE or is_hidden(element)


def is_hidden(element: HtmlElement) -> bool:
    """Whether the page says that it is not to be seen: scripts show it to some readers."""
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or _HIDDEN_STYLE.search(element.get("style") or "") is not None
        or not _HIDDEN_NAMES.isdisjoint((element.get("class") or "").split())
    )


def _is_of_another(element: HtmlElement, around: Collection[HtmlElement]) -> bool:
    """Whether it stands in what tells of another article: in none of the boxes around the text, that is."""
    boxes = islice((element, *element.iterancestors()), _BOXES)
    return any(box.tag in _OF_OTHERS and box not in around for box in boxes)


def _is_teaser(element: HtmlElement) -> bool:
    return element.tag == "a" and len(squeeze(element.text_content())) >= _LEAST_CHARS


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
