"""Reading: from an entry of a feed to the clean article, fetched once for all sites and attempts."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Collection
from threading import Lock
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from bot import log
from bot.config import FeedConfig
from bot.errors import FetchGone, FetchRefused, FetchTooSoon, FetchUnavailable, ItemUnusable
from bot.model import Article, CleanArticle, Entry, Fetched, Imprint, NotModified
from bot.ports import Clock, Fetcher, Store
from bot.stages import clean, extract, feed, imprint, sanitise

logger = log.get()

MOST_PAGES = 20
"""Of one article that its site has parted."""

_ACCEPT = "text/html,application/xhtml+xml"
_OF_THE_FEED = ("feed", "summary")  # rungs that look at no page
_SHAPING = {"language", "page", "remove", "remove_text", "replace"}
_OTHER_FORM = re.compile(r"^(?:www|m|mobile|amp)\.(?=[^.]+\.)")
_SCRIPTED = (
    "its pages may need scripts or a cookie; "
    "where the first is the whole article, page.next_page selects the wrong link"
)


class Locks:
    """A lock for each thing, kept for as long as somebody holds it or waits for it: no two things share one."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._locks: WeakValueDictionary[tuple[str, ...], Lock] = WeakValueDictionary()

    def of(self, *thing: str) -> Lock:
        """The lock of this thing."""
        with self._guard:
            return self._locks.setdefault(thing, Lock())


