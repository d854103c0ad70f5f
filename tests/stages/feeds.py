"""Feeds written by hand, and what the feed stage makes of them."""

from __future__ import annotations

from pathlib import Path

from bot.model import Entry, ParsedFeed
from bot.stages.feed import parse
from tests.fuzz.shapes import FOOT, HEAD

__all__ = ["FEEDS", "FOOT", "HEAD", "entry", "parsed", "read", "rss"]

FEEDS = Path(__file__).parent.parent / "data" / "feeds"


def read(
    name: str, url: str = "https://harbour.example/feed", content_type: str = "application/rss+xml"
) -> ParsedFeed:
    """A feed of tests/data/feeds."""
    return parse((FEEDS / name).read_bytes(), content_type, "gazette", url)


def parsed(
    body: bytes | str, content_type: str = "application/rss+xml", url: str = "https://x.example/feed"
) -> ParsedFeed:
    return parse(body.encode() if isinstance(body, str) else body, content_type, "f", url)


def rss(*items: bytes) -> bytes:
    return HEAD + b"".join(b"<item>%s</item>" % item for item in items) + FOOT


def entry(item: bytes) -> Entry:
    (one,) = parsed(rss(item)).entries
    return one
