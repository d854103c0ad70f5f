"""Extract: find the article on a page.

    bytes -> tree                          page.py       charset, bounds
    pictures, embeds -> plain elements     pictures.py   lazy loading; embeds.py: players become links
    layout tables, fonts -> boxes          legacy.py
    tree -> title, lead, author, ...       metadata.py
    what extractors would drop -> Kept     keep.py
    rules | readability | trafilatura      the ladder: the first body that passes gate.py and leaves little out
        | feed_text.py                     (coverage.py), else the one that leaves out least; rules.py: the owner's
                                           own selectors
    Kept -> back where it stood
    body and facts -> Article              whole.py

The bodies are unclean still: boilerplate is cleaning's business, safety the sanitiser's.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import readability
import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from bot.config import FeedConfig, PageConfig
from bot.errors import ItemUnusable
from bot.model import Article, Entry, Fetched
from bot.stages.extract import coverage, gate, keep, legacy, metadata, page, pictures, rules, whole
from bot.stages.extract.feed_text import bodies_of, excerpt, from_feed
from bot.stages.extract.metadata import Facts, squeeze
from bot.stages.extract.rules import next_addresses

__all__ = ["RULES", "Hints", "excerpt", "extract", "from_feed", "is_of_rules", "next_addresses"]

RULES = "rules"
"""The first rung: what the owner's selectors find."""

_HIDDEN = readability.readability.REGEXES["displayNoneRe"]
MOST_LEFT_OUT = 0.15  # of the prose: newsletter boxes; more is a part of the article

