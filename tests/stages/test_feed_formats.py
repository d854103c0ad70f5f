"""The feed stage beyond XML feeds: JSON Feed, news sitemaps, pages; and what feeds say of when to ask."""

from __future__ import annotations

import contextlib
import json
import random
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from pydantic import TypeAdapter

from bot.config import ListingConfig
from bot.errors import FeedUnreadable
from bot.model import Entry, Picture
from bot.stages.feed import MOST_ENTRIES, parse

URL = "https://x.example/feed"
GENEROUS_SECONDS = 30.0  # of processor time; unbounded, these inputs would take far longer


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Harbour <i>Gazette</i>",
    "home_page_url": "https://x.example/",
    "language": "en-GB",
    "items": [
        {
            "id": "one",
            "url": "/ferry",
            "title": "Ferry &amp; pier",
            "content_html": "<p>The <a href='/boat'>boat</a>.</p>",
            "summary": "It is <back>",
            "image": "https://x.example/ferry.jpg",
            "date_published": "2026-03-01T12:00:00+02:00",
            "date_modified": "2026-03-02T00:00:00Z",
            "authors": [{"name": "Ann Hale"}, {"name": "ann@x.example"}],
            "tags": ["Sea", "Sea", "Ice"],
        },
        {"id": 2, "content_text": "Plain & short", "external_url": "https://y.example/two"},
    ],
}


class TestJsonFeed:
    def read(self, document: object = JSON_FEED):
        return parse(json.dumps(document).encode(), "application/feed+json", "f", URL)

    def test_half_characters_are_left_out(self):
        document = r"""{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "one\ud800",
            "url": "/a\udfff", "title": "T\ud800", "content_html": "<p>Fe\ud800r\u0000ry \ud83d\ude00</p>",
            "image": "/p\ud800.jpg", "tags": ["Sea\ud800"], "authors": [{"name": "Ann\ud800"}]}]}"""
        (entry,) = parse(document.encode(), "application/feed+json", "f", URL).entries
        assert (entry.guid, entry.link, entry.content_html) == (
            "one",
            "https://x.example/a",
            "<p>Ferry 😀</p>",
        )
        assert str(entry).encode("utf-8", "strict")
        assert TypeAdapter(Entry).dump_json(entry)

    def test_all_that_it_tells(self):
        feed = self.read()
        assert (feed.language, feed.warning, feed.cut_off) == ("en-GB", "", False)
        ferry, plain = feed.entries
        assert (ferry.guid, ferry.link) == ("one", "https://x.example/ferry")
        assert ferry.content_html == "<p>The <a href='https://x.example/boat'>boat</a>.</p>"
        assert ferry.summary_html == "It is &lt;back&gt;"
        assert ferry.published == datetime(2026, 3, 1, 10, tzinfo=UTC)
        assert ferry.updated == datetime(2026, 3, 2, tzinfo=UTC)
        assert (ferry.author, ferry.categories) == ("Ann Hale", ("Sea", "Ice"))
        assert ferry.pictures == (Picture("https://x.example/ferry.jpg"),)
        assert (plain.guid, plain.link) == ("2", "https://y.example/two")
        assert plain.content_html == "Plain &amp; short"

    def test_version_1_with_its_one_author(self):
        version_1 = {
            "version": "https://jsonfeed.org/version/1",
            "items": [{"id": "1", "author": {"name": "A"}}],
        }
        assert self.read(version_1).entries[0].author == "A"

    def test_a_byte_order_mark_does_no_harm(self):
        body = b"\xef\xbb\xbf" + json.dumps(JSON_FEED).encode()
        assert len(parse(body, "", "f", URL).entries) == 2

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[]",
            b'{"items": []}',
            b'{"version": "https://jsonfeed.example/1"}',
            b"[" * 100_000,
            b"{" * 100_000,
        ],
    )
    def test_other_json_is_no_feed(self, body):
        with pytest.raises(FeedUnreadable, match="JSON, but no JSON Feed"):
            parse(body, "application/json", "f", URL)

    def test_nothing_in_it_has_to_be_what_it_should_be(self):
        wrong = [None, 7, True, "x", [], {}, [None], [["x"]], {"name": 3}]
        for value in wrong:
            names = [*JSON_FEED["items"][0], "attachments", "author"]
            self.read({**JSON_FEED, "items": [dict.fromkeys(names, value)]})
            self.read({**JSON_FEED, "items": value, "title": value, "language": value})


