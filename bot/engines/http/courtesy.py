"""Courtesy: a host is asked on few connections at once, and with a pause between two requests."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_MOST_IDLE_HOSTS = 1000


@dataclass(slots=True)
class _Host:
    """One host. `wanted` counts the callers that are in it or wait for it."""

    connections: threading.Semaphore
    lock: threading.Lock = field(default_factory=threading.Lock)
    next_start: float = 0.0
    wanted: int = 0


class Courtesy:
    """Shared by all that ask strangers; thread-safe. Whoever comes in a bad moment waits here."""

    def __init__(
        self,
        per_host: int,
        pause_seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_host = per_host
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    @contextmanager
    def turn(self, url: str) -> Iterator[float]:
        """Ask the host of `url` inside this context; gives the seconds that were waited for it.

        A loopback or private address is the owner's own machine (see fetch.allow_private_networks) and
        needs no sparing.
        """
        name = urlsplit(url).hostname or ""
        if _is_own(name):
            yield 0.0
            return
        began = self._clock()
        with self._visited(name) as host, host.connections:
            with host.lock:
                start = max(self._clock(), host.next_start)
                host.next_start = start + self._pause_seconds
            if (early := start - self._clock()) > 0:
                self._sleep(early)
            yield self._clock() - began

    @contextmanager
    def _visited(self, name: str) -> Iterator[_Host]:
        with self._lock:
            host = self._hosts.setdefault(name, _Host(threading.Semaphore(self._per_host)))
            host.wanted += 1
        try:
            yield host
        finally:
            with self._lock:
                host.wanted -= 1
                if len(self._hosts) > _MOST_IDLE_HOSTS:
                    self._forget_idle()

    def _forget_idle(self) -> None:
        now = self._clock()
        self._hosts = {
            name: host for name, host in self._hosts.items() if host.wanted or host.next_start > now
        }


def _is_own(host: str) -> bool:
    """Whether this is an address (or the one name) that cannot be a stranger's."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
