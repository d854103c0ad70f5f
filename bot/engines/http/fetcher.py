"""HttpFetcher: GET an address that a stranger chose, within bounds of time, size and reach."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from time import monotonic
from typing import Self
from urllib.parse import urldefrag, urljoin, urlsplit

import requests
import urllib3
from urllib3.exceptions import HTTPError

import bot
from bot.config import FetchConfig
from bot.engines.http import failures, headers
from bot.engines.http.transport import GuardedAdapter, PrivateAddress
from bot.errors import FetchRefused
from bot.model import Fetched, NotModified

_CHUNK_BYTES = 65_536
_MOST_REDIRECTS = 8
_PERMANENT = frozenset({301, 308})


class HttpFetcher:
    """Implements ports.Fetcher on one pooled session; safe to call from several threads at once.

    `max_bytes` overrides `fetch.max_bytes` (pictures are larger than pages) and counts the bytes on the
    wire as well as the decompressed ones.

    No cookies, no credentials, and no proxies from the environment: a proxy would connect in our place,
    to addresses nobody checked. Name look-ups have the system resolver's own time limit.
    """

    def __init__(
        self,
        config: FetchConfig,
        contact: str = "",
        *,
        max_bytes: int = 0,
    ) -> None:
        self._timeout_seconds = config.timeout.total_seconds()
        self._max_bytes = max_bytes or config.max_bytes
        self._size_remedy = "" if max_bytes else "raise fetch.max_bytes if that is meant"
        self._check: Callable[[str], None] = _allow
        self._session = _session(contact, allow_private_networks=config.allow_private_networks)

    def get(
        self, url: str, *, etag: str = "", last_modified: str = "", accept: str = "*/*"
    ) -> Fetched | NotModified:
        """GET `url`; the contract stands in ports.Fetcher.

        At most 8 redirects are followed, by hand; `moved_to` is set when all of them were permanent.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in conditions.items() if value}
        wanted = {"Accept": accept} | conditions
        deadline = monotonic() + self._timeout_seconds
        url = url.strip()
        seen = [_checked(url, url)]
        permanent = True
        while True:
            target = seen[-1]
            with closing(self._send(url, target, wanted, deadline)) as response:
                location = _location(url, response)
                if not location:
                    moved = permanent and len(seen) > 1
                    return self._read(url, target, response, moved=moved, conditional=bool(conditions))
                permanent = permanent and response.status_code in _PERMANENT
                _discard(response)
            seen.append(_next_hop(url, seen, location))

    def checked_by(self, check: Callable[[str], None]) -> Self:
        """The same fetcher, on the same connections, that asks `check` about every address."""
        other = copy.copy(self)
        other._check = check  # noqa: SLF001 - a copy of ourselves
        return other

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def _send(self, url: str, target: str, wanted: dict[str, str], deadline: float) -> requests.Response:
        """Ask for one hop; the answer's body is still to be read."""
        self._check(target)
        remaining = max(deadline - monotonic(), 0.001)
        timeout = urllib3.Timeout(total=remaining)
        try:
            request = self._session.prepare_request(requests.Request("GET", target, headers=wanted))
            return self._session.send(request, stream=True, allow_redirects=False, timeout=timeout)  # type: ignore[arg-type]
        except (requests.RequestException, HTTPError, PrivateAddress, ValueError) as error:
            raise failures.of_call(error, url, target, self._timeout_seconds) from error

    def _read(
        self, url: str, target: str, response: requests.Response, *, moved: bool, conditional: bool
    ) -> Fetched | NotModified:
        """The document or its absence, where redirects ended."""
        if response.status_code == HTTPStatus.NOT_MODIFIED and conditional:
            _discard(response)
            return NotModified(response.url, headers.max_age_seconds(response.headers))
        if response.status_code not in (200, 203):
            _discard(response)
            raise failures.of_answer(response, url, target)
        return Fetched(
            url=response.url,
            body=self._body(url, target, response),
            content_type=response.headers.get("Content-Type", "")[:200],
            etag=headers.validator(response.headers, "ETag"),
            last_modified=headers.validator(response.headers, "Last-Modified"),
            moved_to=target if moved else "",
            max_age_seconds=headers.max_age_seconds(response.headers),
        )

    def _body(self, url: str, target: str, response: requests.Response) -> bytes:
        raw = response.raw
        if (raw.length_remaining or 0) > self._max_bytes:
            raise self._too_large(url)
        body = bytearray()
        try:
            for chunk in raw.stream(_CHUNK_BYTES, decode_content=True):
                body += chunk
                if max(len(body), raw.tell()) > self._max_bytes:
                    raise self._too_large(url)
        except (HTTPError, OSError) as error:
            received = max(len(body), raw.tell())
            timeout = self._timeout_seconds
            raise failures.of_call(error, url, target, timeout, received=received) from error
        return bytes(body)

    def _too_large(self, url: str) -> FetchRefused:
        return FetchRefused(url, f"larger than {self._max_bytes / 1e6:g}MB", remedy=self._size_remedy)


def _allow(_url: str) -> None:
    """No further check."""


def _session(contact: str, *, allow_private_networks: bool) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, GuardedAdapter(allow_private_networks=allow_private_networks))
    session.headers["User-Agent"] = _user_agent(contact)
    return session


def _user_agent(contact: str) -> str:
    """`Relaypress/0.1 (+contact)`: publishers can tell us apart, and write to the owner."""
    version = ".".join(bot.__version__.split(".")[:2])
    clean = re.sub(r"[^\x21-\x7e]+|[()]", "", contact)
    return f"Relaypress/{version} (+{clean})" if clean else f"Relaypress/{version}"


def _checked(url: str, address: str) -> str:
    """`address` without its fragment, if it is one we may ask for at all. Raises FetchRefused about `url`."""
    at = failures.at(url, address)
    if re.search(r"[\x00-\x1f\x7f]", address):  # urlsplit would take them out unasked
        raise FetchRefused(" ".join(url.split()), "control characters in an address")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise FetchRefused(url, f"not an address that can be fetched{at}") from error
    if parts.scheme not in ("http", "https"):
        raise FetchRefused(url, f"only http and https can be fetched{at}")
    if not parts.hostname or re.search(r"[ \\]", parts.netloc):
        raise FetchRefused(url, f"not an address that can be fetched{at}")
    if "@" in parts.netloc:
        raise FetchRefused(failures.without_login(url), "holds a user name or password", remedy="take it out")
    return urldefrag(address).url


def _next_hop(url: str, seen: list[str], location: str) -> str:
    """Where a redirect leads. Raises FetchRefused at loops and endless chains."""
    try:
        target = _checked(url, urljoin(seen[-1], location.strip()))
    except ValueError as error:
        raise FetchRefused(url, "redirects to something that is no address") from error
    if target in seen:
        raise FetchRefused(url, f"redirects in a loop (to {failures.shown(target)})")
    if len(seen) > _MOST_REDIRECTS:
        raise FetchRefused(url, f"redirects more than {_MOST_REDIRECTS} times")
    return target


def _location(url: str, response: requests.Response) -> str:
    """Where the answer redirects to; '' where it does not. Header bytes are UTF-8 more often than Latin-1."""
    if not response.is_redirect:
        return ""
    try:
        return response.headers["Location"].encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise FetchRefused(url, "redirects to something that is no address") from error


def _discard(response: requests.Response) -> None:
    """Read a short rest away, so that the connection can be used again."""
    if response.raw.length_remaining is not None and response.raw.length_remaining <= _CHUNK_BYTES:
        response.raw.drain_conn()
