"""The addresses in a body: whole, free of tracking, and only such as a reader may follow."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from lxml.html import HtmlElement

from bot.characters import browsed
from bot.tracking import DROPPED

_PIXEL = re.compile(
    r"//(?:pixel|stats?|counter|track(?:ing|er)?|beacon|analytics)\.|feedburner\.com/~|feedsportal\.com|doubleclick\.net|"
    r"scorecardresearch\.com|[/_-](?:1x1|pixel|spacer|count|beacon)\.(?:gif|png|jpg)",
    re.IGNORECASE,
)
_PIXEL_SIZE = 2
_MOST_BESIDE = 20  # elements in a line; in one that has more, no link is alone
# Pictures of these sizes that are links are advertisements (IAB, "Fixed Size Ad Specifications").
_BANNER = re.compile(r"728x9[01]|468x60|970x(?:90|250)|320x(?:50|100)|300x(?:250|600)|336x280|1[26]0x600")
_MARKS = re.compile(
    r"\s*[#¶§🔗↑↩↵⬆^][\ufe0e\ufe0f\s]*"
)  # links to a heading itself, and back from a footnote
_EMOJI = re.compile(r"\b(?:emoji|wp-smiley)\b")


def settle(body: HtmlElement, base_url: str) -> None:
    """Resolve links and pictures against the page's address; drop what tracks readers or leads nowhere.

    A link that may not be followed (`javascript:`, `tel:`, broken), or that leads to a place on the same page, leaves
    its text behind; a mark beside a heading, and a line that only leads further down, do not even that.
    """
    for link in list(body.iter("a")):
        address = _absolute(link.get("href") or "", base_url)
        if _is_here(link, address, base_url):
            link.drop_tree()
        elif address and not _same_page(address, base_url):
            link.set("href", without_tracking(address))
        else:
            link.drop_tag()
    for image in list(body.iter("img")):
        source = _absolute(image.get("src") or "", base_url)
        if _EMOJI.search(image.get("class") or ""):
            image.tail = f"{image.get('alt') or ''}{image.tail or ''}"
            image.drop_tree()
        elif _is_pixel(image, source) or _is_banner(image, source, base_url):
            image.drop_tree()
        else:
            image.set("src", source)


def without_tracking(url: str) -> str:
    """The same address without the parameters that only count where readers come from."""
    parts = urlsplit(url)
    query = "&".join(each for each in parts.query.split("&") if not DROPPED.fullmatch(each.partition("=")[0]))
    fragment = "" if DROPPED.fullmatch(parts.fragment.partition("=")[0]) else parts.fragment
    if (query, fragment) == (parts.query, parts.fragment):
        return url
    return urlunsplit(parts._replace(query=query, fragment=fragment))


def _absolute(address: str, base_url: str) -> str:
    """The whole address; '' where a reader may not be sent there."""
    try:
        absolute = urljoin(base_url, browsed(address)) if address.strip() else ""
        return absolute if urlsplit(absolute).scheme in ("http", "https", "mailto") else ""
    except ValueError:  # "http://[", as hostile and as broken pages have it
        return ""


def _same_page(address: str, base_url: str) -> bool:
    return "#" in address and address.partition("#")[0] == base_url.partition("#")[0]


def _is_here(link: HtmlElement, address: str, base_url: str) -> bool:
    """Whether it only helps to get about on its page."""
    if _MARKS.fullmatch(link.text_content()):
        return True
    line = link.getparent()
    if not _same_page(address, base_url) or line.tag not in ("p", "li", "div") or len(line) > _MOST_BESIDE:
        return False
    return bool(line.text_content().strip() == link.text_content().strip())


def _is_pixel(image: HtmlElement, source: str) -> bool:
    sizes = [(image.get(name) or "").removesuffix("px").strip() for name in ("width", "height")]
    if any(size.isdecimal() and int(size) <= _PIXEL_SIZE for size in sizes if len(size) < 5):
        return True
    return not source or bool(_PIXEL.search(source))


def _is_banner(image: HtmlElement, source: str, base_url: str) -> bool:
    """Whether it has the size of an advertisement, and leads to a host that neither page nor picture is from."""
    link = next(image.iterancestors("a"), None)
    if link is None or not _BANNER.fullmatch(f"{image.get('width')}x{image.get('height')}"):
        return False
    return urlsplit(link.get("href")).hostname not in {urlsplit(source).hostname, urlsplit(base_url).hostname}
