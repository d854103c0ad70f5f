"""A loopback engine that answers like Google's keyless page, and distorts like the real ones.

Its language is made up word by word (`speak`), so that a test knows what a perfect translation is. What it
does to a text depends on the seed, the text and how often that text was asked: runs repeat exactly.
"""

from __future__ import annotations

import html
import random
import re
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

_WORD = re.compile(r"[^\W\d_]+")
_MARKER = re.compile(r"([\[{(])\1(/?)(\d+)(/?)([\]})])\5")
_SHIFT = str.maketrans("aeioubdgklmnprstv", "eoiuapzkgrnmbldvf")


def speak(text: str) -> str:
    """`text` in the engine's made-up language: other words, same numbers, signs and order."""
    return _WORD.sub(lambda match: _word(match[0]), text)


def _word(word: str) -> str:
    other = word.lower().translate(_SHIFT) + ("e" if len(word) > 3 else "")
    if word.isupper() and len(word) > 1:
        return other.upper()
    return other[0].upper() + other[1:] if word[0].isupper() else other


@dataclass(frozen=True)
class Distortion:
    """How often it distorts: by line, by marked line, and by request (each from 0.0 to 1.0)."""

    line: float = 0.0
    marked: float = 0.0
    request: float = 0.0
    kinds: tuple[str, ...] = ()  # only these; all where empty

    def allows(self, kind: str) -> bool:
        return not self.kinds or kind in self.kinds


FAITHFUL = Distortion()
DISTORTING = Distortion(line=0.04, marked=0.15, request=0.04)
REQUEST_KINDS = ("cut", "echo all", "error page", "500", "empty", "drop", "429", "captcha", "consent", "hang")


@dataclass
class TranslatePage:
    """`with TranslatePage() as page:` serves at `page.url`; `requests` counts what it was asked."""

    distortion: Distortion = FAITHFUL
    seed: int = 0
    hang_seconds: float = 3.0
    requests: int = 0
    characters: int = 0
    told: Counter[str] = field(default_factory=Counter)  # distortions by kind
    _asked: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        page = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                page._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/m"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        text = parse_qs(urlsplit(handler.path).query).get("q", [""])[0]
        with self._lock:
            self.requests += 1
            self.characters += len(text)
            rng = random.Random(f"{self.seed}|{self._asked[text]}|{text}")
            self._asked[text] += 1
        fault = self._fault(rng)
        if fault == "hang":
            self._ended.wait(self.hang_seconds)
        if fault in {"drop", "hang"}:
            handler.close_connection = True
            return
        if len(text) >= 5000 or len(handler.path) > 16_000:
            _send(handler, 400, "too long")
        elif fault in {"500", "429"}:
            _send(handler, int(fault), f"Error {fault}")
        elif fault == "captcha":
            _send(handler, 200, "<html><body>Our systems have detected unusual traffic.</body></html>")
        elif fault == "consent":
            _send(handler, 302, "", {"Location": "https://consent.google.com/m?continue=x"})
        elif fault == "error page":
            _send(handler, 200, _page("Error 500 (Server Error)!!1500.That’s an error."))
        else:
            _send(handler, 200, _page("" if fault == "empty" else self._translation(text, rng, fault)))

    def _fault(self, rng: random.Random) -> str:
        kinds = [kind for kind in REQUEST_KINDS if self.distortion.allows(kind)]
        if not kinds or rng.random() >= self.distortion.request:
            return ""
        return self._tell(rng.choice(kinds))

    def _translation(self, text: str, rng: random.Random, fault: str) -> str:
        if fault == "echo all":
            return text
        lines = [self._line(line, rng) for line in text.split("\n")]
        answer = "\n".join(lines)
        for kind, old, new in (("merged", "\n", " "), ("split", " ", "\n")):
            if rng.random() < self.distortion.line and self.distortion.allows(kind) and old in answer:
                places = [match.start() for match in re.finditer(old, answer)]
                at = rng.choice(places)
                answer = answer[:at] + new + answer[at + 1 :]
                self._tell(kind)
        return answer[: int(len(answer) * rng.uniform(0.3, 0.95))] if fault == "cut" else answer

    def _line(self, source: str, rng: random.Random) -> str:
        line = speak(source)
        if _MARKER.search(line) and rng.random() < self.distortion.marked:
            line = self._distorted(MARKED, line, rng)
        if rng.random() < self.distortion.line:
            line = source if (told := self._distorted(PLAIN, line, rng)) == "\0" else told
        return line

    def _distorted(self, kinds: dict[str, object], line: str, rng: random.Random) -> str:
        allowed = [kind for kind in kinds if self.distortion.allows(kind)]
        if not allowed:
            return line
        kind = self._tell(rng.choice(allowed))
        return kinds[kind](line, rng)

    def _tell(self, kind: str) -> str:
        with self._lock:
            self.told[kind] += 1
        return kind


