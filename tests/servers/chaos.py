"""A loopback proxy before a WordPress that does to calls and answers what a bad network and a tired host do.

    with ChaosProxy(wordpress.url, seed=7) as proxy:
        ...                                    # the bot's site.url is proxy.base_url
        proxy.wait_until_quiet()               # no call is still running on the server
        assert not proxy.never_done()          # each mischief was tried
    proxy.lost["wp.uploadFile"]            # calls that WordPress acted on, and whose answer nobody got whole

What happens to a call is drawn at random from the seed; `calm` is the part of calls that are left alone. At 1 it only
looks on: what is lost then is what the bot did not live to hear.
"""

from __future__ import annotations

import http.client
import random
import re
import select
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from tests.servers.server import Handler, Server

UPSTREAM_SECONDS = 60
LONGEST_DELAY_SECONDS = 0.2
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


@dataclass(frozen=True)
class Answer:
    """What WordPress said: the body as it came, encoded or not."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def as_sent(self, body: bytes | None = None, *, says_bytes: int | None = None) -> bytes:
        """The whole HTTP answer, perhaps with another body, or a Content-Length that is not true."""
        body = self.body if body is None else body
        length = len(body) if says_bytes is None else says_bytes
        lines = [f"HTTP/1.1 {self.status} X", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode("latin-1") + body


class ChaosProxy(Server):
    """Use it as a context manager. `done` counts what was done to calls, by name.

    `lost` counts the calls that WordPress acted on, and whose answer may not have come whole, by their method.
    """

    def __init__(self, upstream: str, seed: int, *, calm: float = 0.7) -> None:
        super().__init__({}, _Chaos)
        self.upstream = urlsplit(upstream).netloc
        self.done: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self._calm = calm
        self._rng = random.Random(seed)
        self._under_way = 0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._thread.join()

    def never_done(self) -> set[str]:
        """The mischief that no call has met yet."""
        return MISCHIEF.keys() - self.done.keys()

    def wait_until_quiet(self) -> None:
        """Wait until WordPress works on no call any more: what publish.confirm_after stands for."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._under_way == 0, UPSTREAM_SECONDS)

    def draw(self) -> tuple[str, random.Random]:
        """What shall happen to the next call, and the chance for its details."""
        with self._changed:
            left_alone = self._rng.random() < self._calm
            name = "passed on" if left_alone else self._rng.choice(sorted(MISCHIEF))
            self.done[name] += 1
            return name, random.Random(self._rng.random())

    def lose(self, body: bytes) -> None:
        """Count this call among the lost ones."""
        method = re.search(rb"<methodName>([\w.]+)<", body)
        with self._changed:
            self.lost[method[1].decode() if method else ""] += 1

    def ask_upstream(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Hand a call on to WordPress, on a connection of its own, and take its whole answer."""
        with self._changed:
            self._under_way += 1
        connection = http.client.HTTPConnection(self.upstream, timeout=UPSTREAM_SECONDS)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            kept = tuple(each for each in response.getheaders() if each[0].lower() not in _HOP_BY_HOP)
            return Answer(response.status, kept, response.read())
        finally:
            connection.close()
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()


class _Chaos(Handler):
    server: ChaosProxy
    _doubled = False  # the answer before: its copy may be taken for the next one

    def do_POST(self) -> None:  # noqa: N802 - the name in http.server
        length = int(self.headers["Content-Length"])
        self._body = self.rfile.read(length)
        if len(self._body) < length:
            return  # killed while it spoke: WordPress would not act on half a call
        name, rng = self.server.draw()
        self._lost = name not in SPARED and (self._doubled or name in LOSSES)
        if self._lost:
            self.server.lose(self._body)
        self._doubled = name in DOUBLES
        MISCHIEF.get(name, _pass_on)(self, rng)

    def do_GET(self) -> None:  # noqa: N802 - the name in http.server
        self._body, self._lost = b"", True  # nothing is done by asking: nothing to be counted
        _pass_on(self, random.Random())

    def upstream(self) -> Answer:
        """The answer of WordPress, which has acted on the call."""
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        answer = self.server.ask_upstream(self.command, self.path, headers, self._body)
        if not self._lost and self._has_hung_up():
            self._lost = True
            self.server.lose(self._body)
        return answer

    def _has_hung_up(self) -> bool:
        """Whether the client is gone: it is past hearing the answer."""
        try:
            told, _, _ = select.select([self.connection], [], [], 0)
            return bool(told) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def send(self, data: bytes, *, last: bool = False) -> None:
        """Send `data` as it is; `last` hangs up after it."""
        self.close_connection = self.close_connection or last
        self.wfile.write(data)


def _pass_on(call: _Chaos, rng: random.Random) -> None:
    call.send(call.upstream().as_sent())


def _dropped_before(call: _Chaos, rng: random.Random) -> None:
    call.close_connection = True


def _dropped_after(call: _Chaos, rng: random.Random) -> None:
    call.upstream()
    call.close_connection = True


def _dropped_while_it_runs(call: _Chaos, rng: random.Random) -> None:
    """The client is rid of us before WordPress has begun; WordPress goes on all the same."""
    call.connection.shutdown(2)
    call.close_connection = True
    call.upstream()


def _delayed(call: _Chaos, rng: random.Random) -> None:
    call.wait(rng.uniform(0, LONGEST_DELAY_SECONDS))
    answer = call.upstream()
    call.wait(rng.uniform(0, LONGEST_DELAY_SECONDS))
    call.send(answer.as_sent())


def _cut_on_the_wire(call: _Chaos, rng: random.Random) -> None:
    whole = call.upstream().as_sent()
    call.send(whole[: rng.randrange(len(whole))], last=True)


def _cut_by_the_host(call: _Chaos, rng: random.Random) -> None:
    """A whole HTTP answer whose XML is not whole."""
    answer = call.upstream()
    call.send(answer.as_sent(answer.body[: rng.randrange(len(answer.body))]))


def _bad_gateway_after(call: _Chaos, rng: random.Random) -> None:
    call.upstream()
    call.send(Answer(502, (("Content-Type", "text/html"),), b"<title>502 Bad Gateway</title>").as_sent())


def _unavailable_before(call: _Chaos, rng: random.Random) -> None:
    call.send(Answer(503, (("Content-Type", "text/html"),), b"<title>Maintenance</title>").as_sent())


def _said_twice_in_one_answer(call: _Chaos, rng: random.Random) -> None:
    answer = call.upstream()
    call.send(answer.as_sent(answer.body * 2))


def _answered_twice(call: _Chaos, rng: random.Random) -> None:
    """The second copy lies on the connection when the next call goes out."""
    call.send(call.upstream().as_sent() * 2)


def _answered_twice_late(call: _Chaos, rng: random.Random) -> None:
    """The second copy comes when the next call may be on its way already."""
    whole = call.upstream().as_sent()
    call.send(whole)
    call.wait(rng.uniform(0, 0.03))
    call.send(whole)


MISCHIEF: dict[str, Callable[[_Chaos, random.Random], None]] = {
    "dropped before": _dropped_before,
    "dropped after": _dropped_after,
    "dropped while it runs": _dropped_while_it_runs,
    "delayed": _delayed,
    "cut on the wire": _cut_on_the_wire,
    "cut by the host": _cut_by_the_host,
    "bad gateway after": _bad_gateway_after,
    "unavailable before": _unavailable_before,
    "said twice in one answer": _said_twice_in_one_answer,
    "answered twice": _answered_twice,
    "answered twice, late": _answered_twice_late,
}
DOUBLES = {"answered twice", "answered twice, late"}
SPARED = {"dropped before", "unavailable before"}  # WordPress is not asked
LOSSES = MISCHIEF.keys() - DOUBLES - SPARED - {"delayed"}
