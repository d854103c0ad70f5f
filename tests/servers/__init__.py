"""Loopback servers that misbehave, for every test that talks to a stranger.

    with serve(routes) as base_url: ...         any handler of your own
    with misbehaving() as base_url: ...         the ready-made routes of `tests/servers/routes.py`

Each server listens on 127.0.0.1, on a port that the system chose, with a thread a connection. Handlers
that wait do so on `server.stopping`, so nothing outlives the `with`.
"""

from tests.servers.routes import ROUTES, misbehaving
from tests.servers.server import Handler, Server, serve

__all__ = ["ROUTES", "Handler", "Server", "misbehaving", "serve"]
