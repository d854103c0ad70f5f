"""HttpFetcher in the way that one feed wants: headers, logins, cookies, agents, proxies; packed bodies."""

from __future__ import annotations

import zlib
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import brotli
import pytest

from bot.config import FeedConfig, FetchConfig
from bot.engines.http import HttpFetcher, PoliteFetcher
from bot.errors import FetchRefused, FetchUnavailable
from bot.model import Access
from tests.servers import Handler, serve
from tests.servers.routes import FEED

COMMON = {"name": "f", "url": "https://News.example:8443/feed", "language": "en", "sites": ["s"]}
SECRETS = (("Cookie", "id=7"), ("Authorization", "Basic dTpw"), ("X-Key", "k3y"))


def fetcher(*, private: bool = True) -> HttpFetcher:
    config = FetchConfig(allow_private_networks=private, timeout=timedelta(seconds=5))
    return HttpFetcher(config, "ops@example.org")


@pytest.fixture
def http():
    fetch = fetcher()
    yield fetch
    fetch.close()


@pytest.fixture
def site():
    with serve({"/": lambda handler: handler.reply(200, FEED)}) as server:
        yield server


def access_to(url: str, **more) -> Access:
    return Access("http", urlsplit(url).netloc, SECRETS, **more)


def secrets_in(headers) -> dict[str, str]:
    return {name: headers[name] for name, _ in SECRETS if name in headers}


class TestSecrets:
    def test_they_go_to_the_feeds_own_host(self, http, site):
        http.get(f"{site.base_url}/feed", access=access_to(site.base_url))
        (headers,) = site.asked("/feed")
        assert secrets_in(headers) == dict(SECRETS)

    def test_they_go_nowhere_else(self, http, site):
        other = site.base_url.replace("127.0.0.1", "localhost")
        http.get(f"{other}/story", access=access_to(site.base_url))
        http.get(f"{site.base_url}/story", access=replace(access_to(site.base_url), authority="127.0.0.1:1"))
        assert [secrets_in(headers) for headers in site.asked("/story")] == [{}, {}]

    def test_not_even_by_a_redirect(self, http, site):
        other = site.base_url.replace("127.0.0.1", "localhost")
        site.routes["/old"] = lambda handler: handler.reply(302, location=f"{other}/new")
        http.get(f"{site.base_url}/old", access=access_to(site.base_url))
        assert secrets_in(site.asked("/old")[0]) == dict(SECRETS)
        assert secrets_in(site.asked("/new")[0]) == {}

    def test_they_are_in_no_message_and_no_repr(self, http):
        access = Access("http", "127.0.0.1:1", SECRETS, proxy="http://u:s3cret@127.0.0.1:1")
        with pytest.raises(FetchUnavailable) as caught:
            http.get("http://127.0.0.1:1/feed", access=access)
        shown = f"{caught.value} {access!r}"
        assert not any(secret in shown for secret in ("s3cret", "id=7", "dTpw", "k3y"))

    def test_cookies_of_a_server_are_still_not_carried_along(self, http, site):
        site.routes["/cookie"] = lambda handler: handler.reply(200, b"", set_cookie="a=b")
        for _ in range(2):
            http.get(f"{site.base_url}/cookie", access=access_to(site.base_url))
        assert [headers["Cookie"] for headers in site.asked("/cookie")] == ["id=7", "id=7"]


def test_an_agent_of_its_own_is_shown_everywhere(http, site):
    http.get(f"{site.base_url}/feed", access=Access(user_agent="Reader/1.0"))
    http.get(f"{site.base_url}/feed")
    agents = [headers["User-Agent"] for headers in site.asked("/feed")]
    assert agents == ["Reader/1.0", "Relaypress/0.1 (+ops@example.org)"]


def test_robots_txt_is_asked_for_in_the_same_way(http, site):
    site.routes["/robots.txt"] = lambda handler: handler.reply(200, b"User-agent: *\nDisallow: /secret")
    polite = PoliteFetcher(http)
    polite.get(f"{site.base_url}/feed", access=Access(user_agent="Reader/1.0"))
    assert site.asked("/robots.txt")[0]["User-Agent"] == "Reader/1.0"
    with pytest.raises(FetchRefused, match=r"robots\.txt of its host forbids it"):
        polite.get(f"{site.base_url}/secret", access=Access(user_agent="Reader/1.0"))


