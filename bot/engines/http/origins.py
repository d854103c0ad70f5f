"""What origins say of all their pages, in a file that is read once for many of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

LIFE_SECONDS = 3600.0
LIFE_OF_FAILURE_SECONDS = 300.0
_MOST_ORIGINS = 1000


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Remembered(Generic[T]):
    """A value for each origin, until it expires; of a bounded number of origins. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def get(self, origin: str) -> T | None:
        """What is known of this origin; None where nothing is, or no more."""
        expires, value = self._entry(origin)
        return value if expires > self._clock() else None

    def last(self, origin: str) -> T | None:
        """What was known last, however old."""
        return self._entry(origin)[1]

    def seconds_left(self, origin: str) -> float:
        """For how long it still counts."""
        return max(self._entry(origin)[0] - self._clock(), 0.0)

    def put(self, origin: str, value: T, life_seconds: float = LIFE_SECONDS) -> T:
        """Remember `value`, and give it."""
        with self._lock:
            self._known[origin] = (self._clock() + life_seconds, value)
            self._known.move_to_end(origin)
            while len(self._known) > _MOST_ORIGINS:
                self._known.popitem(last=False)
        return value

    def _entry(self, origin: str) -> tuple[float, T | None]:
        with self._lock:
            return self._known.get(origin, (float("-inf"), None))
