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
from itertools import groupby, takewhile

from bot.stages.blocks.tree import Element, Node, is_inline, is_named, parse, raw, shown, sole, words

_DEEPEST = 8  # quotes in quotes beyond this become core/html: nobody writes so, and recursion ends
_NOT_IN_A_CELL = re.compile("<(?:table|figcaption)")  # the editor would take it for the table's own
_NUMBER = re.compile(r"0|[1-9][0-9]{0,5}")  # as JSON writes it too


def to_blocks(html: str) -> str:
    """What `sanitise.inert` gave, as block markup, without blanks between the blocks.

    Balanced markup, void elements without a slash, attributes in double quotes: any other comes out wrong.
    """
    return "".join(_blocks(parse(html), 0))


def _blocks(nodes: Iterable[Node], depth: int) -> Iterator[str]:
    """A block for each block element, and a paragraph for what stands bare between them."""
    for is_text, group in groupby(nodes, key=is_inline):
        if is_text:
            yield _text(list(group))
        else:
            yield from (_whole(node, depth) for node in group if isinstance(node, Element))


def _whole(element: Element, depth: int) -> str:
    """The block of this element; core/html where none can hold it."""
    make = _MAKERS.get(element.name) if depth < _DEEPEST else None
    block = make(element, depth) if make else None
    return _block("html", element.raw) if block is None else block


def _block(name: str, body: str, **attributes: object) -> str:
    """One block between its comments (the serialiser of @wordpress/blocks)."""
    told = f" {json.dumps(attributes, separators=(',', ':'))}" if attributes else ""
    return f"<!-- wp:{name}{told} -->{body}<!-- /wp:{name} -->"


# --- one maker a block: its markup, or None where the block cannot hold this element -------------


def _paragraph(element: Element, _depth: int) -> str | None:
    direction = element.attributes.get("dir")
    if not element.has_only("dir") or direction not in (None, "ltr", "rtl"):
        return None
    return _text(element.children, direction) if all(map(is_inline, element.children)) else None


def _text(nodes: Sequence[Node], direction: str | None = None) -> str:
    """A paragraph of these, or the picture that stands in it alone; '' where there is nothing."""
    content = raw(nodes).strip()
    picture = sole(nodes)
    image = _image(picture) if picture is not None else None
    if image is not None or not content:
        return image or ""
    if direction:
        return _block("paragraph", f'<p dir="{direction}">{content}</p>', direction=direction)
    return _block("paragraph", f"<p>{content}</p>")


def _heading(element: Element, _depth: int) -> str | None:
    if element.attributes or element.has_blocks:
        return None
    level = int(element.name[1])
    return _block("heading", element.raw, **({} if level == 2 else {"level": level}))


def _list(element: Element, depth: int) -> str | None:
    items = [_item(child, depth) for child in shown(element.children)]
    kept = _numbering(element)
    if kept is None or None in items:
        return None
    return _block("list", f"{element.tag}{''.join(filter(None, items))}</{element.name}>", **kept)


def _numbering(element: Element) -> dict[str, object] | None:
    """What the comment of a list says of it; None where the block cannot say it."""
    if element.name == "ul":
        return None if element.attributes else {}
    start = element.attributes.get("start", "1")
    if not element.has_only("start", "reversed") or not _NUMBER.fullmatch(start):
        return None
    kept: dict[str, object] = {"ordered": True}
    if "start" in element.attributes:
        kept["start"] = int(start)
    if "reversed" in element.attributes:
        kept["reversed"] = True
    return kept


def _item(node: Node, depth: int) -> str | None:
    """A point: its words, then the lists under it."""
    if isinstance(node, str) or node.name != "li" or node.attributes or depth >= _DEEPEST:
        return None
    own = list(takewhile(lambda child: not is_named(child, "ol", "ul"), node.children))
    below = [
        _list(child, depth + 1) if isinstance(child, Element) and child.name in ("ol", "ul") else None
        for child in shown(node.children[len(own) :])
    ]
    content = words(own)
    if content is None or None in below:
        return None
    return _block("list-item", f"<li>{content}{''.join(filter(None, below))}</li>")


def _quote(element: Element, depth: int) -> str | None:
    if element.attributes:
        return None
    said = element.children
    cited = _cited(said)
    if cited is not None:
        said = [node for node in said if node is not cited]
    body = "".join(_blocks(said, depth + 1))
    if not body:
        return None if cited else ""
    end = cited.raw if cited else ""
    return _block("quote", f'<blockquote class="wp-block-quote">{body}{end}</blockquote>')


def _cited(nodes: Sequence[Node]) -> Element | None:
    """The `<cite>` that stands by itself under what is quoted."""
    *_, before, last = ("", "", *shown(nodes))
    if isinstance(last, str) or last.name != "cite" or last.attributes or is_inline(before):
        return None
    return last


