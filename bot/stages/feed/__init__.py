"""The feed stage: bytes in, entries out.

    read(source, answer)   Fetched -> ParsedFeed, as the config of the feed says
    parse(body, ...)       the same, of bytes
    recognise(...)         entries that were seen before, under another guid, link, host or date

RSS 0.90-2.0, RDF, Atom, JSON Feed and news sitemaps, in any encoding, well-formed or not, and pages whose
entries the owner's selectors find; bounded in time and memory whatever a stranger sends.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from bot.config import FeedConfig, ListingConfig
from bot.errors import FeedUnreadable
from bot.model import Fetched, ParsedFeed
from bot.stages.feed import json_feed, listing, sitemap
from bot.stages.feed.addresses import normalise_link
from bot.stages.feed.dates import Dates, date_of
from bot.stages.feed.document import SKIP_DAYS, SKIP_HOURS, Document
from bot.stages.feed.document import read as read_document
from bot.stages.feed.encoding import utf8
from bot.stages.feed.entries import Source, entry_of, first_text, language_of
from bot.stages.feed.hub import topic_in
from bot.stages.feed.identity import apart, entry_key
from bot.stages.feed.packed import Unpackable, unpacked
from bot.stages.feed.recognise import recognise, to_compare
from bot.stages.feed.text import absolute, plain

__all__ = [
    "ACCEPT",
    "MOST_ENTRIES",
    "entry_key",
    "normalise_link",
    "parse",
    "read",
    "recognise",
    "to_compare",
]

ACCEPT = (
    "application/atom+xml,application/rss+xml,application/feed+json,application/rdf+xml;q=0.9,"
    "application/xml;q=0.8,text/xml;q=0.8,*/*;q=0.5"
)
"""The Accept header for feeds: some sites answer with a web page to anything less exact."""

MOST_ENTRIES = 2000
"""Of a longer feed only the newest are taken."""

_LONGEST_TTL_SECONDS = 7 * 86_400.0
_HOURS = {str(hour): hour % 24 for hour in range(25)} | {f"0{hour}": hour for hour in range(10)}
_DAYS = {
    name: day
    for day, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
}
_NO_FEEDS = {
    "html": "a web page, not a feed",
    "urlset": "a sitemap without <news:news>: it names pages, not news",
    "sitemapindex": "an index of sitemaps, not one of news",
}
_LINK_TAG = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"type\s*=\s*[\"']?application/(?:rss|atom)\+xml", re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def read(source: FeedConfig, answer: Fetched, now: datetime | None = None) -> ParsedFeed:
    """Read what came for a feed of the config. Raises FeedUnreadable."""
    language = "" if source.language == "auto" else source.language
    return parse(answer.body, answer.content_type, source.name, answer.url, source.listing, language, now)


def parse(
    body: bytes,
    content_type: str,
    feed_name: str,
    url: str,
    selectors: ListingConfig | None = None,
    language: str = "",
    now: datetime | None = None,
) -> ParsedFeed:
    """Read a feed document that came from `url` with this Content-Type header; with `selectors`, a page.

    Entries are in the document's order, each key once. Malformed XML is forgiven where entries come out
    of it, and told in `warning`; of a document that breaks off the whole entries are taken. A guid that
    three and more different links share is no identity, and those entries go by their links. Dates that are
    written for readers are read in `language`, and as seen from `now`.
    Raises FeedUnreadable where there is no feed: empty, a web page, something else.
    """
    body = _unpacked(body, feed_name)
    text = utf8(body, content_type)
    document = listing.read(text, url, selectors, language, now) if selectors else _document(text)
    if not document.version and not document.entries:
        if selectors:
            raise _nothing_listed(feed_name, selectors, document.forgiven)
        raise FeedUnreadable(feed_name, _what_it_is(body, document), remedy=_remedy(document, text, url))
    if document.lost:
        end = "it breaks off before its first entry ends" if document.cut_off else document.forgiven
        raise FeedUnreadable(feed_name, f"no entry can be read: {end}")
    source = _source(document, feed_name, url, Dates(*_languages(document, language), now=now))
    entries = apart(entry_of(raw, source) for raw in _newest(document.entries))
    return ParsedFeed(
        title=plain(document.facts.get("title_detail"), document.facts.get("title", ""), 300),
        language=source.language,
        entries=tuple(entries),
        ttl_seconds=_ttl_seconds(document.facts),
        skip_hours=_skipped(document.facts, SKIP_HOURS, _HOURS),
        skip_days=_skipped(document.facts, SKIP_DAYS, _DAYS),
        warning=_warning(document),
        cut_off=document.cut_off,
        topic=topic_in(document.facts, url),
    )


def _unpacked(body: bytes, feed_name: str) -> bytes:
    try:
        return unpacked(body)
    except Unpackable as error:
        raise FeedUnreadable(feed_name, str(error)) from error


def _document(text: bytes) -> Document:
    if text.lstrip()[:1] in (b"{", b"["):
        return json_feed.read(text) or Document("", "", {}, [])
    return read_document(text, {"urlset": sitemap.read})


def _nothing_listed(feed_name: str, selectors: ListingConfig, forgiven: str) -> FeedUnreadable:
    problem = f'the selector "{selectors.link}" finds no link on the page'
    if forgiven:
        problem += f" ({forgiven})"
    return FeedUnreadable(
        feed_name, problem, remedy="see whether the page has changed, and mend listing.link"
    )


def _languages(document: Document, language: str) -> tuple[str, str]:
    """In which its dates may be written: the config's word before that of a template, which may be finer ("en-US")."""
    told = language_of(document.facts)
    finer = told.partition("-")[0] == language.partition("-")[0].lower()
    return (told, language) if finer else (language, told)


