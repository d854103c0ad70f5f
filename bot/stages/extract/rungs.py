"""The two libraries that find the article on a page by themselves: markup of the page -> markup of its body."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable

import readability
import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from bot.errors import ItemUnusable

_HIDDEN = readability.readability.REGEXES["displayNoneRe"]

# They log each page that they cannot read; here that is a rung of the ladder, and told in our error.
for _library in ("readability", "trafilatura", "bs4.dammit"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)


def _by_readability(root: HtmlElement, url: str) -> str:
    try:
        return str(_Readable(root).summary(html_partial=True))
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


class _Readable(readability.Document):  # type: ignore[misc] # the library has no types
    """Readability without its first step, which was done, and its last, which hunts for attributes, slowly."""

    def _parse(self, page: HtmlElement) -> HtmlElement:
        """A copy without what is hidden; the rest of its own cleaning was done by Prepared.read."""
        root = copy.deepcopy(page)
        for element in root.xpath("//*[@hidden or @style]"):
            if element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
                element.drop_tree()
        return root

    def get_clean_html(self) -> str:
        return str(etree.tostring(self._html(), encoding="unicode", method="html"))


EXTRACTORS: dict[str, Callable[[HtmlElement, str], str]] = {
    "readability": _by_readability,
    "trafilatura": _by_trafilatura,
}