def sitemap(*urls: str) -> bytes:
    names = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
    )
    return f'<?xml version="1.0"?>\n<urlset {names}>{"".join(urls)}</urlset>'.encode()


def news(n: int) -> str:
    return (
        f"<url><loc>https://x.example/{n}</loc><image:image><image:loc>https://x.example/{n}.jpg</image:loc>"
        f"</image:image><news:news><news:publication><news:name>X</news:name><news:language>pt</news:language>"
        f"</news:publication><news:publication_date>2026-03-01T10:00:00Z</news:publication_date>"
        f"<news:title>Story {n} &amp; more</news:title><news:keywords>Sea, Ice</news:keywords></news:news></url>"
    )


class TestNewsSitemap:
    def test_news_become_entries_and_other_addresses_do_not(self):
        feed = parse(sitemap(news(1), "<url><loc>https://x.example/about</loc></url>"), "", "f", URL)
        (story,) = feed.entries
        assert (story.link, story.title, story.language) == ("https://x.example/1", "Story 1 & more", "pt")
        assert story.published == datetime(2026, 3, 1, 10, tzinfo=UTC)
        assert story.categories == ("Sea", "Ice")
        assert story.pictures == (Picture("https://x.example/1.jpg"),)

    def test_a_video_beside_the_news_has_its_own_title_and_date(self):
        video = (
            '<video:video xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"><video:title>A film</video:title>'
            "<video:publication_date>2020-01-01</video:publication_date></video:video>"
        )
        for made in (
            video,
            video.replace(' xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"', ""),
        ):
            body = sitemap(news(1).replace("<news:news>", f"{made}<news:news>"))
            (story,) = parse(body, "", "f", URL).entries
            assert (story.title, story.published.year) == ("Story 1 & more", 2026)

    def test_its_name_is_that_of_the_publication(self):
        feed = parse(sitemap(news(1)), "", "f", URL)
        assert (feed.title, feed.language) == ("X", "pt")

    def test_a_sitemap_that_breaks_off_gives_its_whole_entries(self):
        whole = sitemap(news(1), news(2), news(3))
        feed = parse(whole[: whole.index(b"Story 3")], "", "f", URL)
        assert [entry.title for entry in feed.entries] == ["Story 1 & more", "Story 2 & more"]
        assert feed.cut_off
        assert feed.warning

    @pytest.mark.parametrize(
        "behind", [b"<!-- made by %s -->" % (b"x" * 500), b"\n" * 500, b"<!-- <urls> -->"]
    )
    def test_what_stands_behind_the_end_of_a_sitemap_costs_no_entry(self, behind):
        feed = parse(sitemap(news(1), news(2)) + behind, "", "f", URL)
        assert [entry.title for entry in feed.entries] == ["Story 1 & more", "Story 2 & more"]
        assert (feed.cut_off, feed.warning) == (False, "")

    def test_an_end_in_a_comment_is_none(self):
        whole = sitemap(news(1), "<!-- </urlset> -->", news(2), news(3))
        feed = parse(whole[: whole.index(b"Story 3")], "", "f", URL)
        assert [entry.title for entry in feed.entries] == ["Story 1 & more", "Story 2 & more"]
        assert feed.cut_off

    def test_a_sitemap_without_news_and_an_index_are_told(self):
        with pytest.raises(FeedUnreadable, match="a sitemap without <news:news>"):
            parse(sitemap("<url><loc>https://x.example/about</loc></url>"), "", "f", URL)
        index = "".join(
            f"<sitemap><loc>https://x.example/{name}</loc></sitemap>" for name in ("1", "news?a&amp;b")
        )
        with pytest.raises(FeedUnreadable, match="an index of sitemaps") as told:
            parse(f"<sitemapindex>{index}</sitemapindex>".encode(), "", "f", URL)
        assert told.value.remedy.endswith("such as https://x.example/news?a&b, https://x.example/1")

    def test_entities_are_neither_expanded_nor_fetched(self):
        bomb = b'<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        body = bomb + sitemap(news(1).replace("Story 1", "&a;&x;")).partition(b"\n")[2]
        assert "aaaaaaaaaa" not in parse(body, "", "f", URL).entries[0].title

    def test_the_largest_that_may_be(self):
        begun = process_time()
        feed = parse(sitemap(*(news(n) for n in range(20_000))), "", "f", URL)
        assert process_time() - begun < GENEROUS_SECONDS
        assert len(feed.entries) == MOST_ENTRIES


