"""What a round did, counted and written as the one JSON object that `run-once --json` prints."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from bot.config import FeedConfig
from bot.model import Polled
from bot.states import OPEN_STATES, Publication, State


@dataclass
class FeedCounts:
    """Feeds of a round."""

    polled: int = 0
    unchanged: int = 0
    failed: int = 0


@dataclass
class ItemCounts:
    """Items of a round; `waiting` are all that the bot has yet to finish."""

    new: int = 0
    published: int = 0
    updated: int = 0
    held: int = 0
    skipped: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class PublishedPost:
    """A post that this round made."""

    feed: str
    site: str
    key: str
    post_id: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Something a person may have to look at: `scope` is "feed", "item" or "bot"."""

    scope: str
    subject: str
    error: str


@dataclass
class Report:
    """The result of one round."""

    feeds: FeedCounts = field(default_factory=FeedCounts)
    items: ItemCounts = field(default_factory=ItemCounts)
    posts: list[PublishedPost] = field(default_factory=list)
    errors: list[Failure] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """Plain values, in the form that docs/cli.md promises."""
        return asdict(self)

    def add_polls(self, polls: Sequence[Polled]) -> None:
        """Count what polling brought."""
        for polled in polls:
            self.feeds.polled += 1
            self.feeds.unchanged += polled.unchanged
            self.items.new += polled.new
            self.items.skipped += polled.skipped
            if polled.error is not None:
                self.feeds.failed += 1
                text = str(polled.error).removeprefix(f"{polled.feed}: ")
                self.errors.append(Failure("feed", polled.feed, text))

    def add_early(self, feeds: Sequence[FeedConfig]) -> None:
        """Feeds whose publisher asked us to come back later: not polled, and no failure."""
        self.feeds.unchanged += len(feeds)

    def add_publications(self, publications: Sequence[Publication]) -> None:
        """Count what became of the items that were worked on."""
        for publication in publications:
            self._add(publication)

    def _add(self, publication: Publication) -> None:
        state, remote = publication.state, publication.remote
        if state is State.PUBLISHED and remote is not None and publication.post is not None:
            self.items.published += 1
            self.posts.append(
                PublishedPost(
                    publication.feed,
                    publication.site,
                    publication.key,
                    remote.id,
                    remote.url,
                    html.unescape(publication.post.title),
                )
            )
        elif state is State.HELD:
            self.items.held += 1
        elif state is State.SKIPPED:
            self.items.skipped += 1
        elif state is State.FAILED:
            self.items.failed += 1
        if publication.reason and (state is State.FAILED or state in OPEN_STATES):
            subject = f"{publication.key} on {publication.site}"
            self.errors.append(Failure("item", subject, publication.reason))
