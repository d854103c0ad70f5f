"""The HTTP server behind the public address: small, bounded in time, bytes and connections.

    GET  .../TOKEN?hub.mode=...    a hub asks back, or denies
    POST .../TOKEN                 a hub delivers

It speaks plain HTTP and is meant to stand behind the web server that has the certificate.
"""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from bot import log
from bot.engines.websub.keys import Signature
from bot.errors import ConfigError

logger = log.get()

MOST_CONNECTIONS = 16
MOST_BYTES = 10_000_000
_SECONDS = 30.0  # for a whole request
_SILENT_SECONDS = 5.0  # until a caller has said what it wants: hubs do so at once
_ROOM_SECONDS = 1.0  # for the thread of a caller that is ended to notice
_CHUNK_BYTES = 65_536
_MOST_FIELDS = 50


class _Desk(Protocol):
    """What the listener asks: see HubSubscriber."""

    unknown_status: int  # told where nothing of ours is

    def answer(self, token: str, query: dict[str, str]) -> str | None: ...
    def signature_of(self, token: str, header: str) -> Signature | None: ...
    def is_ended(self, token: str) -> bool: ...
    def delivered(self, token: str, *, genuine: bool) -> None: ...


class Listener(ThreadingHTTPServer):
    """Listens in a thread of its own from `start` to `stop`.

    Where all places are taken, the caller that has said nothing for longest gives up its own.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, place: tuple[str, int], desk: _Desk) -> None:
        self.desk = desk
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self._free = threading.Semaphore(MOST_CONNECTIONS)
        self._since: dict[socket.socket, float] = {}
        self._hearing = threading.Lock()  # who is heard keeps its place
        self._silent: dict[socket.socket, None] = {}  # those whose headers are not in, the first comer first
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="websub", daemon=True)
        try:
            super().__init__(place, _Handler)
        except OSError as error:
            listen = "{}:{}".format(*place)
            fault = f'"{listen}": cannot listen there ({error.strerror}); take another place'
            raise ConfigError("websub.listen", [fault]) from error

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more."""
        self.shutdown()
        self.server_close()
        self._thread.join()

    def server_bind(self) -> None:
        """Without the look-up of a name that http.server makes."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread a connection, of which there are a few."""
        if not self._free.acquire(blocking=False) and not self._makes_room():
            self.shutdown_request(request)
            return
        self._since[request] = monotonic()
        with self._hearing:
            self._silent[request] = None
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread could be started, so none will end it
            self._end(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """In the thread of a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._end(request)

    def heard(self, request: Any) -> None:
        """Its headers are in."""
        with self._hearing:
            self._silent.pop(request, None)

    def _makes_room(self) -> bool:
        """Whether a silent caller's place could be had."""
        with self._hearing:
            longest = next(iter(self._silent), None)
            if longest is None:
                return False
            _hang_up(longest)
        return self._free.acquire(timeout=_ROOM_SECONDS)

    def _end(self, request: Any) -> None:
        self.heard(request)
        del self._since[request]
        self._free.release()

    def service_actions(self) -> None:
        """Ten times a second: end what takes too long, however its bytes drip."""
        for request, since in list(self._since.items()):
            with self._hearing:
                if monotonic() - since > (_SILENT_SECONDS if request in self._silent else _SECONDS):
                    _hang_up(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's signature
        """A caller that hangs up is no news; anything else is a bug."""
        error = sys.exception()
        if not isinstance(error, OSError):
            logger.critical("bug", exc_info=error)


def _hang_up(request: socket.socket) -> None:
    with suppress(OSError):  # it may be gone already
        request.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    server: Listener
    timeout = 10.0
    server_version = "Relaypress"
    sys_version = ""

    def parse_request(self) -> bool:
        """Line and headers: from then on the caller is one who says something."""
        parsed = super().parse_request()
        self.server.heard(self.connection)
        return parsed

    def do_GET(self) -> None:
        """Verification of intent."""
        try:
            query = dict(parse_qsl(urlsplit(self.path).query, max_num_fields=_MOST_FIELDS))
        except ValueError:
            query = {}
        answer = self.server.desk.answer(self._token(), query)
        status = self.server.desk.unknown_status if answer is None else 200
        self._reply(status, answer or "")

    def do_POST(self) -> None:
        """Content distribution: the body is checked as it comes, and not kept.

        A bad signature is acknowledged like a good one (WebSub, 7.1.2): nobody shall try them out.
        """
        token = self._token()
        signature = self.server.desk.signature_of(token, self.headers.get("X-Hub-Signature", ""))
        if signature is None:
            desk = self.server.desk
            self._reply(410 if desk.is_ended(token) else desk.unknown_status)
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or len(length) > 12:
            self._reply(411)
        elif int(length) > MOST_BYTES:
            self._reply(413)
        elif not self._read(int(length), signature):
            self._reply(400)
        else:
            self._reply(202)
            self.server.desk.delivered(token, genuine=signature.is_genuine())

    def _read(self, length: int, signature: Signature) -> bool:
        """Whether the whole body came."""
        while length > 0:
            chunk = self.rfile.read(min(length, _CHUNK_BYTES))
            if not chunk:
                return False
            signature.update(chunk)
            length -= len(chunk)
        return True

    def _token(self) -> str:
        return urlsplit(self.path).path.rpartition("/")[2]

    def _reply(self, status: int, text: str = "") -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in http.server
        """Nothing: strangers do not write into our log."""
