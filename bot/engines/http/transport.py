"""Connections that are bounded in time and bytes, and reach no private network.

The address filter of requests-hardened looks at the first address of a name only, and pools by number.
Its list of special networks is used here, but the check sits where the socket is opened: whatever led
there (a redirect, an odd notation such as http://2130706433/, a name server that changes its answer),
the address that is connected to is the address that was checked.

`requests` restarts its read time limit with every byte that arrives. Here the read time limit of a
request is a deadline for its whole answer, headers and body, so a server that drips cannot hold us. One that
floods cannot either: whatever is on the wire counts, also what no body is made of (headers, words before the answer,
the frames of chunks).
"""

from __future__ import annotations

import io
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any

from requests_hardened.ip_filter import EXTRA_BLOCKED_NET_RANGES  # type: ignore[import-untyped]
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import Timeout
from urllib3.util.connection import create_connection

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_MOST_ADDRESSES = 4  # of one name that are tried
_MOST_HEAD_BYTES = 1_000_000  # of status line and headers, those of words before the answer included
_FRAMED = 2  # bytes on the wire for a byte of the body: honest chunks need few more than one


class PrivateAddress(Exception):
    """A name leads to a private address. No OSError, so that urllib3 lets it through as it is."""

    def __init__(self, address: IPAddress) -> None:
        self.address = address
        super().__init__(str(address))


def is_public(address: IPAddress) -> bool:
    """Whether `address` belongs to a host of the public internet.

    Not public are loopback, private, link-local, shared (RFC 6598), multicast, reserved and documentation
    networks, and IPv6 addresses that carry an IPv4 address which is not public.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.is_site_local:
            return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in EXTRA_BLOCKED_NET_RANGES)


def public_addresses(host: str, port: int) -> list[IPAddress]:
    """The public addresses of a name. Raises PrivateAddress where it has none, socket.gaierror, UnicodeError."""
    return _only_public(_look_up(host, port))


def _look_up(host: str, port: int) -> list[IPAddress]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(sockaddr[0]) for *_, sockaddr in found]


def _only_public(addresses: list[IPAddress]) -> list[IPAddress]:
    public = [address for address in addresses if is_public(address)]
    if not public:
        raise PrivateAddress(addresses[0])
    return public


class Flood(Exception):
    """An answer takes more bytes than any may. No OSError, so that urllib3 lets it through as it is."""


class _BoundedReader(io.RawIOBase):
    """Reads from a socket until `deadline` (monotonic seconds), however the bytes come in, and at most `left_bytes`."""

    def __init__(self, sock: socket.socket, deadline: float, left_bytes: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self.left_bytes = left_bytes
        # Holds the socket open where http.client closes it early ("Connection: close").
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        remaining = self._deadline - monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer took too long")
        if self.left_bytes <= 0:
            raise Flood
        self._sock.settimeout(remaining)
        count = self._raw.readinto(buffer)
        self.left_bytes -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedSocket:
    """As much of a socket as http.client's HTTPResponse asks for."""

    def __init__(self, reader: _BoundedReader) -> None:
        self._reader = reader

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - always "rb"
        return io.BufferedReader(self._reader)


