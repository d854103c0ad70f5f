"""Extract: find the article on a page.

    prepared.py: a page made ready
        bytes -> tree                      page.py       charset, bounds; programs.py: without scripts and styles
        pictures, embeds -> plain elements pictures.py   lazy loading; embeds.py: players become links
        custom elements, formulas -> text  elements.py
        layout tables, fonts -> boxes      legacy.py
        pictures and captions -> figures   captions.py
        tree -> title, lead, author, ...   metadata.py; byline.py: off what is seen; json_ld.py
        other articles, teasers -> gone    others.py
        what extractors would drop -> Kept keep.py
    rules | readability | trafilatura      the ladder: the first body that passes gate.py and leaves little out
        | feed_text.py                     (coverage.py), else the one that leaves out least; rules.py: the owner's
                                           own selectors, rungs.py: the two libraries
        Kept -> back where it stood
    body and facts -> Article              whole.py

The bodies are unclean still: boilerplate is cleaning's business, safety the sanitiser's.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from bot.errors import ItemUnusable
from bot.model import Article, Entry, Fetched
from bot.stages.extract import gate, whole
from bot.stages.extract.expected import Expected
from bot.stages.extract.feed_text import excerpt, from_feed
from bot.stages.extract.metadata import squeeze
from bot.stages.extract.prepared import RULES, Hints, Prepared
from bot.stages.extract.rules import next_addresses
from bot.stages.extract.rungs import EXTRACTORS

__all__ = [
    "NO_TITLE",
    "RULES",
    "Hints",
    "excerpt",
    "extract",
    "from_feed",
    "is_of_rules",
    "next_addresses",
    "unjudged",
]

MOST_LEFT_OUT = 0.06  # of the prose: newsletter boxes; more is a part of the article
NO_TITLE = "(no title)"
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
    expected = Expected.of(entry)
    faults: list[str] = []
    try:
        pages = [Prepared.read(each, hints) for each in (Fetched(url, body, content_type), *hints.further)]
    except ItemUnusable as error:
        faults.append(error.problem if error.subject == url else str(error))
    else:
        faults += [f"{RULES}: {fault}" for fault in pages[0].ruled.faults]
        if elsewhere := expected.fault_of_address(url):
            faults.append(elsewhere)
        elif (best := _best(pages, expected, faults)) is not None:
            article = whole.article(url, best.rung, best.body, pages[0].facts, entry)
            return dataclasses.replace(article, faults=tuple(faults))
    if entry is not None and expected.text:
        return dataclasses.replace(from_feed(entry), faults=tuple(faults))
    raise ItemUnusable(
        url, f"no article found ({'; '.join(faults)})", remedy="open the page and see whether it shows one"
    )


def unjudged(body: bytes, content_type: str, url: str, hints: Hints = _NONE) -> Article:
    """What would be the article if nothing were refused: for a person who looks, never for the relay.

    Raises ItemUnusable where no rung finds any text.
    """
    pages = [Prepared.read(each, hints) for each in (Fetched(url, body, content_type), *hints.further)]
    found: list[_Candidate] = []
    for rung in _rungs(pages[0]):
        with contextlib.suppress(ItemUnusable):
            found.append(_joined(pages, rung))
            if found[-1].lacks == _NOTHING:
                break
    if not found:
        raise ItemUnusable(url, "no text found")
    best = min(found, key=lambda each: each.lacks)
    facts = pages[0].facts
    return whole.article(
        url, best.rung, best.body, dataclasses.replace(facts, title=facts.title or NO_TITLE), None
    )


# --- the ladder ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Candidate:
    """What may be the article: it has passed the gate, or will have to."""

    rung: str
    body: HtmlElement
    left_out: float  # share of the page's prose

    @property
    def lacks(self) -> tuple[bool, float]:
        """What makes it worse than another of which nobody knows whether it is an article."""
        return gate.is_too_short(self.body), round(self.left_out, 1)


_NOTHING = (False, 0.0)


def _best(pages: Sequence[Prepared], expected: Expected, faults: list[str]) -> _Candidate | None:
    """The first that is good and whole, else the one that leaves out least; `faults` hears of the others."""
    incomplete: list[_Candidate] = []
    for rung in _rungs(pages[0]):
        try:
            candidate = _joined(pages, rung)
        except ItemUnusable as error:
            faults.append(f"{rung}: {error.problem}")
            continue
        if fault := gate.fault(candidate.body, pages[0], expected):
            faults.append(f"{rung}: {fault}")
        elif candidate.left_out <= MOST_LEFT_OUT:
            return candidate
        else:
            faults.append(f"{rung}: leaves out {candidate.left_out:.0%} of the text")
            incomplete.append(candidate)
    return min(incomplete, key=lambda each: round(each.left_out, 1), default=None)


def _rungs(first: Prepared) -> Iterable[str]:
    return (RULES, *EXTRACTORS) if first.selector else EXTRACTORS


def _joined(pages: Sequence[Prepared], rung: str) -> _Candidate:
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


def _part(following: Prepared, rung: str, number: int) -> HtmlElement:
    """What a rung finds on a further page. Raises ItemUnusable where that is no part of an article."""
    try:
        body = following.body(rung)
    except ItemUnusable as error:
        raise ItemUnusable(following.url, f"page {number}: {error.problem}") from error
    if fault := gate.part_fault(body, following):
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
