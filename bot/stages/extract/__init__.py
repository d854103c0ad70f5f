"""Extract: find the article on a page.

    bytes -> tree                          page.py       charset, bounds
    pictures, embeds -> plain elements     pictures.py   lazy loading; embeds.py: players become links
    layout tables, fonts -> boxes          legacy.py
    tree -> title, lead, author, ...       metadata.py
    what extractors would drop -> Kept     keep.py
    readability | trafilatura | feed       the ladder: the first body that passes gate.py
    Kept -> back where it stood

The bodies are unclean still: boilerplate is cleaning's business, safety the sanitiser's.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import readability
import sentencex
import trafilatura
from bs4 import BeautifulSoup
from lxml import etree
from lxml.html import HtmlElement

from bot.errors import ItemUnusable
from bot.model import Article, Entry, Picture
from bot.stages.extract import embeds, gate, keep, legacy, metadata, page, pictures
from bot.stages.extract.metadata import Facts, squeeze

__all__ = ["excerpt", "extract", "from_feed"]

EXCERPT_CHARS = 300
LARGEST_CHARS = 1_000_000  # of markup: some 200 printed pages

_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।", "”", "»", '"')
_TEASER_END = re.compile(
    r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|(?:…|\.\.\.)?\s*(?:continue reading|read more|read the full (?:story|article))\b.{0,80}|…)\s*$",
    re.IGNORECASE,
)

# They log each page that they cannot read; here that is a rung of the ladder, and told in our error.
for _library in ("readability", "trafilatura", "bs4.dammit"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def extract(
    body: bytes, content_type: str, url: str, entry: Entry | None = None, *, remove: Sequence[str] = ()
) -> Article:
    """Find the article on a page, else in the feed's own `entry`; `rung` tells which way found it.

    `url` is the page's address after redirects; `remove` are CSS selectors of what is no part of the page.
    Raises ItemUnusable where neither holds an article, with what was wrong at every rung.
    """
    feed_text = max((_text_of(html) for html in _feed_bodies(entry)), key=gate.chars, default="")
    faults = []
    try:
        found = _Page.read(body, content_type, url, remove)
    except ItemUnusable as error:
        faults.append(error.problem)
    else:
        for rung, find in _LADDER.items():
            try:
                candidate = found.body(find)
            except ItemUnusable as error:
                faults.append(f"{rung}: {error.problem}")
                continue
            fault = gate.fault(candidate, found.facts, feed_text)
            if not fault:
                return _article(url, rung, candidate, found.facts, entry)
            faults.append(f"{rung}: {fault}")
    if entry is not None and feed_text:
        return from_feed(entry)
    raise ItemUnusable(
        url, f"no article found ({'; '.join(faults)})", remedy="open the page and see whether it shows one"
    )


def from_feed(entry: Entry) -> Article:
    """Take the article that the feed itself holds: whole (rung "feed"), else its summary (rung "summary").

    Raises ItemUnusable where the feed holds no text.
    """
    bodies = _feed_bodies(entry)
    if not bodies:
        _explain(entry)
    root = page.parse(bodies[0], entry.link)
    _settle(root, entry.link)
    picture = pictures.mark_lead(root, entry.pictures[0]) if entry.pictures else None
    rung = "feed" if bodies[0] == entry.content_html else "summary"
    facts = Facts(picture=picture, lead=_lead_of(entry.summary_html) if rung == "feed" else "")
    return _article(entry.link, rung, root.body, facts, entry)


def excerpt(entry: Entry) -> Article:
    """Take title and lead only, as far as any source allows: about EXCERPT_CHARS, cut after a sentence.

    Raises ItemUnusable where the feed holds no text.
    """
    lead = next(filter(None, map(_lead_of, (entry.summary_html, entry.content_html))), "")
    if not lead:
        _explain(entry)
    root = page.parse("<p></p>", entry.link)
    root.body[0].text = lead
    picture = entry.pictures[0] if entry.pictures else None
    return _article(entry.link, "summary", root.body, Facts(lead=lead, picture=picture), entry)


# --- a page ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    """A page made ready: its facts, its markup with placeholders, and what they stand for."""

    url: str
    html: str
    facts: Facts
    kept: keep.Kept

    @classmethod
    def read(cls, body: bytes, content_type: str, url: str, remove: Sequence[str]) -> _Page:
        root = page.read(body, content_type, url)
        if remove:
            root = page.parse(_without(root, remove), url)
        _settle(root, url)
        legacy.modernise(root)
        keep.caption_pictures(root)
        facts = metadata.read(root, url)
        etree.strip_elements(root, "script", "style", "template", "svg", "noscript", with_tail=False)
        kept = keep.Kept(root, body)
        return cls(url, etree.tostring(root, encoding="unicode", method="html"), facts, kept)

    def body(self, find: Callable[[str, str], str]) -> HtmlElement:
        """What this extractor takes for the article. Raises ItemUnusable where it finds none."""
        html = find(self.html, self.url)
        if not html.strip():
            raise ItemUnusable(self.url, "finds no text")
        return page.parse(self.kept.put_back(html), self.url).body


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
    """Readability without its last step, which hunts for attributes by regex, slowly: the sanitiser drops them."""

    def get_clean_html(self) -> str:
        return str(etree.tostring(self._html(), encoding="unicode", method="html"))


_LADDER: dict[str, Callable[[str, str], str]] = {
    "readability": _by_readability,
    "trafilatura": _by_trafilatura,
}


def _settle(root: HtmlElement, url: str) -> None:
    """Absolute links, pictures that show, players as links."""
    base = pictures.absolute(next(iter(root.xpath("//base/@href")), ""), url) or url
    etree.strip_elements(root, "base", with_tail=False)
    for link in root.iter("a"):
        link.set("href", pictures.joined(link.get("href") or "", base))
    pictures.settle(root, base)
    embeds.to_links(root)


def _without(root: HtmlElement, selectors: Sequence[str]) -> str:
    soup = BeautifulSoup(etree.tostring(root, encoding="unicode", method="html"), "lxml")
    for selector in selectors:
        for element in soup.select(selector):
            element.decompose()
    return str(soup)


# --- an article ---------------------------------------------------------------------------------


def _article(url: str, rung: str, body: HtmlElement, facts: Facts, entry: Entry | None) -> Article:
    """Put body and facts together; what the page does not say, the feed does.

    Raises ItemUnusable where there is no title, or more than any article has.
    """
    html = _inner(body)
    if len(html) > LARGEST_CHARS:
        raise ItemUnusable(url, f"is too large for an article: {len(html)} characters")
    title = facts.title or (squeeze(entry.title) if entry else "")
    title = title or next((squeeze(each.text_content()) for each in body.iter("h1", "h2")), "")
    if not title:
        raise ItemUnusable(url, "has no title")
    picture = facts.picture or _first_picture(body, entry)
    return Article(
        url=url,
        title=title,
        html=html,
        rung=rung,
        lead=facts.lead or (_lead_of(entry.summary_html) if entry else ""),
        author=facts.author or (squeeze(entry.author) if entry else ""),
        language=facts.language or (entry.language if entry else ""),
        published=facts.published or (entry.published if entry else None),
        picture=picture,
        tags=facts.tags or (entry.categories if entry else ()),
    )


def _first_picture(body: HtmlElement, entry: Entry | None) -> Picture | None:
    """The feed's picture, else the first in the body that is no icon."""
    if entry is not None and entry.pictures:
        return pictures.mark_lead(body, entry.pictures[0])
    for image in body.iter("img"):
        if pictures.is_large(image):
            return pictures.mark_lead(body, Picture(image.get("src")))
    return None


