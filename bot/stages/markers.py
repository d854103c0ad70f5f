"""Write the marks of a text as markers that survive a translation engine, and read them back.

A pair is written `[[1]]..[[/1]]`, a point `[[2/]]`: digits and brackets, because engines translate letters
and change their case. Engines put spaces in and around markers, use full-width digits, drop the slash, say
one twice: reading forgives all that can be understood in one way only. What remains doubtful is a Misread.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bot.stages.segment import Item, Items, Mark
from bot.stages.spacing import spaced

_INVISIBLE = "\u200b\u200e\u200f\u2060\ufeff"
_GAP = rf"[\s{_INVISIBLE}]*"
_SLASH = r"[/／∕⁄\\]"
_END_MARKS = ".!?…:;,。！？：；،؛؟।։።။។·—–-"  # anything that ends a sentence or leads on
_CLOSERS = "\"'”’»›)]}）】」』“‘"
END_MARK = re.compile(rf"[{re.escape(_END_MARKS)}][{re.escape(_CLOSERS)}\s]*$")
_FULL_STOPS = tuple(".。．।։።။។۔")
_UNSEEN = "\u200b\u2060\ufeff"
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,5}|#x[0-9a-fA-F]{2,4});")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_SLACK_CHARS = 12


class Style(NamedTuple):
    """One way to write markers. `pattern` reads what engines make of it."""

    opening: str
    closing: str
    brackets: str
    pattern: re.Pattern[str]


def _style(opening: str, closing: str, left: str, right: str) -> Style:
    one, two = f"[{re.escape(left)}]", f"[{re.escape(right)}]"
    pattern = rf"{one}(?:{_GAP}{one})?{_GAP}({_SLASH}?){_GAP}(\d{{1,3}}){_GAP}({_SLASH}?){_GAP}{two}(?:{_GAP}{two})?"
    return Style(opening, closing, left + right, re.compile(pattern))


STYLES = (
    _style("[[", "]]", "[［【〔", "]］】〕"),
    _style("{{", "}}", "{｛", "}｝"),
    _style("((", "))", "(（", ")）"),
)


class Misread(Exception):
    """The markers of an answer cannot be read in one certain way; the reason is its text."""


@dataclass(frozen=True)
class Line:
    """What an engine is asked to translate: one text with its marks. Equal lines are asked once."""

    items: Items

    @cached_property
    def plain(self) -> str:
        """The text alone."""
        return "".join(item for item in self.items if isinstance(item, str))

    @cached_property
    def text(self) -> str:
        """The text with its markers in the first style: what memory is keyed by."""
        return "".join(item if isinstance(item, str) else _marker(STYLES[0], item) for item in self.items)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """The marks alone."""
        return tuple(item for item in self.items if isinstance(item, Mark))

    @cached_property
    def parents(self) -> dict[int, int]:
        """The pair that each code stands in, -1 at the top; in the order the codes start."""
        return _parents(self.marks)

    @cached_property
    def is_open(self) -> bool:
        """Whether it has no end mark."""
        return END_MARK.search(self.plain.rstrip()) is None


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as it is written for an engine."""

    line: Line
    style: Style
    text: str
    lent: bool = False  # a full stop was added


def write(line: Line, attempt: int = 0, *, lend_stop: bool = False) -> Asked | None:
    """The line with markers; `attempt` 0, 1, 2 write them differently.

    None where its text holds every kind of bracket: then it can only be asked in parts. `lend_stop` gives a
    line without an end mark a full stop, which `read` takes off again: its loss betrays an answer that was cut.
    """
    free = [style for style in STYLES if not line.marks or not any(c in line.plain for c in style.brackets)]
    if not free:
        return None
    style = free[attempt % len(free)]
    text = "".join(item if isinstance(item, str) else _marker(style, item) for item in line.items)
    lent = lend_stop and line.is_open
    return Asked(line, style, text + full_stop(line.plain) if lent else text, lent)


def full_stop(text: str) -> str:
    """The full stop of the script that `text` ends in."""
    return "。" if re.search(r"[\u3040-\u30ff\u3400-\u9fff]\W*$", text) else "."


class Answer(NamedTuple):
    """What an answer says: its items, and whether it has an end mark if the line was sent with one."""

    items: Items
    ended: bool


def read(asked: Asked, answer: str, target: str) -> Answer:
    """Read an answer, white space around marks put right. Raises Misread."""
    line, text = asked.line, _unsoiled(asked, answer)
    items: Items = (text,) if text else ()
    if line.marks:
        items = _marked(line, asked.style, text)
        _compare(line, items)
    ended = (line.is_open and not asked.lent) or END_MARK.search(plain_text(items)) is not None
    if asked.lent:
        items = _without_stop(items)
    return Answer(spaced(line.items, items, target) if line.marks else items, ended)


def plain_text(items: Iterable[Item]) -> str:
    """The text of items, without their marks."""
    return "".join(item for item in items if isinstance(item, str))


def unmarked(text: str) -> str:
    """A text without anything that reads like a marker."""
    for style in STYLES:
        text = style.pattern.sub("", text)
    return text


