"""The tree under blocks: markup as elements over its own tokens, so that any part can be cut out as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

_TAG = re.compile(r"(<[^>]*>)")  # enough for what the sanitiser gives: it escapes `<` and `>` in attributes
_NAME = re.compile(r"<(\w+)")
_ATTRIBUTE = re.compile(r'\s([\w-]+)="([^"]*)"')
_VOID = frozenset({"br", "col", "hr", "img", "wbr"})
_BLOCK_NAMES = (
    "blockquote caption col colgroup dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre "
    "summary table tbody td tfoot th thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())

Node: TypeAlias = "str | Element"


@dataclass(slots=True, eq=False)
class Element:
    """An element: its attributes' values, and the tokens from `start` to `end`, as they stand, escaped."""

    name: str
    attributes: dict[str, str]
    tokens: Sequence[str] = field(repr=False)
    start: int
    end: int  # one past its last token
    children: list[Node] = field(default_factory=list)
    has_blocks: bool = False  # at any depth

    @property
    def raw(self) -> str:
        """The element's own markup."""
        return "".join(self.tokens[self.start : self.end])

    @property
    def tag(self) -> str:
        """Its opening tag."""
        return self.tokens[self.start]

    @property
    def inner(self) -> str:
        """The markup between its tags."""
        return "".join(self.tokens[self.start + 1 : self.end - 1])

    def has_only(self, *names: str) -> bool:
        """Whether no other attributes stand in its tag."""
        return self.attributes.keys() <= set(names)


def parse(html: str) -> list[Node]:
    """The nodes at the top. A comment, which safe markup cannot hold, is not let through either."""
    tokens = [token for token in _TAG.split(html) if token and not token.startswith("<!")]
    root = Element("", {}, tokens, 0, len(tokens))
    path = [root]
    for index, token in enumerate(tokens):
        if token.startswith("</"):
            if len(path) > 1:
                closed = path.pop()
                closed.end = index + 1
                path[-1].has_blocks |= not is_inline(closed)
        elif name := _NAME.match(token):
            element = Element(name[1], dict(_ATTRIBUTE.findall(token)), tokens, index, index + 1)
            path[-1].children.append(element)
            if element.name not in _VOID:
                path.append(element)
            else:
                path[-1].has_blocks |= not is_inline(element)
        else:
            path[-1].children.append(token)
    return root.children


def is_inline(node: Node) -> bool:
    """Whether it may stand in a paragraph. A link around a heading may not."""
    return isinstance(node, str) or not (node.has_blocks or node.name in _BLOCKS)


def is_named(node: Node, *names: str) -> bool:
    """Whether it is an element of one of these names."""
    return isinstance(node, Element) and node.name in names


def shown(nodes: Iterable[Node]) -> list[Node]:
    """All but the blanks. Only where blanks mean nothing: between blocks."""
    return [node for node in nodes if not isinstance(node, str) or node.strip()]


def sole(nodes: Iterable[Node]) -> Element | None:
    """The element that stands here alone."""
    there = shown(nodes)
    return there[0] if len(there) == 1 and isinstance(there[0], Element) else None


def words(nodes: Sequence[Node]) -> str | None:
    """Text with its inline markup, out of the paragraph that alone holds it; None where there is more."""
    alone = sole(nodes)
    if alone is not None and alone.name == "p" and not alone.attributes:
        nodes = alone.children
    return raw(nodes).strip() if all(map(is_inline, nodes)) else None


def raw(nodes: Iterable[Node]) -> str:
    """The markup of these."""
    return "".join(node if isinstance(node, str) else node.raw for node in nodes)