def _figure(element: Element, _depth: int) -> str | None:
    """A picture or a table, with its caption under it."""
    children = shown(element.children)
    if element.attributes or not 1 <= len(children) <= 2 or isinstance(children[0], str):
        return None
    caption = _caption(children[1]) if len(children) == 2 else ""
    if caption is None:
        return None
    if children[0].name == "table":
        return _table_block(children[0], caption)
    picture = sole(children[0].children) if children[0].name == "p" else children[0]
    return _image(picture, caption) if picture is not None else None


def _caption(node: Node) -> str | None:
    if isinstance(node, str) or node.name not in ("caption", "figcaption") or node.attributes:
        return None
    said = words(node.children)
    return f'<figcaption class="wp-element-caption">{said}</figcaption>' if said else said


def _image(element: Element, caption: str = "") -> str | None:
    """An `<img>`, or an `<a>` around one."""
    link = element if element.name == "a" else None
    picture = sole(link.children) if link else element
    if picture is None or picture.name != "img" or (link and not link.has_only("href", "rel")):
        return None
    if not picture.has_only("src", "alt", "title", "width", "height"):
        return None
    sizes = _sizes(picture)
    title = {name: value for name, value in picture.attributes.items() if name == "title"}
    told = {name: picture.attributes.get(name, "") for name in ("src", "alt")} | sizes | title
    attributes = "".join(f' {name}="{value}"' for name, value in told.items())
    body = f"<img{attributes}/>"
    if link:
        body = f"{link.tag}{body}</a>"
    resized = " is-resized" if sizes else ""
    return _block("image", f'<figure class="wp-block-image{resized}">{body}{caption}</figure>', **sizes)


def _sizes(picture: Element) -> dict[str, int]:
    """Width and height in pixels, where they are told; the block knows no "100%"."""
    told = ((name, picture.attributes.get(name, "")) for name in ("width", "height"))
    return {name: int(value) for name, value in told if _NUMBER.fullmatch(value) and value != "0"}


def _table(element: Element, _depth: int) -> str | None:
    return _table_block(element, "")


def _table_block(element: Element, caption: str) -> str | None:
    """Head, body and foot, each once at most, of plain cells: what core/table can hold."""
    sections = shown(element.children)
    if sections and not caption and (own := _caption(sections[0])):
        sections, caption = sections[1:], own
    names = [section.name for section in sections if isinstance(section, Element)]
    in_order = [name for name in ("thead", "tbody", "tfoot") if name in names]
    if element.attributes or len(names) != len(sections) or not names or names != in_order:
        return None
    if not all(_is_plain_section(section) for section in sections):
        return None
    # Said in so many words: its default changed from one version of WordPress to another.
    body = f'<figure class="wp-block-table"><table>{raw(sections)}</table>{caption}</figure>'
    return _block("table", body, hasFixedLayout=False)


def _is_plain_section(section: Node) -> bool:
    rows = [] if isinstance(section, str) or section.attributes else shown(section.children)
    return bool(rows) and all(_is_plain_row(row) for row in rows)


def _is_plain_row(row: Node) -> bool:
    cells = [] if isinstance(row, str) or row.attributes else shown(row.children)
    return bool(cells) and all(
        isinstance(cell, Element) and cell.has_only("scope") and not _NOT_IN_A_CELL.search(cell.inner)
        for cell in cells
    )


def _pre(element: Element, _depth: int) -> str | None:
    if element.attributes or element.has_blocks:
        return None
    code = sole(element.children)
    if code is not None and code.name == "code" and not code.attributes:
        return _block("code", f'<pre class="wp-block-code">{code.raw}</pre>')
    return _block("preformatted", f'<pre class="wp-block-preformatted">{element.inner}</pre>')


def _separator(element: Element, _depth: int) -> str | None:
    if element.attributes:
        return None
    return _block("separator", '<hr class="wp-block-separator has-alpha-channel-opacity"/>')


def _details(element: Element, depth: int) -> str | None:
    """core/details came with WordPress 6.3; an older editor shows it as a block that it does not know."""
    summary = next(iter(shown(element.children)), "")
    if not element.has_only("open") or isinstance(summary, str) or summary.name != "summary":
        return None
    title = None if summary.attributes else words(summary.children)
    if title is None:
        return None
    is_open = {"showContent": True} if "open" in element.attributes else {}
    opening = f'<details class="wp-block-details"{" open" if is_open else ""}>'
    body = "".join(_blocks([node for node in element.children if node is not summary], depth + 1))
    return _block("details", f"{opening}<summary>{title}</summary>{body}</details>", **is_open)


def _box(element: Element, depth: int) -> str | None:
    return None if element.attributes else "".join(_blocks(element.children, depth + 1))


_MAKERS: dict[str, Callable[[Element, int], str | None]] = {
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
