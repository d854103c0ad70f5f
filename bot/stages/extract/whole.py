"""An article put together: its body and its facts, where the page does not tell them from the feed."""

from __future__ import annotations

import re

import sentencex
from lxml import etree
from lxml.html import HtmlElement

from bot.characters import shortened
from bot.errors import ItemUnusable
from bot.model import Article, Entry, Picture
from bot.stages.extract import elements, embeds, page, pictures
from bot.stages.extract.metadata import Facts, squeeze

EXCERPT_CHARS = 300
LARGEST_CHARS = 1_000_000  # of markup: some 200 printed pages
_NBSP_CHARS = 10  # to the sanitiser, a no-break space is as much work as so many other characters

_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।", "”", "»", '"')
_TEASER_END = re.compile(
    r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|(?:…|\.\.\.)?\s*(?:continue reading|read more|read the full (?:story|article))\b.{0,80}|…)\s*$",
    re.IGNORECASE,
)


def settle(root: HtmlElement, url: str) -> None:
    """Absolute links, pictures that show, players as links, and no elements that a post cannot hold."""
    base = (
        pictures.absolute(next((each.get("href") for each in root.iter("base") if each.get("href")), ""), url)
        or url
    )
    etree.strip_elements(root, "base", with_tail=False)
    for link in root.iter("a"):
        link.set("href", pictures.joined(link.get("href") or "", base))
    pictures.settle(root, base)
    embeds.to_links(root, base)
    elements.settle(root)


def article(url: str, rung: str, body: HtmlElement, facts: Facts, entry: Entry | None) -> Article:
    """Put body and facts together; what the page does not say, the feed does.

    Raises ItemUnusable where there is no title, or more than any article has.
    """
    html = inner(body)
    if len(html) + _NBSP_CHARS * html.count("\xa0") > LARGEST_CHARS:
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
        lead=facts.lead or (lead_of(entry.summary_html) if entry else ""),
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
        if image.get("src") and pictures.is_large(image):
            return pictures.mark_lead(body, Picture(image.get("src")))
    return None


def inner(body: HtmlElement) -> str:
    """The markup inside a body."""
    whole: str = etree.tostring(body, encoding="unicode", method="html", with_tail=False)
    return whole[whole.index(">") + 1 :].removesuffix("</body>").strip()


def text_of(html: str) -> str:
    """The words of a feed's text; '' where there are none, or none that can be read."""
    try:
        return squeeze(page.parse(html, "").body.text_content()) if html.strip() else ""
    except ItemUnusable:
        return ""


def lead_of(html: str) -> str:
    """The first paragraph, as far as whole sentences fit into EXCERPT_CHARS."""
    if not text_of(html):
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
    return shortened(lead.strip(), EXCERPT_CHARS)
