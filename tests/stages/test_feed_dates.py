"""Dates as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.stages.feed import parse
from tests.stages.feeds import rss

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = datetime(2026, 11, 24, tzinfo=UTC)


def published(date: str, *, language: str = "en", told: str = "") -> datetime | None:
    body = rss(f"<guid>1</guid><title>a</title><pubDate>{date}</pubDate>".encode())
    if told:
        body = body.replace(b"<item>", f"<language>{told}</language><item>".encode(), 1)
    (entry,) = parse(body, "", "f", "https://x.example/feed", language=language, now=NOW).entries
    return entry.published


@pytest.mark.parametrize(
    ("date", "hours"),
    [
        ("Tue, 24 Nov 2026 13:30:00 CET", 12.5),
        ("Tue, 24 Nov 2026 13:30:00 CEST", 11.5),
        ("Tue, 24 Nov 2026 13:30:00 EET", 11.5),
        ("Tue, 24 Nov 2026 11:30:00 MSK", 8.5),
        ("Tue, 24 Nov 2026 11:30:00 WET", 11.5),
        ("Tue, 24 Nov 2026 11:30:00 BST", 10.5),
        ("Tue, 24 Nov 2026 11:30:00 IST", 11.5),  # three countries call theirs so
        ("Tue, 24 Nov 2026 08:00:00 PST", 16),
        ("Tue, 24 Nov 2026 08:00:00 +02:00", 6),
        ("Tue, 24 Nov 2026 08:00:00 GMT+02:00", 6),
        ("Tue, 24 Nov 2026 08:00:00 +0200 (EET)", 6),
        ("Tue Nov 24 08:00:00 CET 2026", 7),
        ("2026-11-24 08:00:00 PDT", 15),
        ("2026-11-24 08:00:00 +0100", 7),
        ("2026/11/24 08:00:00", 8),
        ("2026/11/24 8:00", 8),
    ],
)
def test_in_forms_for_machines(date, hours):
    assert published(date) == DAY + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("date", "language", "hours"),
    [
        ("mar., 24 nov. 2026 08:00:00 +0100", "fr", 7),
        ("mar., 24 nov. 2026 08:00:00 +0100", "en", 7),  # of an English feed on a French server
        ("вт, 24 ноя 2026 08:00:00 +0300", "ru", 5),
        ("24.11.2026 08:00", "de", 8),
        ("Tuesday, November 24, 2026 - 08:00", "en", 8),  # Drupal's
    ],
)
def test_as_readers_write_them(date, language, hours):
    assert published(date, language=language) == DAY + timedelta(hours=hours)


def test_the_feeds_own_language_tells_the_day_from_the_month():
    assert published("03/04/2026 08:00", told="en-us").month == 3
    assert published("03/04/2026 08:00", told="en-gb").month == 4
    assert published("03/04/2026 08:00", language="fr", told="en-us").month == 4


@pytest.mark.parametrize("date", ["24 nov.", "yesterday", "Thu, 01 Jan 0001 00:00:00 GMT", "1795507200"])
def test_what_no_reader_could_tell_for_sure_is_none(date):
    assert published(date, language="fr") is None


def test_of_very_many_strange_ones_only_the_first_are_read():
    dated = "<guid>{}</guid><title>a{}</title><pubDate>mar., 24 nov. 2026 08:00:00</pubDate>"
    body = rss(*(dated.format(n, n).encode() for n in range(1000)))
    entries = parse(body, "", "f", "https://x.example/feed", language="fr", now=NOW).entries
    assert len(entries) == 1000
    assert [bool(entries[n].published) for n in (0, 150, 999)] == [True, True, False]