PAGE = """<html lang="en"><head><title>The council</title><base href="/town/"></head><body>
<nav><a href="/about">About</a></nav>
<main><ul>
 <li><a class="t" href="boat.html"><img src="b.jpg"></a><h2><a class="t" href="boat.html">The boat</a></h2>
     <time datetime="2026-03-01T10:00:00+01:00">yesterday</time></li>
 <li><a class="t" href="https://other.example/ice">The ice</a> <time>3 March 2026</time></li>
 <li><a class="t" href="javascript:void(0)">More</a></li>
</ul></main></body></html>"""


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class TestListing:
    def read(self, page: str = PAGE, **selectors: str):
        config = ListingConfig.model_validate({"link": "main a.t", **selectors})
        return parse(page.encode(), "text/html", "f", "https://x.example/news", config)

    def test_links_become_entries_with_the_title_and_date_beside_them(self):
        feed = self.read(date="time")
        assert (feed.title, feed.language) == ("The council", "en")
        boat, ice = feed.entries
        assert (boat.link, boat.title) == ("https://x.example/town/boat.html", "The boat")
        assert boat.published == datetime(2026, 3, 1, 9, tzinfo=UTC)
        assert (ice.link, ice.title) == ("https://other.example/ice", "The ice")
        assert ice.published == datetime(2026, 3, 3, tzinfo=UTC)

    def test_a_title_of_its_own(self):
        assert [entry.title for entry in self.read(title="h2").entries] == ["The boat", "The ice"]

    def test_elements_that_hold_links(self):
        assert [entry.title for entry in self.read(link="main li h2").entries] == ["The boat"]

    def test_keys_are_those_of_the_addresses(self):
        moved = PAGE.replace("<nav>", "<p>News</p><nav>").replace("boat.html", "boat.html?utm_source=home")
        assert [e.key for e in self.read(moved).entries] == [e.key for e in self.read().entries]

    @pytest.mark.parametrize(
        ("told", "language", "lang", "published"),
        [
            ("3 mars 2026", "fr", "en", datetime(2026, 3, 3, tzinfo=UTC)),
            ("3 mars 2026", "", "fr", datetime(2026, 3, 3, tzinfo=UTC)),
            ("3. März 2026, 8:30 Uhr", "de", "", datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),
            ("03/04/2026", "en-US", "", datetime(2026, 3, 4, tzinfo=UTC)),
            ("03/04/2026", "", "en-GB", datetime(2026, 4, 3, tzinfo=UTC)),
            ("il y a 2 heures", "fr", "", NOW - timedelta(hours=2)),
            ("3 min read", "en", "", NOW - timedelta(minutes=3)),  # no better than its selector
            ("3 March 2027", "en", "", None),
            ("soon", "en", "", None),
        ],
    )
    def test_dates_are_read_as_readers_of_the_page_would(self, told, language, lang, published):
        page = f"<html lang='{lang}'><main><a class=t href=/a>A</a> <time datetime='now'>{told}</time></main></html>"
        config = ListingConfig(link="a.t", date="time")
        feed = parse(page.encode(), "text/html", "f", "https://x.example/", config, language, NOW)
        assert feed.entries[0].published == published

    def test_how_long_ago_is_nothing_to_know_an_entry_by(self):
        page = b"<html><main><a class=t href=/a>A</a> <time>2 hours ago</time></main></html>"
        config = ListingConfig(link="a.t", date="time")
        one, later = (
            parse(
                page, "text/html", "f", "https://x.example/", config, "en", NOW + timedelta(minutes=n)
            ).entries[0]
            for n in (0, 15)
        )
        assert one.published != later.published
        assert (one.key, one.identities, one.fingerprint) == (later.key, later.identities, later.fingerprint)

    def test_a_selector_that_finds_nothing_is_told(self):
        with pytest.raises(FeedUnreadable, match=r'selector "article a" finds no link .* mend listing\.link'):
            self.read(link="article a")

    def test_a_page_of_links_and_a_deep_page(self):
        begun = process_time()
        many = "".join(f'<a class=t href="/{n}">Story {n}</a>' for n in range(30_000))
        assert len(self.read(f"<main>{many}</main>", date="time").entries) == 1000
        deep = "<main>" + "<div>" * 20_000 + '<a class=t href="/x">X</a>'
        assert len(self.read(deep).entries) == 1
        assert process_time() - begun < GENEROUS_SECONDS


