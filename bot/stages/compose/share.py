"""The line under a post by which a reader can share it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from bot.config import SiteConfig

# Where a reader can share a post; {url} is the post's own address, {title} its title.
SHARE_TARGETS = {
    "Facebook": "https://www.facebook.com/sharer/sharer.php?u={url}",
    "WhatsApp": "https://api.whatsapp.com/send?text={title}%20{url}",
    "Telegram": "https://t.me/share/url?url={url}&text={title}",
    "E-mail": "mailto:?subject={title}&body={url}",
}


@dataclass(frozen=True, slots=True)
class ShareLink:
    """One target of the share line."""

    name: str
    url: str


def share_links(site: SiteConfig, slug: str, title: str) -> list[ShareLink]:
    """Links that share the post. Its permalink is not known yet; WordPress redirects `?name=SLUG` to it."""
    home = site.url.removesuffix("/").removesuffix("/xmlrpc.php")
    filled = {"url": quote(f"{home}/?name={slug}", safe=""), "title": quote(title, safe="")}
    return [ShareLink(name, target.format(**filled)) for name, target in SHARE_TARGETS.items()]
