"""Blocks: our safe markup as WordPress' block editor keeps it, so that a person can go on writing in the post.

    <p>Text.</p>    ->    <!-- wp:paragraph --><p>Text.</p><!-- /wp:paragraph -->

The editor runs the `save` function of each block again and calls a post broken that differs: so each stands here
as WordPress 6.1 writes it, which later versions read too (@wordpress/block-library, save.js, deprecated.js). An
element that has no block of its own, or carries more than its block can keep, becomes core/html: nothing is lost.

Text and tags pass through as they are, never through a parser: it would turn `&#91;` back into `[`. Into a block's
comment goes nothing of an article but numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, takewhile
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
_DEEPEST = 8  # quotes in quotes beyond this become core/html: nobody writes so, and recursion ends

_Node: TypeAlias = "str | _Element"


@dataclass(slots=True, eq=False)
class _Element:
    """An element of the tree over a document's tokens; attribute values as they stand, escaped."""

    name: str
    attributes: dict[str, str]
    tokens: Sequence[str] = field(repr=False)
    start: int
    end: int  # one past its last token
    children: list[_Node] = field(default_factory=list)

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


def to_blocks(html: str) -> str:
    """What `sanitise.inert` gave, as block markup, without blanks between the blocks.

    Balanced markup, void elements without a slash, attributes in double quotes: any other comes out wrong.
    """
    return "".join(_blocks(_tree(html), 0))


def _tree(html: str) -> list[_Node]:
    """The nodes at the top. A comment, which safe markup cannot hold, is not let through either."""
    tokens = [token for token in _TAG.split(html) if token and not token.startswith("<!")]
    root = _Element("", {}, tokens, 0, len(tokens))
    path = [root]
    for index, token in enumerate(tokens):
        if token.startswith("</"):
            if len(path) > 1:
                path.pop().end = index + 1
        elif name := _NAME.match(token):
            element = _Element(name[1], dict(_ATTRIBUTE.findall(token)), tokens, index, index + 1)
            path[-1].children.append(element)
            if element.name not in _VOID:
                path.append(element)
        else:
            path[-1].children.append(token)
    return root.children


def _blocks(nodes: Iterable[_Node], depth: int) -> Iterator[str]:
    """A block for each block element, and a paragraph for what stands bare between them."""
    for is_text, group in groupby(nodes, key=_is_inline):
        if is_text:
            yield _text(list(group))
        else:
            yield from (_whole(node, depth) for node in group if isinstance(node, _Element))


def _whole(element: _Element, depth: int) -> str:
    """The block of this element; core/html where none can hold it."""
    make = _MAKERS.get(element.name) if depth < _DEEPEST else None
    block = make(element, depth) if make else None
    return _block("html", element.raw) if block is None else block


def _block(name: str, body: str, **attributes: object) -> str:
    """One block between its comments (the serialiser of @wordpress/blocks)."""
    told = f" {json.dumps(attributes, separators=(',', ':'))}" if attributes else ""
    return f"<!-- wp:{name}{told} -->{body}<!-- /wp:{name} -->"


# --- one maker a block: its markup, or None where the block cannot hold this element -------------


def _paragraph(element: _Element, _depth: int) -> str | None:
    direction = element.attributes.get("dir")
    if (
        not element.has_only("dir")
        or direction not in (None, "ltr", "rtl")
        or not _all_inline(element.children)
    ):
        return None
    return _text(element.children, direction)


def _text(nodes: Sequence[_Node], direction: str | None = None) -> str:
    """A paragraph of these, or the picture that stands in it alone; '' where there is nothing."""
    content = _raw(nodes).strip()
    picture = _sole(nodes)
    image = _image(picture) if picture is not None else None
    if image is not None or not content:
        return image or ""
    if direction:
        return _block("paragraph", f'<p dir="{direction}">{content}</p>', direction=direction)
    return _block("paragraph", f"<p>{content}</p>")


