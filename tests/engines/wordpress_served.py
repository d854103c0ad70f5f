"""A WordPress client and the servers that it meets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Protocol

from bot.config import SiteConfig
from bot.engines.wordpress import WordPress
from tests.contracts.site import make_post
from tests.servers.xmlrpc import XmlRpcServer

PASSWORD = "abcd efgh ijkl"
NOW = datetime.now(UTC)
LINK = {"post_id": "7", "link": "https://example.org/2026/a-post/"}


class Serve(Protocol):
    """Starts a server with this script, and a client for it."""

    def __call__(
        self, script: object = None, *, path: str = "", timeout: str = "10s"
    ) -> tuple[WordPress, XmlRpcServer]: ...


def configured(url: str, timeout: str = "10s") -> SiteConfig:
    table = {"name": "monde", "url": url, "username": "newsbot", "password_env": "P", "language": "fr"}
    return SiteConfig.model_validate(table | {"timeout": timeout}, context={"environ": {"P": PASSWORD}})


@contextmanager
def serving() -> Iterator[Serve]:
    """Servers and clients, as many as are started; all are closed at the end, clients first."""
    with ExitStack() as servers, ExitStack() as clients:

        def start(script=None, *, path="", timeout="10s"):
            server = servers.enter_context(XmlRpcServer(script))
            site = WordPress(configured(server.url + path, timeout), "ops@example.org")
            clients.callback(site.close)
            return site, server

        yield start


def listed(post_id: int, **more) -> dict[str, object]:
    """A post as wp.getPosts lists it."""
    stamp = more.pop("modified", NOW).strftime("%Y%m%dT%H:%M:%S")
    return {"post_id": str(post_id), "post_name": "x", "post_modified_gmt": stamp, "custom_fields": []} | more


def create(site: WordPress) -> object:
    return site.create(make_post(), [1], [2], None)
