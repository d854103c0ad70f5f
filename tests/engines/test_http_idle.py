"""Connections that are kept open, and servers that close them just when the next question comes."""

from __future__ import annotations

import os
import socket
import struct
from itertools import chain, repeat

import pytest

from bot.engines.http import PoliteFetcher
from bot.errors import FetchRefused, FetchUnavailable
from tests.engines.fetching import failure
from tests.servers import serve
from tests.servers.routes import FEED

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset
RESERVING = b'[{"location": "/", "tdm-reservation": 1}]'


def dies(handler) -> None:
    """Close without a word."""
    handler.close_connection = True


def resets(handler) -> None:
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    handler.close_connection = True
    os.close(handler.connection.detach())


def says(words: bytes):
    """Say no more than `words`."""

    def route(handler) -> None:
        handler.wfile.write(words)
        handler.close_connection = True

    return route


def once(answer, then):
    """A route: `answer` to the first question on a connection, and `then` to the second."""

    def route(handler) -> None:
        handler.asked = getattr(handler, "asked", 0) + 1
        (answer if handler.asked == 1 else then)(handler)

    return route


def in_turn(first, then):
    """A route: `first` once, and `then` from then on, on whatever connection."""
    routes = chain([first], repeat(then))

    def route(handler) -> None:
        next(routes)(handler)

    return route


def feed(handler) -> None:
    handler.reply(200, FEED)


@pytest.mark.parametrize("end", [dies, resets])
def test_a_question_that_crossed_with_the_end_of_the_connection_is_put_again(http, end):
    with serve({"/": once(feed, end)}) as server:
        for _ in range(4):
            assert http.get(f"{server.base_url}/feed").body == FEED
        assert len(server.requests) == 7  # each but the first was asked twice


@pytest.mark.parametrize("end", [dies, resets])
def test_it_is_put_again_once(http, end):
    with serve({"/": once(feed, end)}) as server:
        http.get(f"{server.base_url}/feed")
        server.routes["/"] = end
        assert isinstance(failure(http, f"{server.base_url}/feed"), FetchUnavailable)
        assert len(server.requests) == 3


@pytest.mark.parametrize("end", [dies, resets])
def test_a_new_connection_that_ends_without_an_answer_is_a_failure(http, end):
    with serve({"/": end}) as server:
        assert isinstance(failure(http, f"{server.base_url}/feed"), FetchUnavailable)
        assert len(server.requests) == 1


@pytest.mark.parametrize("words", [b"H", b"HTTP/1.1 103 Early Hints\r\n\r\n", b"\r\n"])
def test_where_the_answer_has_begun_nothing_is_asked_again(http, words):
    with serve({"/": once(feed, says(words))}) as server:
        http.get(f"{server.base_url}/feed")
        failure(http, f"{server.base_url}/feed")
        assert len(server.requests) == 2


def test_what_is_posted_is_said_once(http):
    with serve({"/": once(feed, dies)}) as server:
        http.get(f"{server.base_url}/feed")
        with pytest.raises(FetchUnavailable, match="no answer"):
            http.post(f"{server.base_url}/hub", {"hub.mode": "subscribe"})
        assert len(server.asked("/hub")) == 1


class TestPages:
    @pytest.fixture
    def site(self):
        routes = {
            "/robots.txt": lambda h: h.reply(200, b"User-agent: *\nAllow: /\n"),
            "/story": lambda h: h.reply(200, b"<p>story</p>"),
        }
        with serve(routes) as server:
            yield server

    def test_a_reservation_is_heard_all_the_same(self, http, site):
        site.routes["/.well-known/tdmrep.json"] = in_turn(dies, lambda h: h.reply(200, RESERVING))
        with pytest.raises(FetchRefused, match=r"tdmrep\.json of its host"):
            PoliteFetcher(http).get(f"{site.base_url}/story")
        assert site.asked("/story") == []

    def test_robots_txt_is_read_all_the_same(self, http, site):
        site.routes["/robots.txt"] = in_turn(dies, site.routes["/robots.txt"])
        http.get(f"{site.base_url}/story/feed")
        assert PoliteFetcher(http).get(f"{site.base_url}/story").body == b"<p>story</p>"

    def test_where_nobody_answers_about_reservations_the_page_waits_and_the_next_one_asks_again(
        self, http, site
    ):
        site.routes["/.well-known/tdmrep.json"] = dies
        pages = PoliteFetcher(http)
        for _ in range(2):
            with pytest.raises(FetchUnavailable, match=r"waits for the tdmrep\.json of its host \(no answer"):
                pages.get(f"{site.base_url}/story")
        assert site.asked("/story") == []
        site.routes["/.well-known/tdmrep.json"] = lambda h: h.reply(404)
        assert pages.get(f"{site.base_url}/story").body == b"<p>story</p>"
