"""A requests adapter whose answers come whole within the time limit, or not at all.

The `timeout` of requests counts between two bytes: a server that drips a byte a second, in its headers or
its body, holds a caller for ever. Here the read time-out is the time that the answer as a whole may take.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_POOL_SIZE = 16  # the most that [publish] concurrency takes


class DeadlineAdapter(HTTPAdapter):
    """A connection a call, no retries at any layer (requests: `Retry(0, read=False)`)."""

    def __init__(self) -> None:
        super().__init__(pool_connections=4, pool_maxsize=_POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """See HTTPAdapter."""
        super().init_poolmanager(*args, **kwargs)
        _with_deadlines(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        """See HTTPAdapter."""
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        _with_deadlines(manager)
        return manager


def _with_deadlines(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class _Raw(io.RawIOBase):
    """The socket's raw stream, read under one deadline for all reads."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock
        limit_seconds = sock.gettimeout()
        self._ends = None if limit_seconds is None else time.monotonic() + limit_seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._ends is not None:
            left_seconds = self._ends - time.monotonic()
            if left_seconds <= 0:
                raise TimeoutError("timed out")
            self._sock.settimeout(left_seconds)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """Status line, headers and body all come through `_Raw`; no second answer is read from its connection.

    A proxy that says an answer twice leaves the second copy on a kept connection, and the next call takes it
    for its own: a post is recorded under the id of another, or not found where it is.
    """

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Raw(self.fp.detach(), sock))

    def begin(self) -> None:
        super().begin()
        self.will_close = True


class _Connection(HTTPConnection):
    response_class = _Response


class _TlsConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
