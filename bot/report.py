"""What a round did, counted and written as the one JSON object that `run-once --json` prints."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from bot.config import FeedConfig
from bot.errors import RelaypressError
from bot.model import Polled
from bot.states import OPEN_STATES, Advanced, State


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

    def add_faults(self, faults: Sequence[RelaypressError]) -> None:
        """Errors that cut the round short."""
        self.errors += [Failure("bot", fault.subject, fault.reason) for fault in faults]

    def add_steps(self, steps: Sequence[Advanced]) -> None:
        """Count what became of the items that were worked on."""
        for step in steps:
            self._count(step)
            after = step.after
            if after.reason and (after.state is State.FAILED or after.state in OPEN_STATES):
                self.errors.append(Failure("item", f"{after.key} on {after.site}", after.reason))

    def _count(self, step: Advanced) -> None:
        after, items = step.after, self.items
        items.updated += step.updated
        items.held += after.state is State.HELD
        items.skipped += after.state is State.SKIPPED
        items.failed += after.state is State.FAILED
        if step.made and after.remote and after.post:
            items.published += 1
            title = html.unescape(after.post.title)
            post = PublishedPost(after.feed, after.site, after.key, after.remote.id, after.remote.url, title)
            self.posts.append(post)
