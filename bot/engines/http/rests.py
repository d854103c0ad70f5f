"""Rests: hosts that asked to be left alone (429, or 503 with Retry-After), by everybody and until when."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

from bot.engines.http.headers import LONGEST_PAUSE_SECONDS
from bot.errors import FetchTooSoon
from bot.units import format_duration

_MOST_HOSTS = 10_000


class Rests:
    """Thread-safe. It belongs to the process, not to a config: an edit of the feed list ends no host's rest."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def begin(self, host: str, seconds: float) -> None:
        """Leave `host` alone for so long, at most a day; a rest that lasts longer already stands."""
        now = self._clock()
        until = now + min(seconds, LONGEST_PAUSE_SECONDS)
        with self._lock:
            self._until[host] = max(until, self._until.get(host, 0.0))
            if len(self._until) > _MOST_HOSTS:
                self._until = {name: end for name, end in self._until.items() if end > now}

    def check(self, host: str, url: str) -> None:
        """Return where `host` may be asked for `url`. Raises FetchTooSoon."""
        with self._lock:
            left = self._until.get(host, 0.0) - self._clock()
            if left <= 0:
                self._until.pop(host, None)
                return
        problem = (
            f"not asked: {host} wants to be left alone for {format_duration(timedelta(seconds=left))} more"
        )
        raise FetchTooSoon(url, problem, retry_after_seconds=left)
