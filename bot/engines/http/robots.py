"""Robots: what publishers let robots have, and how fast (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic

from protego import Protego

from bot import log
from bot.engines.http.origins import LIFE_OF_FAILURE_SECONDS, LIFE_SECONDS, Remembered, origin_of
from bot.errors import FetchRefused, FetchTooSoon, FetchUnavailable
from bot.model import ANYBODY, Access, Fetched
from bot.ports import Fetcher
from bot.units import format_duration

logger = log.get()

AGENT = "Relaypress"
LONGEST_APART_SECONDS = 60.0

_MOST_BYTES = 500 * 1024  # RFC 9309, 2.5


@dataclass(frozen=True, slots=True)
class _Rules:
    """What one origin said."""

    robots: Protego | None = None  # None: everything is allowed
    apart_seconds: float = 0.0  # between two pages, as the origin wants it
    failure: str = ""  # why nothing is allowed for now


class Robots:
    """Reads each origin's robots.txt through `fetcher` and remembers it for an hour.

    Rules for the answer (RFC 9309, 2.3.1): 4xx, a redirect loop or a file that is too large allow everything; 429,
    5xx and no answer forbid everything for now. Crawl-delay and Request-rate are no part of the RFC, but
    widely written.
    """

    def __init__(self, fetcher: Fetcher, *, clock: Callable[[], float] = monotonic) -> None:
        self._fetcher = fetcher
        self._known: Remembered[_Rules] = Remembered(clock)

    def check(self, url: str, access: Access = ANYBODY) -> float:
        """Return where `url` may be fetched: the seconds that its origin wants between two pages, 60 at most.

        robots.txt itself is asked for in the same way (`access`). Raises FetchRefused where it forbids `url`,
        FetchUnavailable where it cannot be read now, and FetchTooSoon where that was found out before: nothing
        was asked then.
        """
        origin = origin_of(url)
        rules = self._known.get_or_ask(origin, partial(self._fetch, url, origin, access))
        if rules.failure:
            wait = self._known.seconds_left(origin)
            raise FetchTooSoon(url, _waits(rules.failure), retry_after_seconds=wait)
        if rules.robots is not None and not rules.robots.can_fetch(url, AGENT):
            remedy = "ask the publisher, or set fetch.respect_robots = false"
            raise FetchRefused(url, "robots.txt of its host forbids it", remedy=remedy)
        return min(rules.apart_seconds, LONGEST_APART_SECONDS)

    def _fetch(self, url: str, origin: str, access: Access) -> _Rules:
        try:
            accept = "text/plain,*/*;q=0.5"
            answer = self._fetcher.get(f"{origin}/robots.txt", accept=accept, access=access)
        except FetchRefused:
            return self._known.put(origin, _Rules())
        except FetchTooSoon:
            raise  # nothing was learnt of the origin
        except FetchUnavailable as error:
            life = min(max(LIFE_OF_FAILURE_SECONDS, error.retry_after_seconds or 0), LIFE_SECONDS)
            self._known.put(origin, _Rules(failure=error.reason), life)
            raise FetchUnavailable(url, _waits(error.reason), retry_after_seconds=life) from error
        body = answer.body if isinstance(answer, Fetched) else b""
        robots = Protego.parse(body[:_MOST_BYTES].decode("utf-8-sig", "replace"))
        rules = _Rules(robots, _apart_seconds(robots))
        self._tell_bound(origin, rules)
        return self._known.put(origin, rules)

    def _tell_bound(self, origin: str, rules: _Rules) -> None:
        """Say, once, that an origin wants more time than it is given."""
        before = self._known.last(origin)
        told = before is not None and before.apart_seconds == rules.apart_seconds
        if rules.apart_seconds > LONGEST_APART_SECONDS and not told:
            bound = f"{LONGEST_APART_SECONDS:g}s"
            wish = format_duration(timedelta(seconds=min(rules.apart_seconds, 1e6)))
            logger.warning("crawl delay kept to its bound", origin=origin, wish=wish, bound=bound)


def _waits(failure: str) -> str:
    return f"waits for the robots.txt of its host ({failure})"


def _apart_seconds(robots: Protego) -> float:
    """The longer one of Crawl-delay and Request-rate; the hours that a rate is for are not looked at."""
    rate = robots.request_rate(AGENT)
    by_rate = rate.seconds / rate.requests if rate and rate.requests > 0 else 0.0
    wishes = (robots.crawl_delay(AGENT) or 0.0, by_rate)
    return max((wish for wish in wishes if wish > 0), default=0.0)
