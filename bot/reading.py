"""Reading: from an entry of a feed to the clean article, fetched once for all sites and attempts."""

from __future__ import annotations

import dataclasses
from threading import Lock
from urllib.parse import urlsplit

from bot import log
from bot.config import FeedConfig
from bot.errors import FetchGone, FetchRefused, FetchUnavailable, ItemUnusable
from bot.model import Article, CleanArticle, Entry, Fetched, Imprint, NotModified
from bot.ports import Clock, Fetcher, Store
from bot.stages import clean, extract, feed, imprint, sanitise

logger = log.get()

MOST_PAGES = 20
"""Of one article that its site has parted."""

_ACCEPT = "text/html,application/xhtml+xml"
_OF_THE_FEED = ("feed", "summary")  # rungs that look at no page
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

    def __init__(self, pages: Fetcher, store: Store, clock: Clock) -> None:
        self._pages = pages
        self._store = store
        self._clock = clock
        self._items, self._hosts = Locks(), Locks()

    def article(self, entry: Entry, source: FeedConfig, *, trusted: bool = False) -> CleanArticle:
        """The article of an item: kept from before, or read now and kept.

        `trusted`: a person asked for it, so that its text is not compared with those of other items.
        Raises FetchUnavailable, FetchGone, ItemUnusable, StoreUnavailable.
        """
        with self._items.of(entry.key):
            kept = self._store.article(entry.key)
            if kept is None:
                kept = self._remembered(self._found(entry, source), entry, source, trusted=trusted)
                self._store.save_article(entry.key, kept)
            return kept

    def read(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        """Entry -> page -> Article -> CleanArticle. Nothing is stored."""
        article = self._found(entry, source)
        other = None if article.rung in _OF_THE_FEED else self._twin(article, imprint.imprint(article, entry))
        return _instead(article, other, entry, source) if other else article

    def _found(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        return _cleaned(self._extracted(entry, source), source)

    def _extracted(self, entry: Entry, source: FeedConfig) -> Article:
        if source.depth == "excerpt":
            return extract.excerpt(entry)
        if source.depth == "feed" or not entry.link:
            return extract.from_feed(entry)
        try:
            page = whole(self._pages.get(entry.link, accept=_ACCEPT, access=source.access))
            further = further_pages(self._pages, page, source)
        except FetchGone:
            raise  # withdrawn: what the feed still holds is not to be relayed either
        except FetchRefused as error:
            # The publisher keeps robots out, but hands the text out in the feed.
            logger.warning("page refused, the feed's own text is taken", error=str(error))
            return dataclasses.replace(extract.from_feed(entry), faults=(str(error),))
        hints = extract.Hints.of(source, self._clock.now(), further)
        article = extract.extract(page.body, page.content_type, page.url, entry, hints)
        for fault in filter(extract.is_of_rules, article.faults):
            logger.warning("a selector of the config fails", page=page.url, fault=fault)
        return article

    def _remembered(
        self, article: CleanArticle, entry: Entry, source: FeedConfig, *, trusted: bool
    ) -> CleanArticle:
        """The article, its page's text remembered; the feed's own text where that page showed another one's."""
        if article.rung in _OF_THE_FEED:
            return article
        host, made = host_of(article.url), imprint.imprint(article, entry)
        with self._hosts.of(host):  # of two pages with one text that are read at once, one is the first
            other = None if trusted else self._twin(article, made)
            if other is None:
                self._store.save_imprint(host, made)
                return article
        return _instead(article, other, entry, source)

    def _twin(self, article: CleanArticle, made: Imprint) -> Imprint | None:
        return imprint.twin(made, self._store.imprints(host_of(article.url)))


def further_pages(pages: Fetcher, first: Fetched, source: FeedConfig) -> list[Fetched]:
    """The pages that follow `first`, as the feed's `page.next_page` leads to them: all of them, or none.

    A link back to a page that is there already, or an answer that is one, ends them. Raises FetchUnavailable where
    one cannot be had now, FetchRefused where one never can: on another host, gone, or one after MOST_PAGES.
    """
    selector = source.page.next_page if source.page else ""
    there, seen = [first], {feed.normalise_link(first.url)}
    while selector and (address := extract.next_address(there[-1], selector)):
        if feed.normalise_link(address) in seen:
            break
        if len(there) == MOST_PAGES:
            raise _astray(first.url, f"has more than {MOST_PAGES} pages")
        answer = _further_page(pages, first, address, source)
        if feed.normalise_link(answer.url) in seen or answer.body == there[-1].body:
            break
        seen |= {feed.normalise_link(address), feed.normalise_link(answer.url)}
        there.append(answer)
    return there[1:]


def whole(answer: Fetched | NotModified) -> Fetched:
    """The answer to an unconditional request. Raises FetchUnavailable where it is a 304 all the same."""
    if isinstance(answer, NotModified):
        problem = "answered 304 although nothing was asked conditionally"
        raise FetchUnavailable(answer.url, problem)
    return answer


def host_of(url: str) -> str:
    """The host of an address, without `www.`."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _further_page(pages: Fetcher, first: Fetched, address: str, source: FeedConfig) -> Fetched:
    """A page of the same article. Raises FetchUnavailable, FetchRefused."""
    if host_of(address) != host_of(first.url):
        raise _astray(address, f"as the next page of {first.url} lies on another host")
    try:
        access = dataclasses.replace(source.access, continues=True)
        answer = whole(pages.get(address, accept=_ACCEPT, access=access))
    except FetchGone as error:  # the article is not gone with it
        raise FetchRefused(address, f"is a page of {first.url} and {error.problem}") from error
    if host_of(answer.url) != host_of(first.url):
        raise _astray(address, f"as the next page of {first.url} leads to another host")
    return answer


def _astray(subject: str, problem: str) -> FetchRefused:
    return FetchRefused(
        subject, problem, remedy="see that page.next_page selects the link to the next page alone"
    )


def _cleaned(article: Article, source: FeedConfig) -> CleanArticle:
    return sanitise.to_article(clean.clean(article, source))


def _instead(article: CleanArticle, other: Imprint, entry: Entry, source: FeedConfig) -> CleanArticle:
    """The feed's own text, for the page shows that of another item. Raises ItemUnusable where there is none."""
    fault = f'shows the same text as the page of "{other.title}" ({other.link})'
    logger.warning("page shows another article, the feed's own text is taken", page=article.url, fault=fault)
    try:
        own = extract.from_feed(entry)
    except ItemUnusable as error:
        remedy = f"look at both; if the text is right, take it with: bot retry {entry.key}"
        raise ItemUnusable(article.url, fault, remedy=remedy) from error
    faults = (*article.faults, f"{article.rung}: {fault}")
    return _cleaned(dataclasses.replace(own, faults=faults), source)
