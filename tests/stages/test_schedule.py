"""The schedule stage: when a feed is asked next, and what its owner hears."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.config import FeedConfig, ScheduleConfig
from bot.errors import FeedUnreadable, FetchGone, FetchTooSoon, FetchUnavailable
from bot.model import Entry, FeedState, Fetched, NotModified, ParsedFeed, Rhythm, Take
from bot.stages.schedule import (
    LONGEST_JITTER,
    PollPolicy,
    changed,
    complaint,
    failed,
    next_poll,
    notes,
    policy_of,
    postponed,
    rhythm_of,
    unchanged,
    warned,
)

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
POLICY, UNTOLD = PollPolicy(every=15 * MINUTE), Rhythm()
STATE = FeedState("f", "https://x/feed", polled_at=NOW - HOUR, new_at=NOW - MINUTE)


def entry(n: int, published: datetime | None) -> Entry:
    return Entry(str(n), "f", str(n), f"https://x/{n}", f"Title {n}", published=published)


def feed(*dates: datetime | None, **more) -> ParsedFeed:
    return ParsedFeed("T", "en", tuple(entry(n, date) for n, date in enumerate(dates)), **more)


def pause(rhythm: Rhythm = UNTOLD, policy: PollPolicy = POLICY, max_age: float = 0, **state) -> timedelta:
    """The next poll, from now on, without the jitter."""
    at = next_poll(policy, replace(STATE, rhythm=rhythm, **state), max_age, NOW)
    wait = at - NOW
    whole = timedelta(minutes=wait // MINUTE)
    assert timedelta(0) <= wait - whole <= LONGEST_JITTER
    return whole


def every(gap: timedelta) -> Rhythm:
    """Of a feed with so much time between two entries."""
    return rhythm_of(feed(*(NOW - gap * n for n in range(1, 21))), NOW)


class TestNextPoll:
    def test_a_feed_is_polled_as_often_as_its_owner_says(self):
        assert pause(every(10 * MINUTE)) == 15 * MINUTE

    @pytest.mark.parametrize(
        ("gap", "minutes"), [(HOUR, 15), (2 * HOUR, 30), (3 * HOUR, 45), (DAY, 60), (90 * DAY, 60)]
    )
    def test_one_that_seldom_changes_less_often_within_bounds(self, gap, minutes):
        assert pause(every(gap)) == timedelta(minutes=minutes)

    def test_the_bound_is_the_owners(self):
        assert pause(every(DAY), replace(POLICY, longest=4 * HOUR)) == 4 * HOUR
        assert pause(every(DAY), replace(POLICY, longest=MINUTE)) == 15 * MINUTE

    def test_a_feed_that_falls_silent_is_asked_less_and_less_though_a_304_tells_no_dates(self):
        busy = Rhythm(recent=20, recent_since=NOW - 5 * HOUR)
        assert pause(busy) == 15 * MINUTE
        later = NOW + 2 * DAY
        assert next_poll(POLICY, replace(STATE, rhythm=busy), 0, later) - later > 37 * MINUTE

    def test_without_dates_the_time_since_the_last_new_entry_says_it(self):
        assert pause(new_at=NOW - 2 * HOUR) == 30 * MINUTE
        assert pause(new_at=NOW - 9 * DAY) == HOUR

    def test_dates_in_the_future_count_for_nothing(self):
        assert rhythm_of(feed(NOW + DAY, NOW - HOUR, None), NOW) == Rhythm(recent=1, recent_since=NOW - HOUR)

    @pytest.mark.parametrize(("wish", "minutes"), [(60, 15), (3600, 60), (10_000_000, 24 * 60)])
    def test_the_publishers_wish_makes_it_later_up_to_a_day(self, wish, minutes):
        assert pause(max_age=wish) == pause(Rhythm(ttl_seconds=wish)) == timedelta(minutes=minutes)

    def test_a_304_tells_how_long_it_holds_too(self):
        held = NotModified("https://x/feed", max_age_seconds=7200)
        assert unchanged(POLICY, STATE, held, NOW).next_poll_at >= NOW + 2 * HOUR

    def test_hours_and_days_that_a_feed_skips(self):
        night = Rhythm(skip_hours=(12, 13, 14))
        assert pause(night) == 3 * HOUR
        wednesday_to_friday = Rhythm(skip_days=(2, 3, 4))
        assert pause(wednesday_to_friday) == 2 * DAY + 12 * HOUR

    def test_not_even_the_jitter_leads_into_an_hour_that_is_skipped(self):
        noon = Rhythm(skip_hours=(12,))
        for second in range(60):
            early = NOW - 15 * MINUTE - timedelta(seconds=second)
            assert next_poll(POLICY, replace(STATE, rhythm=noon), 0, early).hour != 12

    def test_feeds_that_sleep_do_not_all_wake_at_once(self):
        night = Rhythm(skip_hours=(12,))
        moments = {next_poll(POLICY, replace(STATE, name=f"f{n}", rhythm=night), 0, NOW) for n in range(50)}
        assert len(moments) == 50
        assert {moment.hour for moment in moments} == {13}

    def test_a_feed_that_skips_always_is_polled_all_the_same(self):
        assert pause(Rhythm(skip_hours=tuple(range(24)))) == 15 * MINUTE

    def test_a_crontab_line_is_kept_to_the_letter(self):
        assert next_poll(PollPolicy(every=None), STATE, 3600, NOW) is None

    def test_feeds_drift_apart_but_the_same_poll_gives_the_same(self):
        moments = {next_poll(POLICY, replace(STATE, name=f"f{n}"), 0, NOW) for n in range(50)}
        assert len(moments) == 50
        assert max(moments) - min(moments) > 30 * timedelta(seconds=1)
        assert next_poll(POLICY, STATE, 0, NOW) == next_poll(POLICY, STATE, 0, NOW)

    def test_the_rule_of_a_feed_goes_before_the_general_one(self):
        common = {"name": "f", "url": "https://x/feed", "language": "en", "sites": ["s"]}
        own = FeedConfig.model_validate({**common, "every": "5m", "longest": "2h", "silent_after": "3d"})
        assert policy_of(own, ScheduleConfig()) == PollPolicy(5 * MINUTE, 2 * HOUR, 3 * DAY)
        assert policy_of(FeedConfig.model_validate(common), ScheduleConfig()) == POLICY
        literal = FeedConfig.model_validate({**common, "every": "*/5 * * * *"})
        assert policy_of(literal, ScheduleConfig()).every is None


class TestFailures:
    DOWN = FetchUnavailable("https://x/feed", "answered 500")

    def failed(self, times: int, error=DOWN) -> FeedState:
        state = replace(STATE, moved_to="https://y/feed")
        for _ in range(times):
            state = failed(POLICY, state, error, NOW)
        return state

    def test_the_pause_grows_and_never_ends(self):
        pauses = [(self.failed(n).next_poll_at - NOW) / MINUTE for n in (1, 2, 3, 6, 20, 2000)]
        assert pauses == [1, 2, 4, 32, 360, 360]

    def test_what_will_not_pass_by_itself_is_not_asked_more_often_than_a_good_feed(self):
        assert self.failed(1, FeedUnreadable("f", "a web page")).next_poll_at == NOW + 15 * MINUTE

    def test_a_feed_that_fails_is_left_alone_in_the_hours_that_it_skips(self):
        asleep = replace(STATE, rhythm=Rhythm(skip_hours=(12, 13)))
        assert failed(POLICY, asleep, self.DOWN, NOW).next_poll_at == NOW + 2 * HOUR

    def test_a_publisher_who_says_when_to_come_back_is_heard(self):
        asked = FetchUnavailable("https://x/feed", "answered 429", retry_after_seconds=7200)
        state = failed(POLICY, STATE, asked, NOW)
        assert state.next_poll_at == state.not_before == NOW + 2 * HOUR

    def test_a_feed_that_is_gone_is_asked_once_a_day(self):
        state = self.failed(3, FetchGone("https://x/feed", "answered 410 Gone", status=410))
        assert (state.next_poll_at, state.gone) == (NOW + DAY, True)
        assert not self.failed(1, FetchGone("https://x/feed", "answered 404", status=404)).gone

    def test_a_move_outlasts_bad_weather_but_not_a_storm(self):
        moves = [self.failed(n).moved_to for n in (1, 2, 3, 4)]
        assert moves == ["https://y/feed", "https://y/feed", "", ""]

    @pytest.mark.parametrize(
        "error",
        [
            FetchGone("https://y/feed", "answered 404", status=404),
            FetchGone("https://y/feed", "answered 410", status=410),
            FeedUnreadable("f", "a web page"),
        ],
    )
    def test_where_a_move_led_to_no_feed_the_next_poll_begins_at_the_owners_address(self, error):
        assert self.failed(1, error).moved_to == ""

    def test_a_feed_whose_host_could_not_be_asked_is_as_it_was_but_for_the_time(self):
        failing, too_soon = self.failed(2), FetchTooSoon("https://x/feed", "rests", retry_after_seconds=7200)
        later = postponed(failing, too_soon, NOW)
        until = NOW + 2 * HOUR
        assert later == replace(failing, next_poll_at=until, not_before=until)

    def test_the_first_failure_is_remembered_until_a_poll_goes_well(self):
        later = failed(POLICY, self.failed(1), self.DOWN, NOW + HOUR)
        assert later.failing_since == NOW
        well = unchanged(POLICY, later, NotModified("https://x/feed"), NOW + DAY)
        assert (well.failing_since, well.failures, well.error) == (None, 0, "")


class TestChanged:
    SOURCE = FeedConfig(name="f", url="https://x/feed", language="en", sites=("s",))

    def after(self, parsed: ParsedFeed, *, new=(), state: FeedState = STATE, **answer) -> FeedState:
        fetched = Fetched("https://x/feed", b"body", etag='"1"', **answer)
        return changed(POLICY, self.SOURCE, state, fetched, parsed, [Take(each) for each in new], NOW)

    def test_marks_are_kept_but_not_of_a_document_that_breaks_off(self):
        whole, cut = self.after(feed()), self.after(feed(cut_off=True))
        assert (whole.etag, len(whole.digest)) == ('"1"', 64)
        assert (cut.etag, cut.digest) == ("", "")

    def test_the_same_document_under_a_new_mark_is_asked_for_by_that_from_now_on(self):
        state = self.after(feed())
        again = Fetched("https://x/feed", b"body", etag='"2"', last_modified="Wed, 04 Mar 2026 12:00:00 GMT")
        later = unchanged(POLICY, state, again, NOW + HOUR)
        assert (later.etag, later.last_modified) == ('"2"', "Wed, 04 Mar 2026 12:00:00 GMT")
        last = unchanged(POLICY, later, NotModified("https://x/feed"), NOW + 2 * HOUR)
        assert (last.etag, last.digest) == ('"2"', state.digest)

    def test_a_permanent_move_is_remembered(self):
        moved = self.after(feed(), moved_to="https://y/feed")
        assert (moved.url, moved.moved_to) == ("https://x/feed", "https://y/feed")
        assert self.after(feed(), state=moved).moved_to == "https://y/feed"

    def test_the_last_new_entry_is_remembered(self):
        assert self.after(feed()).new_at == STATE.new_at
        assert self.after(feed(), new=[entry(1, NOW - DAY)]).new_at == NOW

    def test_at_the_first_poll_the_newest_date_tells_how_long_it_is_silent(self):
        old = [entry(1, NOW - 50 * DAY), entry(2, NOW - 40 * DAY)]
        assert self.after(feed(), new=old, state=FeedState("f")).new_at == NOW - 40 * DAY
        assert self.after(feed(), new=[entry(1, None)], state=FeedState("f")).new_at == NOW


class TestComplaints:
    def test_a_feed_in_order_is_not_mentioned(self):
        assert complaint(POLICY, STATE, NOW) == ""
        assert notes(POLICY, STATE, NOW) == ()

    def test_silence(self):
        silent = replace(STATE, new_at=NOW - 31 * DAY)
        assert complaint(POLICY, silent, NOW).startswith("no new entry for 31d; see whether")
        assert complaint(replace(POLICY, silent_after=60 * DAY), silent, NOW) == ""

    def test_failures_that_last(self):
        failing = replace(STATE, failures=9, failing_since=NOW - 30 * HOUR, error="answered 500")
        assert complaint(POLICY, failing, NOW) == "failing for 1d6h (9 times in a row): answered 500"
        passing = replace(failing, failing_since=NOW - HOUR)
        assert complaint(POLICY, passing, NOW) == ""
        assert notes(POLICY, passing, NOW) == ("failed 9 times in a row: answered 500",)

    def test_a_feed_that_is_gone_is_told_at_once(self):
        assert "410" in complaint(POLICY, replace(STATE, gone=True, failures=1), NOW)

    def test_a_feed_that_has_moved(self):
        (note,) = notes(POLICY, replace(STATE, moved_to="https://y/feed"), NOW)
        assert "moved for good to https://y/feed" in note

    def test_a_warning_comes_once_a_day_as_long_as_it_lasts(self):
        state = replace(STATE, new_at=NOW - 31 * DAY)
        told = []
        for hour in range(60):
            state, words = warned(POLICY, state, NOW + hour * HOUR)
            if words:
                told.append(hour)
        assert told == [0, 24, 48]
        state, words = warned(POLICY, replace(state, new_at=NOW), NOW)
        assert (state.warned_at, words) == (None, "")
