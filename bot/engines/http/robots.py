"""PoliteFetcher: fetches the pages that their publishers let robots have (RFC 9309)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

from protego import Protego

from bot.engines.http.fetcher import HttpFetcher
from bot.errors import FetchRefused, FetchUnavailable
from bot.model import ANYBODY, Access, Fetched, NotModified
from bot.ports import Fetcher

AGENT = "Relaypress"

_LIFE_SECONDS = 3600.0
_LIFE_OF_FAILURE_SECONDS = 300.0
_MOST_ORIGINS = 1000
_MOST_BYTES = 500 * 1024  # RFC 9309, 2.5


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one origin said, until `expires` (monotonic seconds)."""

    expires: float
    robots: Protego | None = None  # None: everything is allowed
    failure: str = ""  # why nothing is allowed for now


class PoliteFetcher:
    """Implements ports.Fetcher for pages: robots.txt is asked about every address, redirects included.

    Feeds are made for bots and are fetched without.
    """

    def __init__(self, fetcher: HttpFetcher) -> None:
        self._fetcher = fetcher.checked_by(Robots(fetcher).check)

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "*/*",
        access: Access = ANYBODY,
    ) -> Fetched | NotModified:
        """As HttpFetcher.get; FetchRefused also where robots.txt forbids an address on the way."""
        return self._fetcher.get(url, etag=etag, last_modified=last_modified, accept=accept, access=access)


class Robots:
    """Reads each origin's robots.txt through `fetcher` and remembers it for an hour.

    Rules for the answer (RFC 9309, 2.3.1): 4xx, a redirect loop or a file that is too large allow everything; 429,
    5xx and no answer forbid everything for now.
    """

    def __init__(self, fetcher: Fetcher, *, clock: Callable[[], float] = monotonic) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Rules] = OrderedDict()

    def check(self, url: str, access: Access = ANYBODY) -> None:
        """Return where `url` may be fetched. robots.txt itself is asked for in the same way (`access`).

        Raises FetchRefused where robots.txt forbids it, FetchUnavailable where robots.txt cannot be read now.
        """
        parts = urlsplit(url)
        rules = self._rules(f"{parts.scheme}://{parts.netloc}", access)
        if rules.failure:
            wait = max(rules.expires - self._clock(), 0.0)
            problem = f"waits for the robots.txt of its host ({rules.failure})"
            raise FetchUnavailable(url, problem, retry_after_seconds=wait)
        if rules.robots is not None and not rules.robots.can_fetch(url, AGENT):
            remedy = "ask the publisher, or set fetch.respect_robots = false"
            raise FetchRefused(url, "robots.txt of its host forbids it", remedy=remedy)

    def _rules(self, origin: str, access: Access) -> _Rules:
        with self._lock:
            rules = self._known.get(origin)
        if rules is None or rules.expires <= self._clock():
            rules = self._fetch(origin, access)
            self._remember(origin, rules)
        return rules

    def _fetch(self, origin: str, access: Access) -> _Rules:
        try:
            accept = "text/plain,*/*;q=0.5"
            answer = self._fetcher.get(f"{origin}/robots.txt", accept=accept, access=access)
        except FetchRefused:
            return _Rules(self._clock() + _LIFE_SECONDS)
        except FetchUnavailable as error:
            life = max(_LIFE_OF_FAILURE_SECONDS, error.retry_after_seconds or 0)
            return _Rules(self._clock() + min(life, _LIFE_SECONDS), failure=error.reason)
        body = answer.body if isinstance(answer, Fetched) else b""
        robots = Protego.parse(body[:_MOST_BYTES].decode("utf-8-sig", "replace"))
        return _Rules(self._clock() + _LIFE_SECONDS, robots)

    def _remember(self, origin: str, rules: _Rules) -> None:
        with self._lock:
            self._known[origin] = rules
            self._known.move_to_end(origin)
            while len(self._known) > _MOST_ORIGINS:
                self._known.popitem(last=False)
