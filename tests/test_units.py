from datetime import timedelta

import pytest

from bot.units import Schedule, format_duration, parse_duration, parse_schedule, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20s", 20), ("15m", 900), ("1h30m", 5400), ("2d", 172800), ("1h 5s", 3605)],
)
def test_durations(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "15x", "m", "-5m", "1.5h", "5m!"])
def test_what_is_no_duration_names_the_remedy(text):
    with pytest.raises(ValueError, match='write for instance "20s"'):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"), [("10MB", 10_000_000), ("500kb", 500_000), ("12", 12), ("1.5 GB", 1_500_000_000)]
)
def test_sizes(text, size):
    assert parse_size(text) == size


def test_what_is_no_size_names_the_remedy():
    with pytest.raises(ValueError, match='write for instance "500KB"'):
        parse_size("ten")


def test_a_schedule_is_a_duration_or_a_crontab_line():
    assert parse_schedule("15m") == Schedule(every=timedelta(minutes=15))
    assert parse_schedule("*/5 * * * *") == Schedule(cron="*/5 * * * *")


@pytest.mark.parametrize("text", ["10s", "99 * * * *", "often"])
def test_schedules_that_cannot_be(text):
    with pytest.raises(ValueError):
        parse_schedule(text)


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 5400, 90_000])
def test_a_written_duration_reads_back(seconds):
    duration = timedelta(seconds=seconds)
    assert parse_duration(format_duration(duration)) == duration
