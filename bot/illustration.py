"""Illustration: the pictures of a post brought to its site, each once. One that fails never holds up a post."""

from __future__ import annotations

from dataclasses import replace

from bot import log
from bot.config import SiteConfig
from bot.errors import FetchRefused, FetchUnavailable, SiteRefused
from bot.model import Media, Picture, Post
from bot.ports import Pictures, Site, Store
from bot.stages import illustrate

logger = log.get()


class Illustrator:
    """Fetches, uploads and remembers pictures, by the hash of their bytes."""

    def __init__(self, pictures: Pictures, store: Store) -> None:
        self._pictures = pictures
        self._store = store

    def settle(self, site: Site, post: Post, settings: SiteConfig) -> tuple[Post, Media | None]:
        """The post with its pictures on the site, and the attachment that heads it.

        Raises SiteUnavailable, SiteUnusable, StoreUnavailable.
        """
        if settings.media != "upload":
            return post, None
        thumbnail = self._attach(site, post.picture, settings) if post.picture else None
        return replace(post, html=self._move_in(site, post.html, settings)), thumbnail

    def _attach(self, site: Site, picture: Picture, settings: SiteConfig) -> Media | None:
        """The attachment for this picture: known, or uploaded now; None where it cannot be had."""
        webp = settings.picture_format == "webp"
        try:
            try:
                return self._upload(site, picture, settings, webp=webp)
            except SiteRefused:
                if not webp:
                    raise
                return self._upload(site, picture, settings, webp=False)  # not every site takes WebP
        except (FetchUnavailable, FetchRefused, SiteRefused) as error:
            logger.warning("picture left out", error=str(error))
            return None

    def _upload(self, site: Site, picture: Picture, settings: SiteConfig, *, webp: bool) -> Media:
        file = self._pictures.get(picture.url, max_width=settings.picture_width, webp=webp)
        known = self._store.media(site.name, file.sha256)
        if known is not None:
            return known
        media = site.upload(file, picture.alt, picture.caption)
        self._store.save_media(site.name, file.sha256, media)
        return media

    def _move_in(self, site: Site, html: str, settings: SiteConfig) -> str:
        """The body with its pictures shown from the site itself; those that cannot be had are left out."""
        moved: dict[str, Media] = {}
        gone: set[str] = set()
        for src, alt in illustrate.sources(html).items():
            media = self._attach(site, Picture(src, alt), settings)
            if media is None:
                gone.add(src)
            else:
                moved[src] = media
        return illustrate.relink(illustrate.leave_out(html, gone), moved)
