"""HTTP for the translation engines: sessions, limits on time and size, our own errors.

deep-translator calls `requests.get` bare: no session, no time limit, a User-Agent that Google blocks. Its
modules get `LIMITED` in place of `requests`; within `Transport.active()` that stands for our transport.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import requests

from bot import __version__
from bot.errors import EngineBlocked, EngineRefused, EngineUnavailable

_CONNECT_SECONDS = 10.0
_MAX_BYTES = 4_000_000
_BLOCKED = frozenset({403, 429})
_CHUNK_BYTES = 65_536


class Transport:
    """Requests to one engine. Each thread has its own session: requests' are not made to be shared."""

    def __init__(self, engine: str, *, timeout_seconds: float, contact: str = "") -> None:
        self.engine = engine
        self._timeout_seconds = max(0.1, timeout_seconds)
        self._agent = f"relaypress/{__version__}" + (f" ({contact})" if contact else "")
        self._local = threading.local()

    @contextmanager
    def active(self) -> Iterator[None]:
        """Within this, in this thread, deep-translator's requests go through here."""
        token = _ACTIVE.set(self)
        try:
            yield
        finally:
            _ACTIVE.reset(token)

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:
        """A whole answer with a status of 2xx, within the time limit, redirects refused.

        Raises EngineBlocked (429, 403, redirected: a consent page or captcha), EngineRefused (other 4xx),
        EngineUnavailable (no answer, too slow, too large, 5xx).
        """
        try:
            response = self._fetch(method, url, **arguments)
        except requests.RequestException as error:
            # The text of the error holds the address, and with it the article: only its kind is told.
            problem = f"{urlsplit(url).hostname} did not answer ({type(error).__name__})"
            raise EngineUnavailable(self.engine, problem) from error
        self._judge(response)
        return response

    def _fetch(self, method: str, url: str, **arguments: Any) -> requests.Response:
        deadline = time.monotonic() + self._timeout_seconds
        limits = (min(_CONNECT_SECONDS, self._timeout_seconds), self._timeout_seconds)
        response = self._session.request(
            method, url, timeout=limits, stream=True, allow_redirects=False, **arguments
        )
        body = bytearray()
        with response:
            for chunk in response.iter_content(_CHUNK_BYTES):
                body += chunk
                if len(body) > _MAX_BYTES or time.monotonic() > deadline:
                    raise requests.Timeout("too large or too slow")
        response._content = bytes(body)  # noqa: SLF001 - read by hand, under limits that requests does not have
        return response

    def _judge(self, response: requests.Response) -> None:
        status = response.status_code
        if status in _BLOCKED or 300 <= status < 400:
            host = urlsplit(response.headers.get("Location", "")).hostname
            sent_on = f" and sends us to {host}, a consent page or a captcha" if host else ""
            raise EngineBlocked(
                self.engine,
                f"turns us away with status {status}{sent_on}",
                retry_after_seconds=_retry_after(response),
            )
        if status >= 500:
            raise EngineUnavailable(
                self.engine, f"answered with status {status}", retry_after_seconds=_retry_after(response)
            )
        if status >= 400:
            remedy = "look at its url and key in the config" if status in {401, 404} else ""
            raise EngineRefused(self.engine, f"answered with status {status}", remedy=remedy)

    @property
    def _session(self) -> requests.Session:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers["User-Agent"] = self._agent
        return session


class _Limited:
    """What deep-translator's modules see as `requests`."""

    exceptions = requests.exceptions

    def get(self, url: str, params: Mapping[str, Any] | None = None, **_: Any) -> requests.Response:
        return _ACTIVE.get().request("GET", url, params=params)

    def post(self, url: str, **arguments: Any) -> requests.Response:
        arguments.pop("proxies", None)
        return _ACTIVE.get().request("POST", url, **arguments)


_ACTIVE: ContextVar[Transport] = ContextVar("transport")
LIMITED = _Limited()


def json_of(engine: str, response: requests.Response) -> Any:
    """The JSON in an answer. Raises EngineUnavailable where it holds none."""
    try:
        return response.json()
    except ValueError as error:
        raise EngineUnavailable(engine, "answered with something that is no JSON") from error


def _retry_after(response: requests.Response) -> float | None:
    """Retry-After in seconds (RFC 9110, 10.2.3); its form as a date is rare and left out."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else None
