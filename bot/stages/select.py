"""The select stage: which entries of a poll are relayed, and why the others are not."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.config import FeedConfig
from bot.model import Decision, Entry, Skip, Take

_MOST_CHARS = 20_000  # of a text that the owner's patterns are tried on
_LONGEST_LEAD = timedelta(days=1)
_TAG = re.compile(r"<[^<>]*>")


def choose(
    entries: Sequence[Entry], known: Collection[str], feed: FeedConfig, *, first_poll: bool, now: datetime
) -> list[Decision]:
    """Decide on every entry whose key is not in `known`, oldest first.

    An entry is skipped, with its reason, where a pattern of `exclude` is found in it, where `include` has
    patterns and none is found, or where it has neither link nor content. Patterns are searched, whatever
    the case, in title, summary, link, author and each category. Of a first poll only the newest
    `backfill` entries that pass all this are taken. A date more than a day after `now` is not believed.
    """
    new = [entry for entry in _oldest_first(entries, now) if entry.key not in known]
    reasons = [_reason(entry, feed) for entry in new]
    if first_poll:
        wanted = [n for n, reason in enumerate(reasons) if not reason]
        for n in wanted[: max(len(wanted) - feed.backfill, 0)]:
            reasons[n] = f"older than the newest {feed.backfill} of the first poll (backfill)"
    return [
        Skip(entry, reason) if reason else Take(entry) for entry, reason in zip(new, reasons, strict=True)
    ]


def _oldest_first(entries: Sequence[Entry], now: datetime) -> list[Entry]:
    """By date; without one an entry stays beside its neighbour. Feeds list the newest first."""
    date = next(
        (known for entry in entries if (known := _date(entry, now))), datetime.min.replace(tzinfo=UTC)
    )
    ranked = []
    for place, entry in enumerate(entries):
        date = _date(entry, now) or date
        ranked.append((date, -place, entry))
    return [entry for _, _, entry in sorted(ranked, key=lambda rank: rank[:2])]


def _date(entry: Entry, now: datetime) -> datetime | None:
    date = entry.published or entry.updated
    return date if date is not None and date <= now + _LONGEST_LEAD else None


def _reason(entry: Entry, feed: FeedConfig) -> str:
    """Why the entry is skipped; '' where it is not."""
    if not entry.link and not entry.content_html.strip() and not entry.summary_html.strip():
        return "has neither a link nor content"
    texts = _texts(entry) if feed.include or feed.exclude else []
    for pattern in feed.exclude:
        if _found(pattern, texts):
            return f'matches exclude "{pattern}"'
    if feed.include and not any(_found(pattern, texts) for pattern in feed.include):
        return "matches none of include"
    return ""


def _texts(entry: Entry) -> list[str]:
    summary = html.unescape(_TAG.sub(" ", entry.summary_html[:_MOST_CHARS]))
    return [entry.title, " ".join(summary.split()), entry.link, entry.author, *entry.categories]


def _found(pattern: str, texts: Sequence[str]) -> bool:
    return any(re.search(pattern, text, re.IGNORECASE) for text in texts)


def changed(entries: Sequence[Entry], known: Mapping[str, str]) -> list[Entry]:
    """The entries that say something else than when they were taken; `known` holds fingerprints by key."""
    return [entry for entry in entries if known.get(entry.key, entry.fingerprint) != entry.fingerprint]
