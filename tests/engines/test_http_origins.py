"""What is remembered of origins: it is asked for once, however many want it at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.engines.http.origins import Remembered
from bot.engines.http.reservations import Reservations
from bot.engines.http.robots import Robots
from bot.errors import FetchRefused, FetchTooSoon, FetchUnavailable
from bot.model import Fetched

PAGES = [f"https://news.example/{n}" for n in range(8)]


class Crowd:
    """Its clock sees who has come; its fetcher answers when all are there."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer, self.asked = answer, 0
        self._here: set[int] = set()
        self._complete = threading.Event()

    def clock(self) -> float:
        self._here.add(threading.get_ident())
        if len(self._here) == len(PAGES):
            self._complete.set()
        return 0.0

    def get(self, url: str, **_: object) -> Fetched:
        self.asked += 1
        assert self._complete.wait(30)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Fetched(url, self.answer)

    def ask(self, check) -> list[object]:
        """What each of many threads is told about a page of its own."""

        def told(url: str) -> object:
            try:
                return check(url)
            except (FetchRefused, FetchUnavailable) as error:
                return type(error)

        with ThreadPoolExecutor(len(PAGES)) as threads:
            return list(threads.map(told, PAGES))


def test_a_cold_host_is_asked_once_for_its_robots_txt():
    crowd = Crowd(b"User-agent: *\nDisallow: /\n")
    assert crowd.ask(Robots(crowd, clock=crowd.clock).check) == [FetchRefused] * 8
    assert crowd.asked == 1


def test_a_host_in_trouble_is_asked_once_and_held_against_one_item():
    crowd = Crowd(FetchUnavailable("https://news.example/robots.txt", "answered 503"))
    told = crowd.ask(Robots(crowd, clock=crowd.clock).check)
    assert sorted(told, key=str) == [FetchTooSoon] * 7 + [FetchUnavailable]
    assert crowd.asked == 1


def test_a_cold_host_is_asked_once_for_its_reservations():
    crowd = Crowd(b'[{"location": "/", "tdm-reservation": 1}]')
    assert crowd.ask(Reservations(crowd, clock=crowd.clock).check) == [FetchRefused] * 8
    assert crowd.asked == 1


def test_no_host_waits_for_another():
    known: Remembered[str] = Remembered()
    together = threading.Barrier(2, timeout=30)

    def ask(origin: str) -> str:
        return known.get_or_ask(origin, lambda: f"{origin} {together.wait() < 2}")

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(ask, ["a", "b"])) == ["a True", "b True"]


def test_where_one_learns_nothing_the_next_one_asks():
    known: Remembered[str] = Remembered()

    def rests() -> str:
        raise FetchTooSoon("https://news.example/robots.txt", "not asked", retry_after_seconds=1)

    with pytest.raises(FetchTooSoon):
        known.get_or_ask("a", rests)
    assert known.get_or_ask("a", lambda: known.put("a", "rules")) == "rules"
    assert known.get_or_ask("a", rests) == "rules"
