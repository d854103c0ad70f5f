"""What the headers of an answer say, read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE_SECONDS = 86_400.0
"""No header may silence a feed for longer than a day."""

_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,9})', re.IGNORECASE)
_SENDABLE = re.compile(r"[\x21-\x7e\xa0-\xff](?:[\x20-\x7e\xa0-\xff]{0,998}[\x21-\x7e\xa0-\xff])?")


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """How long the server wants us to stay away (RFC 9110, 10.2.3): seconds, or a date; None: it did not say.

    A date is measured against the server's own Date header, so that a wrong clock on its side or ours
    does no harm.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return min(float(value), LONGEST_PAUSE_SECONDS)
    until = _date(value)
    if until is None:
        return None
    now = _date(headers.get("Date", "")) or datetime.now(UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_PAUSE_SECONDS)


def max_age_seconds(headers: Mapping[str, str]) -> float:
    """Cache-Control: max-age (RFC 9111, 5.2.2.1); 0 where there is none or caching is forbidden."""
    value = headers.get("Cache-Control", "")
    match = _MAX_AGE.search(value)
    if match is None or re.search(r"\bno-(store|cache)\b", value, re.IGNORECASE):
        return 0
    return min(float(match[1]), LONGEST_PAUSE_SECONDS)


def validator(headers: Mapping[str, str], name: str) -> str:
    """An ETag or Last-Modified to be sent back as it came; '' where it could not be sent back."""
    value = headers.get(name, "").strip()
    return value if _SENDABLE.fullmatch(value) else ""


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
