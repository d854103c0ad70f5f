"""The quality gate: is this text an article, or what sites show in the place of one?"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from bot.stages.extract import wall
from bot.stages.extract.expected import NOTHING, Expected
from bot.stages.extract.metadata import Facts, squeeze
from bot.stages.extract.notices import notice
from bot.stages.extract.prepared import Prepared

SHORTEST_CHARS = 200  # an ideograph counts for three letters
SHORTEST_BESIDE_MEDIA_CHARS = 50  # under a video, or several pictures
LINKED_SHARE = 0.6
MOST_LOOKED_AT, BEGINNING_CHARS = 40, 60
MOST_OTHERS = 5  # pages to which headings, or links of the same words, lead: with so many it is a front page
PROSE_CHARS, PROSE_SHARE = 100, 0.5  # with so much in lines of so many, and three of them, it is no heap
HEAPS = ((8, 60), (40, 30))  # so many lines of less than so many characters: in one block, in several

STEM_LETTERS = 5  # of a word of title and lead: it may be inflected
LEAST_WORDS = 8
TITLE_CHARS = 600  # a longer one is none
RELATED_SHARE = 0.1  # true articles have 0.4 and more, comments 0.04
SPACED_CHARS = 12

_WORD = re.compile(rf"[^\W\d_]{{{STEM_LETTERS},}}")
_IDEOGRAPHS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def fault(body: HtmlElement, page: Prepared, expected: Expected = NOTHING) -> str:
    """What keeps this body of the page from being the article; '' where nothing does.

    A page that tells of something else than the feed, or shows much less, is not the article.
    """
    text = squeeze(body.text_content())
    length = chars(text)
    facts = page.facts
    media = len(body.xpath(".//a[@data-embed]")) * 3 + len(body.findall(".//img"))
    shortest = SHORTEST_BESIDE_MEDIA_CHARS if media >= 3 else SHORTEST_CHARS
    return (
        notice(text, length, _headings(body, page, expected), is_expected=expected.is_met_by(text))
        or wall.fault(body, text, length, page)
        or (f"only {len(text)} characters of text" if length < shortest else "")
        or _links(body, text, media)
        or _heap(body)
        or _unrelated(text, facts)
        or _teasers(body, page, expected)
        or expected.fault_of_text(text, f"{facts.title} {page.headline} {facts.lead}", facts.language)
        or _shorter_than_feed(length, chars(expected.text))
    )


def part_fault(body: HtmlElement, page: Prepared) -> str:
    """What keeps this body from being a further page of an article, which may be short; '' where nothing does."""
    text = squeeze(body.text_content())
    length = chars(text)
    media = len(body.xpath(".//a[@data-embed] | .//img"))
    too_short = not media and length < SHORTEST_BESIDE_MEDIA_CHARS
    return (
        notice(text, length, _headings(body, page, NOTHING))
        or wall.fault(body, text, length, page)
        or (f"only {len(text)} characters of text" if too_short else "")
        or _links(body, text, media)
    )


def is_too_short(body: HtmlElement) -> bool:
    """Whether it has less text than any article without pictures."""
    return chars(squeeze(body.text_content())) < SHORTEST_CHARS


def chars(text: str) -> int:
    """The length of a text as one in Latin letters."""
    return len(text) + 2 * len(_IDEOGRAPHS.findall(text))


def _headings(body: HtmlElement, page: Prepared, expected: Expected) -> set[str]:
    """By which the page may say what it is: its title, its headline, the first heading of the body."""
    first = next(body.iter("h1", "h2"), None)
    own = squeeze(first.text_content()) if first is not None else ""
    return {page.facts.title, page.headline, own} - {"", expected.title}


def _links(body: HtmlElement, text: str, media: int) -> str:
    linked = sum(len(squeeze(link.text_content())) for link in body.iter("a"))
    return "a list of links" if not media and linked > len(text) * LINKED_SHARE else ""


def _teasers(body: HtmlElement, page: Prepared, expected: Expected) -> str:
    """Whether it is a front page: headings that lead elsewhere, under a title of which the feed knows nothing.

    A digest looks alike; that is what the feed then says that it is.
    """
    if not expected.title or expected.is_headed(f"{page.facts.title} {page.headline}"):
        return ""
    number = max(_linked_headings(page.root, squeeze(body.text_content())), _same_links(body))
    return f"a list of {number} other articles" if number >= MOST_OTHERS else ""


def _linked_headings(root: HtmlElement, text: str) -> int:
    """How many headings of the page lead elsewhere, and have a paragraph below them that is part of `text`."""
    headings = root.xpath("//h2[.//a or ancestor::a] | //h3[.//a or ancestor::a]")[:MOST_LOOKED_AT]
    below = {squeeze(each.xpath("string(following::p[1])"))[:BEGINNING_CHARS] for each in headings}
    return sum(beginning in text for beginning in below - {""})


def _same_links(body: HtmlElement) -> int:
    """To how many pages the same words lead: "Read more" below each teaser."""
    targets: dict[str, set[str]] = {}
    for link in body.iter("a"):
        targets.setdefault(squeeze(link.text_content()), set()).add(link.get("href") or "")
    targets.pop("", None)
    return max(map(len, targets.values()), default=0)


def _heap(body: HtmlElement) -> str:
    """Menus, or trafilatura's last resort: all texts of the page as the lines of one paragraph.

    A story that a long table or list of names follows is none, nor is a text set in lines of one width.
    """
    blocks = [each.text_content().strip() for each in body.iter("p", "li", "h2", "h3")]
    blocks = list(filter(None, blocks)) or [body.text_content()]
    lines = [chars(line.strip()) for block in blocks for line in block.split("\n") if line.strip()]
    most, mean = HEAPS[len(blocks) > 1]
    is_heap = len(lines) >= most and sum(lines) < len(lines) * mean
    prose = [line for line in lines if line >= PROSE_CHARS]
    is_story = len(prose) >= 3 and sum(prose) >= max(sum(lines) * PROSE_SHARE, SHORTEST_CHARS * 3)
    return "a heap of short lines" if is_heap and not is_story else ""


def _unrelated(text: str, facts: Facts) -> str:
    """Whether hardly a word of title and lead is in it: the comments, or the list beside the article."""
    if text.count(" ") * SPACED_CHARS < len(text):
        return ""  # words are not parted by spaces
    words = {
        word[:STEM_LETTERS] for word in _WORD.findall(f"{facts.title[:TITLE_CHARS]} {facts.lead}".casefold())
    }
    text = text.casefold()
    found = sum(word in text for word in words)
    is_other = len(words) >= LEAST_WORDS and found < len(words) * RELATED_SHARE
    return f"holds {found} of the {len(words)} words of title and lead" if is_other else ""


def _shorter_than_feed(length: int, feed_length: int) -> str:
    too_short = length * 2 < feed_length and feed_length > SHORTEST_CHARS
    return f"shorter than the feed's own text ({length} characters, {feed_length} there)" if too_short else ""
