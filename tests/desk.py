"""A reader at work: pages that a test may turn, and what the owner is told."""

from __future__ import annotations

import structlog

from bot.config import FeedConfig
from bot.engines.store import DatabaseStore
from bot.model import Entry, FeedState, Take
from bot.reading import Reader
from tests.fakes.web import FakeFetcher

SITE = "https://news.example"
SENTENCES = (
    "The lamplighter of Osk has been asked to stay on for another year, although the lamps light themselves. "
    "He walks his round at dusk, as before, and greets them one by one. The council pays for the shoes. "
    "People set their clocks by him, and he, he says, sets his by the baker, who is usually late. "
)
OTHER_SENTENCES = (
    "Bread came to Port Hallin with the first boat of the spring, and with it eleven bags of letters. About 300 "
    "people stood on the pier to greet the crew, which slept through most of the speeches that were held for it. "
)
SHOWN = f"<p>{SENTENCES}</p>"


def page(text: str = SHOWN, *, title: str = "A headline", more: str = "") -> bytes:
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article>{more}</body></html>".encode()


def entry(key: str, title: str = "", **fields) -> Entry:
    known = {"guid": key, "link": f"{SITE}/{key}", "title": title or f"Headline {key * 3}"}
    return Entry(key=key, feed="news", **{**known, **fields})


def source(**keys) -> FeedConfig:
    required = {"name": "news", "url": f"{SITE}/feed", "language": "en", "sites": ("s",), "rights": "open"}
    return FeedConfig.model_validate({**required, **keys})


class Desk:
    """A reader over a real store and pages that a test may turn."""

    def __init__(self, url: str, clock) -> None:
        self.store, self.pages, self.told = DatabaseStore(url), FakeFetcher(), []
        self.reader = Reader(self.pages, self.store, clock)

    def article(self, entry: Entry, feed: FeedConfig | None = None, **options):
        feed = feed or source()
        if not self.store.fingerprints([entry.key]):
            self.store.save_poll(FeedState("news"), [Take(entry)], ["s"], self.reader._clock.now())
        with structlog.testing.capture_logs() as logs:
            try:
                return self.reader.article(entry, feed, **options)
            finally:
                self.told = [line for line in logs if line["log_level"] == "warning"]
