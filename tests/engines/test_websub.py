"""HubSubscriber and a hub, over real connections: what is agreed, what is refused, what is told."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import requests

from bot.config import FetchConfig, WebSubConfig
from bot.engines.http import HttpFetcher
from bot.engines.websub import HubSubscriber, listener, load_key
from bot.engines.websub.listener import MOST_BYTES, MOST_CONNECTIONS
from bot.errors import ConfigError
from bot.model import Topic
from tests.conftest import free_port
from tests.servers import serve
from tests.servers.hub import Hub

KEY = bytes(range(32))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SELF = "https://news.example/feed"


class World:
    def __init__(self, server, hub, fetcher) -> None:
        self.server, self.hub, self.fetcher, self.now = server, hub, fetcher, NOW
        self.place = ("127.0.0.1", free_port())
        self.topic = Topic(SELF, f"{server.base_url}/hub")
        self.told: list[str] = []
        self.heard = threading.Event()
        self.bot = self.start()

    def start(self, key: bytes = KEY) -> HubSubscriber:
        public_url = f"http://127.0.0.1:{self.place[1]}/websub/"
        self.bot = HubSubscriber(public_url, self.place, key, self.fetcher.post, lambda: self.now)
        self.bot.open(self._hear)
        return self.bot

    def _hear(self, feed: str) -> None:
        self.told.append(feed)
        self.heard.set()

    def keep(self, **topics: Topic) -> None:
        self.bot.keep(topics, threading.Event())

    def subscribed(self) -> dict[str, str]:
        self.keep(news=self.topic)
        return self.hub.asked[-1]


@pytest.fixture
def world():
    hub = Hub()
    fetcher = HttpFetcher(FetchConfig(allow_private_networks=True, timeout=timedelta(seconds=5)))
    with serve({"/hub": hub.handle}) as server:
        world = World(server, hub, fetcher)
        yield world
        world.bot.close()
        fetcher.close()


def redirecting(status: int, location: str):
    """A handler that reads the form and sends its caller on."""

    def handle(handler):
        handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.reply(status, location=location)

    return handle


class TestSubscribing:
    def test_the_hub_is_asked_and_its_question_answered(self, world):
        form = world.subscribed()
        assert form["hub.mode"] == "subscribe"
        assert form["hub.topic"] == SELF
        assert form["hub.callback"].startswith(f"http://127.0.0.1:{world.place[1]}/websub/")
        assert 32 <= len(form["hub.secret"]) < 200
        (answer,) = world.hub.verified
        assert (answer.status_code, answer.text) == (200, "is it you?")
        assert answer.headers["Content-Type"].startswith("text/plain")

    def test_each_feed_and_each_hub_has_a_callback_and_a_secret_of_its_own(self, world):
        world.keep(news=world.topic, other=world.topic, third=Topic(SELF, f"{world.topic.hub}/2"))
        assert len({form["hub.callback"] for form in world.hub.asked}) == 3
        assert len({form["hub.secret"] for form in world.hub.asked}) == 3

    def test_it_is_renewed_before_it_ends_and_not_before(self, world):
        world.subscribed()
        for minutes, requests_made in ((30, 1), (46, 2), (47, 2), (92, 3)):
            world.now = NOW + timedelta(minutes=minutes)
            world.keep(news=world.topic)
            assert len(world.hub.asked) == requests_made

    @pytest.mark.parametrize("lease", ["", "-1", "x", "0", "1", "9" * 30])
    def test_no_lease_makes_us_hammer_the_hub(self, world, lease):
        world.hub.lease_seconds = lease
        for _ in range(3):
            world.keep(news=world.topic)
        assert len(world.hub.asked) == 1

    def test_what_we_did_not_ask_for_is_refused(self, world):
        form = world.subscribed()
        for changes in (
            {"topic": "https://evil.example/feed"},
            {"mode": "unsubscribe"},
            {"mode": "publish"},
            {"challenge": ""},
            {"challenge": "x" * 3000},
        ):
            assert world.hub.verify(form, **changes).status_code == 404
        stranger = form | {"hub.callback": form["hub.callback"][:-1] + "x"}
        assert world.hub.verify(stranger).status_code == 404
        assert requests.get(form["hub.callback"], timeout=10).status_code == 404

    def test_a_question_that_comes_later_is_answered_too(self, world):
        world.hub.verifying = False
        form = world.subscribed()
        assert not world.bot.is_trusted("news")
        assert world.hub.verify(form).status_code == 200
        world.now = NOW + timedelta(minutes=20)
        world.keep(news=world.topic)
        assert len(world.hub.asked) == 1

    def test_a_hub_that_never_asks_back_is_asked_ever_more_seldom(self, world):
        world.hub.verifying = False
        for _ in range(24 * 60 // 5):
            world.keep(news=world.topic)
            world.now += timedelta(minutes=5)
        assert 5 <= len(world.hub.asked) <= 8

    def test_a_hub_that_fails_is_told_and_left_alone_for_the_round(self, world, capsys):
        world.hub.status = 500
        world.keep(news=world.topic, other=world.topic)
        assert len(world.hub.asked) == 1
        assert "hub cannot be asked" in capsys.readouterr().out
        world.hub.status = 202
        world.now += timedelta(minutes=11)
        world.keep(news=world.topic, other=world.topic)
        assert len(world.hub.asked) == 3

    def test_a_hub_that_will_not_have_one_feed_is_asked_about_the_others(self, world):
        world.hub.status = 400
        world.keep(news=world.topic, other=world.topic)
        assert len(world.hub.asked) == 2

    def test_a_hub_in_a_private_network_is_not_asked(self, world):
        strict = HttpFetcher(FetchConfig())
        bot = HubSubscriber("http://127.0.0.1:1/", ("127.0.0.1", 0), KEY, strict.post)
        bot.keep({"news": world.topic}, threading.Event())
        strict.close()
        assert world.hub.asked == []

    @pytest.mark.parametrize("hub", ["http://hub.example/", "http://10.0.0.1/", "HTTP://localhost.example/"])
    def test_a_secret_is_told_to_no_hub_that_everybody_on_the_way_can_hear(self, hub):
        asked = []
        bot = HubSubscriber(
            "http://127.0.0.1:1/", ("127.0.0.1", 0), KEY, lambda url, _form: asked.append(url)
        )
        topics = {"open": Topic(SELF, hub), "news": Topic(SELF, "https://hub.example/")}
        bot.keep(topics, threading.Event())
        assert asked == ["https://hub.example/"]

    def test_a_secret_is_told_to_nobody_whom_the_hub_redirects_to(self, world, capsys):
        other = world.topic.hub.replace("127.0.0.1", "localhost")
        for code in (307, 308):
            world.server.routes["/moved"] = redirecting(code, other)
            world.keep(**{f"feed{code}": Topic(SELF, f"{world.server.base_url}/moved")})
        assert world.hub.asked == []
        assert capsys.readouterr().out.count("redirects to another host") == 2

    def test_a_hub_may_redirect_inside_its_host(self, world):
        world.server.routes["/moved"] = redirecting(307, "/hub")
        world.keep(news=Topic(SELF, f"{world.server.base_url}/moved"))
        assert len(world.hub.verified) == 1

    def test_what_a_hub_says_while_another_is_asked_counts(self, world):
        first, second = world.topic, Topic(SELF, f"{world.topic.hub}/2")
        world.hub.verifying = False
        world.keep(first=first, second=second)
        to_second = world.hub.asked[1]
        world.now += timedelta(minutes=11)

        def speak(handler):
            if len(world.hub.asked) == 2:
                assert world.hub.verify(to_second).status_code == 200
                assert world.hub.deliver(to_second) == 202
                assert world.heard.wait(10)
            world.hub.handle(handler)

        world.server.routes["/hub"] = speak
        world.keep(first=first, second=second)
        assert [form["hub.callback"] for form in world.hub.asked[2:]] == [world.hub.asked[0]["hub.callback"]]
        assert world.bot.is_trusted("second")

    def test_a_delivery_during_a_renewal_that_fails_counts_and_so_does_the_pause(self, world):
        form = world.subscribed()
        world.now += timedelta(minutes=46)

        def speak(handler):
            handler.rfile.read(int(handler.headers["Content-Length"]))
            assert world.hub.deliver(form) == 202
            assert world.heard.wait(10)
            handler.reply(503, retry_after="1200")

        world.server.routes["/hub"] = speak
        world.keep(news=world.topic)
        assert world.bot.is_trusted("news")
        world.server.routes["/hub"] = world.hub.handle
        for minutes, requests_made in ((11, 1), (10, 2)):
            world.now += timedelta(minutes=minutes)
            world.keep(news=world.topic)
            assert len(world.hub.asked) == requests_made

    def test_a_stop_ends_the_asking(self, world):
        stop = threading.Event()
        stop.set()
        world.bot.keep({"news": world.topic}, stop)
        assert world.hub.asked == []


class TestEnding:
    def test_a_feed_that_is_not_wanted_any_more_is_unsubscribed_once(self, world):
        world.subscribed()
        world.keep()
        assert world.hub.asked[-1]["hub.mode"] == "unsubscribe"
        assert world.hub.verified[-1].text == "is it you?"
        world.keep()
        assert len(world.hub.asked) == 2

    def test_until_the_hub_agrees_its_deliveries_are_told_that_it_is_over(self, world):
        form = world.subscribed()
        world.hub.verifying = False
        world.keep()
        assert world.hub.deliver(form) == 410
        assert world.told == []
        world.now += timedelta(hours=1)
        world.keep()
        assert world.hub.deliver(form) == 404
        assert len(world.hub.asked) == 2

    def test_a_new_hub_takes_the_place_of_the_old_one(self, world):
        world.subscribed()
        world.keep(news=Topic(SELF, f"{world.topic.hub}/new"))
        assert [form["hub.mode"] for form in world.hub.asked] == ["subscribe", "subscribe", "unsubscribe"]

    def test_a_feed_that_comes_back_is_subscribed_again(self, world):
        world.subscribed()
        world.hub.verifying = False
        world.keep()
        world.hub.verifying = True
        assert world.subscribed()["hub.mode"] == "subscribe"
        assert world.hub.verified[-1].status_code == 200

    def test_a_denial_is_told_and_asked_about_again_a_day_later(self, world, capsys):
        form = world.subscribed()
        query = {"hub.mode": "denied", "hub.topic": SELF, "hub.reason": "no\nbots"}
        assert world.hub.get(form, query).status_code == 200
        assert "no bots" in capsys.readouterr().out
        world.now += timedelta(hours=23)
        world.keep(news=world.topic)
        assert len(world.hub.asked) == 1
        world.now += timedelta(hours=2)
        world.keep(news=world.topic)
        assert len(world.hub.asked) == 2

    def test_a_denial_of_something_else_is_not_believed(self, world):
        form = world.subscribed()
        query = {"hub.mode": "denied", "hub.topic": "https://evil.example/"}
        assert world.hub.get(form, query).status_code == 404


class TestDeliveries:
    @pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
    def test_what_the_hub_signed_is_told(self, world, method):
        form = world.subscribed()
        assert world.hub.deliver(form, method=method) == 202
        assert world.heard.wait(10)
        assert world.told == ["news"]
        assert world.bot.is_trusted("news")

    @pytest.mark.parametrize(
        ("method", "secret"), [("sha256", "guessed"), ("", ""), ("md5", ""), ("sha3_256", "")]
    )
    def test_anything_else_is_acknowledged_and_ignored(self, world, method, secret):
        form = world.subscribed()
        assert world.hub.deliver(form, method=method, secret=secret) == 202
        world.hub.deliver(form)  # in its turn: what came before has been dealt with
        assert world.heard.wait(10)
        assert world.told == ["news"]

    def test_a_callback_that_is_not_ours_does_not_exist(self, world):
        form = world.subscribed()
        assert world.hub.deliver(form | {"hub.callback": form["hub.callback"] + "0"}) == 404

    def test_a_restart_knows_what_was_agreed_before(self, world):
        form = world.subscribed()
        world.bot.close()
        world.start()
        world.keep(news=world.topic)
        assert world.hub.asked[-1] == form
        assert world.hub.deliver(form) == 202
        assert world.heard.wait(10)

    def test_another_bot_does_not(self, world):
        form = world.subscribed()
        world.bot.close()
        world.start(key=bytes(32))
        world.keep(news=world.topic)
        assert world.hub.deliver(form) == 404

    def test_trust_ends_with_the_lease_and_with_news_that_nobody_told(self, world):
        form = world.subscribed()
        assert not world.bot.is_trusted("news")
        world.hub.deliver(form)
        assert world.heard.wait(10)
        world.now = NOW + timedelta(minutes=61)
        assert not world.bot.is_trusted("news")
        world.now = NOW
        assert world.bot.is_trusted("news")
        world.bot.doubt("news")
        assert not world.bot.is_trusted("news")


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

    def test_callers_who_say_nothing_do_not_pile_up(self, world):
        silent = [socket.create_connection(world.place, 10) for _ in range(MOST_CONNECTIONS)]
        late = socket.create_connection(world.place, 10)
        try:
            assert late.recv(10) == b""
        finally:
            for caller in (*silent, late):
                caller.close()

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
        monkeypatch.setattr(listener, "_SECONDS", 0.3)
        with closing(socket.create_connection(world.place, 10)) as caller:
            caller.sendall(b"GET /")
            assert caller.recv(10) == b""

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
