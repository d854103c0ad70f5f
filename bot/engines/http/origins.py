"""What origins say of all their pages, in a file that is read once for many of them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@dataclass(slots=True)
class _Turn:
    """Whose turn it is to ask an origin. `wanted` counts the threads that ask or wait."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    wanted: int = 0


class Remembered(Generic[T]):
    """A value for each origin, until it expires; of a bounded number of origins. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._turns: dict[str, _Turn] = {}  # of the origins that are being asked, and of no others

    def get(self, origin: str) -> T | None:
        """What is known of this origin; None where nothing is, or no more."""
        expires, value = self._entry(origin)
        return value if expires > self._clock() else None

    def get_or_ask(self, origin: str, ask: Callable[[], T]) -> T:
        """What is known of this origin, else what `ask` gives, which remembers it by `put`.

        Of several threads one asks, and the others wait for what it learns; where it raises, the next one asks.
        `ask` must not come here for another origin: two that did might wait for each other.
        """
        known = self.get(origin)
        if known is not None:
            return known
        with self._turn(origin):
            known = self.get(origin)
            return ask() if known is None else known

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

    @contextmanager
    def _turn(self, origin: str) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(origin, _Turn())
            turn.wanted += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.wanted -= 1
                if not turn.wanted:
                    del self._turns[origin]

    def _entry(self, origin: str) -> tuple[float, T | None]:
        with self._lock:
            return self._known.get(origin, (float("-inf"), None))
