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
        ],
    )
    def test_addresses_of_other_stories_are_others(self, other):
        assert normalise_link(other) != normalise_link("https://site.example/story")

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

    def test_keys_are_stable_for_ever(self):
        """Stored in databases: a change of these would post everything again."""
        assert entry_key("f", "https://x.example/a", "", "", None) == "e97e383f9c5a1e6fcffe"
        assert entry_key("f", "7", "", "", None) == "2c7b5899c0248520152d"
