"""The notice: is this what sites show in the place of an article?

Ordinary news says "has been removed from his post" too, so a phrase alone hardly counts: two different ones make a
notice, and one where it heads the page or is nearly all there is. A text that tells what the feed tells is news.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.stages.extract.notice_wordings import NOTICES, Notice

SHORT_CHARS = 400  # one plain phrase makes so short a text a notice
NOTICE_CHARS = 1500  # and two make one of this length
LONG_NOTICE_CHARS = 4000  # a text of more is an article; up to here, many phrases or one below a heading
_MANY = 5
_HEADING_CHARS = 80


def notice(text: str, length: int, headings: Iterable[str], *, is_expected: bool = False) -> str:
    """Which kind of notice it is; '' for none. `headings` are those of the page, `length` that of `text`.

    `is_expected`: it tells what the feed says that the article does.
    """
    if length > LONG_NOTICE_CHARS:
        return ""
    text = text.lower()
    heads = [_bare(each) for each in headings if len(each) <= _HEADING_CHARS]
    for name, kind in NOTICES.items():
        if _is_notice(kind, text, length, heads, is_expected=is_expected):
            return name
    return ""


def _is_notice(kind: Notice, text: str, length: int, heads: list[str], *, is_expected: bool) -> bool:
    headed = not is_expected and any(map(kind.heading.fullmatch, heads))
    if length > NOTICE_CHARS and (is_expected or not (headed or kind.is_long)):
        return False
    plain, doubtful = kind.phrases("\n".join((*heads, text)))
    if length > NOTICE_CHARS:
        return (plain >= 2 and plain + doubtful >= _MANY) or (headed and plain > 0)
    if is_expected:
        return plain >= 2
    alone = plain > 0 and length < SHORT_CHARS
    return headed or alone or (plain > 0 and plain + doubtful >= 2)


def _bare(heading: str) -> str:
    return heading.lower().strip(" .!:–—-|")
