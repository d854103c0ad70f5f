"""The schedule stage: when a feed is polled next, and when its owner hears that something is wrong with it.

    unchanged | changed   a poll went well  -> the FeedState to be kept
    is_first, begun       whether it brings what was there before, and what is remembered of that
    failed                it did not        -> the FeedState to be kept; a feed is never given up
    postponed             nobody was asked  -> the same, with another time
    complaint             what a person should know of a feed
    warned                the same, at most once a day

A feed that seldom changes is polled less often, between `every` and `longest`; what its publisher asks for
(max-age, ttl, skipHours, skipDays, Retry-After) only makes that later. A crontab line is kept to the letter.
"""

from __future__ import annotations

import hashlib
import heapq
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.config import FeedConfig, ScheduleConfig
from bot.errors import FetchGone, FetchTooSoon, Permanent, RelaypressError, Temporary
from bot.model import Decision, Entry, FeedState, Fetched, NotModified, ParsedFeed, Rhythm
from bot.states import RetryPolicy
from bot.units import format_duration

FIRST_AGAIN_AFTER = timedelta(days=90)
"""A poll so long after the last one that succeeded counts as a first one (`backfill`): its news are an archive."""

PART_OF_GAP = 0.25
"""Asked four times between two entries of a feed, its news are late by an eighth of the gap on average."""

LONGEST_WISH = timedelta(days=1)
"""No header or element may silence a feed for longer, but for skipDays."""

GONE_PAUSE = timedelta(days=1)
MOVE_FORGOTTEN_AFTER = 3  # failures in a row that may pass: one is the weather, not a move taken back
WARN_EVERY = timedelta(days=1)
JITTER_PART = 0.1  # of the pause: feeds of one host drift apart
LONGEST_JITTER = timedelta(minutes=1)
PART_OF_WINDOW = 0.5  # of the time in which the entries of a document give way to others
POLLS_SAVED = 4  # by a hub, where no dates tell that time
_NO_ARCHIVE = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed without dates
_COUNTED = 20  # of the newest entries
_HOURS_A_WEEK = 7 * 24


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """How often the owner wants a feed polled. `every` is None where a crontab line says it."""

    every: timedelta | None
    longest: timedelta = timedelta(hours=1)
    silent_after: timedelta = timedelta(days=30)
    failing_after: timedelta = timedelta(days=1)
    retry: RetryPolicy = field(default_factory=RetryPolicy)


def policy_of(source: FeedConfig, general: ScheduleConfig, retry: RetryPolicy | None = None) -> PollPolicy:
    """What the config says about polling this feed."""
    return PollPolicy(
        every=(source.every or general.every).every,
        longest=source.longest or general.longest,
        silent_after=source.silent_after or general.silent_after,
        failing_after=general.failing_after,
        retry=retry or RetryPolicy(),
    )


# --- what is kept of a poll -----------------------------------------------------------------------


def unchanged(
    policy: PollPolicy, state: FeedState, answer: Fetched | NotModified, now: datetime
) -> FeedState:
    """After a 304, or the same document again, whose marks may be new: servers make some anew at each start."""
    after = replace(state, moved_to=answer.moved_to or state.moved_to)
    if isinstance(answer, Fetched):
        after = replace(after, etag=answer.etag, last_modified=answer.last_modified)
    return _well(policy, after, answer, now)


def changed(
    policy: PollPolicy,
    source: FeedConfig,
    state: FeedState,
    answer: Fetched,
    parsed: ParsedFeed,
    decisions: Sequence[Decision],
    now: datetime,
) -> FeedState:
    """After a document that was read. Of one that breaks off no mark is kept: a 304 would hide its rest."""
    before = state if state.url == source.place else replace(state, moved_to="")
    whole = not parsed.cut_off
    after = replace(
        before,
        url=source.place,
        moved_to=answer.moved_to or before.moved_to,
        etag=answer.etag if whole else "",
        last_modified=answer.last_modified if whole else "",
        digest=digest_of(answer) if whole else "",
        new_at=_new_at(before, decisions, now),
        rhythm=replace(rhythm_of(parsed, now), topic=answer.topic or parsed.topic),
    )
    return _well(policy, after, answer, now)


