"""Courtesy: a host is asked on few connections at once, with a pause between two requests, and not while it rests."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from bot.engines.http.bookings import Bookings
from bot.engines.http.rests import Rests
from bot.errors import FetchTooSoon
from bot.units import format_duration

_MOST_IDLE_HOSTS = 1000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a thread waits for the turn of a page (Crawl-delay), and how far ahead turns are kept for others."""

    seconds: float
    queue_seconds: float


SERVICE = Patience(seconds=5, queue_seconds=3600)
"""Its threads have other things to do, and items come back in time."""

BY_HAND = Patience(seconds=60, queue_seconds=0)
"""A command has nothing else to do; who would come back to a kept turn is a process of the future."""


@dataclass(slots=True)
class _Host:
    """One host. `wanted` counts the callers that are in it or wait for it."""

    connections: threading.Semaphore
    pages: Bookings
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_start: float = 0.0
    wanted: int = 0


class Courtesy:
    """Shared by all that ask strangers; thread-safe. Whoever comes in a bad moment waits here, or is sent away."""

    def __init__(
        self,
        per_host: int,
        pause_seconds: float,
        *,
        rests: Rests | None = None,
        patience: Patience = SERVICE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_host = per_host
        self._pause_seconds = pause_seconds
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._rests = rests or Rests(clock=clock)
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextmanager
    def turn(self, url: str, apart_seconds: float = 0.0) -> Iterator[float]:
        """Ask the host of `url` inside this context; gives the seconds that were waited for it.

        `apart_seconds` is what the host wants between two requests that say so, on top of the general pause.
        Raises FetchTooSoon where the host rests, or the turn is further away than the patience of a thread.
        A loopback or private address is the owner's own machine (see fetch.allow_private_networks) and
        needs no sparing.
        """
        name = _host_of(url)
        if _is_own(name):
            yield 0.0
            return
        began = self._clock()
        with self._visited(name) as host:
            self._rests.check(name, url)
            if apart_seconds:
                self._await_page(host, url, apart_seconds)
            with host.connections:
                self._rests.check(name, url)  # whoever was before us may have been told
                with host.lock:
                    start = max(self._clock(), host.next_start)
                    host.next_start = start + self._pause_seconds
                if (early := start - self._clock()) > 0:
                    self._sleep(early)
                yield self._clock() - began

    def rest(self, url: str, seconds: float) -> None:
        """Leave the host of `url` alone for so long: feeds, pages and pictures alike."""
        if not _is_own(name := _host_of(url)):
            self._rests.begin(name, seconds)

    def _await_page(self, host: _Host, url: str, apart_seconds: float) -> None:
        with host.lock:
            turn = host.pages.turn(url, apart_seconds, self._clock())
        if not turn.taken:
            apart = format_duration(timedelta(seconds=apart_seconds))
            problem = (
                f"not asked yet: its host wants {apart} between two pages (robots.txt), and others come first"
            )
            raise FetchTooSoon(url, problem, retry_after_seconds=turn.wait_seconds)
        if turn.wait_seconds > 0:
            self._sleep(turn.wait_seconds)

    @contextmanager
    def _visited(self, name: str) -> Iterator[_Host]:
        with self._lock:
            host = self._hosts.get(name) or self._new_host()
            self._hosts[name] = host
            host.wanted += 1
        try:
            yield host
        finally:
            with self._lock:
                host.wanted -= 1
                if len(self._hosts) > _MOST_IDLE_HOSTS:
                    self._forget_idle()

    def _new_host(self) -> _Host:
        return _Host(
            threading.Semaphore(self._per_host),
            Bookings(self._patience.seconds, self._patience.queue_seconds),
        )

    def _forget_idle(self) -> None:
        now = self._clock()
        self._hosts = {
            name: host
            for name, host in self._hosts.items()
            if host.wanted or host.next_start > now or not host.pages.is_idle(now)
        }


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_own(host: str) -> bool:
    """Whether this is an address (or the one name) that cannot be a stranger's."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
