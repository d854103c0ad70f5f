"""Read sanitised markup as tokens: texts, inline tags with their partners, and borders between runs of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Tags that may stand inside a sentence. Everything else is a border, and so is an inline tag that holds one.
INLINE = frozenset(
    {
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    }
)
VOID = frozenset(
    {
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    }
)
OPAQUE = frozenset(
    {"code", "kbd", "samp", "var", "pre", "script", "style", "math", "svg", "textarea", "template", "object"}
)

TOKEN = re.compile(r'<(/?)([a-zA-Z][^\s/>]*)((?:[^"<>]|"[^"<]*")*)>|<!--.*?-->|[^<]+|<', re.DOTALL)
_NOT_TRANSLATED = re.compile(r'\stranslate="no"|\sclass="(?:[^"]*\s)?notranslate[\s"]', re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Token:
    """A piece of markup, as it is written."""

    raw: str
    name: str = ""  # of a tag, '' for text
    kind: str = "text"  # text | open | close | point | border | gone
    partner: Token | None = None


def tokens(markup: str) -> list[Token]:
    """The tokens with their partners; inline tags that hold a border become borders themselves."""
    tokens: list[Token] = []
    stack: list[Token] = []
    walled = 0  # so many of the open tags, the outer ones, hold a border
    for token in _fold_opaque(markup):
        tokens.append(token)
        if token.kind == "open":
            stack.append(token)
        elif token.kind == "close" and stack and stack[-1].name == token.name:
            start = stack.pop()
            if len(stack) < walled:
                start.kind = token.kind = "border"
            start.partner, token.partner = token, start
        elif token.kind in ("border", "close"):
            token.kind = "border"
            walled = len(stack)
        walled = min(walled, len(stack))
    for token in stack:  # never closed
        token.kind = "border"
    return tokens


def _fold_opaque(markup: str) -> Iterator[Token]:
    """Single tokens; an opaque element, with all it holds, is one token."""
    found = TOKEN.finditer(markup)
    for match in found:
        if match[2]:
            yield _tag(match, found)
        else:
            yield Token(match[0], kind="border" if match[0].startswith("<!--") else "text")


def _tag(match: re.Match[str], rest: Iterator[re.Match[str]]) -> Token:
    name = match[2].lower()
    inline = name in INLINE
    if match[1]:
        return Token(match[0], name, "close" if inline else "border")
    if name in VOID:
        return Token(match[0], name, "point" if inline or name == "img" else "border")
    if name in OPAQUE or _NOT_TRANSLATED.search(match[3]):
        return Token(match[0] + _through_end(rest, name), "code", "point" if inline else "border")
    return Token(match[0], name, "open" if inline else "border")


def _through_end(rest: Iterator[re.Match[str]], name: str) -> str:
    """What follows the start tag `name`, its own end tag included."""
    raw, depth = [], 1
    for match in rest:
        raw.append(match[0])
        if match[2] and match[2].lower() == name:
            depth += -1 if match[1] else 1
            if not depth:
                break
    return "".join(raw)
