"""HttpFetcher: ask at an address that a stranger chose, within bounds of time, size and reach."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import NamedTuple, Self
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from requests.utils import default_headers
from urllib3.exceptions import HTTPError

import bot
from bot.config import FetchConfig
from bot.engines.http import addresses, codings, failures, headers
from bot.engines.http.adapter import GuardedAdapter
from bot.engines.http.courtesy import Courtesy
from bot.engines.http.transport import Flood, PrivateAddress
from bot.errors import FetchRefused
from bot.model import ANYBODY, Access, Fetched, NotModified

_CHUNK_BYTES = 65_536
_PERMANENT = frozenset({301, 308})
_REPEATED = frozenset({307, 308})  # redirects after which a POST stays one (RFC 9110, 15.4)

Check = Callable[[str, Access], float]
"""Returns where an address may be asked for, else raises what ports.Fetcher may raise.

What it gives are the seconds that its host wants between two such requests; 0 where it does not say."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What a caller wants, the same at every hop."""

    url: str
    headers: dict[str, str]
    conditional: bool
    access: Access
    form: bytes | None = None  # None: a GET

    def headers_for(self, target: str) -> dict[str, str]:
        """The headers for this hop: secrets for their own host alone."""
        sent = dict(self.headers)
        if self.access.user_agent:
            sent["User-Agent"] = self.access.user_agent
        if self.access.headers and addresses.is_home(target, self.access):
            sent.update(self.access.headers)
        return sent

    def location_in(self, response: requests.Response) -> str:
        """Where we are to ask next; '' where this is the last answer."""
        if self.form is not None and response.status_code not in _REPEATED:
            return ""
        return addresses.location_of(self.url, response)

    def allowed(self, target: str) -> str:
        """`target`, where a redirect may lead there. Raises FetchRefused."""
        first = urlsplit(self.url)
        home = Access(scheme=first.scheme, authority=first.netloc)
        if self.form is not None and not addresses.is_home(target, home):
            raise FetchRefused(self.url, f"redirects to another host{failures.at(self.url, target)}")
        return target


class _Answer(NamedTuple):
    """The last answer of a chain of redirects; its body is still to be read."""

    target: str
    response: requests.Response
    moved: bool  # for good, at every step


