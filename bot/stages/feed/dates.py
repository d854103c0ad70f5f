"""The dates of a feed: of one that feedparser reads, and of formats that are read without it, in its form."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.stages import dates

RELATIVE = "relative"
"""A date such as "2 hours ago": each poll reads another one, so it is none to know an entry by."""

_MOST_SLOW = 200  # readings in a document; each may take some milliseconds
_MOST_CHARS = 60
_WIDESPREAD = ("en", "fr", "es", "de", "it", "pt", "ru")
_YEARS = range(1990, 2101)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

Raw = Mapping[str, Any]


class Dates:
    """Reads the dates of one document, whose entries are dicts as feedparser makes them.

    `languages` are BCP 47 codes, the likeliest first; '' where one is not known. Servers write dates in a language of
    their own at times: after these the most widespread ones are tried.
    """

    def __init__(self, *languages: str, now: datetime | None = None) -> None:
        self._languages = tuple(dict.fromkeys(filter(None, (*languages, *_WIDESPREAD))))
        self._now = now
        self._slow_left = _MOST_SLOW

    def of(self, raw: Raw, *names: str) -> datetime | None:
        """The first of these fields that tells a date that can be true, in UTC.

        Where machines cannot read it, it is read as a reader of the feed would ("mar., 24 nov. 2026 08:00"), so far
        as it has a year.
        """
        return next(
            (date for name in names if (date := date_of(raw, name) or self._written(raw, name))), None
        )

    def _written(self, raw: Raw, name: str) -> datetime | None:
        text = _field(raw, name)
        if not isinstance(text, str) or not _YEAR.search(text):
            return None
        for language in self._languages[: self._slow_left]:
            self._slow_left -= 1
            if (date := dates.absolute(text[:_MOST_CHARS], language, self._now)) and date.year in _YEARS:
                self._languages = tuple(dict.fromkeys((language, *self._languages)))
                return date
        return None


def date_of(raw: Raw, *names: str) -> datetime | None:
    """The first of these fields that tells a date that can be true, in a form for machines; in UTC.

    feedparser goes last: it takes the names of most zones for UTC, and reads 2026/11/24 as the 1st.
    """
    for name in names:
        text, moment = _field(raw, name), _field(raw, f"{name}_parsed")
        date = (dates.standard(text, now=None) if text and isinstance(text, str) else None) or _utc(moment)
        if date is not None and date.year in _YEARS:
            return date
    return None


def moment(text: str) -> time.struct_time | None:
    """The date that stages/dates.py reads in `text`, in UTC; None where it is none.

    One in the future stands, as those that feedparser reads do: the select stage, which knows the time, does not
    believe it.
    """
    date = dates.standard(text, now=None)
    return date.timetuple() if date else None


def _field(raw: Raw, name: str) -> Any:
    """What the document says itself: feedparser's dict gives "published" for a missing "updated"."""
    return dict.get(raw, name) if isinstance(raw, dict) else raw.get(name)


def _utc(moment: Any) -> datetime | None:
    try:
        return datetime(*moment[:6]).replace(tzinfo=UTC) if moment else None  # noqa: DTZ001 - UTC already
    except (ValueError, OverflowError, TypeError):
        return None
