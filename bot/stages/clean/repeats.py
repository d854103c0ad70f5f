"""What a page shows twice: itself, its headline, its lead, and sentences of the text blown up as pull quotes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement
from rapidfuzz import fuzz

from bot.stages.clean import shape

_SAME = 90  # per cent of the letters; sites shorten and re-punctuate their own headlines
_HEADLINE_LINES = 4  # a headline further down is a heading
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।", "”", "»", '"')
_QUOTE_LETTERS = (15, 300)
_COPIED_LINES, _COPIED_LETTERS = 3, 400
_MOST_QUOTES = 50  # each is looked for in the whole text


def drop_second_copy(body: HtmlElement) -> None:
    """Drop what stands on the page twice, for wide screens and for narrow ones: runs that repeat an earlier one.

    A refrain and a line that somebody says again are shorter. Pictures go with the copy, as far as the first has as many.
    """
    blocks = list(body)
    told = [(number, text) for number, block in enumerate(blocks) if (text := _letters(shape.text_of(block)))]
    first: dict[str, int] = {}
    place = 0
    while place < len(told):
        earlier = first.setdefault(told[place][1], place)
        run = _run(told, earlier, place) if earlier < place else 0
        if run:
            end = told[place + run][0] if place + run < len(told) else len(blocks)
            original = blocks[told[earlier][0] : told[earlier + run - 1][0] + 1]
            _drop_copy(blocks[told[place][0] : end], original)
        place += run or 1


def _run(told: Sequence[tuple[int, str]], earlier: int, later: int) -> int:
    """How many texts from `later` on say the same as those from `earlier` on; 0 for too little to be a copy."""
    length = letters = 0
    while later + length < len(told) and earlier + length < later:
        text = told[later + length][1]
        if told[earlier + length][1] != text:
            break
        length, letters = length + 1, letters + len(text)
    return length if length >= _COPIED_LINES and letters >= _COPIED_LETTERS else 0


def _drop_copy(copy: Sequence[HtmlElement], original: Sequence[HtmlElement]) -> None:
    pictures = sum(1 for block in original for _ in block.iter("img"))
    for block in copy:
        if not shape.text_of(block):
            pictures -= sum(1 for _ in block.iter("img"))
        if shape.text_of(block) or pictures >= 0:
            block.drop_tree()


def drop_headline(body: HtmlElement, title: str) -> None:
    """Drop the headline, which a post has elsewhere, and the short lines above it: section, site, date."""
    lines = shape.lines(body)
    for number, line in enumerate(lines):
        text = shape.text_of(line)
        if _is_like(text, title) if number < _HEADLINE_LINES else _is_heading_of(line, text, title):
            line.drop_tree()
            for above in lines[: number if number < _HEADLINE_LINES else 0]:
                if _is_label(above):
                    above.drop_tree()
            return


def _is_label(line: HtmlElement) -> bool:
    """Whether it is short of a sentence, and no caption."""
    is_sentence = shape.text_of(line).endswith(_SENTENCE_ENDS)
    return not is_sentence and line.tag != "figcaption" and line.find(".//img") is None


def _is_heading_of(line: HtmlElement, text: str, title: str) -> bool:
    return line.tag in ("h2", "h3") and text == title


def unhead_lead(body: HtmlElement, lead: str) -> None:
    """Make a paragraph of a lead that stands as a heading at the top."""
    first = next((line for line in shape.lines(body) if shape.text_of(line)), None)
    if first is not None and first.getparent() is body and lead and _is_like(shape.text_of(first), lead):
        first.tag = "p"


def drop_pull_quotes(body: HtmlElement) -> None:
    """Drop the quotes whose every word also stands in the running text."""
    least, most = _QUOTE_LETTERS
    quotes = [
        (quote, _letters(shape.text_of(quote))) for quote in islice(body.iter("blockquote"), _MOST_QUOTES)
    ]
    everything = _letters(shape.text_of(body)) if quotes else ""
    for quote, letters in quotes:
        if least <= len(letters) <= most and everything.count(letters) > 1 and quote.find(".//img") is None:
            figure = quote.getparent()
            is_all = figure.tag == "figure" and shape.text_of(figure) == shape.text_of(quote)
            (figure if is_all else quote).drop_tree()


def _is_like(text: str, other: str) -> bool:
    return fuzz.ratio(_letters(text), _letters(other)) >= _SAME


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
