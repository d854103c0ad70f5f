"""A loopback translation service that speaks JSON: a test says what it answers, and reads what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass
class Question:
    """One request: `data` is its JSON, or its form or query as single values (lists where they repeat)."""

    path: str
    headers: dict[str, str]
    data: dict


@dataclass
class JsonEngine:
    """`with JsonEngine(answer) as server:` serves at `server.url`; `answer` gives a body, or (status, body)."""

    answer: Callable[[Question], object]
    questions: list[Question] = field(default_factory=list)

    def __enter__(self) -> Self:
        engine = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                engine._reply(self, b"")

            def do_POST(self) -> None:
                engine._reply(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _reply(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        parts = urlsplit(handler.path)
        data = _data(handler.headers.get("Content-Type", ""), body, parts.query)
        question = Question(parts.path, dict(handler.headers.items()), data)
        self.questions.append(question)
        answer = self.answer(question)
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)


def _data(content_type: str, body: bytes, query: str) -> dict:
    if "json" in content_type:
        found = json.loads(body)
        return found if isinstance(found, dict) else {"list": found}
    values = parse_qs(body.decode() or query)
    return {name: given[0] if len(given) == 1 else given for name, given in values.items()}
