"""What a page shows twice: its headline, its lead, and sentences of the text blown up as pull quotes."""

from __future__ import annotations

from itertools import islice

from lxml.html import HtmlElement
from rapidfuzz import fuzz

from bot.stages.clean import shape

_SAME = 90  # per cent of the letters; sites shorten and re-punctuate their own headlines
_HEADLINE_LINES = 4  # a headline further down is a heading
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।", "”", "»", '"')
_QUOTE_LETTERS = (15, 300)
_MOST_QUOTES = 50  # each is looked for in the whole text


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
