"""Asks the running site whether it really works, as the bot will ask it."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
import xmlrpc.client
from xml.parsers.expat import ExpatError

from wp.instance import USERS, SandboxError

#: What a site that is still starting, or broken, may answer with.
BROKEN = (OSError, http.client.HTTPException, ExpatError, xmlrpc.client.Error)

#: A proxy of the environment must not come between us and the loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(url: str, method: str, *arguments: object, timeout_seconds: float = 15) -> object:
    """Call one XML-RPC method; raise one of BROKEN when it fails. There are no retries."""
    body = xmlrpc.client.dumps(arguments, method, allow_none=True).encode()  # type: ignore[arg-type]
    request = urllib.request.Request(f"{url}/xmlrpc.php", body, {"Content-Type": "text/xml"})
    with _OPENER.open(request, timeout=timeout_seconds) as answer:
        values, _method = xmlrpc.client.loads(answer.read())
    return values[0]


def answers(url: str) -> bool:
    """Return whether XML-RPC says hello; needs the database, but no password."""
    try:
        return call(url, "demo.sayHello", timeout_seconds=10) == "Hello!"
    except BROKEN:
        return False


def check_logins(record: dict[str, str]) -> None:
    """Log in as every user with the Application Password, or raise SandboxError."""
    for prefix in USERS:
        login, password = record[prefix], record[f"{prefix}_APP_PASSWORD"]
        try:
            call(record["WP_URL"], "wp.getUsersBlogs", login, password)
        except BROKEN as error:
            raise SandboxError(f"XML-RPC login as {login} failed: {error}") from error


def check_front_page(url: str) -> None:
    """Open the front page as a reader does, or raise SandboxError.

    XML-RPC works where pages do not: a wrong Host or rewrite makes them redirect for ever.
    """
    try:
        with _OPENER.open(f"{url}/", timeout=15) as answer:
            answer.read()
    except BROKEN as error:
        raise SandboxError(f"the front page of {url} fails: {error}") from error
