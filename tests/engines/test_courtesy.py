"""Courtesy: hosts are asked one after the other, with a clock and a sleep of our own."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from bot.engines.http.courtesy import BY_HAND, Courtesy
from bot.engines.http.headers import LONGEST_PAUSE_SECONDS
from bot.engines.http.rests import Rests
from bot.errors import FetchTooSoon

URL = "https://news.example/a"


class Time:
    def __init__(self) -> None:
        self.now, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def time():
    return Time()


def courtesy(time: Time, per_host: int = 2, pause_seconds: float = 1.0) -> Courtesy:
    return Courtesy(per_host, pause_seconds, clock=lambda: time.now, sleep=time.sleep)


def test_two_requests_to_a_host_lie_apart(time):
    polite = courtesy(time)
    waited = []
    for _ in range(3):
        with polite.turn(URL) as seconds:
            waited.append(seconds)
            time.now += 0.25
    assert waited == [0, 0.75, 0.75]


def test_who_comes_late_does_not_wait(time):
    polite = courtesy(time)
    with polite.turn(URL):
        time.now += 5
    with polite.turn(URL) as waited:
        assert waited == 0


def test_other_hosts_are_not_waited_for_whatever_the_scheme_or_port(time):
    polite = courtesy(time)
    for url in (URL, "https://other.example/", "https://third.example/"):
        with polite.turn(url) as waited:
            assert waited == 0
    with polite.turn("http://NEWS.example:8080/b") as waited:
        assert waited == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost/", "http://10.0.0.7/", "http://[::1]/"]
)
def test_the_owners_own_machines_are_not_spared(time, url):
    polite = courtesy(time, per_host=1)
    with polite.turn(url), polite.turn(url):
        assert time.slept == []


def test_only_so_many_are_with_a_host_at_once(time):
    polite = courtesy(time, per_host=2, pause_seconds=0)
    inside, most, lock = [], [], threading.Lock()
    both = threading.Barrier(2)

    def visit(*, first: bool) -> None:
        with polite.turn(URL):
            with lock:
                inside.append(1)
                most.append(len(inside))
            if first:
                both.wait(20)
            with lock:
                inside.pop()

    threads = [threading.Thread(target=visit, kwargs={"first": n < 2}) for n in range(22)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert max(most) == 2
    assert inside == []


def test_a_host_is_free_again_after_an_error(time):
    polite = courtesy(time, per_host=1, pause_seconds=0)
    for _ in range(3):
        with pytest.raises(OSError, match="broken"), polite.turn(URL):
            raise OSError("broken")


def test_hosts_that_are_idle_are_forgotten(time):
    polite = courtesy(time)
    for n in range(5000):
        with polite.turn(f"https://host{n}.example/"):
            time.now += 2
    assert len(polite._hosts) <= 1001


def sent_away(polite: Courtesy, url: str, apart_seconds: float = 0.0) -> float:
    """The seconds after which to come back."""
    with pytest.raises(FetchTooSoon) as caught, polite.turn(url, apart_seconds):
        pytest.fail("was let in")
    return caught.value.retry_after_seconds


class TestRests:
    def test_a_host_that_wants_to_be_left_alone_is_whatever_the_address(self, time):
        polite = courtesy(time)
        polite.rest(URL, 300)
        assert sent_away(polite, "http://NEWS.example:8080/feed") == 300
        with polite.turn("https://other.example/"):
            time.now += 299
        assert sent_away(polite, URL) == 1
        time.now += 1
        with polite.turn(URL) as waited:
            assert waited == 0
        assert time.slept == []

    def test_the_words_tell_which_host_and_how_long(self, time):
        polite = courtesy(time)
        polite.rest(URL, 5400)
        with pytest.raises(
            FetchTooSoon, match=r"not asked: news\.example wants to be left alone for 1h30m more"
        ):
            polite.turn(URL).__enter__()

    def test_no_rest_is_longer_than_a_day_and_none_is_made_shorter(self, time):
        polite = courtesy(time)
        polite.rest(URL, 1e9)
        polite.rest(URL, 1)
        assert sent_away(polite, URL) == LONGEST_PAUSE_SECONDS

    def test_who_waited_behind_the_one_that_was_told_is_sent_away_too(self, time):
        polite = courtesy(time, per_host=1, pause_seconds=0)
        inside, seen = threading.Event(), []

        def follow() -> None:
            inside.wait(20)
            seen.append(sent_away(polite, URL))

        thread = threading.Thread(target=follow)
        with polite.turn(URL):
            thread.start()
            inside.set()
            polite.rest(URL, 60)
        thread.join(20)
        assert seen == [60]

    def test_they_outlive_an_edit_of_the_config(self, time):
        rests = Rests(clock=lambda: time.now)
        Courtesy(2, 1.0, rests=rests).rest(URL, 60)
        assert sent_away(Courtesy(3, 2.0, rests=rests, clock=lambda: time.now), URL) == 60

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8080/", "http://localhost/", "http://[::1]/"])
    def test_the_owners_own_machines_get_none(self, time, url):
        polite = courtesy(time)
        polite.rest(url, 60)
        with polite.turn(url):
            assert time.slept == []

    def test_hosts_without_number_take_no_memory(self, time):
        rests = Rests(clock=lambda: time.now)
        for n in range(30_000):
            rests.begin(f"host{n}.example", 1)
            time.now += 2
        assert len(rests._until) <= 10_001


class TestPages:
    """A host that wants 20 seconds between two pages; a thread waits for 5."""

    def test_each_gets_a_turn_of_its_own_and_no_thread_waits_long(self, time):
        polite = courtesy(time)
        with polite.turn(f"{URL}0", 20):
            pass
        assert [sent_away(polite, f"{URL}{n}", 20) for n in (1, 2, 3)] == [20, 40, 60]
        assert time.slept == []

    def test_a_turn_is_kept_for_who_comes_back_in_time_or_late(self, time):
        polite = courtesy(time)
        starts = []
        for n in (0, 1, 2):
            if n:
                sent_away(polite, f"{URL}{n}", 20)
            else:
                with polite.turn(f"{URL}{n}", 20):
                    starts.append(time.now)
        for moment, n in ((20, 1), (55, 2)):
            time.now = moment
            assert sent_away(polite, f"{URL}/newer than {n}", 20) >= 5  # does not push in
            with polite.turn(f"{URL}{n}", 20):
                starts.append(time.now)
        assert starts == [0, 20, 55]

    def test_two_who_come_late_do_not_come_together(self, time):
        polite = courtesy(time)
        with polite.turn(URL, 20):
            pass
        for n in (1, 2):
            sent_away(polite, f"{URL}{n}", 20)
        time.now = 100
        with polite.turn(f"{URL}1", 20):
            pass
        assert sent_away(polite, f"{URL}2", 20) == 20

    def test_a_short_wait_is_waited_for(self, time):
        polite = courtesy(time)
        for n in range(3):
            with polite.turn(f"{URL}{n}", 4):
                time.now += 1
        assert time.slept == [3, 3]

    def test_a_hundred_pages_come_through_at_the_hosts_pace(self, time):
        polite = courtesy(time)
        waiting = {f"{URL}{n}": 0.0 for n in range(100)}
        starts = []
        while waiting:
            time.now = max(time.now, min(waiting.values()))
            url = min(waiting, key=waiting.get)
            try:
                with polite.turn(url, 20):
                    starts.append(time.now)
                    del waiting[url]
            except FetchTooSoon as error:
                waiting[url] = time.now + error.retry_after_seconds
        assert all(later - sooner >= 20 for sooner, later in pairwise(starts))
        assert starts[-1] <= 99 * 20 + 5

    def test_feeds_and_pictures_of_that_host_keep_the_general_pace(self, time):
        polite = courtesy(time)
        with polite.turn(URL, 20):
            pass
        with polite.turn("https://news.example/feed") as waited:
            assert waited == 1

    def test_turns_are_kept_for_an_hour_ahead_and_no_further(self, time):
        polite = courtesy(time)
        with polite.turn(f"{URL}0", 60):
            pass
        waits = [sent_away(polite, f"{URL}{n}", 60) for n in range(1, 1000)]
        assert waits[:60] == [60 * n for n in range(1, 61)]
        assert set(waits[60:]) == {3660}
        assert len(polite._hosts["news.example"].pages._kept) == 60

    def test_turns_that_nobody_comes_back_for_are_forgotten(self, time):
        polite = courtesy(time)
        for n in range(5000):
            time.now += 30
            try:
                with polite.turn(f"{URL}{n}", 60):
                    pass
            except FetchTooSoon:
                continue
        assert len(polite._hosts["news.example"].pages._kept) < 200

    def test_a_host_whose_turns_nobody_came_back_for_is_forgotten(self, time):
        polite = courtesy(time)
        for n in range(2000):
            with polite.turn(f"https://host{n}.example/a", 60):
                pass
            sent_away(polite, f"https://host{n}.example/b", 60)
        time.now += 2 * 3600
        for n in range(10):
            with polite.turn(f"https://late{n}.example/"):
                pass
        assert len(polite._hosts) < 20

    def test_a_turn_that_is_kept_keeps_its_host_in_mind(self, time):
        polite = courtesy(time)
        with polite.turn(URL, 60):
            pass
        sent_away(polite, f"{URL}/b", 60)
        for n in range(2000):
            with polite.turn(f"https://host{n}.example/"):
                pass
        assert sent_away(polite, f"{URL}/c", 60) == 120

    def test_a_command_has_the_time_to_wait(self, time):
        polite = Courtesy(2, 1.0, patience=BY_HAND, clock=lambda: time.now, sleep=time.sleep)
        for n in range(5):
            with polite.turn(f"{URL}{n}", 60):
                pass
        assert time.slept == [60] * 4
