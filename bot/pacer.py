"""Whose turn it is: the pace of a site, kept by all lanes together and over restarts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from bot.config import SiteConfig
from bot.pace import HOUR
from bot.ports import Store


class Pacer:
    """Thread-safe. Counts intents, which the store keeps: a restart forgets none."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)

    @contextmanager
    def turn(self, site: SiteConfig, now: datetime) -> Iterator[datetime | None]:
        """None where a post may be begun inside this context, else the moment to come back at.

        On a site with a pace one post is begun at a time. Raises StoreUnavailable.
        """
        pace = site.pace
        if not pace.is_set:
            yield None
            return
        with self._locks[site.name]:
            recent = self._store.intents_since(site.name, now - max(HOUR, pace.apart))
            slot = pace.next_slot(recent, now)
            yield slot if slot > now else None
