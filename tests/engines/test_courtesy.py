"""Courtesy: hosts are asked one after the other, with a clock and a sleep of our own."""

from __future__ import annotations

import threading

import pytest

from bot.engines.http.courtesy import Courtesy

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
