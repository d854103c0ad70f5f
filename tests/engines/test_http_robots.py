"""Robots: what publishers let robots have."""

from __future__ import annotations

from time import monotonic

import pytest

from bot.engines.http import PoliteFetcher
from bot.engines.http import fetcher as fetching
from bot.engines.http.robots import Robots
from bot.errors import FetchRefused, FetchTooSoon, FetchUnavailable
from bot.model import Fetched
from tests.engines.fetching import failure, fetcher
from tests.servers import serve


class TestRobots:
    @staticmethod
    def routes(robots):
        return {"/robots.txt": robots, "/a": lambda h: h.reply(200, b"page"), "/to": redirect_to_private}

    @staticmethod
    def pages(clock=monotonic):
        fetch = fetcher()
        return fetch.checked_by(Robots(fetch, clock=clock).check)

    def test_a_publisher_may_keep_us_out(self):
        def robots(handler):
            handler.reply(200, b"User-agent: relaypress\nDisallow: /a/private\n")

        with serve(self.routes(robots)) as server:
            pages = PoliteFetcher(fetcher())
            assert pages.get(f"{server.base_url}/a/open").body == b"page"
            error = failure(pages, f"{server.base_url}/a/private/x")
            assert type(error) is FetchRefused
            assert "robots.txt of its host forbids it" in str(error)
            assert "fetch.respect_robots" in str(error)
            assert len(server.asked("/robots.txt")) == 1

    def test_redirects_are_asked_about_too(self):
        def robots(handler):
            handler.reply(200, b"User-agent: *\nDisallow: /a/private\n")

        with serve(self.routes(robots)) as server:
            error = failure(self.pages(), f"{server.base_url}/to")
            assert "robots.txt" in str(error)
            assert server.asked("/a/private") == []

    @pytest.mark.parametrize("status", [404, 403, 410])
    def test_no_robots_file_allows_everything(self, status):
        with serve(self.routes(lambda h: h.reply(status))) as server:
            assert self.pages().get(f"{server.base_url}/a").body == b"page"

    def test_a_web_page_for_robots_file_allows_everything(self):
        with serve(self.routes(lambda h: h.reply(200, b"<html>Disallow: nothing</html>"))) as server:
            assert self.pages().get(f"{server.base_url}/a").body == b"page"

    @pytest.mark.parametrize("status", [500, 503, 429])
    def test_a_host_in_trouble_is_left_alone_for_a_while(self, status):
        now = [0.0]
        with serve(self.routes(lambda h: h.reply(status))) as server:
            pages = self.pages(lambda: now[0])
            error = failure(pages, f"{server.base_url}/a")
            assert isinstance(error, FetchUnavailable)
            assert error.retry_after_seconds == 300
            assert f"answered {status}" in str(error)
            assert not isinstance(error, FetchTooSoon)
            now[0] = 100.0
            error = failure(pages, f"{server.base_url}/a")
            assert isinstance(error, FetchTooSoon)  # nothing was asked, and no item loses an attempt
            assert error.retry_after_seconds == 200
            assert f"answered {status}" in str(error)
            assert len(server.asked("/robots.txt")) == 1
            assert server.asked("/a") == []
            now[0] = 301.0
            assert not isinstance(failure(pages, f"{server.base_url}/a"), FetchTooSoon)
            assert len(server.asked("/robots.txt")) == 2

    def test_slow_rules_leave_the_page_its_time(self, monkeypatch):
        lost = [0.0]
        monkeypatch.setattr(fetching, "monotonic", lambda: monotonic() + lost[0])

        def check(_url, _access):
            lost[0] += 60
            return 0.0

        with serve(
            {"/a": lambda h: h.reply(200, b"page"), "/to": lambda h: h.reply(302, location="/a")}
        ) as server:
            assert fetcher().checked_by(check).get(f"{server.base_url}/to").body == b"page"

    def test_rules_are_read_again_after_an_hour(self):
        now = [0.0]
        with serve(self.routes(lambda h: h.reply(200, b"User-agent: *\nDisallow:\n"))) as server:
            pages = self.pages(lambda: now[0])
            for now[0] in (0.0, 3599.0, 3601.0):
                pages.get(f"{server.base_url}/a")
            assert len(server.asked("/robots.txt")) == 2

    def test_only_so_many_hosts_are_remembered(self):
        class Anything:
            asked = 0

            def get(self, url, **_):
                self.asked += 1
                return Fetched(url, b"User-agent: *\nDisallow: /x\n")

        anything = Anything()
        robots = Robots(anything)
        for n in [*range(1001), 1000, 0]:
            robots.check(f"https://host{n}.example/a")
        assert anything.asked == 1002


def redirect_to_private(handler):
    handler.reply(302, location="/a/private")
