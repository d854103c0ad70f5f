"""requests on guarded connections (transport.py), and how a host of TLS is believed."""

from __future__ import annotations

import base64
import ssl
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

from bot.engines.http.transport import pool_classes, public_addresses


class GuardedAdapter(HTTPAdapter):
    """A requests adapter on guarded connections; pass `timeout=urllib3.Timeout(total=seconds)`.

    An answer may take twice `max_bytes` on the wire, whatever it is made of; the caller counts its body.
    """

    def __init__(self, *, allow_private_networks: bool, max_bytes: int) -> None:
        self._allow_private_networks = allow_private_networks
        self._max_bytes = max_bytes
        super().__init__(pool_connections=64, pool_maxsize=8)

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Ask directly, or by a proxy: that one connects in our place, so the target is looked up before.

        Raises PrivateAddress, socket.gaierror, and what `requests` raises.
        """
        if options.get("proxies") and not self._allow_private_networks:
            target = urlsplit(request.url or "")
            public_addresses(target.hostname or "", target.port or 0)
        return super().send(request, *args, **options)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - requests' signature
        """Believe whom `_trust` believes; requests would read its bundle again for every connection."""
        conn.cert_reqs = "CERT_REQUIRED"

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """What tells a proxy who asks, where its address does: in UTF-8 (RFC 7617); requests knows Latin-1 alone."""
        parts = urlsplit(proxy)
        if parts.username is None:
            return {}
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Connections to a proxy: bounded in time, and welcome in private networks, for the owner named it."""
        options |= {"ssl_context": _trust(), "proxy_ssl_context": _trust()}
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = pool_classes(allow_private_networks=True, max_bytes=self._max_bytes)
        return manager

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of guarded connections."""
        super().init_poolmanager(*args, ssl_context=_trust(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = pool_classes(
            allow_private_networks=self._allow_private_networks, max_bytes=self._max_bytes
        )


@cache
def _trust() -> ssl.SSLContext:
    """Whom we believe to be who they say they are; one for all: to read the bundle of certificates takes 18 ms."""
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context
