"""Dates: as machines write them (ISO 8601, RFC 5322), and as pages do for readers.

standard    "2026-11-24T10:00:00+02:00", "24 Nov 2026 08:00 GMT", "November 24, 2026"    quick
absolute    the same, and "24 novembre 2026", "03/04/2026", alone or among other words
relative    "vor 2 Stunden", "yesterday"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bot.stages import language as languages

_MOST_CHARS = 120
_MOST_PIECES = 5  # each takes a millisecond or two
_EARLIEST_YEAR = 1990
_LATEST = timedelta(days=1)  # after now: clocks and zones differ; what is later is no date of a publication
_ENGLISH = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y")
_HOUR_END = r"(:\d{2}(?:\.\d+)?)\s*"
_ZONE = re.compile(_HOUR_END + r"\(?([A-Z]{2,4})\)?$", re.IGNORECASE)
_OFFSET = re.compile(
    _HOUR_END + r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?(?:\s*\(?[A-Z]{2,5}\)?)?$", re.IGNORECASE
)
_YEAR_OF_NOTHING = re.compile(r"\s00\d\d(?:\s|$)")  # "01 Jan 0001": Python takes it for 2001
_YEAR_LAST = re.compile(r"(\d{1,2}:\d{2}:\d{2} \S{1,9}) (\d{4})$")  # of java.util.Date
_YEAR_FIRST = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)(?:[T\s]\s*(\d{1,2})(?=:))?", re.IGNORECASE
)
_OFFSETS = {
    name: offset
    for offset, names in {
        "+0000": "UT UTC GMT WET",
        "+0100": "CET MEZ MET WEST BST WAT",
        "+0200": "CEST MESZ MEST EET SAST CAT",
        "+0300": "EEST MSK TRT EAT",
        "+0500": "PKT",
        "+0700": "ICT WIB",
        "+0800": "HKT SGT",
        "+0900": "JST KST",
        "+1000": "AEST",
        "+1100": "AEDT",
        "+1200": "NZST",
        "+1300": "NZDT",
        "-0230": "NDT",
        "-0300": "ADT BRT ART",
        "-0330": "NST",
        "-0400": "AST EDT",
        "-0500": "EST CDT",
        "-0600": "CST MDT",
        "-0700": "MST PDT",
        "-0800": "PST",
    }.items()
    for name in names.split()
}
"""Names of zones. RFC 5322 has the American ones only; IST is India's, Israel's and Ireland's, and so nobody's."""

_PARTS = re.compile(r"\s*[|•·–—\n]\s*")
_NUMERIC = re.compile(
    r"\b(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2\d{4})\b(?:.{0,5}\b\d{1,2}:\d{2}\b)?"
)
_FIGURES = re.compile(r"\d\s?[-/.]\s?\d")
_YEAR = re.compile(r"\d{4}")
_HOUR = re.compile(r"\b(?:às\s+)?(\d{1,2})\s?h\s?(\d{2})\b|\bàs\s+(?=\d)", re.IGNORECASE)
_MONTH_FIRST = re.compile(r"en-us\b", re.IGNORECASE)
_ABSOLUTE = {"PARSERS": ["absolute-time"], "REQUIRE_PARTS": ["day", "month"]}
_RELATIVE = {"PARSERS": ["relative-time"]}
_NAMES = {"no": "nb"}  # languages that dateparser has under another code


def absolute(text: str, language: str, now: datetime | None) -> datetime | None:
    """The date that a text tells, in UTC; None where it tells none that can be true.

    ISO 8601 and RFC 5322 in any language; else in `language` (BCP 47; '' is English) and in English, alone or among a
    few other words. A day without a year is the last one. "03/04" is the 3rd of April but in en-US, unless only the
    other way round it is no later than a day after `now`. Without a zone it is taken for UTC.
    """
    text = text[:_MOST_CHARS]
    if moment := standard(text, now):
        return moment
    if not _YEAR.search(text) and next(_read(text, language, now, _RELATIVE), None):
        return None  # "2 hours ago" holds a number that may pass for a day
    orders = _orders(language) if _FIGURES.search(text) else ("DMY",)
    return next((found for order in orders for found in _read(text, language, now, _ABSOLUTE, order)), None)


def standard(text: str, now: datetime | None) -> datetime | None:
    """The date of a text that is nothing but one, in UTC; None where it is none, or none that can be true.

    Read are ISO 8601 (RFC 3339, W3C), also with other signs than "-", RFC 5322, with the names of more zones than it
    knows, and English dates such as "3 March 2026". Without a zone it is taken for UTC. What is later than a day after
    `now` is not believed; without `now` it is.
    """
    tidy = _tidied(" ".join(text[: 2 * _MOST_CHARS].split())[:_MOST_CHARS])
    if _YEAR_OF_NOTHING.search(tidy):
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime, *map(_written, _ENGLISH)):
        try:
            return _possible(_in_utc(parse(tidy)), now)
        except (ValueError, IndexError, TypeError, OverflowError):
            continue
    return None


def relative(text: str, language: str, now: datetime) -> datetime | None:
    """The moment that a text such as "2 hours ago" or "yesterday" tells; None where it tells none."""
    return next(_read(text[:_MOST_CHARS], language, now, _RELATIVE), None)


def _tidied(text: str) -> str:
    """A date as Python reads it: with year first written with "-", and its zone as an offset in four digits."""
    text = _YEAR_LAST.sub(r"\2 \1", text)
    if day := _YEAR_FIRST.match(text):
        hour = f"T{day[4]:0>2}" if day[4] else ""
        text = f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}{hour}{text[day.end() :]}"
    blank = "" if day else " "
    if (told := _ZONE.search(text)) and (offset := _OFFSETS.get(told[2].upper())):
        return f"{text[: told.end(1)]}{blank}{offset}"
    if told := _OFFSET.search(text):
        return f"{text[: told.end(1)]}{blank}{told[2]}{told[3]:0>2}{told[4] or '00'}"
    return text


def _written(form: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, form).replace(tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _possible(moment: datetime | None, now: datetime | None) -> datetime | None:
    """`moment`, if something can have been published then."""
    if moment is None or moment.year < _EARLIEST_YEAR:
        return None
    return moment if now is None or moment <= now + _LATEST else None


def _orders(language: str) -> tuple[str, str]:
    return ("MDY", "DMY") if _MONTH_FIRST.match(language.replace("_", "-")) else ("DMY", "MDY")


def _read(
    text: str, language: str, now: datetime | None, kind: dict[str, Any], order: str = "DMY"
) -> Iterator[datetime]:
    """What can be true of what dateparser reads in a text and in its parts."""
    settings = kind | {
        "DATE_ORDER": order,
        "IGNORE_SURROUNDING_TEXT": True,
        "PREFER_DATES_FROM": "past",
        "PREFER_LOCALE_DATE_ORDER": False,
        "RETURN_AS_TIMEZONE_AWARE": True,
        "TIMEZONE": "UTC",
        "TO_TIMEZONE": "UTC",
    }
    if now is not None:
        settings["RELATIVE_BASE"] = now.replace(tzinfo=None)
    for piece in _pieces(text):
        if moment := _possible(_parsed(piece, _code(language), settings), now):
            yield moment


def _parsed(text: str, code: str, settings: dict[str, Any]) -> datetime | None:
    from dateparser import parse  # noqa: PLC0415 - slow to import, and seldom needed

    try:
        found: datetime | None = parse(text, languages=[code, "en"], settings=settings)
    except ValueError:  # a language that it does not have
        return None if code == "en" else _parsed(text, "en", settings)
    except Exception:  # noqa: BLE001 - it names none of its errors; without a date an entry is whole
        return None
    return found


def _pieces(text: str) -> Iterator[str]:
    """The text, the parts of a by-line, and the date in figures somewhere in it."""
    tidy = _HOUR.sub(lambda match: f" {match[1]}:{match[2]}" if match[1] else "", text)
    figures = [match[0] for match in _NUMERIC.finditer(tidy)][:1]
    pieces = [" ".join(piece.split()) for piece in (tidy, *_PARTS.split(tidy), *figures)]
    yield from list(dict.fromkeys(filter(None, pieces)))[:_MOST_PIECES]


def _code(language: str) -> str:
    code = languages.base(language) if language not in ("", "auto") else "en"
    return _NAMES.get(code, code)