def _inner(body: HtmlElement) -> str:
    whole: str = etree.tostring(body, encoding="unicode", method="html", with_tail=False)
    return whole[whole.index(">") + 1 :].removesuffix("</body>").strip()


def _feed_bodies(entry: Entry | None) -> list[str]:
    """The feed's own texts that hold words, the longer first."""
    bodies = [entry.content_html, entry.summary_html] if entry else []
    return sorted(filter(_text_of, bodies), key=lambda html: len(_text_of(html)), reverse=True)


def _text_of(html: str) -> str:
    """The words of a feed's text; '' where there are none, or none that can be read."""
    try:
        return squeeze(page.parse(html, "").body.text_content()) if html.strip() else ""
    except ItemUnusable:
        return ""


def _explain(entry: Entry) -> NoReturn:
    """Say why a feed's text cannot be used. Raises ItemUnusable."""
    subject = entry.link or entry.key
    for html in filter(str.strip, (entry.content_html, entry.summary_html)):
        page.parse(html, subject)
    raise ItemUnusable(subject, "the feed holds no text of it")


def _lead_of(html: str) -> str:
    """The first paragraph, as far as whole sentences fit into EXCERPT_CHARS."""
    if not _text_of(html):
        return ""
    body = page.parse(html, "").body
    paragraphs = (squeeze(each.text_content()) for each in body.iter("p"))
    text = next(filter(None, paragraphs), "") or squeeze(body.text_content())
    text, cut_off = _TEASER_END.subn("", text)
    sentences = list(sentencex.segment("en", text))
    if cut_off and len(sentences) > 1 and not text.endswith(_SENTENCE_ENDS):
        sentences.pop()
    lead = ""
    for sentence in sentences:
        if lead and len(lead) + len(sentence) > EXCERPT_CHARS:
            break
        lead += sentence
    return _shorten(lead.strip())


def _shorten(text: str) -> str:
    if len(text) <= EXCERPT_CHARS:
        return text
    cut = text[:EXCERPT_CHARS]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–—-") + "…"