def order(items: Iterable[Item]) -> list[int]:
    """The codes, in the order they start."""
    return [item.code for item in items if isinstance(item, Mark) and item.kind != "close"]


def _marker(style: Style, mark: Mark) -> str:
    before, after = ("/" if mark.kind == kind else "" for kind in ("close", "point"))
    return f"{style.opening}{before}{mark.code + 1}{after}{style.closing}"


def _unsoiled(asked: Asked, answer: str) -> str:
    """Without characters that nobody sees and entities that nobody sent, white space collapsed."""
    for character in _UNSEEN:
        if character in answer and character not in asked.text:
            answer = answer.replace(character, "")
    if _ENTITY.search(answer) and not _ENTITY.search(asked.text):
        answer = html.unescape(html.unescape(answer))
    return _SPACE.sub(" ", answer).strip()


def _without_stop(items: Items) -> Items:
    """The items without the full stop that the line was lent, before or behind closing marks and quotes."""
    cleaned = list(items)
    for index in reversed(range(len(items))):
        item = items[index]
        head = item.rstrip(_CLOSERS + " ") if isinstance(item, str) else ""
        if isinstance(item, str) and head:
            if head[-1] in _FULL_STOPS and head[-2:-1] not in _FULL_STOPS:
                cleaned[index] = head[:-1].rstrip() + item[len(head) :]
            break
    return tuple(item for item in cleaned if item)


# --- marks --------------------------------------------------------------------------------------


class _Found(NamedTuple):
    code: int
    slashes: str
    start: int
    end: int


def _marked(line: Line, style: Style, text: str) -> Items:
    """Cut `text` at its markers."""
    pairs = {mark.code for mark in line.marks if mark.kind == "open"}
    found: dict[int, list[_Found]] = {code: [] for code in line.parents}
    for match in style.pattern.finditer(text):
        code = int(match[2]) - 1
        if code not in found:
            raise Misread(f"marker {code + 1} was never sent")
        found[code].append(_Found(code, f"{match[1] and '<'}{match[3] and '>'}", *match.span()))
    cuts = [
        cut for code, seen in found.items() for cut in _kinds(code, _single(seen, text), pair=code in pairs)
    ]
    return _cut(text, sorted(cuts, key=lambda cut: cut[1]))


def _single(seen: list[_Found], text: str) -> list[_Found]:
    """Without markers that only repeat the one right before them."""
    kept: list[_Found] = []
    for one in seen:
        if kept and kept[-1].slashes == one.slashes and not text[kept[-1].end : one.start].strip():
            kept[-1] = kept[-1]._replace(end=one.end)
        else:
            kept.append(one)
    return kept


def _kinds(code: int, seen: list[_Found], *, pair: bool) -> list[tuple[Mark, int, int]]:
    """What each marker of one code is. Two markers of a pair are its start and its end, whatever slashes say."""
    if len(seen) != (2 if pair else 1):
        raise Misread(f"marker {code + 1} came back {len(seen)} times, sent {2 if pair else 1}")
    if not pair:
        return [(Mark(code, "point"), seen[0].start, seen[0].end)]
    start, end = seen
    return [(Mark(code, "open"), start.start, start.end), (Mark(code, "close"), end.start, end.end)]


def _cut(text: str, cuts: list[tuple[Mark, int, int]]) -> Items:
    items: list[Item] = []
    at = 0
    for mark, start, end in cuts:
        if text[at:start]:
            items.append(text[at:start])
        items.append(mark)
        at = end
    return (*items, text[at:]) if text[at:] else tuple(items)


def _parents(marks: Iterable[Mark]) -> dict[int, int]:
    """The pair that each code stands in. Raises Misread where pairs cross."""
    parents: dict[int, int] = {}
    stack = [-1]
    for mark in marks:
        if mark.kind == "close":
            if stack.pop() != mark.code:
                raise Misread("pairs cross")
            continue
        parents[mark.code] = stack[-1]
        if mark.kind == "open":
            stack.append(mark.code)
    return parents


def _compare(line: Line, items: Items) -> None:
    """Every code must stand in the pair it stood in, and a pair that held words must still hold some."""
    if _parents(item for item in items if isinstance(item, Mark)) != line.parents:
        raise Misread("a marker left its pair")
    sent, got = contents(line.items), contents(items)
    pace = len(plain_text(items)) / max(1, len(line.plain))
    for code, text in sent.items():
        if not any(map(str.isalnum, text)):
            continue
        if not any(map(str.isalnum, got[code])):
            raise Misread(f"the words of marker {code + 1} left it")
        if not 0.45 < (len(got[code]) + _SLACK_CHARS) / (len(text) * pace + _SLACK_CHARS) < 2.2:
            raise Misread(f"marker {code + 1} holds {len(got[code])} characters, sent {len(text)}")


def contents(items: Items) -> dict[int, str]:
    """The text inside each pair."""
    texts: dict[int, str] = {}
    stack: list[int] = []
    for item in items:
        if isinstance(item, str):
            texts.update((code, texts[code] + item) for code in stack)
        elif item.kind == "open":
            stack.append(item.code)
            texts[item.code] = ""
        elif item.kind == "close":
            stack.pop()
    return texts
