"""A loopback XML-RPC server that answers as WordPress does, or in every wrong way that hosts have.

    with XmlRpcServer({"wp.newPost": [DROP, value("7")]}) as server:
        ...
        assert server.count("wp.newPost") == 1

A script names the reply of each method; of a list the last one stays. `GET` is the reply to pages. What is
not in the script is answered by a Fault -32601, `mt.supportedMethods` by every method that the client knows.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self
from xml.parsers.expat import ExpatError

METHODS = [
    *("wp.newPost", "wp.editPost", "wp.getPost", "wp.getPosts", "wp.getTerms", "wp.newTerm"),
    *("wp.uploadFile", "wp.getMediaItem", "wp.getUsersBlogs", "wp.getOptions", "wp.getProfile"),
]
DRIP_SECONDS = 0.02
TLS_HELLO = b"\x16"


@dataclass(frozen=True)
class Reply:
    data: bytes = b""
    then: Literal["keep", "close", "hang", "drip"] = "keep"


DROP = Reply(then="close")
HANG = Reply(then="hang")


def http(status: int = 200, body: bytes = b"", *, says_bytes: int | None = None, **headers: str) -> bytes:
    """A whole HTTP answer; `says_bytes` is a Content-Length that is not true."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if says_bytes is None else says_bytes}"]
    lines += [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def xml(answer: object) -> bytes:
    """The XML of an answer, shaped as WordPress shapes it."""
    if isinstance(answer, xmlrpc.client.Fault):
        return xmlrpc.client.dumps(answer, methodresponse=True).encode()
    return xmlrpc.client.dumps((answer,), methodresponse=True, allow_none=True).encode()


def value(answer: object) -> Reply:
    return Reply(http(body=xml(answer)))


def fault(code: int, text: str) -> Reply:
    return value(xmlrpc.client.Fault(code, text))


def status(code: int, body: bytes = b"", **headers: str) -> Reply:
    return Reply(http(code, body, **headers))


def page(body: bytes, **headers: str) -> Reply:
    return Reply(http(body=body, **headers))


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: Mapping[str, str]
    params: Sequence[object] = field(repr=False)
    body: bytes = field(repr=False)


class XmlRpcServer:
    def __init__(self, script: Mapping[str, Reply | list[Reply]] | None = None) -> None:
        self.script = {name: _as_list(replies) for name, replies in (script or {}).items()}
        self.calls: list[Call] = []
        self.connections = 0
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def count(self, method: str) -> int:
        return sum(call.method == method for call in self.calls)

    def last(self, method: str) -> Call:
        return [call for call in self.calls if call.method == method][-1]

    def _run(self, target, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(sock)
            self._run(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        with sock, sock.makefile("rb") as stream, contextlib.suppress(OSError):
            if sock.recv(1, socket.MSG_PEEK) == TLS_HELLO:
                sock.sendall(http(400))  # as a plain server does
                return
            while call := _read_call(stream):
                with self._lock:
                    self.calls.append(call)
                    reply = self._reply(call.method)
                if not self._send(sock, reply):
                    return

    def _reply(self, method: str) -> Reply:
        replies = self.script.get(method)
        if replies is None:
            if method == "mt.supportedMethods":
                return value(METHODS)
            return status(404) if method == "GET" else fault(-32601, f"no {method}")
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def _send(self, sock: socket.socket, reply: Reply) -> bool:
        if reply.then == "drip":
            for byte in reply.data:
                sock.sendall(bytes([byte]))
                if self._stopped.wait(DRIP_SECONDS):
                    return False
        else:
            sock.sendall(reply.data)
        if reply.then == "hang":
            self._stopped.wait()
        return reply.then == "keep"


def _as_list(replies: Reply | list[Reply]) -> list[Reply]:
    return list(replies) if isinstance(replies, list) else [replies]


def _read_call(stream) -> Call | None:
    verb, path, *_ = [*stream.readline().decode().split(), "", ""][:3]
    headers = {}
    while line := stream.readline().decode().strip():
        name, _, text = line.partition(": ")
        headers[name.lower()] = text
    body = stream.read(int(headers.get("content-length", 0)))
    if not verb:
        return None
    try:
        params, method = xmlrpc.client.loads(body) if verb == "POST" else ((), verb)
    except ExpatError:
        params, method = (), "not XML"
    return Call(method or "", path, headers, params, body)
