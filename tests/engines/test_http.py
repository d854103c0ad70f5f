"""HttpFetcher against servers that do everything wrong, and Robots against a publisher's wishes."""

from __future__ import annotations

import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import monotonic

import pytest

from bot.config import FetchConfig
from bot.engines.http import HttpFetcher, PoliteFetcher
from bot.engines.http import fetcher as fetching
from bot.engines.http.headers import LONGEST_PAUSE_SECONDS, max_age_seconds, retry_after_seconds
from bot.engines.http.robots import Robots
from bot.engines.http.transport import is_public
from bot.errors import FetchGone, FetchRefused, FetchTooSoon, FetchUnavailable, RelaypressError
from bot.model import Fetched, NotModified
from tests.servers import misbehaving, serve
from tests.servers.routes import FEED

PATIENT_SECONDS = 20.0  # far more than any bound that is tried here, far less than a hang


@pytest.fixture(scope="module")
def server():
    with misbehaving() as server:
        yield server


@pytest.fixture
def site(server):
    return server.base_url


def fetcher(seconds: float = 5, max_bytes: int = 10_000_000, *, private: bool = True):
    config = FetchConfig(
        allow_private_networks=private, timeout=timedelta(seconds=seconds), max_bytes=max_bytes
    )
    return HttpFetcher(config, "ops@example.org")


@pytest.fixture
def http():
    fetch = fetcher()
    yield fetch
    fetch.close()


@pytest.fixture
def hurried():
    fetch = fetcher(seconds=0.4)
    yield fetch
    fetch.close()


def failure(fetch: HttpFetcher, url: str) -> RelaypressError:
    with pytest.raises(RelaypressError) as caught:
        fetch.get(url)
    assert "\n" not in str(caught.value)
    return caught.value


class TestDocuments:
    def test_a_feed_comes_whole_with_its_marks(self, http, site):
        fetched = http.get(f"{site}/feed")
        assert fetched == Fetched(
            url=f"{site}/feed",
            body=FEED,
            content_type="application/rss+xml",
            etag='"v1"',
            last_modified="Mon, 02 Mar 2026 10:00:00 GMT",
        )

    def test_an_unchanged_feed_costs_no_body(self, http, site):
        assert http.get(f"{site}/feed", etag='"v1"') == NotModified(f"{site}/feed", 600)
        since = "Mon, 02 Mar 2026 10:00:00 GMT"
        assert http.get(f"{site}/feed", last_modified=since) == NotModified(f"{site}/feed")

    def test_a_304_that_nobody_asked_for_is_no_answer(self, http, site):
        assert "answered 304 Not Modified" in str(failure(http, f"{site}/status/304"))

    def test_the_publisher_learns_who_asks(self, http):
        with misbehaving() as server:
            http.get(f"{server.base_url}/feed", accept="application/rss+xml")
            (headers,) = server.asked("/feed")
        assert headers["User-Agent"] == "Relaypress/0.1 (+ops@example.org)"
        assert headers["Accept"] == "application/rss+xml"
        assert "gzip" in headers["Accept-Encoding"]

    @pytest.mark.parametrize("path", ["/gzip", "/gzip/deflate"])
    def test_compressed_feeds_are_unpacked(self, http, site, path):
        assert http.get(site + path).body == FEED

    def test_connections_are_used_again(self, http):
        def port(handler):
            handler.reply(200, str(handler.client_address[1]).encode())

        with serve({"/port": port, "/old": lambda h: h.reply(301, location="/port")}) as server:
            ports = {http.get(f"{server.base_url}/{path}").body for path in ("port", "old", "port")}
        assert len(ports) == 1

    def test_cookies_are_not_carried_along(self, http):
        with misbehaving() as server:
            for _ in range(2):
                http.get(f"{server.base_url}/cookie")
            assert not any("Cookie" in headers for headers in server.asked("/cookie"))

    def test_several_threads_get_their_own_answers(self, http, site):
        def get(n: int) -> bool:
            return http.get(f"{site}/feed?{n}").url.endswith(f"?{n}")

        with ThreadPoolExecutor(16) as threads:
            assert all(threads.map(get, range(64)))

    def test_proxies_of_the_environment_are_ignored(self, http, site, monkeypatch):
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        assert http.get(f"{site}/feed").body == FEED


