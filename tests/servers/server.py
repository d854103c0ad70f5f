"""A loopback server whose routes are functions, and which remembers what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Server(ThreadingHTTPServer):
    """`requests` holds (path with query, headers) of each request; `stopping` is set at the end."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, routes: Mapping[str, Route], handler: type[Handler]) -> None:
        self.routes = routes
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        self.stopping = threading.Event()
        self._open: set[object] = set()
        super().__init__(("127.0.0.1", 0), handler)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def asked(self, path: str) -> list[Mapping[str, str]]:
        """The headers of each request for `path`."""
        return [headers for asked, headers in self.requests if urlsplit(asked).path == path]

    def process_request(self, request, client_address):
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        """A client that hangs up is what these servers are for."""

    def stop(self) -> None:
        """End every handler, then the server: idle keep-alive connections are closed under them."""
        self.stopping.set()
        self.shutdown()
        for request in list(self._open):
            try:
                request.shutdown(2)
            except OSError:
                continue  # it was gone already
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Finds the route by the longest prefix of the path that is one, and lets it answer."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers.items())))
        path = urlsplit(self.path).path
        prefixes = sorted((p for p in self.server.routes if path.startswith(p)), key=len)
        if prefixes:
            self.server.routes[prefixes[-1]](self)
        else:
            self.reply(404)

    def do_POST(self) -> None:
        self.do_GET()

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """A whole, honest answer; `content_type="..."` becomes Content-Type."""
        self.begin(status, content_length=str(len(body)), **headers)
        self.wfile.write(body)

    def begin(self, status: int = 200, **headers: str) -> None:
        """Status line and headers."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-").title(), value)
        self.end_headers()

    def wait(self, seconds: float) -> bool:
        """Pause; False where the server is stopping."""
        return not self.server.stopping.wait(seconds)

    def log_message(self, format, *args):  # noqa: A002 - the name in http.server
        """Nothing: the tests' output is for the tests."""


Route = Callable[[Handler], None]


@contextmanager
def serve(routes: Mapping[str, Route]) -> Iterator[Server]:
    """A running server; `server.base_url` is its address."""
    server = Server(routes, Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
