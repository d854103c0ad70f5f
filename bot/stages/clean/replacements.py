"""The owner's replacements: words of a source that are to read otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from lxml.html import HtmlElement

from bot.characters import legible
from bot.model import Article, Picture
from bot.stages.patterns import Patterns

_MOST_CHARS = 20_000  # of one text


def in_body(body: HtmlElement, replace: Mapping[str, str], patterns: Patterns) -> None:
    """Apply them to every text of a body, one by one as inline markup parts them; never to markup."""
    for element in body.iter() if replace else ():
        element.text = _replaced(element.text, replace, patterns)
        if element is not body:
            element.tail = _replaced(element.tail, replace, patterns)


def beside_body(article: Article, replace: Mapping[str, str], patterns: Patterns) -> Article:
    """Apply them to title, lead and the words of the lead picture; a title is never emptied."""
    if not replace:
        return article
    return dataclasses.replace(
        article,
        title=_line(article.title, replace, patterns) or article.title,
        lead=_line(article.lead, replace, patterns),
        picture=article.picture and _of_picture(article.picture, replace, patterns),
    )


def _of_picture(picture: Picture, replace: Mapping[str, str], patterns: Patterns) -> Picture:
    alt, caption = _line(picture.alt, replace, patterns), _line(picture.caption, replace, patterns)
    return dataclasses.replace(picture, alt=alt, caption=caption)


def _line(text: str, replace: Mapping[str, str], patterns: Patterns) -> str:
    return " ".join((_replaced(text, replace, patterns) or "").split())


def _replaced(text: str | None, replace: Mapping[str, str], patterns: Patterns) -> str | None:
    if not text or len(text) > _MOST_CHARS:
        return text
    for pattern, other in replace.items():
        text = patterns.replace("replace", pattern, other, text)
    return legible(text)