class TestBadAnswers:
    @pytest.mark.parametrize(("status", "words"), [(404, "Not Found"), (410, "Gone")])
    def test_gone(self, http, site, status, words):
        error = failure(http, f"{site}/status/{status}")
        assert isinstance(error, FetchGone)
        assert str(error) == f"{site}/status/{status}: answered {status} {words}"

    @pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
    def test_passing_trouble(self, http, site, status):
        error = failure(http, f"{site}/status/{status}")
        assert isinstance(error, FetchUnavailable)
        assert error.status == status

    @pytest.mark.parametrize("status", [204, 400, 401, 403, 418, 451])
    def test_refusals(self, http, site, status):
        error = failure(http, f"{site}/status/{status}")
        assert type(error) is FetchRefused
        assert f"answered {status}" in str(error)

    def test_retry_after_in_seconds(self, http, site):
        assert failure(http, f"{site}/status/429?Retry-After=7").retry_after_seconds == 7

    def test_no_answer_at_all(self, http, site):
        error = failure(http, f"{site}/drop")
        assert isinstance(error, FetchUnavailable)
        assert "no answer" in str(error)

    def test_nobody_listens(self, http):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            error = failure(http, f"http://127.0.0.1:{free.getsockname()[1]}/")
        assert isinstance(error, FetchUnavailable)
        assert "Connection refused" in str(error)

    def test_no_such_host(self, http):
        error = failure(http, "http://nowhere.invalid/")
        assert isinstance(error, FetchUnavailable)
        assert "host name is not known" in str(error)

    @pytest.mark.parametrize("path", ["/cut", "/cut-chunks"])
    def test_a_body_that_breaks_off_is_not_taken_for_whole(self, http, site, path):
        error = failure(http, site + path)
        assert isinstance(error, FetchUnavailable)
        assert "broke off after" in str(error)

    def test_a_body_that_is_not_compressed_as_it_says(self, http, site):
        error = failure(http, f"{site}/not-gzip")
        assert isinstance(error, FetchUnavailable)
        assert "compressed body is broken" in str(error)


class TestBounds:
    @pytest.mark.parametrize("path", ["/drip", "/drip-headers", "/drip-headers/lines", "/hang"])
    def test_a_server_cannot_hold_us(self, hurried, site, path):
        begun = monotonic()
        error = failure(hurried, site + path)
        assert monotonic() - begun < PATIENT_SECONDS
        assert isinstance(error, FetchUnavailable)
        assert str(error) == f"{site}{path}: took longer than 0.4s"

    def test_a_silent_tls_server_cannot_hold_us(self, hurried):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
            assert str(failure(hurried, url)) == f"{url}: took longer than 0.4s"

    def test_the_time_limit_spans_all_redirects(self, hurried):
        def slow(handler):
            handler.wait(0.15)
            handler.reply(302, location=f"/{len(handler.path)}{handler.path[1:]}")

        with serve({"/": slow}) as server:
            error = failure(hurried, f"{server.base_url}/x")
            assert "took longer than 0.4s" in str(error)
            assert len(server.requests) < 5

    @pytest.mark.parametrize("path", ["/huge", "/huge?declared", "/gzip-bomb"])
    def test_size_is_bounded_on_the_wire_and_unpacked(self, http, site, path):
        error = failure(http, site + path)
        assert type(error) is FetchRefused
        assert str(error) == f"{site}{path}: larger than 10MB; raise fetch.max_bytes if that is meant"

    def test_a_limit_of_its_own_names_no_key(self, site):
        small = HttpFetcher(FetchConfig(allow_private_networks=True), max_bytes=10)
        assert str(failure(small, f"{site}/feed")) == f"{site}/feed: larger than 1e-05MB"
        small.close()

    def test_a_declared_size_is_believed_at_once(self, http):
        def declared(handler):
            handler.begin(200, content_length="10000001")

        with serve({"/": declared}) as server:
            assert "larger than 10MB" in str(failure(http, server.base_url))


class TestRedirects:
    def test_a_permanent_move_is_told(self, http, site):
        fetched = http.get(f"{site}/chain/3")
        assert fetched.url == fetched.moved_to == f"{site}/feed"

    def test_one_temporary_redirect_on_the_way_is_no_move(self, http, site):
        fetched = http.get(f"{site}/redirect/302?to=/chain/2")
        assert (fetched.url, fetched.moved_to) == (f"{site}/feed", "")

    def test_eight_and_no_more(self, http, site):
        assert http.get(f"{site}/chain/8").body == FEED
        assert "redirects more than 8 times" in str(failure(http, f"{site}/chain/9"))

    def test_loops_are_seen(self, http, site):
        assert "redirects in a loop" in str(failure(http, f"{site}/loop/a"))

    def test_conditions_are_kept_on_the_way(self, http, site):
        assert http.get(f"{site}/redirect/302?to=/feed", etag='"v1"') == NotModified(f"{site}/feed", 600)

    def test_a_redirect_to_nowhere(self, http, site):
        assert "answered 302 Found" in str(failure(http, f"{site}/status/302"))

    @pytest.mark.parametrize(
        "target", ["file:///etc/passwd", "ftp://x/", "javascript:1", "http://[::1", "//"]
    )
    def test_only_the_web(self, http, site, target):
        assert type(failure(http, f"{site}/redirect/302?to={target}")) is FetchRefused

    def test_the_message_tells_where_it_went_wrong(self, http, site):
        error = failure(http, f"{site}/redirect/302?to=/status/404")
        assert (
            str(error) == f"{site}/redirect/302?to=/status/404: answered 404 Not Found at {site}/status/404"
        )