def _source(document: Document, feed_name: str, url: str, dates: Dates) -> Source:
    """What the entries need to know of their feed.

    Relative links of RSS lead from the site (as in every feed reader), those of Atom from the document
    (RFC 4287, 2.); xml:base goes before both, and feedparser has followed it already.
    """
    site = absolute(url, first_text(document.facts, "link")) or url
    return Source(
        feed_name=feed_name,
        base=url if document.version.startswith("atom") else site,
        dates=dates,
        language=language_of(document.facts),
        shared_guids=_shared_guids(document.entries),
    )


def _shared_guids(entries: Iterable[dict[str, object]]) -> frozenset[str]:
    told = [(str(entry.get("id", "")), str(entry.get("link", ""))) for entry in entries]
    often = {guid for guid, count in Counter(guid for guid, _ in told).items() if guid and count >= 3}
    links: dict[str, set[str]] = defaultdict(set)
    for guid, link in told:
        if guid in often and len(links[guid]) < 3:
            links[guid].add(normalise_link(link))
    return frozenset(guid for guid, of_guid in links.items() if len(of_guid) >= 3)


def _newest(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most MOST_ENTRIES, those without a date last, in the order they came in."""
    if len(entries) <= MOST_ENTRIES:
        return entries
    epoch = datetime.min.replace(tzinfo=UTC)
    dates = [date_of(raw, "published", "updated") or epoch for raw in entries]
    ranks = sorted(range(len(entries)), key=dates.__getitem__, reverse=True)
    return [entries[n] for n in sorted(ranks[:MOST_ENTRIES])]


def _warning(document: Document) -> str:
    warnings = [document.forgiven] if document.forgiven else []
    if document.cut_off:
        warnings.append("breaks off: only its whole entries were taken")
    if len(document.entries) > MOST_ENTRIES:
        warnings.append(f"very long: its newest {MOST_ENTRIES} entries were taken")
    return "; ".join(warnings)


def _ttl_seconds(facts: dict[str, object]) -> float:
    """<ttl> in minutes (RSS 2.0).

    sy:updatePeriod (RSS 1.0 syndication module) is not heard: every WordPress says "hourly", however often it
    is written.
    """
    ttl = str(facts.get("ttl", "")).strip()
    return min(int(ttl) * 60.0, _LONGEST_TTL_SECONDS) if re.fullmatch(r"\d{1,6}", ttl) else 0


def _skipped(facts: dict[str, Any], name: str, known: Mapping[str, int]) -> tuple[int, ...]:
    """The hours or days of <skipHours>, <skipDays>; what is none is left out."""
    told = (str(value).strip().lower() for value in facts.get(name, ()))
    return tuple(sorted({known[value] for value in told if value in known}))


def _what_it_is(body: bytes, document: Document) -> str:
    if not body.strip():
        return "empty: not one byte of a feed came"
    if document.root in _NO_FEEDS:
        return _NO_FEEDS[document.root]
    if body.lstrip()[:1] in (b"{", b"["):
        return "JSON, but no JSON Feed"
    if document.root:
        return f"XML, but neither RSS nor Atom (its root is <{document.root[:40]}>)"
    return "neither RSS nor Atom, nor any XML"


def _remedy(document: Document, text: bytes, url: str) -> str:
    """Where the feed is, if this is a web page that names one, or an index."""
    if document.root == "sitemapindex" and (there := sitemap.of_index(text)):
        return f"take one of those that it names, such as {', '.join(there)}"
    page = text[:200_000].decode("utf-8", "replace")
    for tag in _LINK_TAG.findall(page):
        href = _HREF.search(tag)
        if href and _FEED_TYPE.search(tag):
            return f"it names {urljoin(url, href[1].replace('&amp;', '&'))[:300]} as its feed"
    return "look up the address of the feed" if text.strip() else ""
