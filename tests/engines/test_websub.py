"""HubSubscriber and a hub, over real connections: what is agreed, what is refused, what is told."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import requests

from bot.config import FetchConfig
from bot.engines.http import HttpFetcher
from bot.engines.websub import HubSubscriber
from bot.model import Topic
from tests.engines.subscribed import KEY, NOW, SELF, opened


@pytest.fixture
def world():
    with opened() as world:
        yield world


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
