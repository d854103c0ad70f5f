"""Reading: from an entry of a feed to the clean article, fetched once for all sites and attempts."""

from __future__ import annotations

from threading import Lock

from bot import log
from bot.config import FeedConfig
from bot.errors import FetchGone, FetchRefused, FetchUnavailable
from bot.model import Article, CleanArticle, Entry, Fetched, NotModified
from bot.ports import Fetcher, Store
from bot.stages import clean, extract, sanitise

logger = log.get()

_LOCKS = 64


class Locks:
    """A lock for each thing, of a bounded number: two things seldom share one, and none waits for all."""

    def __init__(self) -> None:
        self._locks = [Lock() for _ in range(_LOCKS)]

    def of(self, *thing: str) -> Lock:
        """The lock of this thing."""
        return self._locks[hash(thing) % _LOCKS]


class Reader:
    """Thread-safe: two lanes that want one article fetch it once."""

    def __init__(self, pages: Fetcher, store: Store) -> None:
        self._pages = pages
        self._store = store
        self._locks = Locks()

    def article(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        """The article of an item: kept from before, or read now and kept.

        Raises FetchUnavailable, FetchGone, ItemUnusable, StoreUnavailable.
        """
        with self._locks.of(entry.key):
            kept = self._store.article(entry.key)
            if kept is None:
                kept = self.read(entry, source)
                self._store.save_article(entry.key, kept)
            return kept

    def read(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        """Entry -> page -> Article -> CleanArticle. Nothing is stored."""
        return sanitise.to_article(clean.clean(self._found(entry, source), source))

    def _found(self, entry: Entry, source: FeedConfig) -> Article:
        if source.depth == "excerpt":
            return extract.excerpt(entry)
        if source.depth == "feed" or not entry.link:
            return extract.from_feed(entry)
        try:
            accept = "text/html,application/xhtml+xml"
            page = whole(self._pages.get(entry.link, accept=accept, access=source.access))
        except FetchGone:
            raise  # withdrawn: what the feed still holds is not to be relayed either
        except FetchRefused as error:
            # The publisher keeps robots out, but hands the text out in the feed.
            logger.warning("page refused, the feed's own text is taken", error=str(error))
            return extract.from_feed(entry)
        return extract.extract(page.body, page.content_type, page.url, entry, remove=source.remove)


def whole(answer: Fetched | NotModified) -> Fetched:
    """The answer to an unconditional request. Raises FetchUnavailable where it is a 304 all the same."""
    if isinstance(answer, NotModified):
        problem = "answered 304 although nothing was asked conditionally"
        raise FetchUnavailable(answer.url, problem)
    return answer
