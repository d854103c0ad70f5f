"""The server behind the public address, against callers that mean no good; its key, and its place."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import closing

import pytest

from bot.config import WebSubConfig
from bot.engines.websub import HubSubscriber, listener, load_key, read_key
from bot.engines.websub.listener import MOST_BYTES, MOST_CONNECTIONS
from bot.errors import ConfigError
from tests.engines.subscribed import KEY, opened


@pytest.fixture
def world():
    with opened() as world:
        yield world


class TestBounds:
    def raw(self, world, text: str) -> bytes:
        with closing(socket.create_connection(world.place, 10)) as caller:
            caller.sendall(text.encode())
            caller.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := caller.recv(65_536):
                answer += chunk
        return answer.partition(b"\r\n")[0]

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ("", b"411"),
            ("Content-Length: x\r\n", b"411"),
            ("Content-Length: -1\r\n", b"411"),
            ("Transfer-Encoding: chunked\r\n", b"411"),
            (f"Content-Length: {MOST_BYTES + 1}\r\n", b"413"),
            ("Content-Length: 100\r\n", b"400"),
        ],
    )
    def test_no_body_without_an_end(self, world, headers, status):
        path = "/" + world.subscribed()["hub.callback"].split("/", 3)[3]
        assert self.raw(world, f"POST {path} HTTP/1.1\r\n{headers}\r\nshort").split()[1] == status
        assert world.told == []

    @pytest.mark.parametrize(
        "text", ["", "\0\r\n\r\n", "GET\r\n\r\n", "PUT /x HTTP/1.1\r\n\r\n", "GET /?" + "a&" * 200]
    )
    def test_nonsense_does_no_harm(self, world, text):
        self.raw(world, text)
        assert world.subscribed()

    def test_callers_who_say_nothing_keep_no_hub_out(self, world):
        silent = [socket.create_connection(world.place, 10) for _ in range(MOST_CONNECTIONS)]
        try:
            world.subscribed()
            assert [answer.status_code for answer in world.hub.verified] == [200]
            assert silent[0].recv(10) == b""  # who came first gave up its place
        finally:
            for caller in silent:
                caller.close()

    def test_callers_who_have_said_what_they_want_keep_their_places(self, world):
        path = "/" + world.subscribed()["hub.callback"].split("/", 3)[3]
        asking = f"POST {path} HTTP/1.1\r\nContent-Length: 100\r\n\r\n".encode()
        busy = [socket.create_connection(world.place, 10) for _ in range(MOST_CONNECTIONS)]
        try:
            for caller in busy:
                caller.sendall(asking)
            while world.bot._listener._silent:  # until all of them are heard
                threading.Event().wait(0.01)
            with closing(socket.create_connection(world.place, 10)) as late:
                assert late.recv(10) == b""
            busy[0].sendall(b"x" * 100)
            assert busy[0].recv(12) == b"HTTP/1.0 202"
        finally:
            for caller in busy:
                caller.close()

    def test_callers_who_say_nothing_are_ended_soon(self, world, monkeypatch):
        monkeypatch.setattr(listener, "_SILENT_SECONDS", 0.2)
        with closing(socket.create_connection(world.place, 10)) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
            assert caller.recv(10) == b""

    def test_where_no_thread_can_be_started_the_place_of_the_caller_is_free_again(self, world, monkeypatch):
        def fails(*_):
            raise OSError("can't start new thread")

        with monkeypatch.context() as patched:
            patched.setattr(socketserver.ThreadingMixIn, "process_request", fails)
            for _ in range(MOST_CONNECTIONS + 1):
                with closing(socket.create_connection(world.place, 10)) as caller:
                    assert caller.recv(10) == b""
        assert world.subscribed()
        assert len(world.hub.verified) == 1

    def test_callers_who_drip_are_ended(self, world, monkeypatch):
        path = "/" + world.subscribed()["hub.callback"].split("/", 3)[3]
        monkeypatch.setattr(listener, "_SECONDS", 0.3)
        with closing(socket.create_connection(world.place, 10)) as caller:
            caller.sendall(f"POST {path} HTTP/1.1\r\nContent-Length: 100\r\n\r\nx".encode())
            assert caller.recv(12) in (b"", b"HTTP/1.0 400")

    def test_a_place_that_is_taken_is_told(self, world):
        bot = HubSubscriber("http://127.0.0.1/", world.place, KEY, world.fetcher.post)
        with pytest.raises(ConfigError, match=r"websub\.listen: .*cannot listen there"):
            bot.open(world.told.append)


class TestKey:
    def test_it_is_made_once_and_for_us_alone(self, tmp_path):
        key = load_key(tmp_path / "websub.key")
        assert load_key(tmp_path / "websub.key") == key
        assert len(key) == 32
        assert (tmp_path / "websub.key").stat().st_mode & 0o077 == 0

    def test_it_can_be_read_without_being_made(self, tmp_path):
        place = tmp_path / "data" / "websub.key"
        assert read_key(place) is None
        assert not place.parent.exists()
        key = load_key(place)
        assert read_key(place) == key

    def test_one_that_cannot_be_read_is_told(self, tmp_path):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_key(tmp_path)

    @pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "ab" * 31])
    def test_a_damaged_one_is_told_and_not_shown(self, tmp_path, text):
        (tmp_path / "websub.key").write_text(text)
        with pytest.raises(ConfigError, match="is damaged; delete it"):
            load_key(tmp_path / "websub.key")


class TestConfig:
    @pytest.mark.parametrize(
        ("listen", "place"),
        [("127.0.0.1:8899", ("127.0.0.1", 8899)), ("[::1]:80", ("::1", 80)), ("web:1", ("web", 1))],
    )
    def test_a_place_to_listen_at(self, listen, place):
        assert WebSubConfig(listen=listen).place == place

    @pytest.mark.parametrize(
        "listen", ["", "8899", ":8899", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "a b:1"]
    )
    def test_is_refused_where_it_is_none(self, listen):
        with pytest.raises(ValueError, match="not a place to listen at"):
            WebSubConfig(listen=listen)

    @pytest.mark.parametrize("url", ["https://bot.example/websub?x=1", "https://bot.example/#websub"])
    def test_an_address_that_nothing_can_be_put_behind_is_refused(self, url):
        with pytest.raises(ValueError, match=r"an address without \? and #"):
            WebSubConfig(public_url=url)