# They log each page that they cannot read; here that is a rung of the ladder, and told in our error.
for _library in ("readability", "trafilatura", "bs4.dammit"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a page before it is read: by the config of its feed, and by what came after it."""

    remove: tuple[str, ...] = ()  # CSS selectors of what is no part of the page
    rules: PageConfig | None = None  # CSS selectors of what is
    language: str = ""  # that its dates are written in; '' : as the page says
    now: datetime | None = None  # from when "2 hours ago" is seen
    further: tuple[Fetched, ...] = ()  # the next pages of the same article

    @classmethod
    def of(cls, feed: FeedConfig, now: datetime | None = None, further: Sequence[Fetched] = ()) -> Hints:
        """What the config of a feed says about its pages."""
        language = "" if feed.language == "auto" else feed.language
        return cls(feed.remove, feed.page, language, now, tuple(further))


_NONE = Hints()


def is_of_rules(fault: str) -> bool:
    """Whether a fault of an article tells of a selector of the config."""
    return fault.startswith(f"{RULES}: ")


def extract(
    body: bytes, content_type: str, url: str, entry: Entry | None = None, hints: Hints = _NONE
) -> Article:
    """Find the article on a page, else in the feed's own `entry`; `rung` tells which way found it.

    `url` is the page's address after redirects. `faults` of the article are what was wrong at the rungs above,
    and with the selectors of the config. Raises ItemUnusable where there is no article, with all of them.
    """
    feed_text = max(map(whole.text_of, bodies_of(entry)), key=gate.chars, default="")
    faults: list[str] = []
    try:
        pages = [_Page.read(each, hints) for each in (Fetched(url, body, content_type), *hints.further)]
    except ItemUnusable as error:
        faults.append(error.problem if error.subject == url else str(error))
    else:
        faults += [f"{RULES}: {fault}" for fault in pages[0].ruled.faults]
        if (best := _best(pages, feed_text, faults)) is not None:
            article = whole.article(url, best.rung, best.body, pages[0].facts, entry)
            return dataclasses.replace(article, faults=tuple(faults))
    if entry is not None and feed_text:
        return dataclasses.replace(from_feed(entry), faults=tuple(faults))
    raise ItemUnusable(
        url, f"no article found ({'; '.join(faults)})", remedy="open the page and see whether it shows one"
    )


# --- the ladder ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What may be the article: it has passed the gate, or will have to."""

    rung: str
    body: HtmlElement
    left_out: float  # share of the page's prose


def _best(pages: Sequence[_Page], feed_text: str, faults: list[str]) -> _Candidate | None:
    """The first that is good and whole, else the one that leaves out least; `faults` hears of the others."""
    incomplete: list[_Candidate] = []
    for rung in _rungs(pages[0]):
        try:
            candidate = _joined(pages, rung)
        except ItemUnusable as error:
            faults.append(f"{rung}: {error.problem}")
            continue
        if fault := gate.fault(candidate.body, pages[0].facts, feed_text):
            faults.append(f"{rung}: {fault}")
        elif candidate.left_out <= MOST_LEFT_OUT:
            return candidate
        else:
            faults.append(f"{rung}: leaves out {candidate.left_out:.0%} of the text")
            incomplete.append(candidate)
    return min(incomplete, key=lambda each: round(each.left_out, 1), default=None)


def _rungs(first: _Page) -> Iterable[str]:
    return (RULES, *_EXTRACTORS) if first.selector else _EXTRACTORS


def _joined(pages: Sequence[_Page], rung: str) -> _Candidate:
    """What a rung finds on all pages of an article; a page that repeats another adds nothing.

    Raises ItemUnusable where it finds nothing on one of them, or what sites show in the place of one: an error, or
    the first page again and again.
    """
    first, *further = pages
    body = first.body(rung)
    left_out = [first.left_out(rung, body)]
    texts = {squeeze(body.text_content())}
    for number, following in enumerate(further, 2):
        more = _part(following, rung, number)
        text = squeeze(more.text_content())
        if text not in texts:
            texts.add(text)
            left_out.append(following.left_out(rung, more))
            _append(body, more, first.facts.title)
    if further and len(texts) == 1:
        raise ItemUnusable(further[0].url, "page 2: repeats the first")
    return _Candidate(rung, body, max(left_out))


def _part(following: _Page, rung: str, number: int) -> HtmlElement:
    """What a rung finds on a further page. Raises ItemUnusable where that is no part of an article."""
    try:
        body = following.body(rung)
    except ItemUnusable as error:
        raise ItemUnusable(following.url, f"page {number}: {error.problem}") from error
    if fault := gate.part_fault(body, following.facts):
        raise ItemUnusable(following.url, f"page {number}: {fault}")
    return body


def _append(body: HtmlElement, more: HtmlElement, title: str) -> None:
    """Put a further page under the first, without the headline that stands on each."""
    for heading in list(more.iter("h1")):
        if squeeze(heading.text_content()) == title:
            heading.drop_tree()
    more.tag = "div"
    more.attrib.clear()
    body.append(more)


# --- a page ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """A page made ready: its facts, its markup with placeholders, and what they stand for."""

    url: str
    html: str
    facts: Facts
    kept: keep.Kept
    prose: coverage.Prose
    selector: str  # the owner's, of the body
    ruled: rules.Found

    @classmethod
    def read(cls, fetched: Fetched, hints: Hints) -> _Page:
        url = fetched.url
        root = page.read(fetched.body, fetched.content_type, url)
        _drop_programs(root)
        ruled = rules.Found()
        if hints.remove or hints.rules:
            soup = rules.soup_of(root, hints.remove)
            if hints.rules:
                ruled = rules.find(soup, url, hints.rules, hints.language, hints.now)
            if hints.remove:
                root = page.parse(str(soup), url)
        whole.settle(root, url)
        legacy.modernise(root)
        keep.caption_pictures(root)
        facts = ruled.over(metadata.read(root, url), root)
        keep.unname(root)
        etree.strip_elements(root, "script", "noscript", with_tail=False)
        prose = coverage.Prose.of(root, facts.lead)
        kept = keep.Kept(root, fetched.body, has_lead_picture=facts.picture is not None)
        html = etree.tostring(root, encoding="unicode", method="html")
        return cls(url, html, facts, kept, prose, hints.rules.body if hints.rules else "", ruled)

    def body(self, rung: str) -> HtmlElement:
        """What this rung takes for the article. Raises ItemUnusable where it finds none."""
        return self._selected() if rung == RULES else self._extracted(_EXTRACTORS[rung])

    def left_out(self, rung: str, body: HtmlElement) -> float:
        """The share of the prose that is not in `body`; none by the owner's own word."""
        return 0.0 if rung == RULES else self.prose.left_out(body)

    def _selected(self) -> HtmlElement:
        if not self.ruled.body:
            raise ItemUnusable(self.url, f'body "{self.selector}" finds nothing')
        body = page.parse(self.ruled.body, self.url).body
        if self.facts.picture is not None:
            pictures.mark_lead(body, self.facts.picture)
        return body

    def _extracted(self, find: Callable[[str, str], str]) -> HtmlElement:
        html = find(self.html, self.url)
        if not html.strip():
            raise ItemUnusable(self.url, "finds no text")
        body = page.parse(self.kept.put_back(html), self.url).body
        self.kept.add_lost(body, html)
        return body


def _drop_programs(root: HtmlElement) -> None:
    """Drop what no reader sees, often most of a page, before anything looks through it; but for the JSON-LD."""
    etree.strip_elements(root, "style", "template", "svg", with_tail=False)
    for script in list(root.iter("script")):
        if "ld+json" not in (script.get("type") or "").lower():
            script.drop_tree()


def _by_readability(html: str, url: str) -> str:
    try:
        return str(_Readable(html).summary(html_partial=True))
    except readability.readability.Unparseable as error:
        raise ItemUnusable(url, f"fails ({error})") from error


def _by_trafilatura(html: str, url: str) -> str:
    try:
        found = trafilatura.extract(
            html,
            url=url,
            output_format="html",
            include_comments=False,
            include_formatting=True,
            include_images=True,
            include_links=True,
        )
    except Exception as error:  # it names none, and a page that upsets it must not stop the relay
        raise ItemUnusable(url, f"fails ({type(error).__name__}: {error})") from error
    return found or ""


class _Readable(readability.Document):  # type: ignore[misc] # the library has no types
    """Readability without its first step, which was done, and its last, which hunts for attributes, slowly."""

    def _parse(self, html: str) -> HtmlElement:
        """Into a tree, without what is hidden; the rest of its own cleaning was done by _Page.read."""
        root = page.parse(html, "")
        for element in root.xpath("//*[@hidden or @style]"):
            if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
                element.drop_tree()
        return root

    def get_clean_html(self) -> str:
        return str(etree.tostring(self._html(), encoding="unicode", method="html"))


_EXTRACTORS: dict[str, Callable[[str, str], str]] = {
    "readability": _by_readability,
    "trafilatura": _by_trafilatura,
}