def test_a_header_of_the_config_takes_the_place_of_ours_however_it_is_written(http, site):
    home = Access("http", urlsplit(site.base_url).netloc, headers=(("accept", "text/xml"),))
    http.get(f"{site.base_url}/feed", access=home)
    (sent,) = site.asked("/feed")
    assert [value for name, value in sent.items() if name.lower() == "accept"] == ["text/xml"]


class TestProxy:
    def test_it_asks_in_our_place_and_is_told_its_login(self, http, site):
        proxy = site.base_url.replace("http://", "http://us%40er:p%3Aw@")
        fetched = http.get("http://nowhere.invalid/feed", access=Access(proxy=proxy))
        assert (fetched.url, fetched.body) == ("http://nowhere.invalid/feed", FEED)
        ((asked, headers),) = site.requests
        assert asked == "http://nowhere.invalid/feed"
        assert headers["Proxy-Authorization"] == "Basic dXNAZXI6cDp3"

    def test_its_login_may_be_in_any_letters(self, http, site):
        proxy = site.base_url.replace("http://", "http://user:%C5%BClw@")
        http.get("http://nowhere.invalid/feed", access=Access(proxy=proxy))
        ((_, headers),) = site.requests
        assert b64decode(headers["Proxy-Authorization"].removeprefix("Basic ")).decode() == "user:żlw"

    def test_the_address_filter_applies_before_it_is_asked(self, site):
        strict = fetcher(private=False)
        for url in ("http://10.0.0.1/feed", "http://localhost/feed", "http://2130706433/"):
            with pytest.raises(FetchRefused, match="leads to a private address"):
                strict.get(url, access=Access(proxy=site.base_url))
        with pytest.raises(FetchUnavailable, match="no answer"):  # only the proxy could know this name
            strict.get("http://nowhere.invalid/feed", access=Access(proxy=site.base_url))
        assert site.requests == []
        # The proxy itself may be in a private network: its owner named it.
        assert strict.get("http://93.184.216.34/feed", access=Access(proxy=site.base_url)).body == FEED
        strict.close()

    def test_a_proxy_that_refuses_or_is_down_is_told(self, http, site):
        with pytest.raises(FetchUnavailable, match="Tunnel connection failed: 501"):
            http.get("https://93.184.216.34/feed", access=Access(proxy=site.base_url))
        site.routes["/"] = lambda handler: handler.reply(407)
        with pytest.raises(FetchRefused, match="answered 407 Proxy Authentication Required"):
            http.get("http://nowhere.invalid/feed", access=Access(proxy=site.base_url))
        with pytest.raises(FetchUnavailable, match="no answer"):
            http.get("http://nowhere.invalid/feed", access=Access(proxy="http://127.0.0.1:1"))

    def test_a_proxy_cannot_hold_us(self, site):
        hurried = HttpFetcher(FetchConfig(allow_private_networks=True, timeout=timedelta(seconds=0.3)))
        site.routes["/"] = lambda handler: handler.server.stopping.wait()
        with pytest.raises(FetchUnavailable, match=r"took longer than 0\.3s"):
            hurried.get("http://nowhere.invalid/feed", access=Access(proxy=site.base_url))
        hurried.close()

    def test_one_that_drips_while_it_connects_cannot_either(self, hurried, site, monkeypatch):
        def drips(handler):
            handler.wfile.write(b"HTTP/1.1 200 Connection established\r\n")
            while handler.wait(0.05):
                handler.wfile.write(b"X: y\r\n")

        monkeypatch.setattr(Handler, "do_CONNECT", drips, raising=False)
        with pytest.raises(FetchUnavailable, match=r"took longer than 0\.4s"):
            hurried.get("https://93.184.216.34/feed", access=Access(proxy=site.base_url))


