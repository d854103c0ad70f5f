"""What was there before a feed was followed is no news, however it comes to light (`backfill`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.errors import FetchGone
from bot.model import Fetched
from bot.states import State
from tests.test_polling import FEED, NEW, Desk

OTHER = "https://other.example/feed"


@pytest.fixture
def desk(tmp_path, clock):
    desk = Desk(f"sqlite:///{tmp_path}/bot.db", clock, backfill=2)
    yield desk
    desk.store.close()


def stories(clock, *days: float, of: str = "news", dated: bool = True) -> bytes:
    """A feed of one story for each of these ages."""
    return b"<rss version='2.0'><channel><title>T</title>%s</channel></rss>" % b"".join(
        story(of, age, clock.now() - timedelta(days=age) if dated else None) for age in days
    )


def story(of: str, age: float, published: datetime | None) -> bytes:
    date = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    name = f"{of}/{age:g}"
    return (
        f"<item><guid>{name}</guid><title>Story {name}</title><link>https://n.example/{name}</link>{date}</item>"
    ).encode()


@pytest.mark.parametrize("dated", [True, False])
def test_a_feed_that_was_empty_at_first_has_its_first_poll_once_it_shows_something(desk, clock, dated):
    desk.feeds.answers[FEED] = stories(clock)
    assert desk.poll().new == 0
    desk.feeds.answers[FEED] = stories(clock, *range(20), dated=dated)
    assert (desk.poll().new, desk.state.failures) == (2, 0)
    desk.feeds.answers[FEED] = stories(clock, -0.5, *range(20), dated=dated)
    assert desk.poll().new == 1


def test_what_a_first_answer_that_broke_off_did_not_show_is_no_news_later(desk, clock):
    whole = stories(clock, *range(20))
    desk.feeds.answers[FEED] = whole[: whole.index(b"<guid>news/3<") - 3]
    assert desk.poll().new == 2
    desk.feeds.answers[FEED] = whole
    assert desk.poll().new <= 3  # news may be dated back some days
    desk.feeds.answers[FEED] = stories(clock, -0.5, *range(20))
    assert desk.poll().new == 1


def test_an_old_story_that_moves_up_where_another_was_taken_out_is_told_apart(desk, clock):
    desk.feeds.answers[FEED] = stories(clock, 0, 1, 2)
    desk.poll()
    desk.feeds.answers[FEED] = stories(clock, 0, 2, 30)
    assert desk.poll().new == 0
    (old,) = [each for each in desk.store.publications() if "archive" in each.reason]
    assert (old.state, desk.store.entry(old.key).title) == (State.SKIPPED, "Story news/30")


def test_news_that_bear_an_older_date_than_their_neighbours_come(desk, clock):
    desk.feeds.answers[FEED] = stories(clock, 0.1)
    desk.poll()
    desk.feeds.answers[FEED] = stories(clock, 0.1, 1.5)
    assert desk.poll().new == 1


@pytest.mark.parametrize("moved_to", [NEW, ""])
def test_an_address_with_none_of_the_known_entries_begins_anew(desk, clock, moved_to):
    desk.feeds.answers[FEED] = stories(clock, 0, 1)
    desk.poll()
    main = stories(clock, *range(20), of="main")
    if moved_to:
        desk.feeds.answers[FEED] = Fetched(NEW, main, moved_to=NEW)
    else:
        desk.configure(url=OTHER, backfill=2)
        desk.feeds.answers[OTHER] = main
    assert desk.poll().new == 2
    desk.feeds.answers[NEW] = desk.feeds.answers[OTHER] = stories(clock, -0.5, *range(20), of="main")
    assert desk.poll().new == 1


def test_an_address_with_a_known_entry_brings_all_that_is_new(desk, clock):
    desk.feeds.answers[FEED] = stories(clock, 4, 5)
    desk.poll()
    desk.feeds.answers[FEED] = Fetched(NEW, stories(clock, 0, 1, 2, 3, 4), moved_to=NEW)
    assert desk.poll().new == 4


def test_marks_of_another_address_are_not_sent_to_the_first_one_again(desk, clock):
    desk.feeds.answers[FEED] = Fetched(NEW, stories(clock, 1), etag='"1"', moved_to=NEW)
    desk.poll()
    desk.feeds.answers[NEW] = FetchGone(NEW, "answered 404 Not Found")
    assert desk.poll().error
    desk.feeds.answers[FEED] = Fetched(FEED, stories(clock, 0, 1), etag='"1"')
    assert desk.poll().new == 1
    assert [etag for _, etag, *_ in desk.feeds.asked] == ["", '"1"', ""]


def test_an_event_that_lies_ahead_makes_no_archive_of_what_comes_before_it(desk, clock):
    desk.feeds.answers[FEED] = stories(clock, -200)
    desk.poll()
    desk.feeds.answers[FEED] = stories(clock, -200, 0, 0.1, 0.2)
    assert desk.poll().new == 3
