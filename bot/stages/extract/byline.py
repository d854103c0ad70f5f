"""Author and date as a reader sees them: from by-line and date line, where the page's head does not tell."""

from __future__ import annotations

import copy
import re
from functools import lru_cache

import lxml.html
import trafilatura
from lxml import etree
from lxml.html import HtmlElement
from trafilatura.metadata import find_date  # type: ignore[attr-defined] # what it asks itself, and nothing beside

_SIGNED, _NOTHING = ("class", "id", "rel", "itemprop"), ("",) * 4
_SIGNATURE = re.compile(
    r"author|byl|username|posted|submitted|writer|journalist|screen-?name|channel-name|date|time|publi[sc]|fecha|datum|"
    r"meta|zuozhe|bianji|xiaobian|\bbbl\b"
)
_SIGNATURE_CHARS, _NAMES_CHARS = 600, 300


def seen(root: HtmlElement, url: str, *, dated: bool) -> tuple[str, str]:
    """Author and date, '' for what is not found; where the page is `dated` already, the latter matters to nobody.

    A date that no class names is looked for in all words of the page, which takes ten times as long.
    """
    try:
        found = trafilatura.extract_metadata(_signatures(root), default_url=url, extensive=False)
    except Exception:  # noqa: BLE001 - it names none of its errors; without these two facts the article is whole
        return "", "" if dated else _date(root, url)
    return found.author or "", found.date or ("" if dated else _date(root, found.url))


def _date(root: HtmlElement, url: str | None) -> str:
    try:
        return find_date(root, url=url, original_date=True, extensive_search=False) or ""
    except Exception:  # noqa: BLE001 - as above
        return ""


def _signatures(root: HtmlElement) -> HtmlElement:
    """A page of the head and of what may hold a name or a date, and nothing else: a tenth of the work."""
    page = lxml.html.Element("html")
    page.extend(copy.deepcopy(head) for head in root.findall("head"))
    body, last = etree.SubElement(page, "body"), None
    for element in root.xpath(
        "//body/descendant::*[@class or @id or @rel or @itemprop or self::time or self::abbr]"
    ):
        if (
            (
                element.tag in ("time", "abbr")
                or _is_signed(" ".join(map(element.get, _SIGNED, _NOTHING))[:_NAMES_CHARS])
            )
            and (last is None or last not in element.iterancestors())
            and len(element.text_content()) <= _SIGNATURE_CHARS
        ):
            last = element
            body.append(copy.deepcopy(element))
    return page


@lru_cache(maxsize=5000)  # a page has its few names many times
def _is_signed(names: str) -> bool:
    return _SIGNATURE.search(names.lower()) is not None
