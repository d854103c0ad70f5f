"""Clean: from what was found on the page to what belongs to the article.

    the owner's own rules     remove (CSS selectors), remove_text (regex of a paragraph)
    boilerplate.drop_boxes    share bars, newsletter boxes, related cards, author boxes: by their class
    the headline, the lead picture: not a second time in the body
    addresses.settle          whole, free of tracking, and only those that a reader may follow
    shape.flatten             no boxes: headings, paragraphs, lists, tables, figures in the page's order
    boilerplate.drop_preamble by-line, date, section link above the first sentence
    boilerplate.drop_lines    "READ MORE", "Advertisement", feed footers: by their words

In doubt a sentence stays: boilerplate left in is ugly, an article cut short is wrong.
"""

from __future__ import annotations

import dataclasses
import re

from bs4 import BeautifulSoup
from lxml.html import HtmlElement
from rapidfuzz import fuzz

from bot.config import FeedConfig
from bot.model import Article, Picture
from bot.stages.clean import addresses, boilerplate, shape

_SAME_HEADLINE = 90  # per cent of the letters; sites shorten and re-punctuate their own headlines
_HEADLINE_BLOCKS = 4  # a headline further down is a heading


def clean(article: Article, feed: FeedConfig) -> Article:
    """Drop what is not the article from its body; `feed` adds the owner's `remove` and `remove_text`.

    Kept in their order: paragraphs, headings, lists, tables, figures with captions, quotes, code, details, links
    and inline markup.
    """
    body = shape.parse(_without(article.html, feed.remove))
    boilerplate.drop_boxes(body)
    picture = _drop_lead_picture(body, article.picture)
    addresses.settle(body, article.url)
    shape.flatten(body)
    _drop_headline(body, article.title)
    boilerplate.drop_preamble(body, article.author)
    boilerplate.drop_lines(body, article.author)
    _drop_text(body, feed.remove_text)
    shape.drop_empty(body)
    shape.drop_attributes(body)
    return dataclasses.replace(article, html=shape.markup(body), picture=picture)


def _without(html: str, selectors: tuple[str, ...]) -> str:
    if not selectors:
        return html
    soup = BeautifulSoup(f"<div>{html}</div>", "lxml")
    for selector in selectors:
        for element in soup.select(selector):
            element.extract()
    return str(soup)


def _drop_text(body: HtmlElement, patterns: tuple[str, ...]) -> None:
    compiled = [re.compile(pattern) for pattern in patterns]
    for line in shape.lines(body) if compiled else []:
        text = shape.text_of(line)
        if any(pattern.search(text) for pattern in compiled):
            line.drop_tree()


def _drop_headline(body: HtmlElement, title: str) -> None:
    for block in shape.lines(body)[:_HEADLINE_BLOCKS]:
        if fuzz.ratio(_letters(shape.text_of(block)), _letters(title)) >= _SAME_HEADLINE:
            block.drop_tree()
            return


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _drop_lead_picture(body: HtmlElement, picture: Picture | None) -> Picture | None:
    """Take the lead picture out of the body if it comes first there; the words beside it are kept with it."""
    image = body.find(".//img")
    if picture is None or image is None:
        return picture
    if image.get("data-lead") is None and image.get("src") != picture.url:
        return picture
    alt = image.get("alt") or ""
    figure = next(image.iterancestors("figure"), None)
    caption = None
    if figure is not None and len(figure.findall(".//img")) == 1:
        caption = figure.find(".//figcaption")
        image = figure
    image.drop_tree()
    return dataclasses.replace(
        picture,
        alt=picture.alt or alt.strip(),
        caption=picture.caption or ("" if caption is None else shape.text_of(caption)),
    )
