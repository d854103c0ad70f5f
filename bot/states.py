"""The states of a publication: one item for one site. Pure: `apply` gives the next value, the store commits it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model import Finding, Post, RemotePost


class State(StrEnum):
    """Where one item stands for one site."""

    QUEUED = "queued"  # taken; nothing prepared yet
    READY = "ready"  # the whole Post is stored
    PUBLISHING = "publishing"  # intent committed; the call may be under way, or its answer lost
    PUBLISHED = "published"
    OUTDATED = "outdated"  # published, and the source has changed since
    HELD = "held"  # a check doubts it; a person decides
    SKIPPED = "skipped"  # a rule said no
    FAILED = "failed"  # attempts spent, or permanent
    RETRACTED = "retracted"


class Event(StrEnum):
    """What can happen to a publication."""

    PREPARED = "prepared"
    POSTPONED = "postponed"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    WAITED = "waited"  # for its turn, through no fault
    BEGUN = "begun"
    NOT_SENT = "not sent"
    REFUSED = "refused"  # by the site, for what it is: it is made anew before it is sent again
    PUBLISHED = "published"
    FAILED = "failed"
    RETRIED = "retried"
    REVIVED = "revived"  # what it gave way to has failed, or was skipped
    TAKEN_OVER = "taken over"  # the rules of another feed want what those of the first did not
    RETRACTED = "retracted"
    CHANGED = "changed"  # the source has changed
    KEPT = "kept"  # the post stays as it is, whatever the source did
    AGAIN = "again"  # a person wants a second post


# The one table of transitions; docs/states.md is tested against it.
TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.QUEUED, Event.PREPARED): State.READY,
    (State.QUEUED, Event.HELD): State.HELD,
    (State.QUEUED, Event.SKIPPED): State.SKIPPED,
    (State.QUEUED, Event.POSTPONED): State.QUEUED,
    (State.QUEUED, Event.WAITED): State.QUEUED,
    (State.QUEUED, Event.FAILED): State.FAILED,
    (State.READY, Event.BEGUN): State.PUBLISHING,
    (State.READY, Event.POSTPONED): State.READY,
    (State.READY, Event.WAITED): State.READY,
    (State.READY, Event.FAILED): State.FAILED,
    (State.PUBLISHING, Event.PUBLISHED): State.PUBLISHED,
    (State.PUBLISHING, Event.POSTPONED): State.PUBLISHING,
    (State.PUBLISHING, Event.NOT_SENT): State.READY,
    (State.PUBLISHING, Event.REFUSED): State.QUEUED,
    (State.PUBLISHING, Event.FAILED): State.FAILED,
    (State.HELD, Event.APPROVED): State.READY,
    (State.HELD, Event.REJECTED): State.SKIPPED,
    (State.HELD, Event.RETRIED): State.QUEUED,
    (State.FAILED, Event.RETRIED): State.QUEUED,
    (State.SKIPPED, Event.RETRIED): State.QUEUED,
    (State.SKIPPED, Event.REVIVED): State.QUEUED,
    (State.SKIPPED, Event.TAKEN_OVER): State.QUEUED,
    (State.QUEUED, Event.CHANGED): State.QUEUED,
    (State.OUTDATED, Event.CHANGED): State.OUTDATED,
    (State.HELD, Event.CHANGED): State.QUEUED,
    (State.READY, Event.CHANGED): State.QUEUED,
    (State.PUBLISHED, Event.CHANGED): State.OUTDATED,
    (State.OUTDATED, Event.PREPARED): State.READY,
    (State.OUTDATED, Event.HELD): State.HELD,
    (State.OUTDATED, Event.POSTPONED): State.OUTDATED,
    (State.OUTDATED, Event.WAITED): State.OUTDATED,
    (State.OUTDATED, Event.KEPT): State.PUBLISHED,
    (State.QUEUED, Event.KEPT): State.PUBLISHED,
    (State.READY, Event.KEPT): State.PUBLISHED,
    (State.PUBLISHING, Event.KEPT): State.PUBLISHED,
    (State.HELD, Event.KEPT): State.PUBLISHED,
    (State.PUBLISHED, Event.RETRACTED): State.RETRACTED,
    (State.OUTDATED, Event.RETRACTED): State.RETRACTED,
    (State.PUBLISHED, Event.AGAIN): State.QUEUED,
    (State.RETRACTED, Event.AGAIN): State.QUEUED,
}

_FROM_THE_START = (Event.RETRIED, Event.AGAIN)  # the stored post is forgotten and made anew
_IN_VAIN = (Event.POSTPONED, Event.NOT_SENT)
_A_NEW_BEGINNING = (*_FROM_THE_START, Event.APPROVED, Event.PUBLISHED, Event.KEPT, Event.TAKEN_OVER)

OPEN_STATES = frozenset({State.QUEUED, State.READY, State.PUBLISHING, State.OUTDATED})
"""States in which the bot itself has something left to do."""


SAME_STORY = "the same story as"
"""How each reason begins by which an item gives way to another one that tells its story."""

SAME_TEXT = ", by the text of its page"
"""How such a reason ends where only the article told that they are one."""


class IllegalTransition(ValueError):
    """An event that the table does not know in this state: a bug, or a command on the wrong item."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One item for one site. `version` is the compare-and-set token of the store."""

    key: str
    feed: str
    site: str
    state: State = State.QUEUED
    reason: str = ""
    attempts: int = 0  # in vain and in a row, at the step that it is at
    refusals: int = 0  # by the site; neither an outage nor a change of the source ends this count
    not_before: datetime | None = None
    intent_at: datetime | None = None  # when the last create call was about to start
    post: Post | None = None
    findings: tuple[Finding, ...] = ()
    remote: RemotePost | None = None
    earlier: tuple[str, ...] = ()  # ids of posts that a person has replaced by another (bot publish --again)
    wanted: bool = False  # a person asked for it: no rule puts it aside any more
    written: str = ""  # digests of what we wrote and the site may hold; another one: a person edited it
    version: int = 0

    @property
    def rejected(self) -> bool:
        """Whether a person said no to it. Every rule gives its reason."""
        return self.state is State.SKIPPED and not self.reason

    @property
    def gave_way(self) -> bool:
        """Whether its feed wants it, and only another item with the same story keeps it away."""
        return self.state is State.SKIPPED and gives_way(self.reason)

    def is_due(self, now: datetime) -> bool:
        """Whether the bot may work on it at `now`."""
        return self.state in OPEN_STATES and (self.not_before is None or self.not_before <= now)