def is_first(state: FeedState, answer: Fetched, now: datetime, *, is_known: bool) -> bool:
    """Whether a document counts as the first of its feed, of which only the newest entries are taken (`backfill`).

    So does the first one with entries at a place where the feed has moved, unless an entry is known (`is_known`).
    """
    if state.polled_at is None or now - state.polled_at > FIRST_AGAIN_AFTER:
        return True
    has_moved = bool(answer.moved_to) and answer.moved_to != state.moved_to
    return (state.archive_before is None or has_moved) and not is_known


def begun(state: FeedState, parsed: ParsedFeed, now: datetime) -> FeedState:
    """After a first document: what is older than all of it comes from the archive, whenever it surfaces."""
    if not parsed.entries:
        return state
    return replace(state, archive_before=min(_dates(parsed.entries, now), default=_NO_ARCHIVE))


def failed(policy: PollPolicy, state: FeedState, error: RelaypressError, now: datetime) -> FeedState:
    """After a poll that failed: the pause grows to its longest and stays there.

    An address that a redirect once led to is forgotten where there is no feed, or it fails again and again: the
    next poll begins at the owner's own, which may lead elsewhere by now.
    """
    wished = error.retry_after_seconds if isinstance(error, Temporary) else None
    failures, gone = state.failures + 1, isinstance(error, FetchGone) and error.status == 410
    pause = policy.retry.wait(failures, wished)
    if isinstance(error, Permanent):  # nothing passing: no sooner than a poll that goes well
        pause = max(pause, policy.every or pause)
    if gone:
        pause = GONE_PAUSE
    if isinstance(error, Permanent) or failures >= MOVE_FORGOTTEN_AFTER:
        state = _home_again(state)
    return replace(
        state,
        failures=failures,
        error=error.reason,
        failing_since=state.failing_since or now,
        gone=gone,
        next_poll_at=_after_skipped(now + pause, state.rhythm),
        not_before=now + timedelta(seconds=wished) if wished else None,
    )


def _home_again(state: FeedState) -> FeedState:
    """Back at the owner's own address: the marks of another one say nothing there."""
    return replace(state, moved_to="", etag="", last_modified="") if state.moved_to else state


def postponed(state: FeedState, error: FetchTooSoon, now: datetime) -> FeedState:
    """After a poll that its host had no time for: it was not asked, so nothing else is known of the feed."""
    until = now + timedelta(seconds=max(error.retry_after_seconds or 0, 1))
    return replace(state, next_poll_at=until, not_before=until)


def digest_of(answer: Fetched) -> str:
    """What tells whether a server without ETag has sent the same document again."""
    return hashlib.sha256(answer.body).hexdigest()


def _well(policy: PollPolicy, state: FeedState, answer: Fetched | NotModified, now: datetime) -> FeedState:
    return replace(
        state,
        polled_at=now,
        next_poll_at=next_poll(policy, state, answer.max_age_seconds, now),
        not_before=None,
        failures=0,
        error="",
        failing_since=None,
        gone=False,
    )


def _new_at(state: FeedState, decisions: Sequence[Decision], now: datetime) -> datetime | None:
    """When the feed last had a new entry; at the first poll its newest date says it."""
    if not decisions:
        return state.new_at or now
    if state.polled_at is not None:
        return now
    return max(_dates((decision.entry for decision in decisions), now), default=now)


# --- the next poll --------------------------------------------------------------------------------


def next_poll(policy: PollPolicy, state: FeedState, max_age_seconds: float, now: datetime) -> datetime | None:
    """The moment of the next poll after one that went well; None where a crontab line says it.

    `max_age_seconds` is what this answer's Cache-Control said. A little is added that differs from poll to
    poll, but is the same for the same arguments.
    """
    if policy.every is None:
        return None
    wish = min(timedelta(seconds=max(max_age_seconds, state.rhythm.ttl_seconds)), LONGEST_WISH)
    pause = max(_own_pause(policy, policy.every, state, now), wish)
    drawn = zlib.crc32(f"{state.name} {now.isoformat()}".encode()) / 2**32
    jitter = min(pause * JITTER_PART, LONGEST_JITTER) * drawn
    planned = now + pause + jitter
    woken = _after_skipped(planned, state.rhythm)
    return woken + jitter if woken > planned else planned