class _Answer(HTTPResponse):
    """An answer within bounds; the words that may come before it (1xx; RFC 9110, 15.2) are passed over."""

    def __init__(
        self, _sock: socket.socket, *args: Any, reader: _BoundedReader, most_bytes: int, **kwargs: Any
    ) -> None:
        self._reader = reader
        self._most_bytes = most_bytes
        super().__init__(_BoundedSocket(self._reader), *args, **kwargs)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Read the head. The library passes over 100 alone, and would take a 103 for the answer."""
        super().begin()
        while 100 <= self.status < 200 and self.status != HTTPStatus.SWITCHING_PROTOCOLS:
            self.headers = self.msg = None  # type: ignore[assignment] # as before the first one
            super().begin()
        self._heed_length()
        self._reader.left_bytes = self._most_bytes

    def _heed_length(self) -> None:
        """One length may be told several times, also in one line, of which the library makes nothing (RFC 9112, 6.3)."""
        told = ",".join(self.headers.get_all("Content-Length", [])).split(",")
        lengths = {length.strip() for length in told}
        if len(lengths) > 1:
            raise HTTPException("it tells of two lengths")
        if self.length is None and not self.chunked and re.fullmatch(r"[0-9]{1,18}", length := lengths.pop()):
            self.length, self.will_close = int(length), self._check_close()  # type: ignore[attr-defined]


class _Guarded(HTTPConnection):
    """Connects to checked addresses only, and takes its time limits as deadlines."""

    allow_private_networks = False
    most_bytes = 0
    was_idle = False
    """Whether an answer has come on this connection, and not a byte of another one."""

    def _new_conn(self) -> socket.socket:
        self.was_idle = False
        self._connect_deadline = deadline = monotonic() + float(self.timeout or 0)
        addresses = self._addresses()
        error: Exception | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            # A fair share each, so that one dead address does not use up the time of the others.
            share_seconds = max((deadline - monotonic()) / left, 0.001)
            try:
                return create_connection((str(address), self.port), share_seconds, None, self.socket_options)
            except OSError as failure:
                error = failure
        if isinstance(error, TimeoutError):
            raise ConnectTimeoutError(self, f"no connection within {self.timeout}s") from error
        raise NewConnectionError(self, str(error)) from error

    def _addresses(self) -> list[IPAddress]:
        """The addresses of the host that may be connected to, best first. Raises PrivateAddress."""
        try:
            found = _look_up(self._dns_host, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except (UnicodeError, OverflowError) as error:
            raise NewConnectionError(self, f"not a host name ({error})") from error
        return (found if self.allow_private_networks else _only_public(found))[:_MOST_ADDRESSES]

    def getresponse(self) -> Any:
        with self._bounded(monotonic() + float(self.timeout or 0)) as reader:
            try:
                answer = super().getresponse()
            except BaseException:
                self.was_idle = self.was_idle and reader.left_bytes == _MOST_HEAD_BYTES
                raise
        self.was_idle = True
        return answer

    def _tunnel(self) -> None:
        with self._bounded(self._connect_deadline):
            super()._tunnel()  # the name in both libraries

    @contextmanager
    def _bounded(self, deadline: float) -> Iterator[_BoundedReader]:
        """What answers come meanwhile are read by the reader that this gives."""
        reader = _BoundedReader(self.sock, deadline, _MOST_HEAD_BYTES)
        self.response_class = partial(  # type: ignore[assignment]
            _Answer, reader=reader, most_bytes=self.most_bytes
        )
        try:
            yield reader
        finally:
            self.response_class = HTTPResponse


class _Pool(HTTPConnectionPool):
    """Asks once more, on a new connection, where an idle one died before a byte of the answer (RFC 9110, 9.2.2).

    Servers close what is idle just when the next question comes, and that is no failure of theirs.
    """

    def _make_request(self, conn: Any, method: str, url: str, **options: Any) -> Any:  # type: ignore[override]
        deadline, tunnels = monotonic() + float(options["timeout"].total), conn.proxy_is_tunneling
        try:
            return super()._make_request(conn, method, url, **options)
        except (ConnectionError, ssl.SSLError):
            if method != "GET" or not conn.was_idle:
                raise
        conn.close()
        conn.timeout = max(deadline - monotonic(), 0.001)
        if tunnels:
            self._prepare_proxy(conn)
        options["timeout"] = Timeout(total=max(deadline - monotonic(), 0.001))
        return super()._make_request(conn, method, url, **options)


def pool_classes(*, allow_private_networks: bool, max_bytes: int) -> dict[str, type[HTTPConnectionPool]]:
    """Pools of guarded connections, by scheme.

    An answer may take twice `max_bytes` on the wire, whatever it is made of; the caller counts its body.
    """
    allowed, most = allow_private_networks, max_bytes * _FRAMED + _MOST_HEAD_BYTES

    class Http(_Guarded):
        allow_private_networks = allowed
        most_bytes = most

    class Https(_Guarded, HTTPSConnection):
        allow_private_networks = allowed
        most_bytes = most

    class HttpPool(_Pool):
        ConnectionCls = Http

    class HttpsPool(_Pool, HTTPSConnectionPool):
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}
