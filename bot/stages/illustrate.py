"""Illustrate: the pictures in a body that is ready to be sent, and what becomes of them.

Works on the text of the markup, not on a tree: the body is in its final form (`sanitise.inert`,
`blocks.to_blocks`), which parsing would undo.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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


def relink(html: str, media: Mapping[str, Media]) -> str:
    """Let the pictures of `media` be shown from the site itself; the others stay where they are."""

    def shown(match: re.Match[str]) -> str:
        found = media.get(_attribute(match[0], "src"))
        return _ATTRIBUTE.sub(lambda each: _moved(each, found), match[0]) if found else match[0]

    return _IMG.sub(shown, html)


def leave_out(html: str, gone: set[str]) -> str:
    """Without the pictures at these addresses, nor figures (with their captions) that held nothing else."""
    if not gone:
        return html
    html = _FIGURE.sub(lambda figure: "" if _only_gone(figure[0], gone) else figure[0], html)
    return _IMG.sub(lambda tag: "" if _attribute(tag[0], "src") in gone else tag[0], html)


def _only_gone(figure: str, gone: set[str]) -> bool:
    tags = _IMG.findall(figure)
    return bool(tags) and all(_attribute(tag, "src") in gone for tag in tags)


def _moved(attribute: re.Match[str], media: Media) -> str:
    if attribute[1].lower() == "src":
        return f' src="{escape(media.url)}"'
    return attribute[0]


def _attribute(tag: str, name: str) -> str:
    for match in _ATTRIBUTE.finditer(tag):
        if match[1].lower() == name:
            return unescape(match[2])
    return ""
