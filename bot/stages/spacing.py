"""Put the white space around marks right: engines pad markers, and swallow the spaces beside them."""

from __future__ import annotations

from typing import NamedTuple

from bot.stages.language import base
from bot.stages.segment import Item, Items, Mark

_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my"})  # languages written without spaces
_EDGE = "\x00"  # in place of a character, at either end of the text
_WHITE = " \t\r\n\f\xa0\u202f"


class _Sides(NamedTuple):
    """The white space, and the next character behind it, on both sides of a mark ('' : another mark)."""

    before: str
    after: str
    left: str
    right: str


def _sides(items: Items) -> dict[Mark, _Sides]:
    sides = {}
    for index, item in enumerate(items):
        if isinstance(item, Mark):
            left = items[index - 1] if index else _EDGE
            right = items[index + 1] if index + 1 < len(items) else _EDGE
            left, right = (side if isinstance(side, str) else "" for side in (left, right))
            before, after = left[len(left.rstrip(_WHITE)) :], right[: len(right) - len(right.lstrip(_WHITE))]
            sides[item] = _Sides(before, after, left.rstrip(_WHITE)[-1:], right.lstrip(_WHITE)[:1])
    return sides


def spaced(sent_items: Items, items: Items, target: str) -> Items:
    """The items with the white space around marks as the source has it, where the target's writing allows."""
    sent, got = _sides(sent_items), _sides(items)
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
    if sent_next == _EDGE:  # it stood at the edge, and stands between words now
        return " "
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
