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

from bot.stages.language import base
from bot.stages.segment import Item, Items, Mark, has_letters

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
_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})  # languages written without spaces


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
    is_part: bool = False  # a few words out of a sentence

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
        """Whether it has no end mark. It is lent a full stop on its way, if it is more than a word or two."""
        enough = self.plain.count(" ") > 1 if self.is_part else len(self.plain) > 3
        return enough and END_MARK.search(self.plain.rstrip()) is None


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as it is written for an engine."""

    line: Line
    style: Style
    text: str


def write(line: Line, attempt: int = 0) -> Asked | None:
    """The line with markers; `attempt` 0, 1, 2 write them differently.

    None where its text holds every kind of bracket: then it can only be asked in pieces. A line without an
    end mark gets a full stop, taken off again by `read`: an answer that was cut betrays itself by its loss.
    """
    free = [style for style in STYLES if not line.marks or not any(c in line.plain for c in style.brackets)]
    if not free:
        return None
    style = free[attempt % len(free)]
    text = "".join(item if isinstance(item, str) else _marker(style, item) for item in line.items)
    return Asked(line, style, text + full_stop(line.plain) if line.is_open else text)


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
    ended = not (line.is_open or END_MARK.search(line.plain)) or bool(END_MARK.search(plain_text(items)))
    if line.is_open:
        items = _without_stop(items)
    return Answer(_spaced(line, items, target) if line.marks else items, ended)


def plain_text(items: Iterable[Item]) -> str:
    """The text of items, without their marks."""
    return "".join(item for item in items if isinstance(item, str))


def without_markers(asked: Asked, answer: str) -> str:
    """The text of an answer whose markers need not be right."""
    return asked.style.pattern.sub("", answer) if asked.line.marks else answer


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
    for code, text in sent.items():
        if any(map(str.isalnum, text)) and not any(map(str.isalnum, got[code])):
            raise Misread(f"the words of marker {code + 1} left it")
        if has_letters(text) and not 0.25 < (len(got[code]) + 12) / (len(text) + 12) < 4:
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


# --- white space around marks -------------------------------------------------------------------


class _Sides(NamedTuple):
    """The white space, and the next character behind it, on both sides of a mark ('' : a mark or the edge)."""

    before: str
    after: str
    left: str
    right: str


def _sides(items: Items) -> dict[Mark, _Sides]:
    sides = {}
    for index, item in enumerate(items):
        if isinstance(item, Mark):
            left = items[index - 1] if index else ""
            right = items[index + 1] if index + 1 < len(items) else ""
            left, right = (side if isinstance(side, str) else "" for side in (left, right))
            before, after = left[len(left.rstrip()) :], right[: len(right) - len(right.lstrip())]
            sides[item] = _Sides(before, after, left.rstrip()[-1:], right.lstrip()[:1])
    return sides


def _spaced(line: Line, items: Items, target: str) -> Items:
    """The items with the white space around marks as the source has it, where the target's writing allows."""
    sent, got = _sides(line.items), _sides(items)
    spaced: list[Item] = []
    for index, item in enumerate(items):
        if isinstance(item, str):
            head = item.lstrip() if index else item
            text = head.rstrip() if index + 1 < len(items) else head
            spaced.append(text)
            continue
        before, after = _wanted(item, sent[item], got[item], target)
        spaced += [before, item, after]
    return _joined(spaced)


def _wanted(mark: Mark, sent: _Sides, got: _Sides, target: str) -> tuple[str, str]:
    """The white space that belongs before and after `mark`."""
    padded = bool((got.after and not sent.after) if mark.kind == "open" else (got.before and not sent.before))
    before = _outer(sent.before, got.before, sent.left, got.left, padded, target)
    after = _outer(sent.after, got.after, sent.right, got.right, padded, target)
    if mark.kind == "open":
        return before, sent.after and " "
    if mark.kind == "close":
        return sent.before and " ", after
    return before, after


def _outer(sent: str, got: str, sent_next: str, got_next: str, padded: bool, target: str) -> str:  # noqa: FBT001 - private, six facts of one side
    if sent:
        wanted = sent[0] if sent[0] == "\xa0" else " "
        if got or not got_next:
            return wanted
        unspaced = base(target) in _UNSPACED
        return "" if unspaced or not got_next.isalnum() else wanted
    if not got or not got_next.isalnum():
        return ""
    # Engines pad markers; a space is the engine's own wish only where it did not pad the other side too.
    return "" if padded or not sent_next else " "


def _joined(items: list[Item]) -> Items:
    """Adjacent texts as one, double spaces at their seams as one, none at the edges."""
    joined: list[Item] = []
    space = True  # whether a space here would double one, or stand at the edge
    for item in items:
        if isinstance(item, str):
            text = item.lstrip() if space else item
            if not text:
                continue
            joined[-1:] = (
                [joined[-1] + text] if joined and isinstance(joined[-1], str) else [*joined[-1:], text]
            )
            space = text[-1:].isspace()
        else:
            joined.append(item)
            space = space and item.kind != "point"
    if joined and isinstance(joined[-1], str):
        joined[-1] = joined[-1].rstrip()
    return tuple(item for item in joined if item)
