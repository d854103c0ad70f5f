"""The hub that a feed names, to be told of its changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.model import Topic
from bot.stages.feed.entries import dicts
from bot.stages.feed.text import absolute


def topic_in(facts: Mapping[str, Any], url: str) -> Topic | None:
    """What the document at `url` says in its links with rel="hub" and rel="self" (WebSub, 4.)."""
    found: dict[str, str] = {}
    for link in dicts(facts, "links"):
        for rel in str(link.get("rel", "")).lower().split():
            found.setdefault(rel, absolute(url, str(link.get("href", ""))))
    if not found.get("hub"):
        return None
    return Topic(found.get("self") or url, found["hub"])
