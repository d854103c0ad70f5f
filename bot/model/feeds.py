"""Of a poll: what was fetched, what a feed says, what is decided about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Topic:
    """What a feed is called at the hub that tells of its changes (WebSub: rel="self" and rel="hub")."""

    url: str
    hub: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer with status 200. `url` is where it came from after redirects."""

    url: str
    body: bytes
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""  # the target, when every redirect on the way was permanent (301, 308)
    max_age_seconds: float = 0  # Cache-Control: max-age, 0 when absent
    topic: Topic | None = None  # as the Link headers say
    tdm_reservation: str = ""  # the header of this name: "1" keeps the document from text and data mining


@dataclass(frozen=True, slots=True)
class NotModified:
    """Status 304: what we have is still what there is."""

    url: str
    max_age_seconds: float = 0
    moved_to: str = ""  # as of Fetched


@dataclass(frozen=True, slots=True)
class Access:
    """How the documents of one feed are asked for, where that is not how everybody asks.

    `headers` may be secrets: they go to the feed's own `scheme` and `authority` (host and port) alone, never
    to where a link or a redirect leads. `user_agent` and `proxy` count for every address.
    """

    scheme: str = ""
    authority: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user_agent: str = ""  # '' : ours
    proxy: str = field(default="", repr=False)  # its address, with user and password where it wants them
    continues: bool = False  # a further page of an article: one article is one visit
    licensed: bool = False  # the owner has the publisher's word: what pages reserve from all is granted to us


ANYBODY = Access()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture at its source. `alt`, `caption` and `credit` are plain text in the source's language."""

    url: str
    alt: str = ""
    caption: str = ""
    credit: str = ""
    width: int = 0  # pixels, 0 when not told
    height: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed as the feed tells it; `key` is stable over polls (see stages/feed.py)."""

    key: str
    feed: str
    guid: str
    link: str
    title: str
    summary_html: str = ""
    content_html: str = ""
    author: str = ""
    language: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    identities: tuple[str, ...] = ()  # digests it is recognised by, each in its place

    @property
    def fingerprint(self) -> str:
        """Changes when the feed says something else about this entry."""
        told = (self.title, self.summary_html, self.content_html, str(self.updated or ""))
        return hashlib.sha256("\0".join(told).encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed document: its own facts and its entries, in the document's order."""

    title: str
    language: str
    entries: tuple[Entry, ...]
    ttl_seconds: float = 0
    skip_hours: tuple[int, ...] = ()  # of the day in UTC, 0 to 23: not worth asking then
    skip_days: tuple[int, ...] = ()  # 0 is Monday, as in datetime.weekday
    warning: str = ""  # what the parser had to forgive
    cut_off: bool = False  # entries may be missing: do not keep the ETag of such a document
    topic: Topic | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """Relay this entry, from `not_before` on (None: at once), to the sites of its feed but those of `not_on`."""

    entry: Entry
    not_before: datetime | None = None
    not_on: tuple[tuple[str, str], ...] = ()  # (name of a site, why not there)


@dataclass(frozen=True, slots=True)
class Skip:
    """Do not relay this entry; `reason` is shown by `bot items --state skipped`."""

    entry: Entry
    reason: str


Decision = Take | Skip


@dataclass(frozen=True, slots=True)
class Seen:
    """An item as it was taken up, wanted or not. A later item has a larger `number`."""

    number: int
    seen_at: datetime
    entry: Entry


@dataclass(frozen=True, slots=True)
class Known:
    """Where an item came from: what is asked to find the items of an address, or of its host."""

    key: str
    feed: str
    link: str


@dataclass(frozen=True, slots=True)
class Hearing:
    """Another feed that told an item, too, and what it said of it for a site.

    refused   its rules did not want it
    yielded   it wanted it, and gave way to the same story of another feed
    late      it was not asked, for the item was in other hands already
    """

    feed: str
    site: str
    outcome: Literal["refused", "yielded", "late"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that `feed` was to tell on a site, and did not: it failed, or was skipped once it had been taken."""

    key: str
    feed: str
    site: str
    seen_at: datetime  # when the item was


@dataclass(frozen=True, slots=True)
class Times:
    """When things happened to an item: on the whole, and by site (`changed`: its last step there)."""

    seen_at: datetime
    checked_at: datetime | None
    gone_at: datetime | None
    changed: tuple[tuple[str, datetime], ...]
    published: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class Recheck:
    """A look at the source of a published item: is it still there?"""

    key: str
    link: str
    checked_at: datetime | None = None
    gone_at: datetime | None = None  # since when it answers 404 or 410
    feed: str = ""  # name of the one that brought the item


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a feed's last document told about when it is worth asking; a 304 does not tell it again."""

    ttl_seconds: float = 0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    recent: int = 0  # its newest entries that have a date, at most some twenty
    recent_since: datetime | None = None  # the date of the oldest of these
    topic: Topic | None = None  # where a hub tells of changes


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between polls."""

    name: str
    url: str = ""  # config_relay.FeedConfig.place
    etag: str = ""
    last_modified: str = ""
    polled_at: datetime | None = None  # the last poll that succeeded; None: never
    next_poll_at: datetime | None = None  # our own wish: interval, or a growing pause
    not_before: datetime | None = None  # the publisher's wish (Retry-After); by hand, too, it is kept
    failures: int = 0  # in a row
    error: str = ""
    moved_to: str = ""  # where a permanent redirect led: asked there from then on
    digest: str = ""  # of the last document: servers without ETag send the same one again and again
    new_at: datetime | None = None  # when it last had a new entry
    failing_since: datetime | None = None
    gone: bool = False  # its last answer was 410
    warned_at: datetime | None = None  # when its owner was last told that something is wrong
    rhythm: Rhythm = Rhythm()
    archive_before: datetime | None = (
        None  # the oldest date of its first document; None: none was read here yet
    )
    known_as: str = ""  # its first name, where the owner has given it another since: keys are made of it


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll brought. `error` is set where it failed."""

    feed: str
    new: int = 0
    skipped: int = 0
    unchanged: bool = False
    error: Exception | None = None
    next_poll_at: datetime | None = None  # None: as the crontab line of the feed says
