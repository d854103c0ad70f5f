r"""Python's regular expressions, written so that the package `regex` reads them as Python's `re` does.

To `regex`, `{e}` allows a mistake in what stands before it, and `[[:alpha:]]` is a letter. To `re`, braces that hold no
count are characters like others, and so is a bracket inside another. In what is written here they are escaped; and
neither of the two then warns of sets inside sets.

Left as they are: `\w` means to `regex` what Unicode says (TR 18, Annex C: the vowel signs of Indic scripts are in it,
the figures of "m²" are not), `\s` leaves out U+001C to U+001F, and whatever the case, "i" is not the dotless "ı".
"""

from __future__ import annotations

import re
from functools import lru_cache

_ESCAPE = r"\\N\{[^}]*\}|\\."
_PARTS = rf"""
    (?P<kept> {_ESCAPE} | \(\?\#[^)]*\) )
    | (?P<count> \{{(?:\d+(?:,\d*)?|,\d*)\}} )
    | \[(?P<not>\^?)(?P<set>\]?(?:\\.|[^]\\])*)\]
    | (?P<brace>\{{)
"""
_TERSE = re.compile(_PARTS, re.VERBOSE | re.DOTALL)
_VERBOSE = re.compile(rf"(?P<comment>\#[^\n]*) | {_PARTS}", re.VERBOSE | re.DOTALL)
_SAYS_VERBOSE = re.compile(r"\(\?[a-z]*x[a-z]*\)")
_MEMBER = re.compile(rf"({_ESCAPE}|.)(?:-({_ESCAPE}|.))?", re.DOTALL)  # a character of a set, or a range
_VAST = re.compile(r"\d{6,}")
_NAMED = re.compile(r"\[:\^?\w+:\]")


@lru_cache(maxsize=1024)
def plain(pattern: str) -> str:
    """`pattern`, which `re` can compile, with a backslash before what only `re` takes literally."""
    return _parts_of(pattern).sub(_escaped, pattern)


def named_set(pattern: str) -> str:
    """The first `[:alpha:]` in a set, which other languages know; '' where there is none."""
    sets = (part[0] for part in _parts_of(pattern).finditer(pattern) if part["set"] is not None)
    return next((named[0] for each in sets if (named := _NAMED.search(each, 1))), "")


def vast_count(pattern: str) -> str:
    """The first `{1000000}`, for which `regex` would take hundreds of megabytes; '' where there is none."""
    counts = (part["count"] or "" for part in _parts_of(pattern).finditer(pattern))
    return next((count for count in counts if _VAST.search(count)), "")


def _parts_of(pattern: str) -> re.Pattern[str]:
    return _VERBOSE if _SAYS_VERBOSE.match(pattern) else _TERSE


def _escaped(part: re.Match[str]) -> str:
    if part["brace"]:
        return r"\{"
    if part["set"] is None:
        return part[0]
    return f"[{part['not']}{_MEMBER.sub(_escaped_member, part['set'])}]"


def _escaped_member(member: re.Match[str]) -> str:
    ends = (end for end in member.groups() if end)
    return "-".join(end if end.startswith("\\") else re.escape(end) for end in ends)
