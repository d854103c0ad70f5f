"""The ports: what the pipeline needs of the world, each a Protocol of a few methods.

Engines (`bot/engines/`) implement them, `bot/app/` puts them together, and every implementation,
fakes of the tests too, passes the contract suite of its port (`tests/contracts/`).
All of them raise only errors of `bot/errors.py`; all are called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from bot.model import (
    ANYBODY,
    Access,
    CleanArticle,
    Decision,
    Entry,
    FeedState,
    Fetched,
    Imprint,
    Known,
    Media,
    NotModified,
    PictureFile,
    Post,
    Recheck,
    RemoteContent,
    RemotePost,
    Seen,
    Times,
)
from bot.states import Change, Publication, State

_NONE: Mapping[str, str] = MappingProxyType({})


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


class Store(Protocol):
    """What the bot remembers. Each method is one transaction; all raise StoreUnavailable."""

    def feed_state(self, name: str) -> FeedState:
        """What is known of this feed; an empty FeedState where it was never polled."""

    def feed_states(self) -> dict[str, FeedState]:
        """What is known of all feeds that were ever polled, by name."""

    def save_feed_state(self, *states: FeedState) -> None:
        """Remember polls that brought no items: unchanged, or failed."""

    def keys_of(self, identities: Iterable[str]) -> dict[str, str]:
        """The keys of the items known by these (model.Entry.identities); '' where one is no identity at all."""

    def fingerprints(
        self, keys: Iterable[str], *, feed: str = "", sites: Sequence[str] = ()
    ) -> dict[str, str]:
        """The fingerprints (model.Entry.fingerprint) of those of `keys` that were seen before.

        With `feed`, an item that came first through another feed is left out as long as this feed has not
        shared it and one of `sites` has no publication of it.
        """

    def save_poll(
        self,
        state: FeedState,
        decisions: Sequence[Decision],
        sites: Sequence[str],
        now: datetime,
        changed: Sequence[Entry] = (),
        identities: Mapping[str, str] = _NONE,
        aside: Sequence[tuple[Publication, str]] = (),
    ) -> int | None:
        """Remember a poll and its new items, each queued for each of `sites`, all or nothing.

        A decision on an entry already known is left alone, but for one that came first through another feed:
        that is queued for those of `sites` that have no publication of it. Entries in `changed` replace what
        is known of them, if they are this feed's own; their article is forgotten and their publications hear
        of it (Event.CHANGED), but for items with a call under way, which are left for the next poll.
        `identities` is added to what `keys_of` gives. Those in `aside` are skipped for the reason beside them.
        Gives the number of items taken; None, and stores nothing, where one of `aside` has changed meanwhile.
        """

    def entry(self, key: str) -> Entry:
        """The entry of an item. Raises KeyError."""

    def article(self, key: str) -> CleanArticle | None:
        """The article of an item, if it was fetched and cleaned before."""

    def save_article(self, key: str, article: CleanArticle) -> None:
        """Keep it: the other sites of this item, and later attempts, need no second fetch."""

    def imprints(self, host: str) -> list[Imprint]:
        """What is remembered of the texts that the pages of a host showed, the newest first; some 200 of each host."""

    def save_imprint(self, host: str, imprint: Imprint) -> None:
        """Keep it, in place of what was known of its item."""

    def publication(self, key: str, site: str) -> Publication:
        """One publication. Raises KeyError."""

    def publications(
        self, *, key: str = "", states: Iterable[State] = (), limit: int = 0
    ) -> list[Publication]:
        """Those of an item, or in these states, oldest item first. `key` may be the start of one."""

    def due(self, now: datetime, *, feeds: Sequence[str] = (), limit: int = 0) -> list[Publication]:
        """Publications that the bot may work on now, oldest item first."""

    def change(self, publication: Publication, change: Change) -> Publication | None:
        """Apply and commit, if nobody changed it meanwhile; None where somebody did (do nothing then)."""

    def media(self, site: str, sha256: str) -> Media | None:
        """The attachment that this picture has on this site already."""

    def save_media(self, site: str, sha256: str, media: Media) -> None:
        """Remember an upload."""

    def counts(self) -> Mapping[str, Mapping[State, int]]:
        """Publications by feed and state."""

    def intents_since(self, site: str, moment: datetime) -> list[datetime]:
        """When posts of this site were begun after `moment`, oldest first."""

    def turns(self, feed: str, since: datetime) -> list[datetime]:
        """When the items of this feed had, or will have, their turn after `since`, oldest first.

        That is when an item's first post was begun, else the moment it waits for, else when it was seen.
        Failed attempts move no turn; what was skipped has none.
        """

    def seen(self, after: int, since: datetime) -> list[Seen]:
        """The items of all feeds whose number is larger than `after`, seen at `since` or later, in order."""

    def known(self, part: str) -> list[Known]:
        """The items whose link contains this text, newest first. Reads them all: for questions by hand."""

    def times(self, key: str) -> Times:
        """When things happened to an item. Raises KeyError."""

    def prune(self, now: datetime) -> int:
        """Forget translations that were not used for long, and the oldest beyond a number; gives how many."""

    def to_recheck(self, now: datetime, younger_than: timedelta, limit: int) -> list[Recheck]:
        """Published items not older than `younger_than` whose source was not looked at for a day."""

    def save_recheck(self, recheck: Recheck) -> None:
        """Remember a look at the source."""


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
