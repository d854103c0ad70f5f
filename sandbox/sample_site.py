#!/usr/bin/env python3
"""The sample newspaper on the loopback: `sandbox/sample_site.py up|down|status|serve`.

Serves `sandbox/site` as a real site would: ETag, Last-Modified, 304, HEAD. Pages and feed hold
`{{BASE}}` where their own address belongs, so that any port works.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import mimetypes
import signal
import sys
import types
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from wp import processes  # noqa: E402 - the folder must be on the path first
from wp.instance import SandboxError  # noqa: E402

HERE = Path(__file__).resolve().parent
DEFAULT_PORT = 8090
_PLACEHOLDER = b"{{BASE}}"
_TYPES = {
    ".xml": "application/xml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
_FEED_TYPE = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """What one address holds."""

    body: bytes
    media_type: str
    modified_seconds: float

    @property
    def etag(self) -> str:
        """A strong one: it changes whenever a byte does."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'


def load(folder: Path, path: str, base: str) -> Page | None:
    """Return the page of an address, or None; nothing outside `folder` is ever read."""
    file = (folder / unquote(path).lstrip("/")).resolve()
    if file.is_dir():
        file = file / "index.html"
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        return None
    body = file.read_bytes()
    if file.suffix in _TYPES:
        body = body.replace(_PLACEHOLDER, base.encode())
    guess = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    media_type = _FEED_TYPE if file.name == "feed.xml" else _TYPES.get(file.suffix, guess)
    return Page(body, media_type, file.stat().st_mtime)


def make_server(port: int, folder: Path = HERE / "site") -> ThreadingHTTPServer:
    """Return a server that is bound to 127.0.0.1 (port 0: any free one) but does not run yet."""

    class Handler(_Handler):
        site = folder

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD; If-None-Match decides alone when it is sent (RFC 9110, 13.2.2)."""

    protocol_version = "HTTP/1.1"
    server_version = "TidewaterCourier/1"
    timeout = 30
    site: ClassVar[Path]

    def do_GET(self) -> None:
        """Answer with the page, 304 or 404."""
        _host, port = self.connection.getsockname()
        page = load(self.site, urlsplit(self.path).path, f"http://127.0.0.1:{port}")
        if page is None:
            body = b"<!DOCTYPE html><title>Not found</title><h1>Not found</h1>"
            self._answer(HTTPStatus.NOT_FOUND, body, {"Content-Type": _TYPES[".html"]})
            return
        headers = {
            "ETag": page.etag,
            "Last-Modified": formatdate(page.modified_seconds, usegmt=True),
            "Cache-Control": "max-age=0",
        }
        if self._is_known(page, headers["Last-Modified"]):
            self._answer(HTTPStatus.NOT_MODIFIED, b"", headers)
        else:
            self._answer(HTTPStatus.OK, page.body, {"Content-Type": page.media_type, **headers})

    do_HEAD = do_GET  # noqa: N815 - the name http.server looks for

    def _is_known(self, page: Page, modified: str) -> bool:
        tags = self.headers.get("If-None-Match")
        if tags is None:
            return self.headers.get("If-Modified-Since") == modified
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return page.etag in known or "*" in known

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@dataclass(frozen=True)
class Service:
    """The server as a detached process with a pid file."""

    port: int
    data: Path
    site: Path

    @property
    def pid_file(self) -> Path:
        """The pid of the server; beside it lies its log."""
        return self.data / "site.pid"

    def up(self) -> int:
        """Start it, if it does not run, and print the assignments."""
        self.data.mkdir(parents=True, exist_ok=True)
        if not self._pid():
            if self._answers():
                raise SandboxError(f"port {self.port} is taken by another program: take another --port")
            log = self.data / "site.log"
            processes.start(self._command(), self.pid_file, log)
            processes.wait_started("the sample site", self._answers, self.pid_file, log, 15)
        print(f"SITE_URL='{self.url}'\nFEED_URL='{self.url}/feed.xml'", flush=True)
        return 0

    def down(self) -> int:
        """Stop it; nothing to stop is no error."""
        stopped = processes.stop(self.pid_file)
        print(f"{self.url} {'stopped' if stopped else 'was not up'}", file=sys.stderr)
        return 0

    def status(self) -> int:
        """Say in one line whether it runs; 0 when it does, else 1."""
        up = bool(self._pid()) and self._answers()
        print(f"{'up' if up else 'down'} {self.url}")
        return 0 if up else 1

    def serve(self) -> int:
        """Run it here, until it is stopped by a signal."""
        signal.signal(signal.SIGTERM, _stop)
        with make_server(self.port, self.site) as server:
            print(f"serving {self.site} on {self.url}", file=sys.stderr, flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                return 0
        return 0

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def _command(self) -> list[str]:
        return [
            sys.executable, str(Path(__file__).resolve()), "serve",
            "--port", str(self.port), "--data", str(self.data), "--site", str(self.site),
        ]  # fmt: skip

    def _pid(self) -> int:
        return processes.alive(self.pid_file)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("HEAD", "/feed.xml")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def _stop(_number: int, _frame: types.FrameType | None) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    parser = argparse.ArgumentParser(prog="sandbox/sample_site.py", description=__doc__)
    parser.add_argument("command", choices=("up", "down", "status", "serve"))
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"default {DEFAULT_PORT}")
    parser.add_argument("--data", type=Path, help="pid file and log (default sandbox/.data/site-PORT)")
    parser.add_argument("--site", type=Path, default=HERE / "site", help="another folder to serve")
    options = parser.parse_args(arguments)
    data = (options.data or HERE / ".data" / f"site-{options.port}").resolve()
    service = Service(options.port, data, options.site.resolve())
    commands = {
        "up": service.up,
        "down": service.down,
        "status": service.status,
        "serve": service.serve,
    }
    try:
        return commands[options.command]()
    except (SandboxError, OSError) as error:
        print(f"sandbox/sample_site.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
