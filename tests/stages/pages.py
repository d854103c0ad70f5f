"""Small pages and entries to try extraction on."""

from __future__ import annotations

from bot.config import FeedConfig
from bot.model import Article, Entry
from bot.stages.extract import extract

URL = "https://news.example/a/story.html"
FEED = FeedConfig(name="news", url="https://news.example/feed", language="en", sites=("monde",))

SENTENCES = (
    "The lamplighter of Osk has been asked to stay on for another year, although the lamps light themselves. "
    "He walks his round at dusk, as before, and greets them one by one. The council pays for the shoes. "
    "People set their clocks by him, and he, he says, sets his by the baker, who is usually late. "
)
BODY = f"<p>{SENTENCES}</p><p>{SENTENCES}</p>"


def page(body: str = BODY, head: str = "<title>The lamplighter stays</title>") -> bytes:
    return f"<!doctype html><html lang='en'><head>{head}</head><body><article>{body}</article></body></html>".encode()


def entry(**fields) -> Entry:
    known = {"key": "k1", "feed": "news", "guid": "g1", "link": URL, "title": "The lamplighter stays"}
    return Entry(**{**known, **fields})


def found(body: str = BODY, head: str = "<title>The lamplighter stays</title>", **options) -> Article:
    return extract(page(body, head), "text/html; charset=utf-8", URL, **options)