def _heading(element: _Element, _depth: int) -> str | None:
    if element.attributes:
        return None
    level = int(element.name[1])
    return _block("heading", element.raw, **({} if level == 2 else {"level": level}))


def _list(element: _Element, depth: int) -> str | None:
    ordered = element.name == "ol"
    items = [_item(child, depth) for child in _shown(element.children)]
    start = element.attributes.get("start", "1")
    if (
        None in items
        or not start.isdecimal()
        or not element.has_only(*("start", "reversed") if ordered else ())
    ):
        return None
    kept: dict[str, object] = {"ordered": True} if ordered else {}
    if "start" in element.attributes:
        kept["start"] = int(start)
    if "reversed" in element.attributes:
        kept["reversed"] = True
    return _block("list", f"{element.tag}{''.join(filter(None, items))}</{element.name}>", **kept)


def _item(node: _Node, depth: int) -> str | None:
    """A point: its words, then the lists under it."""
    if isinstance(node, str) or node.name != "li" or node.attributes or depth >= _DEEPEST:
        return None
    children = _shown(node.children)
    words = list(takewhile(lambda child: isinstance(child, str) or child.name not in ("ol", "ul"), children))
    below = [
        _list(child, depth + 1) if isinstance(child, _Element) and child.name in ("ol", "ul") else None
        for child in children[len(words) :]
    ]
    content = _words(words)
    if content is None or None in below:
        return None
    return _block("list-item", f"<li>{content}{''.join(filter(None, below))}</li>")


def _quote(element: _Element, depth: int) -> str | None:
    if element.attributes:
        return None
    children = _shown(element.children)
    cited = ""
    if len(children) > 1 and not _is_inline(children[-2]):
        last = children[-1]
        if not isinstance(last, str) and last.name == "cite" and not last.attributes:
            cited = last.raw
            children = children[:-1]
    body = "".join(_blocks(children, depth + 1))
    return _block("quote", f'<blockquote class="wp-block-quote">{body}{cited}</blockquote>') if body else ""


def _figure(element: _Element, _depth: int) -> str | None:
    """A picture or a table, with its caption under it."""
    children = _shown(element.children)
    if element.attributes or not 1 <= len(children) <= 2 or isinstance(children[0], str):
        return None
    caption = _caption(children[1]) if len(children) == 2 else ""
    if caption is None:
        return None
    if children[0].name == "table":
        return _table_block(children[0], caption)
    picture = _sole(children[0].children) if children[0].name == "p" else children[0]
    return _image(picture, caption) if picture is not None else None


def _caption(node: _Node) -> str | None:
    if isinstance(node, str) or node.name not in ("caption", "figcaption") or node.attributes:
        return None
    words = _words(node.children)
    return f'<figcaption class="wp-element-caption">{words}</figcaption>' if words else words


def _image(element: _Element, caption: str = "") -> str | None:
    """An `<img>`, or an `<a>` around one."""
    link = element if element.name == "a" else None
    picture = _sole(link.children) if link else element
    if picture is None or picture.name != "img" or not (link is None or link.has_only("href", "rel")):
        return None
    if not picture.has_only("src", "alt", "title", "width", "height"):
        return None
    sizes = {
        name: int(value)
        for name in ("width", "height")
        if (value := picture.attributes.get(name, "")).isdecimal() and value.strip("0")
    }
    shown = {name: picture.attributes.get(name, "") for name in ("src", "alt")} | sizes
    if "title" in picture.attributes:
        shown["title"] = picture.attributes["title"]
    told = "".join(f' {name}="{value}"' for name, value in shown.items())
    body = f"<img{told}/>"
    if link:
        body = f"{link.tag}{body}</a>"
    resized = " is-resized" if sizes else ""
    return _block("image", f'<figure class="wp-block-image{resized}">{body}{caption}</figure>', **sizes)


def _table(element: _Element, _depth: int) -> str | None:
    return _table_block(element, "")


