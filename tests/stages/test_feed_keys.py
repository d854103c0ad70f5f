"""What makes an entry the same entry at the next poll."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.stages.feed import entry_key, normalise_link
from tests.stages.feeds import parsed, read, rss


class TestKeys:
    def test_guids(self):
        feed = read("guids.xml", "https://g.example/feed")
        assert [e.title for e in feed.entries] == [
            "One",
            "No guid",
            "No guid and no link",
            "All the same A",
            "All the same B",
            "All the same C",
        ]
        assert len({e.key for e in feed.entries}) == 6
        assert all(len(e.key) == 20 for e in feed.entries)

    @pytest.mark.parametrize(
        "other",
        [
            "http://site.example/story",
            "https://www.site.example/story/",
            "HTTPS://Site.Example:443/story",
            "https://site.example/story?utm_source=rss&utm_medium=feed",
            "https://site.example/story?fbclid=1&gclid=2",
            "https://site.example/story#0",
            "https://site.example/story#at_medium=RSS",
            " https://site.example/story ",
            "https://m.site.example/story",
            "https://amp.site.example/story",
            "https://mobile.site.example/story/",
            "https://site.example/story?amp",
            "https://site.example/story?amp=1",
            "https://site.example/story?outputType=amp",
            "https://site.example/story/amp/",
            "https://site.example/amp/story",
            "https://site.example/story.amp",
            "https://www.google.com/amp/s/site.example/story/amp",
            "https://site-example.cdn.ampproject.org/c/s/site.example/story?usqp=1&amp_js_v=0.1",
            "https://site.example/st%6Fry",
            "https://site.example//x/../story?",
            "https://site.example/story?_ga=1&_gl=2&wt.mc_id=3&pk_kwd=4&mtm_cid=5&CMP=6&srsltid=7&guce_referrer=8",
        ],
    )
    def test_addresses_of_one_story_are_one(self, other):
        assert normalise_link(other) == normalise_link("https://site.example/story")

    @pytest.mark.parametrize(
        "other",
        [
            "https://site.example/Story",
            "https://site.example/story/2",
            "https://site.example/story?id=1",
            "https://site.example:8080/story",
            "https://blog.site.example/story",
            "https://site.example/story#v1.2",
            "https://site.example/story?id=",
            "https://site.example/story?amp=3",
            "https://site.example/story?ns_id=1",
            "https://site.example/story?at_article=1",
            "https://site.example/story?ref=1",
            "https://site.example/amp",
            "https://site.example/m/story",
        ],
    )
    def test_addresses_of_other_stories_are_others(self, other):
        assert normalise_link(other) != normalise_link("https://site.example/story")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
            ("https://en.m.wikipedia.org/wiki/Osk", "https://en.wikipedia.org/wiki/Osk"),
            ("https://x.example/%7Ejo/a%2db", "https://x.example/~jo/a-b"),
            ("https://x.example/e.amp.html", "https://x.example/e.html"),
        ],
    )
    def test_hosts_and_paths_in_one_spelling(self, one, other):
        assert normalise_link(one) == normalise_link(other)

    @pytest.mark.parametrize("host", ["m.example", "amp.example", "www.example", "foo.m.example"])
    def test_a_name_that_looks_like_a_variant_is_a_host_of_its_own(self, host):
        assert normalise_link(f"https://{host}/a") == f"{host}/a"

    def test_parameters_in_any_order_and_escapes_in_any_spelling(self):
        assert normalise_link("http://x.example/é?b=2&a=1") == normalise_link(
            "http://x.example/%c3%a9?a=1&b=2"
        )

    def test_a_web_address_as_guid_is_the_same_in_every_feed(self):
        keys = {
            entry_key(feed, guid, link, title, None)
            for feed, guid, link, title in [
                ("a", "https://x.example/?p=7", "https://x.example/story", "A"),
                ("b", "http://www.x.example/?p=7", "https://x.example/renamed", "B"),
            ]
        }
        assert len(keys) == 1

    @pytest.mark.parametrize(
        ("told", "link"),
        [
            (b"<guid>w1</guid>", ""),
            (b"<guid isPermaLink='true'>/w1</guid>", ""),
            (b"<guid>https://x.example/w1</guid>", "https://x.example/w1"),
            (b"<guid isPermaLink='false'>https://x.example/w1</guid>", ""),
            (b"<guid>/w1</guid><link>/w1</link>", "https://x.example/w1"),
            (b"<link>/w1</link><guid>/w1</guid>", "https://x.example/w1"),
        ],
    )
    def test_a_guid_that_is_no_address_leads_nowhere(self, told, link):
        assert parsed(rss(told + b"<title>a</title>")).entries[0].link == link

    def test_any_other_guid_belongs_to_its_feed(self):
        assert entry_key("a", "7", "", "", None) != entry_key("b", "7", "", "", None)
        assert entry_key("a", "7", "x", "A", None) == entry_key("a", "7", "y", "B", datetime.now(UTC))

    def test_without_guid_and_link_title_and_date_decide(self):
        day = datetime(2026, 3, 2, tzinfo=UTC)
        keys = {entry_key("a", "", "", title, date) for title in "xy" for date in (None, day)}
        assert len(keys) == 4

    def test_the_key_does_not_depend_on_where_the_feed_came_from(self):
        body = rss(b"<title>a</title><guid>12345</guid>", b"<title>b</title><link>https://x.example/b</link>")
        here, there = (
            parsed(body, url=f"https://{host}/feed").entries for host in ("x.example", "moved.example")
        )
        assert [e.key for e in here] == [e.key for e in there]

    def test_a_long_guid_counts_to_its_end(self):
        long = b"<guid isPermaLink='false'>" + b"x" * 5000
        first, second = parsed(rss(long + b"1</guid>", long + b"2</guid>")).entries
        assert first.key != second.key
        assert len(first.guid) <= 2000

    def test_a_front_page_as_guid_is_no_identity_where_there_is_a_link(self):
        keys = {entry_key("a", "https://x.example/", f"https://x.example/{n}", "", None) for n in (1, 2)}
        assert len(keys) == 2
        assert len({entry_key("a", f"https://x.example/?p={n}", "", "", None) for n in (1, 2)}) == 2

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("<guid>x</guid><link>/a</link>", "<guid>x</guid><link>/b</link>"),
            ("<guid>x</guid><pubDate>2026-03-01</pubDate>", "<guid>x</guid><pubDate>2026-03-02</pubDate>"),
            ("<link>/a#1</link>", "<link>/a#2</link>"),
        ],
    )
    def test_entries_that_differ_have_keys_of_their_own(self, first, second):
        items = [
            f"<title>{title}</title>{told}".encode() for title, told in (("One", first), ("Two", second))
        ]
        entries = parsed(rss(*items)).entries
        assert [entry.title for entry in entries] == ["One", "Two"]
        assert {entry.key for entry in entries} == {entry.key for entry in parsed(rss(*items[::-1])).entries}
        assert len({entry.key for entry in entries}) == 2

    def test_an_entry_listed_twice_is_one(self):
        entry = b"<guid>x</guid><title>The harbour opens</title><link>https://x.example/a</link>"
        edited = entry.replace(b"The", b"Updated: the").replace(b"/a", b"/b")
        assert len(parsed(rss(entry, entry, edited)).entries) == 1

    def test_keys_are_stable_for_ever(self):
        """Stored in databases: a change of these would post everything again."""
        tracked = "https://m.x.example/a/amp/?ns_id=1&at_x=2&_ga=3#12"
        assert entry_key("f", tracked, "", "", None) == "924344ecf1cae5cfb39f"
        assert entry_key("f", "", tracked, "", None) == "924344ecf1cae5cfb39f"
        assert entry_key("f", "", "", "Title", datetime(2026, 3, 2, tzinfo=UTC)) == "ab275302ac8f2807094e"
        assert entry_key("f", "https://x.example/a", "", "", None) == "e97e383f9c5a1e6fcffe"
        assert entry_key("f", "7", "", "", None) == "2c7b5899c0248520152d"
