from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.stages.dates import absolute, relative, standard
from bot.stages.extract import metadata, page
from bot.stages.feed.dates import moment

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOVEMBER_24 = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("24 novembre 2026", "fr"),
        ("le 24 nov. 2026", "fr"),
        ("24. November 2026", "de-AT"),
        ("24 de noviembre de 2026", "es"),
        ("24 ноября 2026 г.", "ru"),
        ("24 listopada 2026", "pl"),
        ("24. november 2026", "nb"),
        ("2026年11月24日", "ja"),
        ("2026년 11월 24일", "ko"),
        ("24 نوفمبر 2026", "ar"),
        ("24 नवंबर 2026", "hi"),
        ("24/11/2026", "pt"),
        ("24.11.2026", "de"),
        ("2026-11-24", "fr"),
        ("Publié le 24/11/2026", "fr"),
        ("By Ann Hale | 24 November 2026 | 3 min read", "en"),
        ("November 24th, 2026", "en-US"),
        ("24 November 2026", "auto"),
        ("24 November 2026", "xx"),  # no language that anybody knows: English is tried
        ("24 Nov", "en"),
    ],
)
def test_a_day_as_readers_of_a_language_write_it(text, language):
    assert absolute(text, language, NOW) == NOVEMBER_24


@pytest.mark.parametrize(
    ("text", "language", "moment"),
    [
        ("2026-11-24T10:00:00+02:00", "fr", NOVEMBER_24.replace(hour=8)),
        ("Tue, 24 Nov 2026 08:00:00 GMT", "fr", NOVEMBER_24.replace(hour=8)),
        ("Publié le 24 novembre 2026 à 8h30", "fr", NOVEMBER_24.replace(hour=8, minute=30)),
        ("24 de novembro de 2026 às 08h30", "pt-BR", NOVEMBER_24.replace(hour=8, minute=30)),
        ("24.11.2026, 08:30 Uhr", "de", NOVEMBER_24.replace(hour=8, minute=30)),
    ],
)
def test_an_hour_beside_it(text, language, moment):
    assert absolute(text, language, NOW) == moment


@pytest.mark.parametrize(
    ("text", "language", "month", "day"),
    [
        ("03/04/2026", "en-US", 3, 4),
        ("03/04/2026", "en-GB", 4, 3),
        ("03/04/2026", "en", 4, 3),
        ("03/04/2026", "fr", 4, 3),
        ("25/04/2026", "en-US", 4, 25),  # there is no 25th month
        ("03/12/2026", "fr", 3, 12),  # and no story of next week
        ("2026-03-04", "en-US", 3, 4),
    ],
)
def test_which_is_the_day_and_which_the_month(text, language, month, day):
    assert absolute(text, language, NOW) == datetime(2026, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T08:30:00Z",
        "  2026-11-24T10:30+02:00\n",
        "Tue, 24 Nov 2026 08:30:00 GMT",
        "24 Nov 2026 08:30 +0000",
    ],
)
def test_feeds_and_pages_read_a_machines_date_alike(text):
    date = NOVEMBER_24.replace(hour=8, minute=30)
    assert standard(text, NOW) == date
    assert moment(text) == date.timetuple()
    assert published(text) == date


@pytest.mark.parametrize(
    "text",
    ["24 November 2026", "November 24, 2026", "24 Nov 2026", "Nov 24, 2026", "2026/11/24", "2026-11-24"],
)
def test_feeds_and_pages_read_an_english_day_alike(text):
    assert standard(text, NOW) == published(text) == NOVEMBER_24
    assert moment(text) == NOVEMBER_24.timetuple()


@pytest.mark.parametrize("text", ["2026-11-26", "2999-01-01T00:00:00Z", "Fri, 31 Dec 2100 00:00:00 GMT"])
def test_a_page_that_dates_itself_into_the_future_is_not_believed(text):
    assert published(text) is None
    assert published(text, "2026-11-24") == NOVEMBER_24  # what else it tells is


def test_a_page_of_a_zone_where_tomorrow_has_begun_is_believed():
    assert published("2026-11-25T08:00:00") == NOVEMBER_24.replace(day=25, hour=8)


def published(*told):
    tags = "".join(
        f'<meta name="{name}" content="{text}">'
        for name, text in zip(("dc.date", "date"), told, strict=False)
    )
    root = page.parse(f"<html><head>{tags}</head><body><p>A story.</p></body></html>", "https://a.example/")
    return metadata.read(root, "https://a.example/", NOW).published


def test_a_day_without_a_year_is_the_last_one():
    assert absolute("25 décembre", "fr", NOW) == datetime(2025, 12, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "  ", "3 min read", "12:30", "2026", "May", "3 apples", "Port Hallin", "31/02/2026", "24 November 1066",
     "26 November 2026", "2027-01-01", "24/11/99999", "1764000000", "x" * 5000, "9" * 5000, "\x00", "24 November 2026" * 300],
)  # fmt: skip
def test_what_tells_no_day_that_can_be_true(text):
    found = absolute(text, "en", NOW)
    assert found is None or (len(text) > 120 and found == NOVEMBER_24)


@pytest.mark.parametrize(
    ("text", "language", "moment"),
    [
        ("il y a 2 heures", "fr", NOVEMBER_24.replace(hour=10)),
        ("Publié il y a 2 heures", "fr", NOVEMBER_24.replace(hour=10)),
        ("vor 2 Stunden", "de", NOVEMBER_24.replace(hour=10)),
        ("hace 2 horas", "es", NOVEMBER_24.replace(hour=10)),
        ("há 2 horas", "pt-BR", NOVEMBER_24.replace(hour=10)),
        ("2 hours ago", "fr", NOVEMBER_24.replace(hour=10)),
        ("3小时前", "zh", NOVEMBER_24.replace(hour=9)),
        ("hier", "fr", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("24 novembre 2026", "fr", None),
        ("tomorrow at noon, or in 3 weeks", "en", None),
    ],
)
def test_how_long_ago(text, language, moment):
    assert relative(text, language, NOW) == moment


@pytest.mark.parametrize(
    ("text", "language"), [("il y a 2 heures", "fr"), ("vor 11 Tagen", "de"), ("5 days ago", "en-US")]
)
def test_how_long_ago_passes_for_no_day(text, language):
    assert absolute(text, language, NOW) is None


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="0123456789 :./-|•hTZ+\n٣年月é") | st.text(max_size=200),
    st.sampled_from(["", "auto", "en-US", "fr", "zh-Hant", "ar", "xx", "not a code"]),
)
def test_no_text_breaks_anything(text, language):
    for read in (absolute, relative):
        found = read(text, language, NOW)
        assert found is None or found <= NOW + timedelta(days=1)
