"""The owner's word: CSS selectors of the config that tell where an article stands on the pages of a feed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bs4 import BeautifulSoup, Tag
from lxml import etree
from lxml.html import HtmlElement

from bot.config import PageConfig
from bot.errors import ItemUnusable
from bot.model import Fetched, Picture
from bot.stages import dates
from bot.stages.extract import captions, keep, legacy, metadata, page, pictures, whole
from bot.stages.extract.metadata import Facts, squeeze

T = TypeVar("T")

_LINE_CHARS, _LEAD_CHARS = 300, 1000  # a longer title or lead is the article itself: a selector gone astray
_SHOWN_CHARS = 40
_BOXES = frozenset(
    {"article", "body", "dd", "div", "dt", "html", "li", "main", "section", "span", "td", "th", "tr"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """What the selectors find on one page; `faults` tells of those that find nothing of use."""

    body: str = ""
    title: str = ""
    lead: str = ""
    author: str = ""
    published: datetime | None = None
    picture: Picture | None = None
    faults: tuple[str, ...] = ()

    def over(self, facts: Facts, root: HtmlElement) -> Facts:
        """`facts`, but for those that were found here. The lead picture is marked in the tree."""
        picture = facts.picture
        if self.picture is not None:
            for image in root.iter("img"):
                image.attrib.pop("data-lead", None)
            picture = pictures.mark_lead(root, self.picture)
        return dataclasses.replace(
            facts,
            title=self.title or facts.title,
            lead=self.lead or facts.lead,
            author=self.author or facts.author,
            published=self.published or facts.published,
            picture=picture,
        )


def soup_of(root: HtmlElement, remove: Sequence[str] = ()) -> BeautifulSoup:
    """The page as selectors see it, without what `remove` selects."""
    soup = BeautifulSoup(etree.tostring(root, encoding="unicode", method="html"), "lxml")
    for selector in remove:
        for element in soup.select(selector):
            element.decompose()
    return soup


def find(soup: BeautifulSoup, url: str, rules: PageConfig, language: str, now: datetime | None) -> Found:
    """Look for all that `rules` select on the page that came from `url`.

    Dates are read in `language`, else in that of the page, and as seen from `now` (see stages/dates.py).
    """
    url = _base(soup, url)
    look = _Look(soup, [])
    language = language or _language(soup)
    return Found(
        body=_body(soup, url, rules.body),
        title=look("title", rules.title, _title) or "",
        lead=look("lead", rules.lead, _lead) or "",
        author=look("author", rules.author, _authors) or "",
        published=look(
            "date", rules.date, lambda found: _first(_date(each, language, now) for each in found)
        ),
        picture=look("picture", rules.picture, lambda found: _first(_picture(each, url) for each in found)),
        faults=tuple(look.faults),
    )


def next_addresses(fetched: Fetched, selector: str) -> list[str]:
    """Where the next page of an article may be: all that the selected links lead to, in their order.

    Without those that say of themselves that they lead back: "1" in a row of page numbers, rel="prev". None where
    this page is no page at all.
    """
    try:
        soup = soup_of(page.read(fetched.body, fetched.content_type, fetched.url))
    except ItemUnusable:
        return []
    base = _base(soup, fetched.url)
    links = (
        link
        for element in soup.select(selector)
        for link in ([element] if element.get("href") else element.find_all(href=True))
        if not _leads_back(link)
    )
    addresses = (str(link["href"]) for link in links)
    settled = (pictures.absolute(each, base).partition("#")[0] for each in addresses if each[:1] != "#")
    return list(dict.fromkeys(filter(None, settled)))


def _leads_back(link: Tag) -> bool:
    return _text(link) == "1" or "prev" in (link.get("rel") or ())


# --- the body -----------------------------------------------------------------------------------


def _body(soup: BeautifulSoup, url: str, selector: str) -> str:
    """The markup of all elements selected, ready for the gate; of two, one within the other, the outer one."""
    elements = soup.select(selector) if selector else []
    inside = {id(element) for element in elements}
    outer = [each for each in elements if not any(id(above) in inside for above in each.parents)]
    try:
        root = page.parse("\n".join(map(_markup, outer)), url)
    except ItemUnusable:  # nothing is in them
        return ""
    whole.settle(root, url)
    legacy.modernise(root)
    captions.settle(root, keep.classed(root))
    etree.strip_elements(root, "script", "style", "template", "svg", "noscript", with_tail=False)
    return whole.inner(root.body)


def _markup(element: Tag) -> str:
    """An element; a box without its own name, which the owner has chosen and cleaning might mistrust."""
    if element.name in _BOXES:
        return f"<div>{element.decode_contents()}</div>"
    return str(element)


# --- facts --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks for facts on a page; `faults` hears of the selectors that find none."""

    soup: BeautifulSoup
    faults: list[str]

    def __call__(self, key: str, selector: str, read: Callable[[Sequence[Tag]], T | None]) -> T | None:
        """What `read` makes of the elements that are selected; None where that is nothing."""
        elements = self.soup.select(selector) if selector else []
        told = read(elements) if elements else None
        if selector and not told:
            seen = f'is of no use: "{_text(elements[0])[:_SHOWN_CHARS]}"' if elements else "finds nothing"
            self.faults.append(f'{key} "{selector}" {seen}')
        return told


def _first(found: Iterable[T | None]) -> T | None:
    return next(filter(None, found), None)


def _title(elements: Sequence[Tag]) -> str:
    return _short(_first(map(_text, elements)), _LINE_CHARS)


def _lead(elements: Sequence[Tag]) -> str:
    return _short(_first(map(_text, elements)), _LEAD_CHARS)


def _authors(elements: Sequence[Tag]) -> str:
    names = filter(None, map(metadata.name_of, map(_text, elements)))
    return _short(", ".join(dict.fromkeys(names)), _LINE_CHARS)


def _short(text: str | None, most_chars: int) -> str:
    return text if text and len(text) <= most_chars else ""


def _text(element: Tag) -> str:
    return squeeze(str(element.get("content") or "")) or squeeze(element.get_text(" ", strip=True))


def _date(element: Tag, language: str, now: datetime | None) -> datetime | None:
    stamped = element if element.get("datetime") else element.find(datetime=True)
    stamp = str(stamped["datetime"]) if isinstance(stamped, Tag) else ""
    text = _text(element)
    told = dates.standard(stamp, now) or dates.absolute(text, language, now)
    return told or (dates.relative(text, language, now) if now else None)


def _picture(element: Tag, url: str) -> Picture | None:
    """The first picture in an element, else the address that it holds."""
    try:
        root = page.parse(str(element), url)
    except ItemUnusable:
        return None
    whole.settle(root, url)
    image = root.find(".//img")
    if image is not None:
        return Picture(image.get("src"), alt=squeeze(image.get("alt")))
    address = pictures.absolute(str(element.get("content") or element.get("href") or ""), url)
    return Picture(address) if address else None


def _base(soup: BeautifulSoup, url: str) -> str:
    told = soup.find("base", href=True)
    return (pictures.absolute(str(told["href"]), url) if isinstance(told, Tag) else "") or url


def _language(soup: BeautifulSoup) -> str:
    return str(soup.html.get("lang") or "") if soup.html else ""
