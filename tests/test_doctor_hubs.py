"""`bot doctor` on `websub.public_url`: it asks there, as a hub would, and says who answers."""

from __future__ import annotations

import dataclasses
import http.client
import re
from contextlib import closing
from datetime import timedelta

import pytest

from bot import doctor
from bot.checkup import Diagnosis, Level
from bot.config import Config, FetchConfig
from bot.engines.http import HttpFetcher
from bot.engines.websub import HubSubscriber
from tests.conftest import free_port
from tests.fakes.clock import FakeClock
from tests.servers import serve

KEY = bytes(range(32))


@pytest.fixture
def place():
    """Where the bot listens."""
    return ("127.0.0.1", free_port())


@pytest.fixture
def told(place):
    """What is told where the web server does `route`, which without one passes on as it should."""

    def of(route=None, url: str = "") -> Diagnosis:
        with serve({"/websub/": route or passes_on_to(place)}) as server:
            url = url or f"{server.base_url}/websub"
            config = Config.model_validate({"websub": {"public_url": url, "listen": "web:80"}})
            fetcher = HttpFetcher(FetchConfig(allow_private_networks=True, timeout=timedelta(seconds=5)))
            bot = HubSubscriber(url, place, KEY, never)
            instruments = doctor.Instruments(fetcher, [], {}, FakeClock(), bot)
            (found,) = doctor.examine(config, instruments, "0" * 20)
            fetcher.close()
        return dataclasses.replace(found, told=found.told.replace(url, "URL"))

    return of


@pytest.fixture
def another(place):
    """Another process that listens at the bot's place already, with this key."""
    running = []

    def begin(key: bytes) -> None:
        running.append(HubSubscriber("https://x.example/websub", place, key, never))
        running[-1].open(lambda _feed: None)

    yield begin
    for each in running:
        each.close()


def passes_on_to(place):
    """A web server as the docs set it up."""

    def handle(handler):
        with closing(http.client.HTTPConnection(*place, timeout=5)) as behind:
            behind.request("GET", handler.path)
            answer = behind.getresponse()
            handler.reply(answer.status, answer.read())

    return handle


def never(url, _form):
    raise AssertionError(f"{url} is not to be asked")


def test_an_address_that_leads_to_the_bot(told):
    assert told() == Diagnosis(Level.OK, "websub", "URL: this bot answers there")


def test_the_service_answers_where_it_runs(told, another):
    another(KEY)
    assert told().level is Level.OK


def test_a_bot_with_another_key_is_not_this_one(told, another):
    another(bytes(32))
    assert told().told == "URL is not answered by this bot: answered 404 Not Found"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b"<html>Welcome to nginx!", "URL is answered by another program"),
        (200, b"", "URL is answered by another program"),
        (404, b"", "URL is not answered by this bot: answered 404 Not Found"),
        (403, b"", "URL is not answered by this bot: answered 403 Forbidden"),
        (502, b"", "URL cannot be reached: answered 502 Bad Gateway"),
    ],
)
def test_an_address_that_leads_elsewhere(told, status, body, words):
    found = told(lambda handler: handler.reply(status, body))
    assert (found.level, found.told) == (Level.FAIL, words)
    assert re.search(r"let your web server pass http://\S*/websub on to web:80$", found.remedy)


def test_an_address_where_nobody_listens(told):
    found = told(url=f"http://127.0.0.1:{free_port()}/websub")
    assert (found.level, found.told) == (Level.FAIL, "URL cannot be reached: no answer (Connection refused)")
    assert "firewall" in found.remedy


def test_an_address_that_redirects(told, place):
    def moved(handler):
        if handler.path.startswith("/websub/new/"):
            passes_on_to(place)(handler)
        else:
            handler.reply(301, location=handler.path.replace("/websub/", "/websub/new/"))

    found = told(moved)
    assert (found.level, found.told) == (Level.WARN, "URL redirects to URL/new")


def test_where_hubs_are_not_wanted_nothing_is_said():
    instruments = doctor.Instruments(HttpFetcher(FetchConfig()), [], {}, FakeClock())
    assert list(doctor.examine(Config(), instruments, "0" * 20)) == []


def test_the_command_asks(newsroom):
    """Over the command line: the key is made, the place listened at, the address asked."""
    port = free_port()
    newsroom.write(f'[websub]\npublic_url = "http://127.0.0.1:{port}/websub"\nlisten = "127.0.0.1:{port}"\n')
    done = newsroom.bot("doctor", "--json")
    assert f"http://127.0.0.1:{port}/websub: this bot answers there" in done.stdout
