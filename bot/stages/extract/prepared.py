"""A page made ready for the ladder: its facts, its markup with placeholders, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.html import HtmlElement

from bot.config import FeedConfig, PageConfig
from bot.errors import ItemUnusable
from bot.model import Fetched
from bot.stages.extract import (
    captions,
    coverage,
    keep,
    legacy,
    metadata,
    others,
    page,
    pictures,
    rules,
    whole,
)
from bot.stages.extract.metadata import Facts, squeeze
from bot.stages.extract.rungs import EXTRACTORS

RULES = "rules"
"""The first rung: what the owner's selectors find."""


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """One page: what it says of itself, and where its article may be found."""

    url: str
    root: HtmlElement  # with placeholders; what reads it works on a copy
    facts: Facts
    headline: str  # as the page shows it, maybe in other words than its head; '' where that is not sure
    kept: keep.Kept
    prose: coverage.Prose
    selector: str  # the owner's, of the body
    ruled: rules.Found

    @classmethod
    def read(cls, fetched: Fetched, hints: Hints) -> Prepared:
        """Make it ready. Raises ItemUnusable where it is no page at all."""
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
        classed = keep.classed(root)
        captions.settle(root, classed)
        facts = ruled.over(metadata.read(root, url, hints.now), root)
        others.drop(root, facts.title, url)
        keep.unname(root, classed)
        etree.strip_elements(root, "script", "noscript", with_tail=False)
        prose = coverage.Prose.of(root, facts.lead)
        headlines = [squeeze(each.text_content()) for each in root.iter("h1")]
        kept = keep.Kept(root, fetched.body, url, has_lead_picture=facts.picture is not None)
        return cls(
            url,
            root,
            facts,
            headlines[0] if len(headlines) == 1 else "",
            kept,
            prose,
            hints.rules.body if hints.rules else "",
            ruled,
        )

    def body(self, rung: str) -> HtmlElement:
        """What this rung takes for the article. Raises ItemUnusable where it finds none."""
        return self._selected() if rung == RULES else self._extracted(EXTRACTORS[rung])

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

    def _extracted(self, find: Callable[[HtmlElement, str], str]) -> HtmlElement:
        html = find(self.root, self.url)
        if not html.strip():
            raise ItemUnusable(self.url, "finds no text")
        body = page.parse_again(self.kept.put_back(html), self.url).body
        self.kept.add_lost(body, html)
        self.prose.put_back_opening(body)
        self._settle_headline(body)
        return body

    def _settle_headline(self, body: HtmlElement) -> None:
        """Give the headline above the text the words of the title, by which cleaning knows it."""
        heading = next(body.iter("h1", "p"), None)
        if heading is None or heading.tag != "h1" or heading.find(".//img") is not None:
            return
        if self.facts.title and squeeze(heading.text_content()) == self.headline:
            tail = heading.tail
            heading.clear()
            heading.text, heading.tail = self.facts.title, tail


def _drop_programs(root: HtmlElement) -> None:
    """Drop what no reader sees, often most of a page, before anything looks through it; but for the JSON-LD, and posts of Telegram."""
    etree.strip_elements(root, "style", "template", "svg", with_tail=False)
    for choice in list(root.iter("select", "datalist")):
        if next(choice.iter("p", "div", "article"), None) is None:  # else it was never closed
            choice.drop_tree()
    for script in list(root.iter("script")):
        if "ld+json" not in (script.get("type") or "").lower() and not script.get("data-telegram-post"):
            script.drop_tree()
