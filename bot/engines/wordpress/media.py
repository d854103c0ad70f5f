"""Pictures into the media library, each once: the file's name carries the picture's hash."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any
from xmlrpc.client import Binary

from bot import log
from bot.engines.wordpress import shim
from bot.engines.wordpress.connection import Connection, read_id
from bot.engines.wordpress.outcomes import AnswerLost
from bot.errors import RelaypressError
from bot.model import Media, PictureFile

ALT_FIELD = "_wp_attachment_image_alt"

_HASH_CHARS = 12

logger = log.get()


class Library:
    """The media library of one site."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, picture: PictureFile, alt: str, caption: str) -> Media:
        """The attachment that holds this picture: found by its name, or uploaded. See ports.Site.upload."""
        name = remote_name(picture)
        return self.find(name) or self._upload(picture, name, alt, caption)

    def find(self, name: str) -> Media | None:
        """The attachment uploaded under this file name, if the site has one.

        WordPress keeps the name as the attachment's title. wp.getMediaLibrary cannot search; wp.getPosts can.
        """
        wanted = {"post_type": "attachment", "post_status": "inherit", "s": name, "number": 20}
        call = shim.GetPosts(wanted, ["post_title"], results_class=None)
        found = self._connection.call(call, lambda listed: _titled(listed, name))
        return self._connection.call(shim.GetMediaItem(found, results_class=None), _media) if found else None

    def _upload(self, picture: PictureFile, name: str, alt: str, caption: str) -> Media:
        """Send the file. After a lost answer it is looked for before anybody sends it again."""
        file = {"name": name, "type": picture.mime, "bits": Binary(picture.data)}
        try:
            media = self._connection.call(shim.UploadFile(file), _media)
        except AnswerLost as error:
            lost = error
        else:
            self._describe(media, alt, caption)
            return media
        found = self.find(name)
        if found is None:
            raise lost
        return found

    def _describe(self, media: Media, alt: str, caption: str) -> None:
        """Set the caption, and the alternative text where the site lets the bot.

        WordPress drops fields that begin with `_` silently, unless a plugin allows this one by the filter
        `auth_post_meta__wp_attachment_image_alt`. The picture is there: failing here must not lose it.
        """
        if not (alt or caption):
            return
        details = shim.WordPressPost()
        del details.title  # it is "Untitled", and would be written
        details.post_type = "attachment"
        details.excerpt = caption
        if alt:
            details.custom_fields = [{"key": ALT_FIELD, "value": alt}]
        try:
            self._connection.call(shim.EditPost(media.id, details), bool)
        except RelaypressError as error:
            logger.warning("picture without caption", site=self._connection.site, error=str(error))


def _titled(listed: list[dict[str, Any]], name: str) -> str:
    return next((str(post["post_id"]) for post in listed if post["post_title"] == name), "")


def _media(item: dict[str, Any]) -> Media:
    """The answer of wp.uploadFile and wp.getMediaItem; a wide picture has `-scaled` in its address."""
    return Media(str(read_id(item["attachment_id"])), str(item["link"]))


def remote_name(picture: PictureFile) -> str:
    """ASCII, one dot, and the hash of the picture in it: what identifies an upload on the site."""
    name = PurePosixPath(picture.name)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name.stem).strip("-") or "picture"
    digest = picture.sha256[:_HASH_CHARS]
    return f"{stem}{name.suffix}" if digest in stem else f"{stem[:80]}-{digest}{name.suffix}"
