"""HubSubscriber and a hub, over real connections."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bot.config import FetchConfig
from bot.engines.http import HttpFetcher
from bot.engines.websub import HubSubscriber
from bot.model import Topic
from tests.conftest import free_port
from tests.servers import serve
from tests.servers.hub import Hub

KEY = bytes(range(32))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SELF = "https://news.example/feed"


class World:
    def __init__(self, server, hub, fetcher) -> None:
        self.server, self.hub, self.fetcher, self.now = server, hub, fetcher, NOW
        self.place = ("127.0.0.1", free_port())
        self.topic = Topic(SELF, f"{server.base_url}/hub")
        self.told: list[str] = []
        self.heard = threading.Event()
        self.bot = self.start()

    def start(self, key: bytes = KEY) -> HubSubscriber:
        public_url = f"http://127.0.0.1:{self.place[1]}/websub/"
        self.bot = HubSubscriber(public_url, self.place, key, self.fetcher.post, lambda: self.now)
        self.bot.open(self._hear)
        return self.bot

    def _hear(self, feed: str) -> None:
        self.told.append(feed)
        self.heard.set()

    def keep(self, **topics: Topic) -> None:
        self.bot.keep(topics, threading.Event())

    def subscribed(self) -> dict[str, str]:
        self.keep(news=self.topic)
        return self.hub.asked[-1]


@contextmanager
def opened() -> Iterator[World]:
    hub = Hub()
    fetcher = HttpFetcher(FetchConfig(allow_private_networks=True, timeout=timedelta(seconds=5)))
    with serve({"/hub": hub.handle}) as server:
        world = World(server, hub, fetcher)
        yield world
        world.bot.close()
        fetcher.close()