class TestPacking:
    def test_brotli_is_asked_for_and_unpacked(self, http, site):
        site.routes["/"] = lambda handler: handler.reply(200, brotli.compress(FEED), content_encoding="br")
        assert http.get(f"{site.base_url}/feed").body == FEED
        assert "br" in site.asked("/feed")[0]["Accept-Encoding"].replace(" ", "").split(",")

    def test_deflate_without_its_header_is_unpacked_too(self, http, site):
        raw = zlib.compressobj(wbits=-15)
        packed = raw.compress(FEED) + raw.flush()
        site.routes["/"] = lambda handler: handler.reply(200, packed, content_encoding="deflate")
        assert http.get(f"{site.base_url}/feed").body == FEED

    def test_a_brotli_bomb_is_not_unpacked_to_its_end(self, http, site):
        bomb = brotli.compress(bytes(100_000_000), quality=1)
        site.routes["/"] = lambda handler: handler.reply(200, bomb, content_encoding="br")
        with pytest.raises(FetchRefused, match="larger than 10MB"):
            http.get(f"{site.base_url}/feed")

    def test_a_body_that_is_no_brotli(self, http, site):
        site.routes["/"] = lambda handler: handler.reply(200, FEED, content_encoding="br")
        with pytest.raises(FetchUnavailable, match="compressed body is broken"):
            http.get(f"{site.base_url}/feed")


class TestConfig:
    """The keys of [[feeds]], and what becomes of them."""

    def source(self, environ=None, **keys) -> FeedConfig:
        context = {"environ": environ or {"C": "id=7", "P": "pass", "K": "k3y", "Q": "p:w"}}
        return FeedConfig.model_validate({**COMMON, **keys}, context=context)

    def test_all_of_them(self):
        source = self.source(
            headers={"X-Plain": "1"},
            headers_env={"X-Key": "K"},
            cookie_env="C",
            username="user",
            password_env="P",
            user_agent="Reader/1.0",
            proxy="http://proxy.example:3128",
            proxy_username="us@er",
            proxy_password_env="Q",
        )
        assert source.access == Access(
            "https",
            "news.example:8443",
            (("X-Plain", "1"), ("X-Key", "k3y"), ("Cookie", "id=7"), ("Authorization", "Basic dXNlcjpwYXNz")),
            "Reader/1.0",
            "http://us%40er:p%3Aw@proxy.example:3128",
        )
        shown = f"{source!r} {source.model_dump_json()}"
        assert not any(secret in shown for secret in ("k3y", "id=7", '"pass"', "p:w"))

    def test_a_feed_without_them_is_asked_like_any_other(self):
        assert self.source().access == Access("https", "news.example:8443")

    @pytest.mark.parametrize(
        ("keys", "words"),
        [
            ({"cookie": "id=7"}, "may not stand in the file; name its environment variable in cookie_env"),
            ({"proxy_password": "x"}, "name its environment variable in proxy_password_env"),
            ({"secret_headers": {"X": "y"}}, "may not stand in the file"),
            ({"cookie_env": "NONE"}, "the environment variable NONE is not set"),
            ({"headers_env": {"X": "NONE"}}, "the environment variable NONE is not set"),
            ({"username": "u"}, "username and password belong together"),
            ({"headers": {"Cookie": "a=b"}}, "has a key of its own: cookie_env"),
            ({"headers": {"User-Agent": "x"}}, "has a key of its own: user_agent"),
            ({"headers": {"X Y": "x"}}, "is no header that can be set"),
            ({"headers": {"Host": "x"}}, "is no header that can be set"),
            ({"headers": {"X": "a\r\nEvil: b"}}, "characters that no header may"),
            ({"user_agent": "a\nb"}, "characters that no header may"),
            ({"proxy": "http://u:p@proxy.example"}, "holds a password"),
            ({"proxy": "socks5://proxy.example"}, "not an address"),
            ({"proxy_username": "u"}, "proxy_username without a proxy"),
            ({"listing": {"link": "a[["}}, "not a CSS selector"),
        ],
    )
    def test_faults_name_the_remedy(self, keys, words):
        with pytest.raises(ValueError, match=words):
            self.source(**keys)