class Reader:
    """Thread-safe: two lanes that want one article fetch it once."""

    def __init__(self, pages: Fetcher, store: Store, clock: Clock) -> None:
        self._pages = pages
        self._store = store
        self._clock = clock
        self._items, self._hosts = Locks(), Locks()

    def article(
        self, entry: Entry, source: FeedConfig, *, trusted: bool = False, patient: bool = True
    ) -> CleanArticle:
        """The article of an item as this feed may relay it: kept from before, or read now and kept.

        `trusted`: a person asked for it, so that its text is not compared with those of other items.
        `patient`: its page may be asked again later; else, where it does not answer, the feed's own text is taken.
        Raises FetchUnavailable, FetchGone, ItemUnusable, StoreUnavailable.
        """
        with self._items.of(entry.key):
            rules = rules_of(source)
            kept = self._store.article(entry.key, rules)
            if kept is None:
                found = self._found(entry, source, patient=patient)
                kept = self._remembered(found, entry, source, trusted=trusted)
                self._store.save_article(entry, kept, rules)
            return kept

    def read(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        """Entry -> page -> Article -> CleanArticle. Nothing is stored."""
        article = self._found(entry, source)
        if article.rung in _OF_THE_FEED:
            return article
        known = self._store.imprints(publisher_of(article.url))
        other = imprint.twin(imprint.imprint(article, entry), known)
        return _instead(article, other, entry, source) if other else article

    def told_before(self, entry: Entry, article: CleanArticle) -> list[Imprint]:
        """The items whose page was read before and told the same story: one page under two addresses of a host.

        Raises StoreUnavailable.
        """
        if article.rung in _OF_THE_FEED:
            return []
        known = self._store.imprints(publisher_of(article.url))
        made = next((each for each in known if each.key == entry.key), None)
        if made is None:
            return []
        mine = imprint.Dates(entry.published, article.published)
        before = imprint.told_before(made, known)
        return [each for each in before if imprint.is_one_story(made, each, mine, self._dates(each.key))]

    def _dates(self, key: str) -> imprint.Dates:
        article = self._store.article(key)
        return imprint.Dates(self._store.entry(key).published, article.published if article else None)

    def _found(self, entry: Entry, source: FeedConfig, *, patient: bool = True) -> CleanArticle:
        return _cleaned(self._extracted(entry, source, patient=patient), source)

    def _extracted(self, entry: Entry, source: FeedConfig, *, patient: bool) -> Article:
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
        except FetchUnavailable as error:
            if patient or isinstance(error, FetchTooSoon):
                raise
            return _given_up(entry, error)
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
        host, made = publisher_of(article.url), imprint.imprint(article, entry)
        with self._hosts.of(host):  # of two pages with one text that are read at once, one is the first
            known = self._store.imprints(host)
            other = None if trusted else imprint.twin(made, known)
            if other is None:
                self._store.save_imprint(host, made)
        if other is not None:
            return _instead(article, other, entry, source)
        for wrong in imprint.wrong_beside(made, known):
            remedy = f"look at it: bot show {wrong.key}"
            logger.warning("page of an earlier item showed this article", wrong=_named(wrong), remedy=remedy)
        return article


def rules_of(source: FeedConfig) -> str:
    """All by which a feed shapes its articles, as a digest: feeds of one item that agree in it share its article.

    Where pages are asked for in a feed's own way (a login, a proxy), what they show is for that feed alone.
    """
    access = source.access
    alone = source.name if access.headers or access.user_agent or access.proxy else ""
    shape = source.model_dump_json(include=_SHAPING, exclude_defaults=True)
    rules = "\0".join((source.depth, shape, str(access.licensed), alone))
    return hashlib.sha256(rules.encode("utf-8", "replace")).hexdigest()[:16]


def further_pages(pages: Fetcher, first: Fetched, source: FeedConfig) -> list[Fetched]:
    """The pages that follow `first`, as the feed's `page.next_page` leads to them: all of them, or none.

    Of the links selected the first that leads to a page not yet there; where none does, that was the last. Raises
    FetchUnavailable where a page cannot be had now, FetchRefused where one never can: on another host, gone, one
    after MOST_PAGES (those that came again are counted), or none at all but the first again.
    """
    selector = source.page.next_page if source.page else ""
    there, again, seen = [first], list[str](), {feed.normalise_link(first.url)}
    while selector and (address := _new_address(there[-1], selector, seen)):
        if len(there) + len(again) == MOST_PAGES:
            raise _astray(first.url, f"leads to more than {MOST_PAGES} pages")
        answer = _further_page(pages, first, address, source)
        if feed.normalise_link(answer.url) in seen or any(answer.body == each.body for each in there):
            again.append(address)
        else:
            there.append(answer)
        seen |= {feed.normalise_link(address), feed.normalise_link(answer.url)}
    if again and len(there) == 1:  # its text may well go on, where scripts or a cookie lead
        problem = f"as the next page of {first.url} shows only that page again"
        raise FetchRefused(again[0], problem, remedy=_SCRIPTED)
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


def publisher_of(url: str) -> str:
    """The host of an address in its one form: its mobile and AMP pages may lie on hosts of their own."""
    return _OTHER_FORM.sub("", host_of(url), count=1)


def _new_address(last: Fetched, selector: str, seen: Collection[str]) -> str:
    addresses = extract.next_addresses(last, selector)
    return next((each for each in addresses if feed.normalise_link(each) not in seen), "")


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


def _given_up(entry: Entry, error: FetchUnavailable) -> Article:
    """The feed's own text, for the page was asked for the last time. Raises that error where the feed holds none."""
    try:
        own = extract.from_feed(entry)
    except ItemUnusable as nothing:
        raise error from nothing
    logger.warning("page does not answer, the feed's own text is taken", error=str(error))
    return dataclasses.replace(own, faults=(str(error),))


def _cleaned(article: Article, source: FeedConfig) -> CleanArticle:
    return sanitise.to_article(clean.clean(article, source))


def _named(item: Imprint) -> str:
    return f'"{item.title}" ({item.link})' if item.title else f"{item.key} ({item.link})"


def _instead(article: CleanArticle, other: Imprint, entry: Entry, source: FeedConfig) -> CleanArticle:
    """The feed's own text, for the page shows that of another item. Raises ItemUnusable where there is none."""
    fault = f"shows the same text as the page of {_named(other)}"
    logger.warning("page shows another article, the feed's own text is taken", page=article.url, fault=fault)
    try:
        own = extract.from_feed(entry)
    except ItemUnusable as error:
        remedy = f"look at both; if the text is right, take it with: bot retry {entry.key}"
        raise ItemUnusable(article.url, fault, remedy=remedy) from error
    faults = (*article.faults, f"{article.rung}: {fault}")
    return _cleaned(dataclasses.replace(own, faults=faults), source)
