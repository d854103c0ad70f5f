"""The wall: is this text only the beginning of an article that its publisher sells?

One sign is enough where the text is short: a request to pay in its last words or right below it, a box that is named
a wall there, the page's own word (`isAccessibleForFree`, `article:content_tier`). A text in the midst of a sentence, or
one that grows pale, is a sign beside another. Longer texts need two, for newspapers with a meter mark all they have as
paid, and show it; the longest are taken for whole, unless the page holds more of the same in its JSON-LD.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from bot.stages.extract.following import REACH_CHARS, Following, following
from bot.stages.extract.metadata import Facts
from bot.stages.extract.prepared import Prepared
from bot.stages.extract.wall_wordings import FADE, REQUEST, STATUS, WALL

STUB_CHARS = 2500  # up to here one sign makes it a sample
SAMPLE_CHARS = 6000  # and up to here two
WHOLE_SHARE = 0.9
MANY_TIMES, MANY_WORDS = 3, 300  # a count of words that is so far above those found is a sign
TOLD_TIMES, TOLD_CHARS = 2, 1000  # a text in JSON-LD that begins alike and is so much longer is proof
_BEGINNING_CHARS = 60

_OWN_TEXTS = etree.XPath("descendant::text()[not(ancestor::a)]", smart_strings=False)
_BREAK = re.compile(r"(?:[^\W_]|[,;:–—-]|…|\.\.\.|\[…\])$")
_END = re.compile(r"[.!?।。！？؟…:;'\"’”»)\]]$")
_ENDS = 3  # paragraphs that end as sentences do: before them, one that does not was cut off


def fault(body: HtmlElement, text: str, length: int, page: Prepared) -> str:
    """What makes this body a sample; '' where nothing does. `length` is that of its text, in Latin letters."""
    if _is_told_at_length(text, page.facts.told):
        return "shorter than the text that the page holds for machines"
    if length < SAMPLE_CHARS and _signs(body, text, page) >= (2 if length < STUB_CHARS else 4):
        return "the beginning of a paid article"
    return ""


def _signs(body: HtmlElement, text: str, page: Prepared) -> int:
    """What speaks for it: two for each sign that is one by itself, one for each that is not."""
    below = following(page.root, body)
    own = "".join(_OWN_TEXTS(body))
    told_paid = page.facts.paid and not _is_told_whole(text, page.facts)
    asks = _asks(text, own, below)
    # Many give such a name to the box of the whole text, too: alone, it says nothing.
    walled = WALL.search(f"{below.names} {below.around}" if asks else below.names) is not None
    strong = (asks, walled, told_paid)
    weak = (
        _is_cut_off(body),
        FADE.search(below.around) is not None,
        _has_few_of_its_words(text, page.facts),
    )
    return sum(strong) * 2 + sum(weak)


def _asks(text: str, own: str, below: Following) -> bool:
    last, last_own = text[-REACH_CHARS:].lower(), " ".join(own.split())[-REACH_CHARS:].lower()
    return any(REQUEST.search(each) for each in (last, below.text)) or any(
        STATUS.search(each) for each in (last_own, below.own)
    )


def _is_told_whole(text: str, facts: Facts) -> bool:
    """Whether it has about as many words as the page itself says that its article has."""
    return 0 < facts.words * WHOLE_SHARE <= len(text.split())


def _has_few_of_its_words(text: str, facts: Facts) -> bool:
    return facts.words >= MANY_WORDS and facts.words > len(text.split()) * MANY_TIMES


def _is_told_at_length(text: str, told: str) -> bool:
    if len(told) < max(TOLD_CHARS, len(text) * TOLD_TIMES):
        return False
    letters = "".join(filter(str.isalnum, text))
    return "".join(filter(str.isalnum, told[: _BEGINNING_CHARS * 2]))[:_BEGINNING_CHARS] in letters


def _is_cut_off(body: HtmlElement) -> bool:
    """Whether its last paragraph breaks off where the others end with a sentence."""
    texts = list(filter(None, (each.text_content().strip() for each in body.iter("p"))))
    return (
        len(texts) > _ENDS
        and _BREAK.search(texts[-1]) is not None
        and all(_END.search(text) is not None for text in texts[-1 - _ENDS : -1])
    )
