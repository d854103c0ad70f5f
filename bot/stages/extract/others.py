"""What else a page tells under its article: the next one, whole, and teasers of more.

Extractors take all that reads like prose. In doubt a text stays: a page may tell one story in several boxes.
"""

from __future__ import annotations

import re
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from bot.stages.extract.metadata import squeeze

_HEADINGS = ("h1", "h2", "h3", "h4")
_PROSE_CHARS = 80
_LEAST_PARAGRAPHS = 3
_LEAST_CARDS = 3
_MOST_GRIDS = 50  # are looked at
_CARD_CHARS = 500
_LINKED_SHARE = 0.8
_WHOLE_STORY = re.compile(r"(?:article|story)(?:[-_]+(?:item|page|wrapper|container|view|full))?")


def drop(root: HtmlElement, title: str, url: str) -> None:
    """Drop the articles and the teasers that follow the one called `title`."""
    _drop_articles(root, title)
    _drop_teasers(root, urlsplit(url).netloc)


def _drop_articles(root: HtmlElement, title: str) -> None:
    """Of several whole stories side by side, all but the one under the page's title."""
    headline = next(
        (each for each in root.iter("h1", "h2") if title and squeeze(each.text_content()) == title), None
    )
    box = None if headline is None else next(filter(_is_story, headline.iterancestors()), None)
    if headline is None or box is None or not _is_told(box):
        return
    for other in list(box.itersiblings(box.tag)):
        heading = next(other.iter(*_HEADINGS), None)
        is_whole = other.get("class") == box.get("class") and _is_told(other)
        if is_whole and heading is not None and _ranks(heading, headline, box) and _opens(other, heading):
            other.drop_tree()


def _is_story(box: HtmlElement) -> bool:
    return box.tag == "article" or any(map(_WHOLE_STORY.fullmatch, (box.get("class") or "").lower().split()))


def _is_told(box: HtmlElement) -> bool:
    prose = (each for each in box.iter("p") if len(each.text_content()) >= _PROSE_CHARS)
    return len(list(islice(prose, _LEAST_PARAGRAPHS))) == _LEAST_PARAGRAPHS


def _ranks(heading: HtmlElement, headline: HtmlElement, box: HtmlElement) -> bool:
    """Whether it is a headline too; the posts of a live blog are articles as well, under headings of a lower rank."""
    return bool(heading.tag == headline.tag or (box.tag != "article" and heading.tag == "h2"))


def _opens(box: HtmlElement, heading: HtmlElement) -> bool:
    """Whether no paragraph stands above it."""
    return next(box.iter("p", *_HEADINGS)) is heading


def _drop_teasers(root: HtmlElement, site: str) -> None:
    """The boxes of nothing but cards: a headline that is a link, and a few sentences."""
    inside: dict[HtmlElement, int] = {}
    linked = []
    for heading in root.iter(*_HEADINGS):
        for box in heading.iterancestors():
            inside[box] = inside.get(box, 0) + 1
        if heading.tag != "h1" and _leads_on(heading, site):
            linked.append(heading)
    grids: dict[HtmlElement, int] = {}
    for heading in linked if len(linked) >= _LEAST_CARDS else ():
        card = _card(heading, inside)
        if card is not heading and 0 < len(card.text_content()) <= _CARD_CHARS:
            grid = card.getparent()
            grids[grid] = grids.get(grid, 0) + 1
    for grid, cards in islice(grids.items(), _MOST_GRIDS):
        if cards >= _LEAST_CARDS and cards == len(grid) == inside[grid] and _stands_below(grid, root):
            grid.drop_tree()


def _leads_on(heading: HtmlElement, site: str) -> bool:
    """Whether it is a link to another page of the site."""
    links = list(heading.iter("a"))
    text = len(squeeze(heading.text_content()))
    said = sum(len(squeeze(link.text_content())) for link in links)
    return 0 < text * _LINKED_SHARE <= said and all(
        urlsplit(link.get("href") or "").netloc == site for link in links
    )


def _card(heading: HtmlElement, inside: dict[HtmlElement, int]) -> HtmlElement:
    """The widest box around this heading and no other."""
    card = heading
    while (
        (box := card.getparent()) is not None and box.tag not in ("body", "html", "main") and inside[box] == 1
    ):
        card = box
    return card


def _stands_below(grid: HtmlElement, root: HtmlElement) -> bool:
    """Whether a story is told above, in other boxes: what stands among its paragraphs is a part of it."""
    if grid.tag == "body" or any(_is_prose(each) for each in grid.getparent().iterchildren("p")):
        return False
    own = frozenset(grid.iter("p"))
    above = 0
    for paragraph in root.iter("p"):
        if paragraph in own:
            break
        above += _is_prose(paragraph)
    return above >= _LEAST_PARAGRAPHS


def _is_prose(paragraph: HtmlElement) -> bool:
    return len(paragraph.text_content()) >= _PROSE_CHARS