class HttpFetcher:
    """Implements ports.Fetcher on pooled connections; safe to call from several threads at once.

    `max_bytes` overrides `fetch.max_bytes` (pictures are larger than pages) and counts the bytes on the
    wire as well as the decompressed ones.

    No cookies but those of the config, and no proxies from the environment: a proxy connects in our place,
    so that has to be the owner's own word. Name look-ups have the system resolver's own time limit.
    """

    def __init__(
        self,
        config: FetchConfig,
        contact: str = "",
        *,
        max_bytes: int = 0,
        courtesy: Courtesy | None = None,
    ) -> None:
        self._timeout_seconds = config.timeout.total_seconds()
        self._max_bytes = max_bytes or config.max_bytes
        self._size_remedy = "" if max_bytes else "raise fetch.max_bytes if that is meant"
        self._check: Check = _allow
        self._headers = {
            **default_headers(),
            "Accept-Encoding": codings.ACCEPTED,
            "User-Agent": _user_agent(contact),
        }
        self._adapter = GuardedAdapter(
            allow_private_networks=config.allow_private_networks, max_bytes=self._max_bytes
        )
        self.courtesy = courtesy or Courtesy(config.per_host, config.pause.total_seconds())

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "*/*",
        access: Access = ANYBODY,
    ) -> Fetched | NotModified:
        """GET `url`; the contract stands in ports.Fetcher.

        At most 8 redirects are followed, by hand; `moved_to` is set when all of them were permanent. The time
        that is waited for a host's sake (see Courtesy), or that the check of an address takes, does not count.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        conditions = {name: value for name, value in conditions.items() if value}
        asked = _Question(url.strip(), {"Accept": accept} | conditions, bool(conditions), access)
        with self._answer(asked) as answer:
            return self._read(asked, answer)

    def post(self, url: str, form: Mapping[str, str]) -> None:
        """POST a form, with the bounds and the courtesy of `get`; return where the answer is 2xx.

        307 and 308 are followed inside the host: what the form says is said to nobody else. Raises what `get`
        raises.
        """
        sent = {"Accept": "*/*", "Content-Type": "application/x-www-form-urlencoded"}
        asked = _Question(url.strip(), sent, conditional=False, access=ANYBODY, form=urlencode(form).encode())
        with self._answer(asked) as answer:
            _discard(answer.response)
            if not 200 <= answer.response.status_code < 300:
                raise failures.of_answer(answer.response, asked.url, answer.target)

    @contextmanager
    def _answer(self, asked: _Question) -> Iterator[_Answer]:
        """Ask, and follow redirects.

        Time between two pages counts once for each host on the way: one article is one visit.
        """
        deadline = monotonic() + self._timeout_seconds
        seen = [addresses.checked(asked.url, asked.url)]
        visited: set[str | None] = set()
        permanent = True
        while True:
            target, host = seen[-1], urlsplit(seen[-1]).hostname
            began = monotonic()
            apart_seconds = self._check(target, asked.access)
            deadline += monotonic() - began
            with self.courtesy.turn(target, 0.0 if host in visited else apart_seconds) as waited_seconds:
                deadline += waited_seconds
                with closing(self._send(asked, target, deadline)) as response:
                    if rest_seconds := headers.rest_seconds(response.status_code, response.headers):
                        self.courtesy.rest(target, rest_seconds)
                    location = asked.location_in(response)
                    if not location:
                        yield _Answer(target, response, moved=permanent and len(seen) > 1)
                        return
                    permanent = permanent and response.status_code in _PERMANENT
                    _discard(response)
            visited.add(host)
            seen.append(asked.allowed(addresses.next_hop(asked.url, seen, location)))

    def checked_by(self, check: Check) -> Self:
        """The same fetcher, on the same connections, that asks `check` about every address."""
        other = copy.copy(self)
        other._check = check  # noqa: SLF001 - a copy of ourselves
        return other

    def close(self) -> None:
        """Close the pooled connections."""
        self._adapter.close()

    def _send(self, asked: _Question, target: str, deadline: float) -> requests.Response:
        """Ask for one hop; the answer's body is still to be read."""
        timeout = urllib3.Timeout(total=max(deadline - monotonic(), 0.001))
        proxy = asked.access.proxy
        proxies = {"http": proxy, "https": proxy} if proxy else {}
        try:
            # Not by a Session: it would look for cookies, netrc and hooks at every hop, and there are none.
            headers_sent = self._headers | asked.headers_for(target)
            method = "GET" if asked.form is None else "POST"
            request = requests.Request(method, target, headers=headers_sent, data=asked.form).prepare()
            return self._adapter.send(request, stream=True, timeout=timeout, proxies=proxies)
        except (requests.RequestException, HTTPError, PrivateAddress, Flood, ValueError, OSError) as error:
            raise failures.of_call(error, asked.url, target, self._timeout_seconds) from error

    def _read(self, asked: _Question, answer: _Answer) -> Fetched | NotModified:
        """The document or its absence, where redirects ended."""
        target, response, moved = answer
        moved_to = target if moved else ""
        max_age_seconds = headers.max_age_seconds(response.headers)
        if response.status_code == HTTPStatus.NOT_MODIFIED and asked.conditional:
            _discard(response)
            return NotModified(response.url, max_age_seconds, moved_to)
        if response.status_code not in (200, 203):
            _discard(response)
            raise failures.of_answer(response, asked.url, target)
        return Fetched(
            url=response.url,
            body=self._body(asked.url, target, response),
            content_type=response.headers.get("Content-Type", "")[:200],
            etag=headers.validator(response.headers, "ETag"),
            last_modified=headers.validator(response.headers, "Last-Modified"),
            moved_to=moved_to,
            max_age_seconds=max_age_seconds,
            topic=headers.topic(response.headers, response.url),
            tdm_reservation=response.headers.get("tdm-reservation", "").strip()[:20],
        )

    def _body(self, url: str, target: str, response: requests.Response) -> bytes:
        if (response.raw.length_remaining or 0) > self._max_bytes:
            raise self._too_large(url)
        body, on_wire = bytearray(), 0

        def chunks() -> Iterator[bytes]:
            nonlocal on_wire
            for chunk in response.raw.stream(_CHUNK_BYTES, decode_content=False):
                on_wire += len(chunk)
                yield chunk

        try:
            for piece in codings.unpacked(chunks(), response.headers.get("Content-Encoding", "")):
                body += piece
                if max(len(body), on_wire) > self._max_bytes:
                    raise self._too_large(url)
        except (HTTPError, Flood, codings.Broken, OSError, ValueError) as error:
            received = max(len(body), on_wire)
            timeout = self._timeout_seconds
            raise failures.of_call(error, url, target, timeout, received=received) from error
        return bytes(body)

    def _too_large(self, url: str) -> FetchRefused:
        return FetchRefused(url, f"larger than {self._max_bytes / 1e6:g}MB", remedy=self._size_remedy)


def _allow(_url: str, _access: Access) -> float:
    """No further check."""
    return 0.0


def _user_agent(contact: str) -> str:
    """`Relaypress/0.1 (+contact)`: publishers can tell us apart, and write to the owner."""
    version = ".".join(bot.__version__.split(".")[:2])
    clean = re.sub(r"[^\x21-\x7e]+|[()]", "", contact)
    return f"Relaypress/{version} (+{clean})" if clean else f"Relaypress/{version}"


def _discard(response: requests.Response) -> None:
    """Read a short rest away, so that the connection can be used again."""
    if response.raw.length_remaining is not None and response.raw.length_remaining <= _CHUNK_BYTES:
        response.raw.drain_conn()
