"""The lines that sites put between and around the paragraphs of an article, known by their words.

Every rule looks at one line, never at a part of a sentence. A rule that could hit a sentence of an article asks in
addition that the line is mostly a link, or short and complete as it stands.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from bot.stages.clean import shape, wording

_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_LINE_CHARS = 400
_PAGER_LINES = 3
_PREAMBLE_LINES = 5
_PREAMBLE_CHARS = 150
_HEADLINE_WORDS = 4
_CASED_SHARE = 0.8  # other scripts know no capitals
_BYLINE_LETTERS = 40  # "Published on Wednesday, March", "By", "Staff writer, in"


def drop_preamble(body: HtmlElement, author: str) -> None:
    """Drop by-line, date line and section link from above the first sentence."""
    first = True
    for line in shape.lines(body)[:_PREAMBLE_LINES]:
        text = shape.text_of(line)
        if _is_byline(line, text, author) or (first and _is_section(line, text)):
            line.drop_tree()
        elif text:
            first = False


def drop(body: HtmlElement, author: str, url: str) -> None:
    """Drop the lines whose words say so; after a heading like "Related", also the links below it.

    `url` is the article's own address: a headline in capitals that links to another page of its site is none of it.
    """
    host = urlsplit(url).netloc
    _drop_counted(body)
    for line in shape.lines(body):
        if line.getparent() is None or shape.is_embed(line):
            continue
        text = shape.text_of(line)
        if _leads_away(line, text):
            _drop_links_after(line)
            line.drop_tree()
        elif _is_boilerplate(line, text) or _is_shouted_link(line, text, host):
            line.drop_tree()
    _drop_end(body)
    remaining = shape.lines(body)
    if author and remaining and _is_biography(shape.text_of(remaining[-1]), author):
        remaining[-1].drop_tree()


def _drop_end(body: HtmlElement) -> None:
    """Drop the headings of nothing from the foot."""
    while (last := shape.outermost(body, from_the_end=True)) is not None and (
        (last.tag in _HEADINGS and last.find(".//img") is None) or not shape.shows(last)
    ):
        last.drop_tree()


def _drop_counted(body: HtmlElement) -> None:
    """Drop the numbers of a slide show or a pager: lines of nothing else, that count up from 1 without a gap."""
    run: list[HtmlElement] = []
    for line in [*shape.lines(body), None]:
        text = "" if line is None else shape.text_of(line)
        if line is not None and text == str(len(run) + 1):
            run.append(line)
            continue
        for number in run if len(run) >= _PAGER_LINES else ():
            number.drop_tree()
        run = [line] if line is not None and text == "1" else []


def _is_share_bar(line: HtmlElement, text: str) -> bool:
    """Nothing but names of networks, each with a link by which one sends the article on."""
    if not wording.NETWORKS.fullmatch(text):
        return False
    links = list(line.iter("a"))
    linked = "".join(shape.text_of(link) for link in links)
    return sum(map(str.isalnum, linked)) >= sum(map(str.isalnum, text)) and all(
        wording.SHARING.search(link.get("href") or "share") for link in links
    )


def _is_section(line: HtmlElement, text: str) -> bool:
    return (
        0 < len(text) <= _PREAMBLE_CHARS
        and not shape.is_embed(line)
        and shape.linked_chars(line) == len(text)
    )


def _is_byline(line: HtmlElement, text: str, author: str) -> bool:
    """Whether little but names and dates is in it, and no sentence."""
    if line.tag == "p" and text.endswith(("—", "–")) and len(text) <= _BYLINE_LETTERS:
        return True  # "London, Reuters —", in a box of its own
    if line.tag != "p" or len(text) > _PREAMBLE_CHARS or text.endswith((".", "!", "?", "”", '"')):
        return False
    dates = " ".join(map(shape.text_of, line.iter("time"))) or " ".join(wording.DATE.findall(text))
    rest = text.replace(dates, "") if dates else text
    names = [name for name in author.split(", ") if name and name in rest]
    for name in names:
        rest = rest.replace(name, "")
    letters = sum(map(str.isalpha, rest))
    return bool(dates or names) and letters <= _BYLINE_LETTERS


def _is_boilerplate(line: HtmlElement, text: str) -> bool:
    if len(text) > _LINE_CHARS:
        return False
    if wording.BRACKETS.fullmatch(text):
        return line.find(".//img") is None
    return bool(
        wording.WHOLE_LINE.fullmatch(text)
        or _is_share_bar(line, text)
        or (wording.FEED_FOOT.fullmatch(text) and _links_its_names(line, text))
    )


def _is_shouted_link(line: HtmlElement, text: str, host: str) -> bool:
    """`TWO NEIGHBOURS FALL OUT OVER A FENCE`"""
    if line.tag != "p" or not text.isupper() or len(text.split()) < _HEADLINE_WORDS:
        return False
    cased = sum(letter.isupper() for letter in text)
    addresses = {urlsplit(link.get("href") or "").netloc for link in line.iter("a")}
    return cased >= sum(map(str.isalpha, text)) * _CASED_SHARE and (
        shape.linked_chars(line) == len(text) and addresses == {host}
    )


def _links_its_names(line: HtmlElement, text: str) -> bool:
    return len(line.findall(".//a")) > 1 or shape.linked_chars(line) >= len(text) / 2


def _leads_away(line: HtmlElement, text: str) -> bool:
    match = wording.LEADS_AWAY.match(text) if len(text) <= _LINE_CHARS else None
    if match is None:
        return _is_tag_line(line, text) or _is_bracketed_link(line, text) or _is_menu(line, text)
    return (
        match.end() == len(text) or shape.linked_chars(line) >= len(text[match.end() :]) * shape.LINKED_SHARE
    )


def _is_bracketed_link(line: HtmlElement, text: str) -> bool:
    """`[ Two neighbours, one fence ]`"""
    return text[:1] == "[" and text[-1:] == "]" and 0 < len(text.strip("[] ")) <= shape.linked_chars(line)


def _is_menu(line: HtmlElement, text: str) -> bool:
    """`Index | Previous | Next`"""
    bars = text.count("|") + text.count("·")
    return (
        bars > 0
        and len(line.findall(".//a")) > bars
        and shape.linked_chars(line) >= len(re.sub(r"[\s|·]", "", text))
    )


def _is_tag_line(line: HtmlElement, text: str) -> bool:
    if (label := wording.TAGS.match(text)) is not None and len(text) <= _LINE_CHARS:
        return shape.linked_chars(line) >= len(text[label.end() :]) * shape.LINKED_SHARE
    tags = [link for link in line.iter("a") if "tag" in (link.get("rel") or "").split()]
    return bool(tags) and sum(len(shape.text_of(tag)) for tag in tags) >= len(text) / 2


def _drop_links_after(line: HtmlElement) -> None:
    following = line.getnext()
    while (
        following is not None
        and following.tag in ("ul", "ol", "p", "h3", "h4")
        and shape.is_all_links(following)
    ):
        following.drop_tree()
        following = line.getnext()


def _is_biography(text: str, author: str) -> bool:
    """Whether the last line introduces the author to the reader."""
    name = author.partition(",")[0].strip()
    return (
        text.startswith(name)
        and len(text) <= _LINE_CHARS
        and bool(wording.BIOGRAPHY.match(text[len(name) :]))
    )
