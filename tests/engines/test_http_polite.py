"""PoliteFetcher and the wishes of publishers: rest after a 429, time between pages, no mining of text."""

from __future__ import annotations

import json
import socket
from datetime import timedelta

import pytest

from bot.config import FeedConfig, FetchConfig
from bot.engines.http import HttpFetcher, PoliteFetcher
from bot.engines.http.reservations import Reservations, is_reserved, matches, rules_in
from bot.engines.http.robots import Robots
from bot.errors import FetchRefused, FetchTooSoon, FetchUnavailable
from bot.model import ANYBODY, Access, Fetched
from tests.servers import serve
from tests.servers.routes import FEED

PAGE = b"<html><head><title>t</title></head><body>story</body></html>"
LICENSED = Access(licensed=True)


@pytest.fixture
def names(monkeypatch):
    """Every host under .example is this machine: by its name it is a stranger's."""
    real = socket.getaddrinfo

    def look_up(host, port, *args, **kwargs):
        return real("127.0.0.1" if str(host).endswith(".example") else host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.fixture
def http():
    config = FetchConfig(allow_private_networks=True, timeout=timedelta(seconds=5), pause=timedelta(0))
    fetch = HttpFetcher(config)
    yield fetch
    fetch.close()


@pytest.fixture
def site(names):
    with serve({"/story": lambda h: h.reply(200, PAGE), "/feed": lambda h: h.reply(200, FEED)}) as server:
        server.at = lambda host: f"http://{host}.example:{server.server_port}"
        yield server


def refusal(fetch, url: str, access: Access = ANYBODY) -> FetchRefused:
    with pytest.raises(FetchRefused) as caught:
        fetch.get(url, access=access)
    return caught.value


class TestRests:
    @pytest.mark.parametrize(
        ("status", "headers", "seconds"),
        [(429, {"retry_after": "120"}, 120), (429, {}, 60), (503, {"retry_after": "90"}, 90)],
    )
    def test_the_whole_host_is_left_alone(self, http, site, status, headers, seconds):
        site.routes["/busy"] = lambda h: h.reply(status, **headers)
        with pytest.raises(FetchUnavailable, match=f"answered {status}"):
            http.get(f"{site.at('news')}/busy")
        asked = len(site.requests)
        for fetch, path in ((http, "/feed"), (PoliteFetcher(http), "/story")):
            with pytest.raises(FetchTooSoon, match=r"news\.example wants to be left alone") as caught:
                fetch.get(f"{site.at('news')}{path}")
            assert seconds - 5 < caught.value.retry_after_seconds <= seconds
        assert len(site.requests) == asked
        assert http.get(f"{site.at('other')}/feed").body == FEED

    @pytest.mark.parametrize(
        ("status", "headers"), [(503, {}), (500, {"retry_after": "90"}), (429, {"retry_after": "0"})]
    )
    def test_other_trouble_is_of_one_address(self, http, site, status, headers):
        site.routes["/busy"] = lambda h: h.reply(status, **headers)
        with pytest.raises(FetchUnavailable, match=f"answered {status}"):
            http.get(f"{site.at('news')}/busy")
        assert http.get(f"{site.at('news')}/feed").body == FEED

    def test_a_redirect_to_a_host_that_rests_waits_too(self, http, site):
        http.courtesy.rest(f"{site.at('news')}/", 60)
        site.routes["/to"] = lambda h: h.reply(302, location=f"{site.at('news')}/story")
        with pytest.raises(FetchTooSoon):
            http.get(f"{site.at('short')}/to")

    def test_a_rest_is_no_word_of_robots_txt(self, http, site):
        now = [0.0]
        robots = Robots(http, clock=lambda: now[0])
        http.courtesy.rest(f"{site.at('news')}/", 0.2)
        with pytest.raises(FetchTooSoon):
            robots.check(f"{site.at('news')}/story")
        http.courtesy.rest(f"{site.at('other')}/", 0)
        assert robots.check(f"{site.at('other')}/story") == 0


class TestTimeBetweenPages:
    def robots(self, site, text: str) -> None:
        site.routes["/robots.txt"] = lambda h: h.reply(200, text.encode())

    def test_a_page_waits_for_its_turn_and_feeds_do_not(self, http, site):
        self.robots(site, "User-agent: *\nCrawl-delay: 30\n")
        pages = PoliteFetcher(http)
        assert pages.get(f"{site.at('news')}/story/1").body == PAGE
        with pytest.raises(FetchTooSoon, match=r"wants 30s between two pages \(robots\.txt\)") as caught:
            pages.get(f"{site.at('news')}/story/2")
        assert 20 < caught.value.retry_after_seconds <= 30
        assert http.get(f"{site.at('news')}/feed").body == FEED
        assert pages.get(f"{site.at('other')}/story/2").body == PAGE

    def test_a_redirect_inside_the_host_is_one_visit(self, http, site):
        self.robots(site, "User-agent: *\nCrawl-delay: 30\n")
        site.routes["/old"] = lambda h: h.reply(301, location="/story/1")
        assert PoliteFetcher(http).get(f"{site.at('news')}/old").body == PAGE

    def test_the_further_pages_of_an_article_are_the_same_visit(self, http, site):
        self.robots(site, "User-agent: *\nCrawl-delay: 30\n")
        pages = PoliteFetcher(http)
        for access in (ANYBODY, Access(continues=True), Access(continues=True)):
            assert pages.get(f"{site.at('news')}/story/1", access=access).body == PAGE

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("Crawl-delay: 2.5", 2.5),
            ("Crawl-delay: 3600", 60),
            ("Crawl-delay: inf", 0),
            ("Crawl-delay: 1e300", 60),
            ("Crawl-delay: nan", 0),
            ("Crawl-delay: -5", 0),
            ("Crawl-delay: soon", 0),
            ("Request-rate: 1/10", 10),
            ("Request-rate: 2/1m", 30),
            ("Crawl-delay: 5\nRequest-rate: 1/10", 10),
            ("Disallow: /x", 0),
        ],
    )
    def test_what_is_asked_for(self, text, seconds):
        robots = Robots(Answering({"/robots.txt": f"User-agent: *\n{text}\n".encode()}))
        assert robots.check("https://news.example/a") == seconds

    def test_a_word_to_us_goes_before_one_to_all(self):
        text = b"User-agent: *\nCrawl-delay: 50\n\nUser-agent: relaypress\nCrawl-delay: 3\n"
        assert Robots(Answering({"/robots.txt": text})).check("https://news.example/a") == 3

    def test_a_wish_beyond_the_bound_is_told_once(self, capsys):
        now = [0.0]
        robots = Robots(
            Answering({"/robots.txt": b"User-agent: *\nCrawl-delay: 600\n"}), clock=lambda: now[0]
        )
        for now[0] in (0.0, 10.0, 4000.0, 8000.0):
            robots.check("https://news.example/a")
        assert capsys.readouterr().out.count("crawl delay kept to its bound") == 1


