"""`bot doctor` on `websub.public_url`: it asks there, as a hub would, and says who answers."""

from __future__ import annotations

import dataclasses
import http.client
import json
import re
from contextlib import closing
from datetime import timedelta

import pytest

from bot import doctor
from bot.checkup import Diagnosis, Level
from bot.config import Config, FetchConfig
from bot.engines.http import HttpFetcher
from bot.engines.websub import HubSubscriber, load_key
from bot.engines.websub.keys import own_token
from bot.model import Fetched
from bot.ports import Fetcher
from tests.conftest import free_port
from tests.fakes.clock import FakeClock
from tests.fakes.web import FakeFetcher
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
            instruments = doctor.Instruments(fetcher, [], {}, FakeClock(), lambda: bot)
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


def examined(place, url: str, fetcher: Fetcher | None = None) -> list[Diagnosis]:
    """What the doctor says where nothing stands before the bot."""
    config = Config.model_validate({"websub": {"public_url": url}})
    asks = fetcher or HttpFetcher(FetchConfig(allow_private_networks=True, timeout=timedelta(seconds=5)))
    bot = HubSubscriber(url, place, KEY, never)
    return list(doctor.examine(config, doctor.Instruments(asks, [], {}, FakeClock(), lambda: bot), "0" * 20))


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


def test_a_redirect_that_fails_tells_nobody_where_the_bot_answers(told):
    found = told(lambda handler: handler.reply(301, location=handler.path.replace("/websub/", "/gone/")))
    assert re.fullmatch(
        r"URL is not answered by this bot: answered 404 Not Found at http://\S*/gone", found.told
    )

    asked = f"http://127.0.0.1:{free_port()}/?next={'x' * 120}/{own_token(KEY)}"  # so long that it is cut
    found = told(lambda handler: handler.reply(301, location=asked))
    assert own_token(KEY)[:10] not in found.told
    assert "0" * 20 not in found.told


@pytest.mark.parametrize("path", ["websub/", "wéb sub", "web%20sub", "w%C3%A9b"])
def test_an_address_is_the_same_however_it_is_written(place, path, capsys):
    url = f"HTTP://LocalHost:{place[1]}/{path}"
    (found,) = examined(place, url)
    assert found == Diagnosis(Level.OK, "websub", f"{url}: this bot answers there")
    assert capsys.readouterr().out == ""  # nothing of the service's log


def test_a_name_of_other_letters_is_the_one_that_it_is_asked_by(place):
    fetcher = FakeFetcher({})
    bot = HubSubscriber("https://Bücher-Straße.example/websub", place, KEY, never)
    asked = bot.question("0" * 20)
    fetcher.answers[asked] = Fetched(asked.replace("Bücher-Straße", "xn--bcher-strae-46a18a"), b"0" * 20)
    (found,) = examined(place, "https://Bücher-Straße.example/websub", fetcher)
    assert found.level is Level.OK


def test_an_address_that_is_a_private_one_here_could_not_be_tried(place):
    """Split-horizon DNS, Docker: hubs outside may well reach it."""
    url = f"http://127.0.0.1:{place[1]}/websub"
    (found,) = examined(place, url, HttpFetcher(FetchConfig()))
    assert found.level is Level.WARN
    assert found.told == f"{url} cannot be tried from here: it leads to a private address (127.0.0.1)"
    assert "allow_private_networks" not in found.remedy


def test_a_place_that_cannot_be_listened_at_is_told_with_the_reason():
    (found,) = examined(("192.0.2.1", free_port()), "http://127.0.0.1:9/websub")
    assert found.level is Level.FAIL
    assert "websub.listen" in found.told
    assert "Cannot assign requested address" in found.told


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_hubs_that_come_meanwhile_are_asked_to_come_again(place, method):
    bot = HubSubscriber("http://127.0.0.1/websub", place, KEY, never)
    with bot.answering(), closing(http.client.HTTPConnection(*place, timeout=5)) as hub:
        hub.request(method, "/websub/" + "a" * 40 + "?hub.mode=subscribe&hub.challenge=x")
        assert hub.getresponse().status == 503


def test_where_hubs_are_not_wanted_nothing_is_said():
    instruments = doctor.Instruments(HttpFetcher(FetchConfig()), [], {}, FakeClock())
    assert list(doctor.examine(Config(), instruments, "0" * 20)) == []


@pytest.fixture
def command(newsroom):
    """`bot doctor --json` of a bot that is called at its own place; what it says, by subject."""

    def run() -> dict[str, dict[str, str]]:
        port = free_port()
        url = f"http://127.0.0.1:{port}/websub"
        newsroom.write(f'[websub]\npublic_url = "{url}"\nlisten = "127.0.0.1:{port}"\n')
        done = newsroom.bot("doctor", "--json")
        return {each["subject"]: each for each in json.loads(done.stdout)["checks"]}

    return run


def test_the_command_asks(command, newsroom):
    load_key(newsroom.folder / "data" / "websub.key")
    assert command()["websub"]["told"].endswith("/websub: this bot answers there")


def test_the_command_writes_nothing(command, newsroom):
    found = command()
    assert found["websub"]["level"] == "warn"
    assert "is not tried: the service has not run yet" in found["websub"]["told"]
    assert not (newsroom.folder / "data").exists()


def test_a_key_that_is_damaged_stops_no_other_examination(command, newsroom):
    key = newsroom.folder / "data" / "websub.key"
    key.parent.mkdir()
    key.write_text("zz")
    found = command()
    assert found["websub"]["level"] == "fail"
    assert found["websub"]["told"] == f"{key}: is damaged; delete it, and a new one is made"
    assert {"feed source", "site demo"} < found.keys()
