"""Of publishing: what goes to a site, and what the site holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture that Pillow could read: `name` is ASCII and ends as its real type asks."""

    name: str
    mime: str
    data: bytes = field(repr=False)
    sha256: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment on a site."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class RemoteContent:
    """What a site holds of a post now. `modified` is by the site's clock."""

    title: str
    html: str
    status: str
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemotePost:
    """A post as the site knows it. `status` is the site's word; '' where it was not asked."""

    id: str
    url: str
    title: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What a site tells about itself and the bot's account."""

    title: str
    version: str
    home: str
    time_zone: str  # as WordPress keeps it: a name, or hours from UTC
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeptPost:
    """What a site kept of a post, to be compared with what it was sent. Ids as the site has them."""

    title: str
    html: str
    excerpt: str
    fields: tuple[tuple[str, str], ...]
    terms: tuple[int, ...] = ()
    thumbnail: str = ""
