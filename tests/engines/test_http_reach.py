"""HttpFetcher: whom it connects to, whatever an address or a name server says."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from bot.engines.http.transport import is_public
from bot.errors import FetchRefused, FetchUnavailable
from tests.engines.fetching import failure, fetcher


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
        assert isinstance(error, FetchRefused)
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
