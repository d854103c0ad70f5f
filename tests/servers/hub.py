"""A WebSub hub on 127.0.0.1, as honest as a test wants it; its callers are subscribers."""

from __future__ import annotations

import hmac
import threading
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import requests

from tests.servers.server import Handler


@dataclass
class Hub:
    """`asked` holds the form of each request. With `verifying` it asks back before it answers.

    Its handler is `handle`: put it into the routes of a server.
    """

    status: int = 202
    lease_seconds: str = "3600"
    verifying: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    verified: list[requests.Response] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)

    def handle(self, handler: Handler) -> None:
        """Take a request of a subscriber."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        form = dict(parse_qsl(body.decode()))
        self.asked.append(form)
        if self.status == 202 and self.verifying:
            self.verified.append(self.verify(form))
        handler.reply(self.status)
        self.arrived.set()

    def verify(self, form: dict[str, str], **changes: str) -> requests.Response:
        """Ask back whether that was meant."""
        query = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "is it you?",
            "hub.lease_seconds": self.lease_seconds,
        }
        given = query | {f"hub.{name}": value for name, value in changes.items()}
        return self.get(form, given)

    def get(self, form: dict[str, str], query: dict[str, str]) -> requests.Response:
        return requests.get(f"{form['hub.callback']}?{urlencode(query)}", timeout=10)

    def deliver(self, form: dict[str, str], *, method: str = "sha256", secret: str = "") -> int:
        """Send the feed as it is now, signed; gives the status of the answer."""
        body = b"<rss>whatever the hub says</rss>"
        key = (secret or form["hub.secret"]).encode()
        headers = {"Content-Type": "application/rss+xml"}
        if method:
            digest = hmac.new(key, body, method).hexdigest()
            headers["X-Hub-Signature"] = f"{method}={digest}"
        return requests.post(form["hub.callback"], data=body, headers=headers, timeout=10).status_code
