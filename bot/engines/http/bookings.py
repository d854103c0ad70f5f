"""Bookings: the turns of the pages of one host that wants time between them (Crawl-delay)."""

from __future__ import annotations

from typing import NamedTuple


class Turn(NamedTuple):
    """When a page may be asked for, from now. Where it is not `taken`, whoever asks has to come back then."""

    wait_seconds: float
    taken: bool


class Bookings:
    """First come, first served. All times are monotonic seconds. Not thread-safe.

    Whoever would have to wait for longer than `patience_seconds` is told how long, and finds that turn kept
    on coming back: a queue of any length costs no thread, and nobody is overtaken for ever. Turns are kept
    for `queue_seconds` ahead; behind these one has to ask again.
    """

    def __init__(self, patience_seconds: float, queue_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self._queue_seconds = queue_seconds
        self._last = float("-inf")  # the last turn that was taken
        self._free = float("-inf")  # the first one that is not given away
        self._kept: dict[str, float] = {}

    def turn(self, url: str, apart_seconds: float, now: float) -> Turn:
        """The turn of `url`: taken where it is near, kept where it is far."""
        kept = self._kept.get(url)
        start = max(now, self._free) if kept is None else max(now, kept, self._last + apart_seconds)
        wait_seconds, taken = start - now, start - now <= self._patience_seconds
        if not taken and wait_seconds > self._queue_seconds:
            return Turn(wait_seconds, taken=False)
        self._free = max(self._free, start + apart_seconds)
        self._kept.pop(url, None)
        self._forget_stale(now)
        if taken:
            self._last = start
        else:
            self._kept[url] = start
        return Turn(wait_seconds, taken)

    def is_idle(self, now: float) -> bool:
        """Whether it can be forgotten: nobody has a turn any more."""
        self._forget_stale(now)
        return self._free <= now and not self._kept

    def _forget_stale(self, now: float) -> None:
        """Drop the turns that nobody came back for."""
        stale = now - self._queue_seconds
        self._kept = {name: at for name, at in self._kept.items() if at > stale}
