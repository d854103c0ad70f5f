"""Dates as formats without feedparser's help tell them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MOST_CHARS = 60
_WRITTEN = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%Y/%m/%d")


def moment(text: str) -> time.struct_time | None:
    """A date in UTC, in the form that feedparser has for it; None where `text` is none.

    Read are ISO 8601 (RFC 3339, W3C), RFC 5322, and English dates such as "3 March 2026". Without a zone it is
    taken for UTC.
    """
    tidy = " ".join(text.split())[:_MOST_CHARS]
    for parse in (datetime.fromisoformat, parsedate_to_datetime, *map(_written, _WRITTEN)):
        try:
            date = parse(tidy)
            return date.astimezone(UTC).timetuple() if date.tzinfo else date.timetuple()
        except (ValueError, IndexError, TypeError, OverflowError):
            continue
    return None


def _written(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form).replace(tzinfo=UTC)
