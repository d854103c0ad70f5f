"""Illustrate: the pictures in a body that is ready to be sent, and what becomes of them.

Works on the text of the markup, not on a tree: the body is in its final form (`sanitise.inert`,
`blocks.to_blocks`), which parsing would undo.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from bot.config import SiteConfig
from bot.model import Media, Picture, SafeHtml

_IMG = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r'\s(src|width|height|class)="([^"]*)"', re.IGNORECASE)
_BLOCK = r"(?:<!-- wp:image\b(?:(?!-->).)*-->\s*)?{}(?:\s*<!-- /wp:image -->)?"
_FIGURE = re.compile(
    _BLOCK.format(r"<figure\b[^>]*>(?:(?!</figure>).)*?</figure>"), re.IGNORECASE | re.DOTALL
)
_ALT = re.compile(r'\salt="([^"]*)"')
_IMAGE_BLOCK = (
    r"<!-- wp:image(?P<told> \{(?:(?!-->).)*\})? -->(?P<figure>(?:(?!<!-- /?wp:).)*)<!-- /wp:image -->"
)
_SHOWN = re.compile(f"{_IMAGE_BLOCK}|{_IMG.pattern}", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A picture as the site has it; its sides in pixels, 0 where they are not known."""

    media: Media
    width: int = 0
    height: int = 0

    def shown_at(self, width: int) -> dict[str, int]:
        """Width and height on the page: as its source shows it, but no larger than the file and in its shape."""
        if not (self.width and self.height):
            return {}
        width = min(width or self.width, self.width)
        return {"width": width, "height": max(1, round(self.height * width / self.width))}


def sources(html: str) -> dict[str, str]:
    """The addresses of the pictures in `html`, in their order, each with its alternative text."""
    found: dict[str, str] = {}
    for tag in _IMG.findall(html):
        src, alt = _attribute(tag, "src"), _ALT.search(tag)
        if src:
            found.setdefault(src, unescape(alt[1]) if alt else "")
    return found


def lead(picture: Picture | None, html: SafeHtml, site: SiteConfig) -> tuple[Picture | None, SafeHtml]:
    """The picture that heads the post, and the body beside it, as `media` of the site asks.

    upload: the article's lead picture, else the first of its body (which leaves the body), else the site's
    fallback. hotlink: the lead picture stands at the top of the body, and the site gets none of its own.
    none: no picture at all.
    """
    if site.media == "none":
        return None, SafeHtml(leave_out(html, set(sources(html))))
    if site.media == "hotlink":
        return None, SafeHtml(_figure(picture) + html) if picture else html
    if picture is not None:
        return picture, html
    for src, alt in sources(html).items():
        return Picture(src, alt), SafeHtml(leave_out(html, {src}))
    return (Picture(site.fallback_picture), html) if site.fallback_picture else (None, html)


def _figure(picture: Picture) -> str:
    caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
    return f'<figure><img src="{escape(picture.url)}" alt="{escape(picture.alt)}">{caption}</figure>'


def relink(html: str, uploaded: Mapping[str, Uploaded]) -> str:
    """Let the pictures in `uploaded` be shown from the site itself; the others stay where they are.

    By the class `wp-image-ID` (in blocks also by `id`) WordPress knows its attachment, and adds smaller versions
    (srcset) and what a block leaves unsaid of the size: wp_filter_content_tags in wp-includes/media.php.
    """

    def shown(match: re.Match[str]) -> str:
        if match["figure"] is None:
            found = uploaded.get(_attribute(match[0], "src"))
            return _tag(match[0], found, found.shown_at(_width(match[0]))) if found else match[0]
        tag = _IMG.search(match["figure"])
        found = uploaded.get(_attribute(tag[0], "src")) if tag else None
        return _block(match, tag[0], found) if tag and found else match[0]

    return _SHOWN.sub(shown, html)


def _block(match: re.Match[str], tag: str, found: Uploaded) -> str:
    """An image block. Size stands in it where it did before: the editor compares the markup with what is told."""
    told = _told(match["told"])
    sizes = found.shown_at(_width(tag)) if isinstance(told.get("width"), int) else {}
    comment = _escaped(json.dumps(told | {"id": int(found.media.id)} | sizes, separators=(",", ":")))
    figure = match["figure"].replace(tag, _tag(tag, found, sizes))
    return f"<!-- wp:image {comment} -->{figure}<!-- /wp:image -->"


def _escaped(attributes: str) -> str:
    """As serialize_block_attributes in wp-includes/blocks.php: nothing that could end the comment."""
    for sign, code in (("--", r"\u002d\u002d"), ("<", r"\u003c"), (">", r"\u003e"), ("&", r"\u0026")):
        attributes = attributes.replace(sign, code)
    return attributes


def _told(attributes: str | None) -> dict[str, object]:
    """What a block tells of itself; nothing where an owner's template holds what is no JSON."""
    try:
        return dict(json.loads(attributes or "{}"))
    except ValueError:
        return {}


def _tag(tag: str, found: Uploaded, sizes: Mapping[str, int]) -> str:
    attributes = {"src": escape(found.media.url), "class": f"wp-image-{found.media.id}"} | {
        name: str(pixels) for name, pixels in sizes.items()
    }
    kept = _ATTRIBUTE.sub(lambda each: "" if each[1].lower() in attributes else each[0], tag)
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<img{told}{kept[len('<img') :]}"


def leave_out(html: str, gone: set[str]) -> str:
    """Without the pictures at these addresses, nor figures (with their captions) that held nothing else."""
    if not gone:
        return html
    html = _FIGURE.sub(lambda figure: "" if _only_gone(figure[0], gone) else figure[0], html)
    return _IMG.sub(lambda tag: "" if _attribute(tag[0], "src") in gone else tag[0], html)


def _only_gone(figure: str, gone: set[str]) -> bool:
    tags = _IMG.findall(figure)
    return bool(tags) and all(_attribute(tag, "src") in gone for tag in tags)


def _width(tag: str) -> int:
    told = _attribute(tag, "width")
    return int(told) if told.isdecimal() else 0


def _attribute(tag: str, name: str) -> str:
    for match in _ATTRIBUTE.finditer(tag):
        if match[1].lower() == name:
            return unescape(match[2])
    return ""
