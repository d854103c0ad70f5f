"""HttpFetcher: what comes, what is refused, and what a server cannot do to us."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from bot.config import FetchConfig
from bot.engines.http import HttpFetcher
from bot.engines.http.headers import LONGEST_PAUSE_SECONDS, max_age_seconds, retry_after_seconds
from bot.errors import FetchGone, FetchRefused, FetchUnavailable
from bot.model import Fetched, NotModified
from tests.engines.fetching import PATIENT_SECONDS, failure
from tests.servers import misbehaving, serve
from tests.servers.routes import FEED


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
