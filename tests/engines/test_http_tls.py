"""HttpFetcher over TLS: whom it believes, and that it need not learn that anew for every host."""

from __future__ import annotations

import shutil
import ssl
from pathlib import Path

import pytest

from bot.engines.http import HttpFetcher, adapter
from bot.errors import FetchUnavailable
from bot.model import Access
from tests.engines.fetching import failure, fetcher
from tests.servers import Server, serve

LOOPBACK = Path(__file__).parents[1] / "data/tls/loopback.pem"
FEED = b"<rss/>"


@pytest.fixture
def secure():
    """A server that answers over TLS, with a certificate that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(LOOPBACK)
    with serve({"/": lambda handler: handler.reply(200, FEED, connection="close")}) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        yield server


@pytest.fixture
def bundle(tmp_path, monkeypatch):
    """The bundle of certificates that we go by: it holds that of the server."""
    bundle = tmp_path / "bundle.pem"
    shutil.copy(LOOPBACK, bundle)
    monkeypatch.setattr(adapter, "DEFAULT_CA_BUNDLE_PATH", str(bundle))
    adapter._trust.cache_clear()
    yield bundle
    adapter._trust.cache_clear()


@pytest.fixture
def trusting(bundle):
    fetch = fetcher()
    yield fetch
    fetch.close()


def url_of(server: Server, host: str = "127.0.0.1") -> str:
    return f"https://{host}:{server.server_port}/feed"


def test_a_certificate_that_nobody_signed_is_not_trusted(http: HttpFetcher, secure):
    error = failure(http, url_of(secure))
    assert isinstance(error, FetchUnavailable)
    assert "its certificate cannot be trusted" in str(error)
    assert secure.requests == []


def test_one_that_is_known_is(trusting, secure):
    assert trusting.get(url_of(secure)).body == FEED


def test_nor_is_that_of_another_name(trusting, secure):
    error = failure(trusting, url_of(secure, "localhost"))
    assert "its certificate cannot be trusted" in str(error)
    assert secure.requests == []


def test_the_certificates_are_read_once_for_all_connections(trusting, bundle, secure):
    bundle.unlink()
    other = fetcher()
    assert [each.get(url_of(secure)).body for each in (trusting, trusting, other)] == [FEED] * 3
    other.close()


def test_a_proxy_is_held_to_the_same(trusting, secure, bundle):
    feed, proxy = "http://nowhere.invalid/feed", f"https://127.0.0.1:{secure.server_port}"
    assert trusting.get(feed, access=Access(proxy=proxy)).body == FEED
    with pytest.raises(FetchUnavailable, match="no answer"):
        trusting.get(feed, access=Access(proxy=proxy.replace("127.0.0.1", "localhost")))
