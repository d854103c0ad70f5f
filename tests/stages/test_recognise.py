"""Entries that come again under another guid, link, host or date; and those that only look alike."""

from __future__ import annotations

from bot.model import Entry
from bot.stages.feed import parse, recognise, to_compare

HOST = "https://news.example"


class Feed:
    """A feed over several polls, and what a store would know of it."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.items: dict[str, Entry] = {}

    def poll(self, *items: dict[str, str]) -> list[bool]:
        """Whether each item of this document is new, in its order; left out where it is listed twice."""
        body = "".join(
            "<item>" + "".join(f"<{name}>{text}</{name}>" for name, text in item.items()) + "</item>"
            for item in items
        )
        text = f"<rss version='2.0'><channel><title>T</title><link>{HOST}/</link>{body}</channel></rss>"
        parsed = parse(text.encode(), "application/rss+xml", "f", f"{HOST}/feed")
        fingerprints = {key: entry.fingerprint for key, entry in self.items.items()}
        compared = to_compare(parsed.entries, self.known, fingerprints)
        entries, learnt = recognise(parsed.entries, self.known, {key: self.items[key] for key in compared})
        self.known |= learnt
        new = [entry.key not in self.items for entry in entries]
        self.items |= {e.key: e for e in entries if e.fingerprint != fingerprints.get(e.key)}
        return new


def item(n: int, **changes: str) -> dict[str, str]:
    return {
        "guid": f"g{n}",
        "link": f"{HOST}/2026/story-{n}",
        "title": f"Story number {n}",
        "pubDate": f"Sun, 01 Mar 2026 10:00:0{n} GMT",
        **changes,
    }


def test_the_same_document_again_has_nothing_new():
    feed = Feed()
    assert feed.poll(item(1), item(2)) == [True, True]
    assert feed.poll(item(2), item(1)) == [False, False]


def test_a_guid_that_changes_alone():
    feed = Feed()
    feed.poll(item(1), item(2))
    assert feed.poll(item(1, guid="x1"), item(2, guid="x2"), item(3)) == [False, False, True]
    assert feed.poll(item(1, guid="y1")) == [False]


def test_guid_and_title_change_the_link_stays():
    feed = Feed()
    feed.poll(item(1))
    assert feed.poll(item(1, guid="x", title="Corrected headline", pubDate="")) == [False]


def test_guid_and_host_and_date_change():
    feed = Feed()
    feed.poll(item(1))
    moved = item(1, guid="x", link="http://www.new-host.example/2026/story-1?utm_source=rss", pubDate="")
    assert feed.poll(moved) == [False]


def test_guid_and_the_whole_link_change_title_and_date_stay():
    feed = Feed()
    feed.poll(item(1))
    assert feed.poll(item(1, guid="x", link=f"{HOST}/archive/77")) == [False]


def test_a_chain_of_changes_is_followed():
    feed = Feed()
    feed.poll(item(1))
    assert feed.poll(item(1, guid="x")) == [False]
    assert feed.poll(item(1, guid="x", link=f"{HOST}/moved")) == [False]
    assert feed.poll(item(1, guid="y", link=f"{HOST}/moved", title="Other words", pubDate="")) == [False]


def test_entries_that_share_a_link_are_items_of_their_own():
    feed = Feed()
    live = f"{HOST}/live"
    first = [item(n, link=live) for n in (1, 2)]
    assert feed.poll(*first) == [True, True]
    assert feed.poll(item(3, link=live)) == [True]
    assert feed.poll(item(4, link=live)) == [True]
    assert feed.poll(item(5, link=live), *first) == [True, False, False]


def test_a_link_to_the_front_page_is_no_identity():
    feed = Feed()
    assert feed.poll(item(1, link=f"{HOST}/")) == [True]
    assert feed.poll(item(2, link=f"{HOST}/")) == [True]


def test_a_story_that_took_over_a_link_while_the_other_is_still_there_is_new():
    feed = Feed()
    feed.poll(item(1, link=f"{HOST}/latest"))
    assert feed.poll(item(1), item(2, link=f"{HOST}/latest")) == [False, True]


def test_the_same_title_on_another_day_is_another_item():
    feed = Feed()
    feed.poll(item(1, title="Daily briefing"))
    assert feed.poll(item(2, title="Daily briefing")) == [True]


def test_the_same_title_at_the_same_moment_on_other_pages_is_two_items():
    feed = Feed()
    pages = [item(n, title="Photo", pubDate="Sun, 01 Mar 2026 10:00:00 GMT") for n in (1, 2)]
    assert feed.poll(*pages) == [True, True]


def test_a_story_listed_twice_with_two_guids_is_one():
    feed = Feed()
    assert feed.poll(item(1), item(1, guid="x")) == [True]
    assert feed.poll(item(1, guid="y", pubDate=""), item(1)) == [False]


def test_the_order_of_the_document_stays():
    feed = Feed()
    feed.poll(item(2))
    assert feed.poll(item(3), item(2), item(1)) == [True, False, True]
