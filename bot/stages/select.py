"""The select stage: which entries are relayed, when, and why the others are not.

    choose      entries of a poll -> Take | Skip     by what the feed itself tells
    spread      Take -> Take, at its turn            at most so many an hour
    unsuitable  an article that was read -> why not  by what only its text tells
    changed     entries that say something new

How an owner chooses stands in docs/choosing.md.
"""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.config import FeedConfig, RuleConfig
from bot.model import CleanArticle, Decision, Entry, Skip, Take
from bot.pace import PacePolicy
from bot.stages import language
from bot.stages.patterns import Patterns
from bot.units import format_duration

LONGEST_WAIT = timedelta(days=1)
"""For a turn, where `max_age` does not say sooner that it is too late: news is no archive."""

_MOST_CHARS = 20_000  # of a text that the owner's patterns are tried on
_LONGEST_LEAD = timedelta(days=1)
_DATED_BACK = timedelta(days=3)  # news may bear the date of their draft, or of the day before
_SURE = 0.8  # of a language; below that an article is taken: a wrong guess must not lose it
_SURE_OF_ALIKE = 0.95
_CHARS_TO_TELL_ALIKE = 500
_TAG = re.compile(r"<[^<>]*>")


def choose(
    entries: Sequence[Entry],
    known: Collection[str],
    feed: FeedConfig,
    *,
    first_poll: bool,
    now: datetime,
    archive: datetime | None = None,
) -> list[Decision]:
    """Decide on every entry whose key is not in `known`, oldest first.

    An entry is skipped, with its reason, where it has neither link nor content, is older than `max_age`, a
    pattern of `exclude` is found in it or a rule that skips applies; where there are patterns of `include` or rules
    that take, and none is found or applies; and where it has no text, and its page may not be read. Of a first poll
    only the newest `backfill` entries that pass all this are taken, and later none that is from long before
    `archive`, the oldest date of that poll: it moves up where others are taken out. A date more than a day after `now` is not believed.
    """
    new = [entry for entry in _oldest_first(entries, now) if entry.key not in known]
    patterns = Patterns(feed.name)
    reasons = [_reason(entry, feed, now, patterns) or _archived(entry, archive, now) for entry in new]
    if first_poll:
        wanted = [n for n, reason in enumerate(reasons) if not reason]
        for n in wanted[: max(len(wanted) - feed.backfill, 0)]:
            reasons[n] = f"older than the newest {feed.backfill} of the first poll (backfill)"
    return [
        Skip(entry, reason) if reason else Take(entry) for entry, reason in zip(new, reasons, strict=True)
    ]


def spread(
    decisions: Sequence[Decision], feed: FeedConfig, turns: Sequence[datetime], now: datetime
) -> list[Decision]:
    """Give each entry that is taken its turn: within any hour `max_per_hour` begin, the others wait.

    `turns` are those given before, oldest first, from an hour ago on. An entry that would be older than
    `max_age` when its turn comes, or wait for longer than a day, is skipped: a queue must not grow for ever.
    """
    if not feed.max_per_hour:
        return list(decisions)
    pace, given, placed = PacePolicy(feed.max_per_hour, timedelta(0), None, UTC), list(turns), []
    for decision in decisions:
        turn = pace.next_slot(given, now)
        here = _placed(decision, feed, turn, now) if isinstance(decision, Take) else decision
        placed.append(here)
        if isinstance(here, Take):
            given.append(turn)
    return placed


def unsuitable(entry: Entry, article: CleanArticle, feed: FeedConfig) -> str:
    """Why an article that was read is not relayed after all (`min_chars`, `languages`); '' where it is.

    Of a feed that is relayed as an excerpt, the text that the feed itself holds is looked at.
    """
    if not feed.min_chars and not feed.languages:
        return ""
    bodies = [article.html, *([entry.content_html, entry.summary_html] if feed.depth == "excerpt" else [])]
    text = max(map(_plain, bodies), key=len)
    if len(text) < feed.min_chars:
        return f"its text has {len(text)} characters, fewer than min_chars ({feed.min_chars})"
    return _foreign(f"{article.title}\n{text[:_MOST_CHARS]}", feed.languages)


def has_text(entry: Entry) -> bool:
    """Whether the feed itself holds words of it, beside the title."""
    return bool(_plain(entry.summary_html) or _plain(entry.content_html))


def changed(entries: Sequence[Entry], known: Mapping[str, str]) -> list[Entry]:
    """The entries that say something else than when they were taken; `known` holds fingerprints by key."""
    return [entry for entry in entries if known.get(entry.key, entry.fingerprint) != entry.fingerprint]


# --- order and time -----------------------------------------------------------------------------


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