class TestReach:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "localhost",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
            "0.0.0.0",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "①②⑦.⓪.⓪.①",
            "10.0.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "[fe80::1]",
            "[fd00::1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
        ],
    )
    def test_no_way_into_a_private_network(self, server, host):
        strict = fetcher(private=False)
        before = len(server.requests)
        error = failure(strict, f"http://{host}:{server.server_port}/feed")
        strict.close()
        assert type(error) is FetchRefused
        assert len(server.requests) == before

    def test_the_message_names_address_and_remedy(self):
        strict = fetcher(private=False)
        error = failure(strict, "http://10.0.0.1/feed")
        strict.close()
        assert str(error) == (
            "http://10.0.0.1/feed: leads to a private address (10.0.0.1); "
            "set fetch.allow_private_networks = true if that is meant"
        )

    def test_the_address_that_is_connected_to_is_the_one_checked(self, server, monkeypatch):
        """A name server that shows a public address first and the private one later."""
        answers = iter(["93.184.216.34", "127.0.0.1"])
        real = socket.getaddrinfo

        def rebinding(host, port, *args, **kwargs):
            if host == "rebind.example":
                return real(next(answers, "127.0.0.1"), port, *args, **kwargs)
            return real(host, port, *args, **kwargs)

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        strict = fetcher(seconds=0.3, private=False)
        before = len(server.requests)
        assert isinstance(failure(strict, f"http://rebind.example:{server.server_port}/"), FetchUnavailable)
        error = failure(strict, f"http://rebind.example:{server.server_port}/")
        strict.close()
        assert "leads to a private address (127.0.0.1)" in str(error)
        assert len(server.requests) == before

    @pytest.mark.parametrize(
        "url", ["file:///etc/passwd", "ftp://example.org/", "gopher://x", "example.org/feed", "", "http://"]
    )
    def test_only_whole_web_addresses(self, http, url):
        assert type(failure(http, url)) is FetchRefused

    @pytest.mark.parametrize(
        "url",
        [
            "http://exa mple.org/",
            "http://example.org:99999/",
            "http://a\nb/",
            "http://[::1/",
            "http://" + "a" * 70 + ".org/",
            "http://a..b/",
            "http://example.org\\@127.0.0.1/",
        ],
    )
    def test_odd_addresses_are_refused_in_one_line(self, http, url):
        assert isinstance(failure(http, url), FetchRefused | FetchUnavailable)

    def test_a_password_in_an_address_is_refused_and_not_repeated(self, http):
        error = failure(http, "http://user:hunter2@example.org/")
        assert type(error) is FetchRefused
        assert "hunter2" not in str(error)

    def test_a_password_in_a_redirect_is_not_repeated(self, http, site):
        error = failure(http, f"{site}/redirect/302?to=//user:hunter2@example.org/")
        assert "hunter2" not in error.problem

    @pytest.mark.parametrize(
        ("address", "public"),
        [
            ("93.184.216.34", True),
            ("2606:2800:220:1:248:1893:25c8:1946", True),
            ("224.0.0.1", False),
            ("255.255.255.255", False),
            ("192.88.99.1", False),
            ("fec0::1", False),
            ("::7f00:1", False),
            ("ff02::1", False),
            ("::ffff:93.184.216.34", True),
            ("2001::1", False),
        ],
    )
    def test_what_is_public(self, address, public):
        assert is_public(ipaddress.ip_address(address)) is public


class TestHeaders:
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("120", 120),
            ("0", 0),
            ("Mon, 02 Mar 2026 10:01:30 GMT", 90),
            ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
            ("99999999", LONGEST_PAUSE_SECONDS),
            ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE_SECONDS),
            ("-5", None),
            ("soon", None),
            ("", None),
        ],
    )
    def test_retry_after(self, value, seconds):
        headers = {"Retry-After": value, "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}
        assert retry_after_seconds(headers) == seconds

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("max-age=600", 600),
            ("public, MAX-AGE=60", 60),
            ("s-maxage=9", 0),
            ("no-cache, max-age=60", 0),
            ("max-age=x", 0),
            ("", 0),
        ],
    )
    def test_max_age(self, value, seconds):
        assert max_age_seconds({"Cache-Control": value}) == seconds

    def test_marks_that_could_not_be_sent_back_are_dropped(self, http):
        def odd(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nETag: \x01\r\nContent-Length: 2\r\n\r\nok")

        with serve({"/": odd}) as server:
            assert http.get(server.base_url).etag == ""


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
