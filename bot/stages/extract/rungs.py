"""The two libraries that find the article on a page by themselves: markup of the page -> markup of its body."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable

import readability
import trafilatura
from lxml.html import HtmlElement

from bot.errors import ItemUnusable
from bot.stages.extract.readable import Readable

# They log each page that they cannot read; here that is a rung of the ladder, and told in our error.
for _library in ("readability", "trafilatura", "bs4.dammit"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def _by_readability(root: HtmlElement, url: str) -> str:
    try:
        return str(Readable(root).summary(html_partial=True))
    except readability.readability.Unparseable as error:
        raise ItemUnusable(url, f"fails ({error})") from error


def _by_trafilatura(root: HtmlElement, url: str) -> str:
    try:
        found = trafilatura.extract(
            copy.deepcopy(root),
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


EXTRACTORS: dict[str, Callable[[HtmlElement, str], str]] = {
    "readability": _by_readability,
    "trafilatura": _by_trafilatura,
}