def _placed(take: Take, feed: FeedConfig, turn: datetime, now: datetime) -> Decision:
    if turn <= now:
        return take
    if _too_old(take.entry, feed, turn) or turn > now + LONGEST_WAIT:
        return Skip(take.entry, f"its turn (max_per_hour = {feed.max_per_hour}) would come too late")
    return dataclasses.replace(take, not_before=turn)


def _too_old(entry: Entry, feed: FeedConfig, at: datetime) -> bool:
    """Whether it is past `max_age` at that moment; an entry without a date never is."""
    date = _date(entry, at)
    return bool(feed.max_age) and date is not None and date < at - feed.max_age


def _archived(entry: Entry, archive: datetime | None, now: datetime) -> str:
    """Why it is none of the news; '' where it may be."""
    date = _date(entry, now)
    if archive is None or date is None or date >= archive - _DATED_BACK:
        return ""
    return f"from the feed's archive (backfill): it is from {date:%Y-%m-%d %H:%M} UTC, before all of the first poll"


# --- rules --------------------------------------------------------------------------------------


def _reason(entry: Entry, feed: FeedConfig, now: datetime, patterns: Patterns) -> str:
    """Why the entry is skipped; '' where it is not."""
    if not entry.link and not entry.content_html.strip() and not entry.summary_html.strip():
        return "has neither a link nor content"
    if _too_old(entry, feed, now):
        date = entry.published or entry.updated
        return f"older than max_age ({format_duration(feed.max_age)}): it is from {date:%Y-%m-%d %H:%M} UTC"
    chosen = feed.include or feed.exclude or feed.rules
    refusal = _refusal(_fields(entry), feed, patterns) if chosen else ""
    return refusal or _textless(entry, feed)


def _textless(entry: Entry, feed: FeedConfig) -> str:
    """Why a bare title cannot be relayed; '' where there is more, or may be on its page."""
    if feed.depth == "full" or has_text(entry):
        return ""
    if feed.rights == "unknown":
        return (
            "the feed holds no text of it, and without rights only an excerpt of that is relayed; if its pages may "
            f'be, set rights to "open", "permission" or "licensed" at the feed, then: bot retry {entry.key}'
        )
    key = "rights" if feed.rights == "excerpt" else "content"
    return f'the feed holds no text of it, and {key} = "{getattr(feed, key)}" leaves its page unread'


def _refusal(fields: Mapping[str, Sequence[str]], feed: FeedConfig, patterns: Patterns) -> str:
    """What `exclude`, `include` and the rules have against an entry with these texts; in doubt it is taken."""
    for pattern in feed.exclude:
        if patterns.find("exclude", pattern, fields["any"], in_doubt=False, ignore_case=True):
            return f'matches exclude "{pattern}"'
    skips, takes = ([rule for rule in feed.rules if rule.action == action] for action in ("skip", "take"))
    for rule in skips:
        if _applies(rule, fields, patterns):
            return f"matches the rule that skips {_told(rule)}"
    wanted = any(
        patterns.find("include", pattern, fields["any"], in_doubt=True, ignore_case=True)
        for pattern in feed.include
    )
    if wanted or any(_applies(rule, fields, patterns) for rule in takes):
        return ""
    missed = [*(["include"] if feed.include else []), *(["the rules that take"] if takes else [])]
    return f"matches none of {' or '.join(missed)}" if missed else ""


def _applies(rule: RuleConfig, fields: Mapping[str, Sequence[str]], patterns: Patterns) -> bool:
    in_doubt = rule.action == "take"
    return all(
        patterns.find(f"rules.{field}", pattern, fields[field], in_doubt=in_doubt, ignore_case=True)
        for field, pattern in rule.patterns.items()
    )


def _told(rule: RuleConfig) -> str:
    return " and ".join(f'{field} "{pattern}"' for field, pattern in rule.patterns.items())


def _fields(entry: Entry) -> dict[str, list[str]]:
    """The texts that patterns are tried on, by the name that a rule gives them."""
    summary = _plain(entry.summary_html[:_MOST_CHARS])
    return {
        "any": [entry.title, summary, entry.link, entry.author, *entry.categories],
        "title": [entry.title],
        "text": [summary, _plain(entry.content_html[:_MOST_CHARS])],
        "author": [entry.author],
        "category": list(entry.categories),
        "link": [entry.link],
    }


def _plain(markup: str) -> str:
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _foreign(text: str, wanted: Sequence[str]) -> str:
    """Why a text is in none of the languages `wanted`; '' where it is, or may well be."""
    if not wanted:
        return ""
    found, sure = language.detect(text)
    if not found or any(language.base(found) == language.base(code) for code in wanted):
        return ""
    alike = any(language.alike(found, code) for code in wanted)
    if sure < (_SURE_OF_ALIKE if alike else _SURE) or (alike and len(text) < _CHARS_TO_TELL_ALIKE):
        return ""
    return f"reads like {found}, and languages are {', '.join(wanted)}"