class TestReservations:
    def file(self, site, *rules) -> None:
        body = json.dumps([{"location": place, "tdm-reservation": value} for place, value in rules])
        site.routes["/.well-known/tdmrep.json"] = lambda h: h.reply(200, body.encode())

    def test_the_file_of_the_origin_is_asked_once_and_the_page_not_at_all(self, http, site):
        self.file(site, ("/story/free", 0), ("/story", 1))
        pages = PoliteFetcher(http)
        error = refusal(pages, f"{site.at('news')}/story/1")
        assert "keeps it from text and data mining (tdmrep.json of its host)" in str(error)
        assert 'rights = "permission" or "licensed"' in str(error)
        assert site.asked("/story/1") == []
        assert pages.get(f"{site.at('news')}/story/free").body == PAGE
        assert len(site.asked("/.well-known/tdmrep.json")) == 1

    def test_the_header_of_the_answer(self, http, site):
        site.routes["/story"] = lambda h: h.reply(200, PAGE, tdm_reservation="1")
        error = refusal(PoliteFetcher(http), f"{site.at('news')}/story")
        assert "(a header of the answer)" in str(error)

    def test_the_page_itself_goes_before_the_header(self, http, site):
        def give(value: str, header: str):
            page = PAGE.replace(b"<title>", f'<META Content="{value}" name=tdm-reservation><title>'.encode())
            site.routes["/story"] = lambda h: h.reply(200, page, tdm_reservation=header)

        pages = PoliteFetcher(http)
        give("1", "0")
        assert "(a meta tag of the page)" in str(refusal(pages, f"{site.at('news')}/story"))
        give("0", "1")
        assert pages.get(f"{site.at('news')}/story")

    @pytest.mark.parametrize("value", ["0", "", "2", "yes"])
    def test_other_values_reserve_nothing(self, http, site, value):
        site.routes["/story"] = lambda h: h.reply(200, PAGE, tdm_reservation=value)
        assert PoliteFetcher(http).get(f"{site.at('news')}/story").body == PAGE

    def test_redirects_are_asked_about_too(self, http, site):
        self.file(site, ("/story", 1))
        site.routes["/to"] = lambda h: h.reply(302, location="/story")
        refusal(PoliteFetcher(http), f"{site.at('news')}/to")
        assert site.asked("/story") == []

    def test_with_the_publishers_word_nothing_is_asked_about(self, http, site):
        self.file(site, ("/", 1))
        site.routes["/story"] = lambda h: h.reply(200, PAGE, tdm_reservation="1")
        assert PoliteFetcher(http).get(f"{site.at('news')}/story", access=LICENSED).body == PAGE
        assert site.asked("/.well-known/tdmrep.json") == []

    @pytest.mark.parametrize(
        ("rights", "licensed"),
        [("licensed", True), ("permission", True), ("open", False), ("excerpt", False), ("unknown", False)],
    )
    def test_whose_word_counts(self, rights, licensed):
        feed = FeedConfig(name="f", url="https://x/f", language="en", sites=("s",), rights=rights)
        assert feed.access.licensed is licensed

    def test_it_can_be_left_to_the_owner(self, http, site):
        self.file(site, ("/", 1))
        assert PoliteFetcher(http, tdm=False).get(f"{site.at('news')}/story").body == PAGE

    def test_feeds_are_handed_out_by_their_publisher(self, http, site):
        self.file(site, ("/", 1))
        assert http.get(f"{site.at('news')}/feed").body == FEED

    @pytest.mark.parametrize("status", [404, 403, 500])
    def test_a_file_that_cannot_be_had_reserves_nothing(self, http, site, status):
        site.routes["/.well-known/tdmrep.json"] = lambda h: h.reply(status)
        assert PoliteFetcher(http).get(f"{site.at('news')}/story").body == PAGE

    def test_a_file_that_fails_is_asked_for_again_sooner(self):
        for answer, times in ((b"[]", 1), (FetchUnavailable("x", "down", status=500), 2)):
            now, web = [0.0], Answering({"/.well-known/tdmrep.json": answer})
            reservations = Reservations(web, clock=lambda now=now: now[0])
            for now[0] in (0.0, 299.0, 301.0):
                reservations.check("https://news.example/a")
            assert web.asked == times

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"[1, null]",
            b"<html>",
            b"[" * 100_000,
            b'[{"location": 5, "tdm-reservation": 1}]',
            b"\xff",
        ],
    )
    def test_a_file_that_is_something_else_reserves_nothing(self, body):
        assert not is_reserved("https://news.example/a", rules_in(body))

    @pytest.mark.parametrize(
        ("pattern", "path", "match"),
        [
            ("/", "/a", True),
            ("/a/", "/a", False),
            ("/a", "/ab?c", True),
            ("/A", "/a", False),
            ("*", "/a", True),
            ("/*.pdf", "/x/y.pdf?z", True),
            ("/*.pdf$", "/x/y.pdf?z", False),
            ("/*.pdf$", "/x.pdf/y.pdf", True),
            ("/a$", "/a", True),
            ("/a$", "/ab", False),
            ("/a*a$", "/a", False),
            ("/this/*/then", "/this/or/that/then/x", True),
            ("", "/a", True),
            ("/*a" * 600 + "$", "/" + "a" * 5000 + "b", False),
        ],
    )
    def test_patterns(self, pattern, path, match):
        assert matches(pattern, path) is match

    @pytest.mark.parametrize("url", ["https://x/caf%C3%A9", "https://x/café", "https://x/%63af%c3%a9"])
    def test_one_address_however_it_is_written(self, url):
        rules = rules_in('[{"location": "/café$", "tdm-reservation": 1}]'.encode())
        assert is_reserved(url, rules)

    def test_the_first_rule_that_matches_counts(self):
        rules = rules_in(
            b'[{"location": "/a/b", "tdm-reservation": 0}, {"location": "/a", "tdm-reservation": "1"}]'
        )
        assert [is_reserved(f"https://x{path}", rules) for path in ("/a/b", "/a/c", "/d")] == [
            False,
            True,
            False,
        ]


class Answering:
    """ports.Fetcher: the same answers for every host."""

    def __init__(self, answers: dict[str, bytes | Exception]) -> None:
        self.answers, self.asked = answers, 0

    def get(self, url: str, **_: object) -> Fetched:
        self.asked += 1
        answer = next(answer for path, answer in self.answers.items() if url.endswith(path))
        if isinstance(answer, Exception):
            raise answer
        return Fetched(url, answer)
