"""Clean: from what was found on the page to what belongs to the article.

    the owner's own rules     remove (CSS selectors), remove_text (regex of a paragraph), replace (regex, in texts)
    boxes.drop                share bars, newsletter boxes, related cards, author boxes: by their class, or first line
    the lead picture          not a second time in the body; neither are (repeats) the body, headline and pull quotes
    addresses.settle          whole, free of tracking, and only those that a reader may follow
    shape.flatten             no boxes: headings, paragraphs, lists, tables, figures in the page's order
    lines.drop_preamble       by-line, date, section link above the first sentence
    lines.drop                "READ MORE", "Advertisement", feed footers: by their words; headings of nothing

In doubt a sentence stays: boilerplate left in is ugly, an article cut short is wrong.
"""

from __future__ import annotations

import dataclasses

from bs4 import BeautifulSoup
from lxml.html import HtmlElement

from bot.config import FeedConfig
from bot.model import Article, Picture
from bot.stages.clean import addresses, boxes, lines, repeats, replacements, shape
from bot.stages.patterns import Patterns


def clean(article: Article, feed: FeedConfig) -> Article:
    """Drop what is not the article from its body; `feed` adds the owner's `remove`, `remove_text`, `replace`.

    Kept in their order: paragraphs, headings, lists, tables, figures with captions, quotes, code, details, links
    and inline markup.
    """
    patterns = Patterns(feed.name)
    body = shape.parse(_without(article.html, feed.remove))
    boxes.drop(body)
    picture = _drop_lead_picture(body, article.picture)
    addresses.settle(body, article.url)
    shape.flatten(body)
    repeats.drop_second_copy(body)
    repeats.drop_headline(body, article.title)
    repeats.unhead_lead(body, article.lead)
    repeats.drop_pull_quotes(body)
    lines.drop_preamble(body, article.author)
    lines.drop(body, article.author, article.url)
    _drop_text(body, feed.remove_text, patterns)
    replacements.in_body(body, feed.replace, patterns)
    shape.drop_empty(body)
    shape.drop_attributes(body)
    article = dataclasses.replace(article, html=shape.markup(body), picture=picture)
    return replacements.beside_body(article, feed.replace, patterns)


def _without(html: str, selectors: tuple[str, ...]) -> str:
    if not selectors:
        return html
    soup = BeautifulSoup(f"<div>{html}</div>", "lxml")
    for selector in selectors:
        for element in soup.select(selector):
            element.extract()
    return str(soup)


def _drop_text(body: HtmlElement, unwanted: tuple[str, ...], patterns: Patterns) -> None:
    for line in shape.lines(body) if unwanted else []:
        text = shape.text_of(line)
        if any(patterns.find("remove_text", each, [text], in_doubt=False) for each in unwanted):
            line.drop_tree()


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