def _own_pause(policy: PollPolicy, every: timedelta, state: FeedState, now: datetime) -> timedelta:
    """A part of the time between two entries, within the owner's bounds.

    That time grows while nothing new comes, for it is measured up to now.
    """
    rhythm, gap = state.rhythm, timedelta(0)
    if rhythm.recent and rhythm.recent_since:
        gap = (now - rhythm.recent_since) / rhythm.recent
    elif state.new_at:
        gap = now - state.new_at
    return max(every, min(gap * PART_OF_GAP, policy.longest))


def told_pause(policy: PollPolicy, state: FeedState, now: datetime) -> timedelta:
    """How long a feed may go unasked whose hub tells of its changes: `longest` at most.

    A hub that falls silent must cost no entry: they are asked for before the feed has dropped them. Its newest
    entries (some twenty) tell how soon that may be; where they have no dates, the owner's `every` bounds it.
    """
    rhythm = state.rhythm
    if rhythm.recent_since:
        bound = (now - rhythm.recent_since) * PART_OF_WINDOW
    else:
        bound = (policy.every or policy.longest) * POLLS_SAVED
    return min(bound, policy.longest)


def rhythm_of(parsed: ParsedFeed, now: datetime) -> Rhythm:
    """What is kept of a document for the polls to come."""
    dates = heapq.nlargest(_COUNTED, _dates(parsed.entries, now))
    return Rhythm(
        ttl_seconds=parsed.ttl_seconds,
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
        recent=len(dates),
        recent_since=dates[-1] if dates else None,
    )


def _after_skipped(moment: datetime, rhythm: Rhythm) -> datetime:
    """The first moment that the feed does not skip (skipHours and skipDays of RSS 2.0, in GMT)."""
    later = moment.astimezone(UTC)
    for _ in range(_HOURS_A_WEEK):
        if later.hour not in rhythm.skip_hours and later.weekday() not in rhythm.skip_days:
            return later
        later = later.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment  # it skips every hour of the week: a fault, not a wish


def _dates(entries: Iterable[Entry], now: datetime) -> list[datetime]:
    """The dates that can be true."""
    return [entry.published for entry in entries if entry.published and entry.published <= now]


# --- what its owner hears -------------------------------------------------------------------------


def complaint(policy: PollPolicy, state: FeedState, now: datetime) -> str:
    """What a person should know of this feed, in one line; '' where all is well."""
    if state.gone:
        return "gone for good, says its server (410 Gone); take it out of the config, or mend its url"
    if state.failing_since and now - state.failing_since >= policy.failing_after:
        long = format_duration(now - state.failing_since)
        return f"failing for {long} ({state.failures} times in a row): {state.error}"
    if state.new_at and now - state.new_at >= policy.silent_after:
        long = format_duration(now - state.new_at)
        return f"no new entry for {long}; see whether it is still written, or raise silent_after"
    return ""


def notes(policy: PollPolicy, state: FeedState, now: datetime) -> tuple[str, ...]:
    """What `bot status` tells of a feed besides numbers."""
    words = complaint(policy, state, now)
    if not words and state.failures:
        words = f"failed {state.failures} times in a row: {state.error}"
    moved = f"has moved for good to {state.moved_to}, and is polled there; mend its url in the config"
    return tuple(filter(None, (words, moved if state.moved_to else "")))


def warned(policy: PollPolicy, state: FeedState, now: datetime) -> tuple[FeedState, str]:
    """The state to be kept, and what to warn of now: a complaint once a day, as long as it lasts."""
    words = complaint(policy, state, now)
    if not words:
        return replace(state, warned_at=None), ""
    if state.warned_at and now - state.warned_at < WARN_EVERY:
        return state, ""
    return replace(state, warned_at=now), words
