"""What the bot remembers: feeds, items, publications."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from bot.model import (
    CleanArticle,
    Decision,
    Entry,
    Failure,
    FeedState,
    Hearing,
    Imprint,
    Known,
    Media,
    Recheck,
    Seen,
    Times,
)
from bot.states import Change, Publication, State

_NONE: Mapping[str, str] = MappingProxyType({})


class Store(Protocol):
    """What the bot remembers. Each method is one transaction; all raise StoreUnavailable."""

    def feed_state(self, name: str) -> FeedState:
        """What is known of this feed; an empty FeedState where it was never polled.

        Without validators and digest where its last document told an item (`told` of save_poll) that another feed
        has let go since, so that this feed has a say again (see `fingerprints`): a 304 would hide it.
        """

    def feed_states(self) -> dict[str, FeedState]:
        """What is known of all feeds that were ever polled, by name; each as `feed_state` gives it."""

    def rename_feeds(self, names: Mapping[str, str], fresh: Sequence[FeedState] = ()) -> None:
        """Give feeds and all that they brought other names (former -> new), then put `fresh` in place of what is known.

        All at once: two feeds may swap their names. `known_as` keeps the first name of each.
        """

    def save_feed_state(self, *states: FeedState) -> None:
        """Remember polls that brought no items: unchanged, or failed.

        A state whose feed was given another name or `url` since it was read is left out: it would bring those back.
        """

    def keys_of(self, identities: Iterable[str]) -> dict[str, str]:
        """The keys of the items known by these (model.Entry.identities); '' where one is no identity at all."""

    def fingerprints(
        self, keys: Iterable[str], *, feed: str = "", sites: Sequence[str] = ()
    ) -> dict[str, str]:
        """The fingerprints (model.Entry.fingerprint) of those of `keys` that were seen before.

        With `feed`, an item that came first through another feed is left out as long as this feed has a say: it was
        not heard on it, and one of `sites` has no publication of it; or one has another feed's that a rule skipped,
        and this feed was not heard on it there.
        """

    def yielded(self, key: str, site: str) -> list[str]:
        """The feeds that want this item on this site, too, and gave way to the story that its publication gave way to."""

    def save_poll(  # noqa: PLR0913 - one transaction, all of its parts
        self,
        state: FeedState,
        decisions: Sequence[Decision],
        sites: Sequence[str],
        now: datetime,
        changed: Sequence[Entry] = (),
        identities: Mapping[str, str] = _NONE,
        aside: Sequence[tuple[Publication, str]] = (),
        *,
        told: Iterable[str] = (),
    ) -> int | None:
        """Remember a poll and its new items, each queued for each of `sites`, all or nothing.

        A decision on an entry already known is left alone, but for one that came first through another feed and
        is still open (see `fingerprints`). That is queued for those of `sites` that have no publication of it, and
        where it is taken, for those where a rule skipped it, as this feed's own (Event.TAKEN_OVER); if it was
        relayed nowhere, the item itself becomes this feed's, in its words. Where the feed wants it, and only the
        same story (states.gives_way) keeps it off, the publication is this feed's and gives way; but what gave way
        in another feed before stays there (see `yielded`). What a rule of the feed skips, it was heard on.
        Entries in `changed` replace what is known of them, if they are this feed's own; their article is forgotten
        and their publications hear of it (Event.CHANGED), but for items with a call under way, which are left for
        the next poll.
        `identities` is added to what `keys_of` gives. Those in `aside` are skipped for the reason beside them.
        `told` are the keys of all entries of the document: which of them other feeds have in hand is kept.
        Gives the number of items taken; None, and stores nothing, where one of `aside` has changed meanwhile.
        Raises FeedUnavailable, and stores nothing, where the feed was given another name or `url` since.
        """

    def entry(self, key: str) -> Entry:
        """The entry of an item. Raises KeyError."""

    def entries(self, keys: Iterable[str]) -> dict[str, Entry]:
        """The entries, by key, of those of these items that there are."""

    def article(self, key: str, rules: str | None = None) -> CleanArticle | None:
        """The article that these rules (reading.rules_of) made of an item, if they did before.

        Without rules the last one that any made: for a person to look at.
        """

    def save_article(self, entry: Entry, article: CleanArticle, rules: str) -> None:
        """Keep it, beside those of other rules: the other sites of this item, and later attempts, need no fetch.

        Not where the item has changed since it was read as `entry`: it would be the old text of a new entry.
        """

    def imprints(self, host: str) -> list[Imprint]:
        """What is remembered of the texts that the pages of a host showed, the newest first; some 200 of each host.

        Of items that were published or may yet be, and of those that a person rejected: what a rule skipped, or
        what failed, is on no site, and keeps no other item away.
        """

    def save_imprint(self, host: str, imprint: Imprint) -> None:
        """Keep it, in place of what was known of its item."""

    def publication(self, key: str, site: str) -> Publication:
        """One publication. Raises KeyError."""

    def publications(
        self, *, key: str = "", states: Iterable[State] = (), limit: int = 0
    ) -> list[Publication]:
        """Those of an item, or in these states, oldest item first. `key` may be the start of one."""

    def publications_of(self, key: str) -> list[Publication]:
        """Those of the item with exactly this key."""

    def failures(self, since: datetime) -> list[Failure]:
        """What failed at `since` or later, or was skipped by a rule after it had been taken, the latest first.

        Without what has, or had, a post on its site.
        """

    def yielded_to(self, key: str, site: str, since: datetime) -> list[Publication]:
        """What gave way on a site to this item, at `since` or later, by the text of its page (states.SAME_TEXT)."""

    def due(self, now: datetime, *, feeds: Sequence[str] = (), limit: int = 0) -> list[Publication]:
        """Publications that the bot may work on now, oldest item first; a pause beyond units.FARTHEST_PLAN is void."""

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

    def seen(self, after: int, since: datetime, before: datetime | None = None) -> list[Seen]:
        """The items of all feeds whose number is larger than `after`, seen at `since` or later, in order.

        With `before`, only those that were seen sooner than that.
        """

    def known(self, part: str) -> list[Known]:
        """The items whose link contains this text, newest first. Reads them all: for questions by hand."""

    def hearings(self, key: str) -> list[Hearing]:
        """The other feeds that told an item and did not get it, by name and site."""

    def times(self, key: str) -> Times:
        """When things happened to an item. Raises KeyError."""

    def prune(self, now: datetime) -> int:
        """Forget translations that were not used for long, and the oldest beyond a number; gives how many."""

    def to_recheck(self, now: datetime, younger_than: timedelta, limit: int) -> list[Recheck]:
        """Published items not older than `younger_than` whose source was not looked at for a day."""

    def save_recheck(self, recheck: Recheck) -> None:
        """Remember a look at the source."""
