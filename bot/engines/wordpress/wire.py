"""Bytes to the site and back, once: one requests session, a connection a call, and what can become of it.

A call ends in exactly one of four ways: the whole body of a 200; NotSent (surely nothing happened);
Answered (another status); NoAnswer (sent, and what it did is unknown).
"""

from __future__ import annotations

import html
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.exceptions import RequestException

from bot import __version__
from bot.engines.wordpress.deadline import DeadlineAdapter

MAX_ANSWER_BYTES = 32_000_000
CONNECT_SECONDS = 10.0
LONGEST_RETRY_AFTER_SECONDS = 86_400.0

_CHUNK_BYTES = 65_536


class NotSent(Exception):
    """No byte of the call left this machine: no connection, no name, no TLS."""


class NoAnswer(Exception):
    """The call was sent and no whole answer came back."""


class Answered(Exception):
    """Another status than 200. `location` is where a redirect points; '' elsewhere."""

    def __init__(self, status: int, glimpse: str, location: str, retry_after_seconds: float | None) -> None:
        super().__init__(status, glimpse)
        self.status = status
        self.glimpse = glimpse
        self.location = location
        self.retry_after_seconds = retry_after_seconds


class Wire:
    """One site's session. Safe in several threads: the pool is, and nothing else changes."""

    def __init__(self, contact: str, timeout_seconds: float) -> None:
        self._timeout = (min(CONNECT_SECONDS, timeout_seconds), timeout_seconds)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"Relaypress/{__version__}" + (
            f" (+{contact})" if contact else ""
        )
        self._session.headers["Accept-Encoding"] = "gzip"
        self._session.headers["Connection"] = "close"  # see deadline._Response
        self._session.trust_env = False  # see _environment; and no password of a .netrc
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter())

    def post(self, url: str, body: bytes) -> bytes:
        """Send `body` once and give the answer's. Raises NotSent, NoAnswer, Answered."""
        once = _Once(body, self._timeout[1])
        try:
            return self._exchange("POST", url, once)
        except RequestException as error:
            raise (NoAnswer if once.begun else NotSent)(self._words(error)) from error

    def get(self, url: str) -> bytes:
        """Get a page of the site. Raises NotSent, Answered; NotSent also where the answer is cut."""
        try:
            return self._exchange("GET", url)
        except RequestException as error:
            raise NotSent(self._words(error)) from error

    def close(self) -> None:
        """Close what is open."""
        self._session.close()

    def _exchange(self, method: str, url: str, body: _Once | None = None) -> bytes:
        with self._session.request(
            method,
            url,
            data=body,
            headers={"Content-Type": "text/xml; charset=utf-8"} if body else {},
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
            **_environment(url),
        ) as response:
            if response.status_code == requests.codes.ok:
                return _read(response)
            location = response.headers.get("Location", "") if response.is_redirect else ""
            wished = _retry_after_seconds(response.headers.get("Retry-After", ""))
            raise Answered(response.status_code, glimpse(_start(response)), location, wished)

    def _words(self, error: Exception) -> str:
        """The innermost cause: what a person can act on. Never the address with its query, never the body."""
        cause = error
        while inner := _inner(cause):
            cause = inner
        if isinstance(cause, TimeoutError | requests.Timeout):
            return f"timed out (connect {self._timeout[0]:g} s, answer {self._timeout[1]:g} s)"
        if isinstance(cause, ssl.SSLError):
            told = getattr(cause, "verify_message", "") or cause.reason or "handshake"
            return f"TLS failed ({told.replace('_', ' ').lower()})"
        return getattr(cause, "strerror", "") or str(cause) or type(cause).__name__


@lru_cache(maxsize=64)
def _environment(url: str) -> Mapping[str, Any]:
    """The proxies and certificates that the environment names for this address (HTTPS_PROXY, REQUESTS_CA_BUNDLE).

    Looked up once: requests would do so at every call, at a tenth of its CPU.
    """
    settings = requests.Session().merge_environment_settings(url, {}, None, None, None)
    return {name: settings[name] for name in ("proxies", "verify")}


class _Once:
    """A request body that goes out once, whatever a layer below may try, and knows whether it began to."""

    def __init__(self, data: bytes, timeout_seconds: float) -> None:
        self._data = data
        self._timeout_seconds = timeout_seconds
        self.begun = False

    def __len__(self) -> int:
        return len(self._data)

    def __iter__(self) -> Iterator[bytes]:
        if self.begun:
            raise RuntimeError("an XML-RPC call was about to be sent twice")
        self.begun = True
        ends = time.monotonic() + self._timeout_seconds
        for start in range(0, len(self._data), _CHUNK_BYTES):
            if time.monotonic() > ends:
                raise requests.Timeout("the call could not be handed over in time")
            yield self._data[start : start + _CHUNK_BYTES]


def glimpse(body: bytes) -> str:
    """The title, or else the first words, of a page that is not what was asked for."""
    text = body[:8_000].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
    bare = title[1] if title else re.sub(r"<(script|style).*?</\1>|<[^>]*>?", " ", text, flags=re.DOTALL)
    return " ".join(html.unescape(bare).split())[:80]


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise requests.exceptions.ContentDecodingError(
                f"the answer is larger than {MAX_ANSWER_BYTES:,} bytes"
            )
    return bytes(body)


def _start(response: requests.Response) -> bytes:
    """The first bytes of an error page, as far as they come: only a hint for a person."""
    try:
        return next(response.iter_content(_CHUNK_BYTES), b"")
    except RequestException:
        return b""


def _inner(error: BaseException) -> Exception | None:
    candidates = (error.__cause__, getattr(error, "reason", None), *error.args)
    return next((each for each in candidates if isinstance(each, Exception)), None)


def _retry_after_seconds(value: str) -> float | None:
    """RFC 9110, 10.2.3: seconds or a date. None where there is none, or none that can be read."""
    try:
        seconds = float(value) if value.strip().isdigit() else _until(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)


def _until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