# --- what engines do to markers -----------------------------------------------------------------


def _some_marker(line: str, rng: random.Random) -> re.Match[str]:
    return rng.choice(list(_MARKER.finditer(line)))


def _spaces_inside(line: str, rng: random.Random) -> str:
    return _MARKER.sub(lambda m: f"{m[1]}{m[1]} {m[2]} {m[3]}{m[4]} {m[5]}{m[5]}", line)


def _spaces_around(line: str, rng: random.Random) -> str:
    return _MARKER.sub(lambda m: f" {m[0]} ", line)


def _torn(line: str, rng: random.Random) -> str:
    return _MARKER.sub(lambda m: f"{m[1]} {m[1]}{m[2]}{m[3]}{m[4]}{m[5]} {m[5]}", line)


def _full_width(line: str, rng: random.Random) -> str:
    wide = str.maketrans("0123456789[]{}()/", "０１２３４５６７８９［］｛｝（）／")
    return _MARKER.sub(lambda m: m[0].translate(wide), line)


def _zero_width(line: str, rng: random.Random) -> str:
    return _MARKER.sub(lambda m: f"{m[1]}\u200b{m[1]}{m[2]}{m[3]}{m[4]}\u200b{m[5]}{m[5]}\u200b", line)


def _single(line: str, rng: random.Random) -> str:
    return _MARKER.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{m[4]}{m[5]}", line)


def _no_slash(line: str, rng: random.Random) -> str:
    return _MARKER.sub(lambda m: f"{m[1]}{m[1]}{m[3]}{m[5]}{m[5]}", line)


def _dropped(line: str, rng: random.Random) -> str:
    found = _some_marker(line, rng)
    return " ".join((line[: found.start()] + line[found.end() :]).split())


def _all_dropped(line: str, rng: random.Random) -> str:
    return " ".join(_MARKER.sub("", line).split())


def _doubled(line: str, rng: random.Random) -> str:
    found = _some_marker(line, rng)
    return line[: found.end()] + " " + found[0] + line[found.end() :]


def _doubled_elsewhere(line: str, rng: random.Random) -> str:
    return f"{line} {_some_marker(line, rng)[0]}"


def _swapped(line: str, rng: random.Random) -> str:
    found = list(_MARKER.finditer(line))
    if len(found) < 2:
        return line
    one = rng.randrange(len(found) - 1)
    a, b = found[one], found[one + 1]
    return line[: a.start()] + b[0] + line[a.end() : b.start()] + a[0] + line[b.end() :]


def _renumbered(line: str, rng: random.Random) -> str:
    found = _some_marker(line, rng)
    return line[: found.start()] + found[0].replace(found[3], "77") + line[found.end() :]


def _pushed_together(line: str, rng: random.Random) -> str:
    return re.sub(r"(([\[{(])\2(\d+)[\]})]{2})([^\[\]{}()]*)(\2\2/\3[\]})]{2})", r"\4\1\5", line, count=1)


MARKED = {
    "spaces inside": _spaces_inside,
    "spaces around": _spaces_around,
    "torn": _torn,
    "full width": _full_width,
    "zero width": _zero_width,
    "single brackets": _single,
    "no slash": _no_slash,
    "dropped": _dropped,
    "all dropped": _all_dropped,
    "doubled": _doubled,
    "doubled elsewhere": _doubled_elsewhere,
    "swapped": _swapped,
    "renumbered": _renumbered,
    "pushed together": _pushed_together,
}


# --- what engines do to lines -------------------------------------------------------------------


def _echo(line: str, rng: random.Random) -> str:
    return "\0"


def _cut(line: str, rng: random.Random) -> str:
    return line[: int(len(line) * rng.uniform(0.4, 0.9))].rstrip()


def _quotes(line: str, rng: random.Random) -> str:
    return line.replace("“", '"').replace("”", '"').replace("’", "'")


def _guillemets(line: str, rng: random.Random) -> str:
    return line.replace("“", "« ").replace("”", " »")


def _entities(line: str, rng: random.Random) -> str:
    return html.escape(line)


def _invisible(line: str, rng: random.Random) -> str:
    return line.replace(" ", " \u200b", 2)


PLAIN = {
    "echo": _echo,
    "cut line": _cut,
    "quotes": _quotes,
    "guillemets": _guillemets,
    "entities": _entities,
    "invisible": _invisible,
}


def _page(text: str) -> str:
    return (
        '<!DOCTYPE html><html><head><title>Google Translate</title></head><body><div class="root-container">'
        f'<div class="header">Translate</div><div class="result-container">{html.escape(text)}</div></div></body></html>'
    )


def _send(
    handler: BaseHTTPRequestHandler, status: int, body: str, headers: dict[str, str] | None = None
) -> None:
    data = body.encode()
    try:
        handler.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=UTF-8", **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
    except ConnectionError:  # the client gave up; its business
        handler.close_connection = True
