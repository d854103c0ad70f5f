"""feedparser's own test corpora: what it finds in them, we find, under a key that stays.

2,242 files hold 1,209 entries by feedparser's count. 1,204 of these become entries of ours; the other five, and
all else that differs, are named below with the reason.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import feedparser
import pytest

from bot.errors import FeedUnreadable
from bot.model import Entry, ParsedFeed
from bot.stages.feed import parse
from tests.corpora import Served, feedparser_files

FILES, ENTRIES = 2242, 1209
NO_FEED = 9  # files in which feedparser sees neither a kind of feed nor an entry

ONE_ENTRY = MappingProxyType(
    {
        "wellformed/lang/entry_content_xml_lang_blank_3.xml": "the same text twice, and nothing else",
        "wellformed/node_precedence/atom10_arbitrary_element.xml": "two entries with one id",
        "wellformed/node_precedence/atom10_id.xml": "two entries with one id",
        "wellformed/node_precedence/atom10_title.xml": "two entries with one id",
    }
)
"""Files whose two entries are one."""

BREAKS_OFF = "illformed/rss_incomplete_cdata.xml"
"""It ends in the middle of its only entry: half an article must not pass for a whole one."""

LONG_TITLE = "wellformed/sanitize/entry_title_crazy.xml"
"""A web page of 3,000 characters for a title: it is cut."""

FILES_IN_BASE64 = (
    "wellformed/atom10/entry_content_base64.xml",
    "wellformed/atom10/entry_content_base64_2.xml",
    "wellformed/atom10/entry_summary_base64.xml",
    "wellformed/atom10/entry_summary_base64_2.xml",
)
"""What should be their text is application/octet-stream: a file, and no text."""

MADE_TO_FOOL_A_REGEX = tuple(
    f"wellformed/sanitize/{element}_crazy.xml"
    for element in (
        "entry_content",
        "entry_summary",
        "item_content_encoded",
        "item_description",
        "item_fullitem",
    )
)
"""Scripts in comments in scripts: it fools `plain` below."""

LINE_NOISE = "encoding/bozo_linenoise.xml"
"""Bytes of no encoding: two guesses at characters that nobody wrote."""

_FLAGS = re.DOTALL | re.IGNORECASE
_ENTRY = re.compile(rb"<(item|entry)[\s>].*?</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pair:
    """A file as feedparser reads it and as we do; `ours` is None where we refuse it."""

    served: Served
    theirs: feedparser.FeedParserDict
    ours: ParsedFeed | None

    @property
    def name(self) -> str:
        return self.served.name

    def entries(self) -> Iterator[tuple[feedparser.FeedParserDict, Entry]]:
        if self.ours is not None:
            yield from zip(self.theirs.entries, self.ours.entries, strict=self.name not in ONE_ENTRY)


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return [Pair(served, theirs(served), ours(served)) for served in feedparser_files()]


def theirs(served: Served) -> feedparser.FeedParserDict:
    return feedparser.parse(served.body, response_headers=served.headers, sanitize_html=False)


def ours(served: Served, body: bytes | None = None) -> ParsedFeed | None:
    try:
        return parse(body or served.body, served.headers["content-type"], "corpora", served.url)
    except FeedUnreadable:
        return None


def plain(text: str | None) -> str:
    markup = html.unescape(html.unescape(text or ""))
    return " ".join(re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", "", markup, flags=_FLAGS).split())


def test_the_corpora_are_whole(pairs):
    assert len(pairs) == FILES
    assert sum(len(pair.theirs.entries) for pair in pairs) == ENTRIES


def test_every_entry_that_feedparser_finds_becomes_an_entry(pairs):
    fewer = {
        pair.name
        for pair in pairs
        if len(pair.theirs.entries) != (len(pair.ours.entries) if pair.ours is not None else 0)
    }
    assert fewer == {*ONE_ENTRY, BREAKS_OFF}


def test_every_feed_that_feedparser_knows_is_read(pairs):
    refused = [pair for pair in pairs if pair.ours is None]
    assert {pair.name for pair in refused if pair.theirs.version or pair.theirs.entries} == {BREAKS_OFF}
    assert len(refused) == NO_FEED + 1


def test_every_entry_has_a_key_of_its_own(pairs):
    for pair in pairs:
        keys = [entry.key for _, entry in pair.entries()]
        assert all(re.fullmatch("[0-9a-f]{20}", key) for key in keys), pair.name
        assert len(set(keys)) == len(keys), pair.name


def test_a_key_is_the_same_at_the_next_poll(pairs):
    for pair in pairs:
        assert pair.ours == ours(pair.served), pair.name


def test_a_key_is_the_same_in_another_order(pairs):
    turned = 0
    for pair in pairs:
        blocks = list(_ENTRY.finditer(pair.served.body))
        if len(blocks) < 2 or len(blocks) != len(pair.theirs.entries):
            continue
        between = [pair.served.body[one.end() : other.start()] for one, other in pairwise(blocks)]
        body = pair.served.body[: blocks[0].start()]
        for block, gap in zip(
            reversed(blocks), [*between, pair.served.body[blocks[-1].end() :]], strict=True
        ):
            body += block[0] + gap
        again = ours(pair.served, body)
        assert {entry.key for entry in again.entries} == {entry.key for entry in pair.ours.entries}, pair.name
        turned += 1
    assert turned == 6


def test_feeds_in_every_encoding_are_read_as_feedparser_reads_them(pairs):
    differ = {
        pair.name
        for pair in pairs
        if pair.ours is not None
        and pair.name.startswith(("encoding/", "entities/"))
        and plain(pair.theirs.feed.get("title")) != plain(pair.ours.title)
    }
    # A byte order mark says UTF-8, and one byte is none: feedparser takes the whole text for Latin 1. Of a title that
    # is nothing but a soft hyphen, nothing stays.
    assert differ == {"encoding/bozo_invalid-bytes-with-bom.xml", "entities/shy.xml"}


def test_no_title_is_lost(pairs):
    differ = {
        pair.name
        for pair in pairs
        for told, entry in pair.entries()
        if told.get("title") and plain(told.title) != plain(entry.title)
    }
    assert differ == {LONG_TITLE}


def test_no_link_and_no_date_is_lost(pairs):
    for pair in pairs:
        for told, entry in pair.entries():
            # An id that is no address is no link; feedparser resolves any.
            opaque = told.get("link") == told.get("id") and not entry.guid.lower().startswith("http")
            link = "" if opaque else told.get("link", entry.link).replace(" ", "%20")
            assert entry.link == link, pair.name
            for name, date in (("published_parsed", entry.published), ("updated_parsed", entry.updated)):
                moment = dict.get(told, name)
                assert moment is None or date.timetuple()[:6] == moment[:6], pair.name


def test_no_text_is_lost(pairs):
    differ = set()
    for pair in pairs:
        for told, entry in pair.entries():
            texts = [told.get("summary"), *(part.get("value") for part in told.get("content", ()))]
            kept = [entry.summary_html, entry.content_html]
            if max(map(plain, texts), key=len) != max(map(plain, kept), key=len):
                differ.add(pair.name)
    assert differ == {*FILES_IN_BASE64, LINE_NOISE, *MADE_TO_FOOL_A_REGEX}
