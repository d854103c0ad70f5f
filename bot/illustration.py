"""Illustration: the pictures of a post brought to its site, each once. One that fails never holds up a post."""

from __future__ import annotations

from dataclasses import replace

from bot import log
from bot.config import SiteConfig
from bot.errors import (
    FetchRefused,
    FetchTooSoon,
    FetchUnavailable,
    SiteRefused,
    SiteUnavailable,
    SiteUnusable,
)
from bot.model import Media, Picture, Post
from bot.ports import Pictures, Site, Store
from bot.stages import compose, illustrate

logger = log.get()

WORTH_WAITING_SECONDS = 600  # for a host that wants to be left alone: longer, and its pictures are left out
PATIENCE = 3  # failed attempts of a post; then it goes without a picture that its site never takes


class Illustrator:
    """Fetches, uploads and remembers pictures, by the hash of their bytes."""

    def __init__(self, pictures: Pictures, store: Store) -> None:
        self._pictures = pictures
        self._store = store

    def settle(
        self, site: Site, post: Post, settings: SiteConfig, *, attempts: int = 0
    ) -> tuple[Post, Media | None]:
        """The post with its pictures on the site, and the attachment that heads it.

        `attempts` of this post have failed in a row. After three, a picture that the site fails over (PHP out of
        memory: 500; a firewall: 403) is left out like one that cannot be fetched; where the site as a whole is
        down, the calls that follow tell.
        Raises SiteUnavailable, SiteUnusable (also where the disclaimer would go with a picture), StoreUnavailable,
        and FetchTooSoon where the host of a picture may be asked again within WORTH_WAITING_SECONDS.
        """
        if settings.media != "upload":
            return post, None
        patient = attempts < PATIENCE
        lead = self._attach(site, post.picture, settings, patient=patient) if post.picture else None
        sent = replace(post, html=self._move_in(site, post.html, settings, patient=patient))
        _demand_disclaimer(post, sent, settings)
        return sent, lead.media if lead else None

    def _attach(
        self, site: Site, picture: Picture, settings: SiteConfig, *, patient: bool
    ) -> illustrate.Uploaded | None:
        """The attachment for this picture: known, or uploaded now; None where it cannot be had."""
        try:
            if settings.picture_format == "webp":
                try:
                    return self._upload(site, picture, settings, webp=True)
                except (SiteRefused, SiteUnavailable, SiteUnusable) as error:
                    if patient and not isinstance(error, SiteRefused):
                        raise
                    # Not every site takes WebP: WordPress says no, PHP dies of it, a firewall answers 403.
            return self._upload(site, picture, settings, webp=False)
        except FetchTooSoon as error:
            if (error.retry_after_seconds or 0) <= WORTH_WAITING_SECONDS:
                raise
            logger.warning("picture left out", error=str(error))
        except (FetchUnavailable, FetchRefused, SiteRefused) as error:
            logger.warning("picture left out", error=str(error))
        except (SiteUnavailable, SiteUnusable) as error:
            if patient:
                raise
            logger.warning("picture left out after failed attempts", error=str(error))
        return None

    def _upload(
        self, site: Site, picture: Picture, settings: SiteConfig, *, webp: bool
    ) -> illustrate.Uploaded:
        file = self._pictures.get(picture.url, max_width=settings.picture_width, webp=webp)
        media = self._store.media(site.name, file.sha256)
        if media is None:
            media = site.upload(file, picture.alt, picture.caption)
            self._store.save_media(site.name, file.sha256, media)
        return illustrate.Uploaded(media, file.width, file.height)

    def _move_in(self, site: Site, html: str, settings: SiteConfig, *, patient: bool) -> str:
        """The body with its pictures shown from the site itself; those that cannot be had are left out."""
        moved: dict[str, illustrate.Uploaded] = {}
        gone: set[str] = set()
        for src, alt in illustrate.sources(html).items():
            uploaded = self._attach(site, Picture(src, alt), settings, patient=patient)
            if uploaded is None:
                gone.add(src)
            else:
                moved[src] = uploaded
        return illustrate.relink(illustrate.leave_out(html, gone), moved)


def _demand_disclaimer(post: Post, sent: Post, settings: SiteConfig) -> None:
    """Raises SiteUnusable where the disclaimer was to be seen in the post and is not in what would be sent."""
    text = compose.disclaimer_of(settings, dict(post.fields).get("relay_engine", ""))
    if sent.html == post.html or compose.holds_visibly(sent.html, text):
        return
    if compose.holds_visibly(post.html, text):  # else it was composed with a text that the config has no more
        raise SiteUnusable(
            settings.name,
            "its template hangs the disclaimer on a picture, which had to be left out",
            remedy="put {{ disclaimer }} into a paragraph outside of any figure",
        )
