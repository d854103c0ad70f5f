from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pace import PacePolicy, parse_hours

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NONE = timedelta(0)


def policy(per_hour=0, apart=NONE, quiet=None, zone=UTC) -> PacePolicy:
    return PacePolicy(per_hour, apart, parse_hours(quiet) if quiet else None, zone)


def test_without_a_pace_a_post_comes_at_once():
    assert not policy().is_set
    assert policy().next_slot([NOW], NOW) == NOW


def test_posts_keep_their_distance():
    apart = policy(apart=timedelta(minutes=10))
    assert apart.next_slot([], NOW) == NOW
    assert apart.next_slot([NOW - timedelta(minutes=3)], NOW) == NOW + timedelta(minutes=7)
    assert apart.next_slot([NOW - timedelta(minutes=30)], NOW) == NOW


def test_so_many_an_hour():
    two = policy(per_hour=2)
    first, second = NOW - timedelta(minutes=50), NOW - timedelta(minutes=10)
    assert two.next_slot([second], NOW) == NOW
    assert two.next_slot([first, second], NOW) == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("hour", "wakes"),
    [(21, None), (22, "07:00 next"), (23, "07:00 next"), (3, "07:00 same"), (7, None)],
)
def test_quiet_hours_over_midnight_in_the_sites_own_zone(hour, wakes):
    zone = ZoneInfo("Europe/Paris")
    slot = datetime(2026, 3, 10, hour, 30 if hour != 7 else 0, tzinfo=zone)
    given = policy(quiet="22:00-07:00", zone=zone).next_slot([], slot)
    if wakes is None:
        assert given == slot
    else:
        day = 11 if wakes.endswith("next") else 10
        assert given == datetime(2026, 3, day, 7, tzinfo=zone)


def test_quiet_hours_on_the_night_when_clocks_change():
    zone = ZoneInfo("Europe/Paris")  # 29 March 2026: 02:00 becomes 03:00
    slot = datetime(2026, 3, 29, 1, 0, tzinfo=zone).astimezone(UTC)
    assert policy(quiet="00:00-06:00", zone=zone).next_slot([], slot) == datetime(2026, 3, 29, 4, tzinfo=UTC)


@given(
    st.lists(st.integers(0, 7200), max_size=40),
    st.integers(1, 10),
    st.integers(0, 30),
)
def test_no_hour_ever_holds_more_than_allowed(gaps_seconds, per_hour, apart_minutes):
    pace = policy(per_hour=per_hour, apart=timedelta(minutes=apart_minutes))
    now, posts = NOW, []
    for gap in gaps_seconds:
        now += timedelta(seconds=gap)
        slot = pace.next_slot(posts, now)
        posts.append(slot)
        now = slot
    for n, post in enumerate(posts):
        assert sum(post - timedelta(hours=1) < other <= post for other in posts) <= per_hour
        if n:
            assert post - posts[n - 1] >= timedelta(minutes=apart_minutes)


@pytest.mark.parametrize("text", ["22-7", "25:00-07:00", "07:00", "07:00-07:00"])
def test_what_is_no_span_of_hours(text):
    with pytest.raises(ValueError):
        parse_hours(text)


def test_hours():
    assert parse_hours("9:30 - 17:00") == (time(9, 30), time(17))