class TestWhenToAsk:
    def read(self, more: str):
        item = "<item><guid>1</guid><title>T</title><hour>7</hour></item>"
        return parse(
            f"<rss version='2.0'><channel><title>T</title>{more}{item}</channel></rss>".encode(), "", "f", URL
        )

    def test_hours_and_days_that_are_skipped(self):
        told = (
            "<skipHours><hour>0</hour><hour>05</hour><hour>24</hour><hour>x</hour><hour>99</hour></skipHours>"
            "<skipDays><day>Sunday</day><day>saturday</day><day>Someday</day></skipDays>"
        )
        feed = self.read(told)
        assert (feed.skip_hours, feed.skip_days) == ((0, 5), (5, 6))

    def test_without_them_nothing_is_skipped(self):
        feed = self.read("")
        assert (feed.skip_hours, feed.skip_days, feed.ttl_seconds) == ((), (), 0)

    def test_ttl_counts_and_the_update_period_of_every_wordpress_does_not(self):
        assert self.read("<ttl>45</ttl>").ttl_seconds == 2700
        namespace = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
        assert self.read(f"<sy:updatePeriod {namespace}>daily</sy:updatePeriod>").ttl_seconds == 0

    def test_names_that_are_ours_do_no_harm(self):
        feed = self.read("<skip_hours>1</skip_hours><hour>3</hour>" + "<hour>4</hour>" * 1000)
        assert set(feed.skip_hours) <= {3, 4}


@pytest.mark.parametrize("kind", ["json", "sitemap", "listing"])
def test_no_damage_raises_anything_but_ours(kind):
    """Bytes changed, cut, doubled at random: entries come out of it, or FeedUnreadable."""
    rng = random.Random(11)
    whole = {
        "json": json.dumps(JSON_FEED).encode(),
        "sitemap": sitemap(news(1), news(2)),
        "listing": PAGE.encode(),
    }
    selectors = ListingConfig(link="a", title="h2", date="time") if kind == "listing" else None
    for _ in range(300):
        body = bytearray(whole[kind])
        for _ in range(rng.randrange(1, 8)):
            at = rng.randrange(len(body))
            body[at : at + rng.randrange(3)] = rng.choice(
                [b"", b"\0", b"<", b'"', b"&", b"\xff", b"{", body[at : at + 40]]
            )
        with contextlib.suppress(FeedUnreadable):
            for entry in parse(bytes(body), "", "f", URL, selectors).entries:
                assert entry.key