def _table_block(element: _Element, caption: str) -> str | None:
    """Head, body and foot, each once at most, of plain cells: what core/table can hold."""
    sections = _shown(element.children)
    if sections and not caption and (own := _caption(sections[0])):
        sections, caption = sections[1:], own
    names = [section.name for section in sections if isinstance(section, _Element)]
    in_order = [name for name in ("thead", "tbody", "tfoot") if name in names]
    if element.attributes or len(names) != len(sections) or not names or names != in_order:
        return None
    if not all(_is_plain_section(section) for section in sections):
        return None
    # Said in so many words: its default changed from one version of WordPress to another.
    body = f'<figure class="wp-block-table"><table>{_raw(sections)}</table>{caption}</figure>'
    return _block("table", body, hasFixedLayout=False)


def _is_plain_section(section: _Node) -> bool:
    rows = [] if isinstance(section, str) or section.attributes else _shown(section.children)
    return bool(rows) and all(_is_plain_row(row) for row in rows)


def _is_plain_row(row: _Node) -> bool:
    cells = [] if isinstance(row, str) or row.attributes else _shown(row.children)
    return bool(cells) and all(
        isinstance(cell, _Element) and cell.has_only("scope") and "<table" not in cell.inner for cell in cells
    )


def _pre(element: _Element, _depth: int) -> str | None:
    if element.attributes:
        return None
    code = _sole(element.children)
    if code is not None and code.name == "code" and not code.attributes:
        return _block("code", f'<pre class="wp-block-code">{code.raw}</pre>')
    return _block("preformatted", f'<pre class="wp-block-preformatted">{element.inner}</pre>')


def _separator(element: _Element, _depth: int) -> str | None:
    if element.attributes:
        return None
    return _block("separator", '<hr class="wp-block-separator has-alpha-channel-opacity"/>')


def _details(element: _Element, depth: int) -> str | None:
    """core/details came with WordPress 6.3; an older editor shows it as a block that it does not know."""
    children = _shown(element.children)
    summary = children[0] if children else ""
    if not element.has_only("open") or isinstance(summary, str) or summary.name != "summary":
        return None
    words = None if summary.attributes else _words(summary.children)
    if words is None:
        return None
    shown = {"showContent": True} if "open" in element.attributes else {}
    opening = f'<details class="wp-block-details"{" open" if shown else ""}>'
    body = "".join(_blocks(children[1:], depth + 1))
    return _block("details", f"{opening}<summary>{words}</summary>{body}</details>", **shown)


def _box(element: _Element, depth: int) -> str | None:
    return None if element.attributes else "".join(_blocks(element.children, depth + 1))


_MAKERS: dict[str, Callable[[_Element, int], str | None]] = {
    "p": _paragraph,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
    "ul": _list,
    "ol": _list,
    "blockquote": _quote,
    "figure": _figure,
    "table": _table,
    "pre": _pre,
    "hr": _separator,
    "details": _details,
    "div": _box,
}

# --- nodes --------------------------------------------------------------------------------------


def _is_inline(node: _Node) -> bool:
    return isinstance(node, str) or node.name not in _BLOCKS


def _all_inline(nodes: Iterable[_Node]) -> bool:
    return all(_is_inline(node) for node in nodes)


def _shown(nodes: Iterable[_Node]) -> list[_Node]:
    """All but the blanks between them."""
    return [node for node in nodes if not isinstance(node, str) or node.strip()]


def _sole(nodes: Iterable[_Node]) -> _Element | None:
    """The element that stands here alone."""
    shown = _shown(nodes)
    return shown[0] if len(shown) == 1 and isinstance(shown[0], _Element) else None


def _words(nodes: Sequence[_Node]) -> str | None:
    """Text with its inline markup, out of the paragraph that alone holds it; None where there is more."""
    alone = _sole(nodes)
    if alone is not None and alone.name == "p" and not alone.attributes:
        nodes = alone.children
    return _raw(nodes).strip() if _all_inline(nodes) else None


def _raw(nodes: Iterable[_Node]) -> str:
    return "".join(node if isinstance(node, str) else node.raw for node in nodes)
