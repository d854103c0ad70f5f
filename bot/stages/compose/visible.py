"""Where a reader is sure to see a text of a post."""

from __future__ import annotations

import re
from typing import NamedTuple

import bs4

from bot.characters import UNSEEN

# Where a text can be seen: in no element that may be folded away, and in no figure, which goes with its picture.
_OPEN_TAG = re.compile(
    "html|body|main|header|footer|div|section|article|aside|address|blockquote|p|pre|h[1-6]|[dou]l|li|d[dt]|center"
    "|table|t(?:head|body|foot|[rdh])|a|b|cite|code|em|i|ins|mark|q|small|span|strong|su[bp]|u"
)
_HIDING_ATTRIBUTES = ("style", "hidden", "popover", "aria-hidden")
_KNOWN_CLASSES = ("relaypress", "wp-block", "is-layout", "entry", "align", "has-text-align")
# Not on the first page of the post (get_the_content, WP_Query::generate_postdata), or under style rules of its own.
_PARTED = re.compile(r"<!--\s*(?:wp:)?(?:more|nextpage)\b|<(?:style|link)\b", re.IGNORECASE)


class Seen(NamedTuple):
    """What a reader gets to see of a post, whichever theme and whichever pictures."""

    text: str
    addresses: frozenset[str]  # of links

    def holds(self, text: str) -> bool:
        """Whether it shows the whole of this text, and there is one."""
        wanted = _squeezed(text)
        return bool(wanted) and wanted in self.text

    def leads_to(self, address: str) -> bool:
        """Whether a link leads there. (A bracket in it, which begins a shortcode, is written %5B.)"""
        return _bracketless(address) in self.addresses


def seen(html: str) -> Seen:
    """What is surely seen: nothing of a post that is in parts, or under style rules of its own."""
    if _PARTED.search(html):
        return Seen("", frozenset())
    soup = bs4.BeautifulSoup(html, "lxml")
    for tag in soup.find_all(_may_be_hidden):
        tag.extract()
    links = soup.find_all("a", href=True)
    return Seen(_squeezed(soup.get_text()), frozenset(_bracketless(str(link["href"])) for link in links))


def holds_visibly(html: str, text: str) -> bool:
    """Whether a reader of `html` gets to see the whole of `text`."""
    return seen(html).holds(text)


def _bracketless(address: str) -> str:
    return address.replace(UNSEEN, "").replace("[", "%5B")


def _squeezed(text: str) -> str:
    return " ".join(text.replace(UNSEEN, "").split())


def _may_be_hidden(tag: bs4.Tag) -> bool:
    classes = tag.get_attribute_list("class")
    return (
        not _OPEN_TAG.fullmatch(tag.name)
        or any(tag.has_attr(name) for name in _HIDING_ATTRIBUTES)
        or not all(name.startswith(_KNOWN_CLASSES) for name in classes if name)
    )
