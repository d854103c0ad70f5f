"""The ports: what the pipeline needs of the world, each a Protocol of a few methods.

Engines (`bot/engines/`) implement them, `bot/app/` puts them together, and every implementation,
fakes of the tests too, passes the contract suite of its port (`tests/contracts/`).
All of them raise only errors of `bot/errors.py`; all are called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.model import (
    ANYBODY,
    Access,
    Fetched,
    Media,
    NotModified,
    PictureFile,
    Post,
    RemoteContent,
    RemotePost,
)
from bot.ports.store import Store

__all__ = [
    "Clock",
    "EngineState",
    "EngineStates",
    "Fetcher",
    "Memory",
    "Pictures",
    "Ports",
    "Progress",
    "Site",
    "Store",
    "Translator",
]


class Clock(Protocol):
    """Time, as an argument."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""


class Fetcher(Protocol):
    """Gets documents from addresses that strangers chose."""

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "*/*",
        access: Access = ANYBODY,
    ) -> Fetched | NotModified:
        """GET `url`, conditionally where `etag` or `last_modified` is given, in the way that `access` says.

        Bounded in time (the whole transfer) and in size. Never connects to a private address, after
        any redirect, unless the owner allowed it.
        Raises FetchUnavailable (no answer, 429, 5xx), FetchGone (404, 410), FetchRefused (anything else).
        """


class Pictures(Protocol):
    """Gets pictures and proves that they are pictures."""

    def get(self, url: str, *, max_width: int = 1600, webp: bool = False) -> PictureFile:
        """Fetch `url`, read it whole, scale it down to `max_width` pixels, and name it by its real type.

        Raises the errors of Fetcher, FetchRefused also where it is no picture that a site may show.
        """


class Translator(Protocol):
    """A translation engine. Knows nothing of HTML: lines in, lines out."""

    name: str
    max_chars: int  # characters that one call takes, all lines and the newlines between them counted
    max_url_bytes: int  # bytes that they may take percent-encoded; 0: no such limit
    keeps_markers: bool  # whether `[[1]]` in a line mostly survives; False for models of plain text

    def supports(self, source: str, target: str) -> bool:
        """Whether it may be asked for this pair at all. Costs no call to the network."""

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """Translate `lines` (no newline inside one) from `source` to `target` (BCP 47 codes).

        Gives what the engine gave, line by line, unverified: the number of lines may be wrong.
        Raises EngineUnavailable (down, blocked, over budget; may succeed later) or EngineRefused.
        """


class Memory(Protocol):
    """Translations that were verified before, shared by all sites and feeds."""

    def recall(self, keys: Sequence[str]) -> dict[str, str]:
        """The texts known under `keys` (hashes made by stages/translate.py); a key not known is left out."""

    def remember(self, items: Mapping[str, str]) -> None:
        """Keep these texts, by key. Never raises for what is known already."""


@dataclass(frozen=True, slots=True)
class EngineState:
    """What is kept of an engine over restarts: its budget of the day and its circuit breaker."""

    name: str
    day: date | None = None  # UTC; the day that `characters` counts
    characters: int = 0
    failures: int = 0  # in a row
    open_until: datetime | None = None  # no call before this moment


class EngineStates(Protocol):
    """Keeps the state of the engines. Called before and after each request."""

    def load(self, name: str) -> EngineState:
        """The state of this engine; an empty EngineState where it was never used."""

    def save(self, state: EngineState) -> None:
        """Remember it."""


class Site(Protocol):
    """A WordPress site, seen as what publishing needs."""

    name: str

    def find(self, key: str, since: datetime | None = None, but_not: Sequence[str] = ()) -> RemotePost | None:
        """The post that carries `key`, trash included, looked up among posts not older than `since`.

        `but_not` are ids of posts that carry it too and are not meant.

        Raises SiteUnavailable, SiteUnusable.
        """

    def upload(self, picture: PictureFile, alt: str, caption: str) -> Media:
        """Add an attachment. Not idempotent. Raises SiteUnavailable, SiteRefused, SiteUnusable."""

    def resolve_terms(self, categories: Sequence[str], tags: Sequence[str]) -> tuple[list[int], list[int]]:
        """The ids of these category and tag names, made where missing (one at a time).

        Raises SiteUnavailable, SiteRefused, SiteUnusable.
        """

    def create(
        self, post: Post, categories: Sequence[int], tags: Sequence[int], thumbnail: Media | None
    ) -> RemotePost:
        """Make the post: the one call that must not happen twice.

        Raises SiteUnavailable (surely not made), SiteRefused and SiteUnusable (surely not made),
        PostOutcomeUnknown (may have been made).
        """

    def read(self, post_id: str) -> RemoteContent | None:
        """What the site holds of this post; None where it is gone for good.

        Raises SiteUnavailable, SiteUnusable.
        """

    def update(
        self, post_id: str, post: Post, thumbnail: Media | None, unless_modified_since: datetime | None
    ) -> None:
        """Write title, body, excerpt and fields of this post anew; doing it twice does no harm.

        Terms, date, slug and status stay as they are on the site.
        Raises SiteUnavailable, SiteUnusable, SiteRefused (also: modified since).
        """

    def withdraw(self, post_id: str, *, to_trash: bool) -> None:
        """Make this post a draft, or put it into the trash. Raises as `update`."""


class Progress(Protocol):
    """Hears what a run is doing, so that a person can be shown."""

    def begin(self, what: str, total: int) -> None:
        """A phase of `total` steps starts."""

    def step(self, what: str) -> None:
        """One step is done."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The world, as the pipeline sees it. `pages` asks robots.txt first, `feeds` does not."""

    store: Store
    feeds: Fetcher
    pages: Fetcher
    pictures: Pictures
    translators: Sequence[Translator]
    memory: Memory
    sites: Mapping[str, Site]
    templates: Mapping[str, str]  # text of the template, by site
    clock: Clock