@dataclass(frozen=True, slots=True)
class Change:
    """An event and what comes with it. Fields left None stay as they are."""

    event: Event
    at: datetime
    reason: str = ""
    not_before: datetime | None = None
    post: Post | None = None
    findings: tuple[Finding, ...] | None = None
    remote: RemotePost | None = None
    written: str = ""
    feed: str = ""  # the one that takes it over


def gives_way(reason: str) -> bool:
    """Whether this is the reason of what gives way to another item with the same story."""
    return reason.startswith(SAME_STORY)


def apply(publication: Publication, change: Change) -> Publication:
    """The publication after `change`; pure.

    Raises IllegalTransition where the table has no such step.
    """
    try:
        state = TRANSITIONS[publication.state, change.event]
    except KeyError:
        problem = f"{publication.key}: cannot be {change.event} while {publication.state}"
        raise IllegalTransition(problem) from None
    again = change.event is Event.AGAIN
    waits_on = _waits_on(publication, change)
    return dataclasses.replace(
        publication,
        feed=change.feed or publication.feed,
        state=state,
        reason=publication.reason if waits_on else change.reason,
        attempts=_attempts(publication, change),
        refusals=_refusals(publication, change),
        not_before=publication.not_before if waits_on else change.not_before,
        intent_at=_intent(publication, change),
        post=change.post or (None if change.event in _FROM_THE_START else publication.post),
        findings=publication.findings if change.findings is None else change.findings,
        remote=None if again else change.remote or publication.remote,
        earlier=(*publication.earlier, publication.remote.id)
        if again and publication.remote
        else publication.earlier,
        wanted=publication.wanted or change.event in _FROM_THE_START,
        written=change.written or publication.written,
    )


def _waits_on(publication: Publication, change: Change) -> bool:
    """Whether a change of the source finds it waiting.

    The next attempt has the new words, at the time that was set: it is its turn, or what a host or the site wished,
    or a pause that has grown. A source that changes with every poll would jump all of them, and never come to its
    last attempt.
    """
    return change.event is Event.CHANGED and publication.state in (State.QUEUED, State.OUTDATED, State.READY)


def _attempts(publication: Publication, change: Change) -> int:
    if change.event in _IN_VAIN:
        return publication.attempts + 1
    waits_on = _waits_on(publication, change)
    if waits_on and publication.state is State.READY:
        return min(publication.attempts, 1)  # a step back: the count begins anew, but it was tried before
    return publication.attempts if waits_on or change.event in (Event.BEGUN, Event.WAITED) else 0


def _refusals(publication: Publication, change: Change) -> int:
    if change.event is Event.REFUSED:
        return publication.refusals + 1
    return 0 if change.event in _A_NEW_BEGINNING else publication.refusals


def _intent(publication: Publication, change: Change) -> datetime | None:
    """When the call began that made the post, or may have; an update makes none, nor a call surely in vain."""
    if change.event is Event.BEGUN and publication.remote is None:
        return change.at
    in_vain = publication.remote is None and change.event in (Event.NOT_SENT, Event.REFUSED, Event.FAILED)
    return None if in_vain else publication.intent_at


@dataclass(frozen=True, slots=True)
class Advanced:
    """What one round did to a publication."""

    before: Publication
    after: Publication

    @property
    def made(self) -> bool:
        """Whether its post is new on the site."""
        return self.after.state is State.PUBLISHED and self.before.remote is None

    @property
    def met_trouble(self) -> bool:
        """Whether its site did not take it for a reason that is not the post's: the site is down, or lost an answer."""
        waits = self.after.state in (State.READY, State.PUBLISHING)
        return waits and self.after.attempts > self.before.attempts

    @property
    def updated(self) -> bool:
        """Whether a post that was there was written anew."""
        return self.after.state is State.PUBLISHED and self.before.written not in ("", self.after.written)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait after the n-th failure in a row, and after how many to give up."""

    first: timedelta = timedelta(minutes=1)
    factor: float = 2.0
    longest: timedelta = timedelta(hours=6)
    attempts: int = 12

    def wait(self, failures: int, wished_seconds: float | None = None) -> timedelta:
        """The pause after `failures` (1, 2, ...) failures; never shorter than the other side wished."""
        grown = self.first.total_seconds() * self.factor ** min(max(failures - 1, 0), 64)
        seconds = min(grown, self.longest.total_seconds())
        return timedelta(seconds=max(seconds, wished_seconds or 0))

    def spent(self, failures: int) -> bool:
        """Whether `failures` in a row are all that an item gets."""
        return failures >= self.attempts
