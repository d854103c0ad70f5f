"""What the headers of an answer say, read with suspicion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin

from requests.utils import parse_header_links

from bot.model import Topic

LONGEST_PAUSE_SECONDS = 86_400.0
"""No header may silence a feed for longer than a day."""

_UNTOLD_REST_SECONDS = 60.0  # after a 429 that does not say how long
_MOST_LINK_CHARS = 8000

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


def rest_seconds(status: int, headers: Mapping[str, str]) -> float:
    """For how long the whole host is to be left alone; 0 where it does not ask for it.

    429 is said to us (RFC 6585, 4.), 503 to everybody (RFC 9110, 15.6.4): that counts where it names a time.
    """
    wish = retry_after_seconds(headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _UNTOLD_REST_SECONDS if wish is None else wish
    return (wish or 0.0) if status == HTTPStatus.SERVICE_UNAVAILABLE else 0.0


def topic(headers: Mapping[str, str], url: str) -> Topic | None:
    """Where a hub tells of changes of the document at `url`, as its Link headers say (WebSub, 4.)."""
    found: dict[str, str] = {}
    for link in parse_header_links(headers.get("Link", "")[:_MOST_LINK_CHARS]):
        for rel in link.get("rel", "").lower().split():
            found.setdefault(rel, link["url"])
    try:
        return Topic(urljoin(url, found.get("self", "")), urljoin(url, found["hub"]))
    except (KeyError, ValueError):
        return None


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
