"""A feed whose name in the config changes, and whose address stays, is the same feed."""

from __future__ import annotations

import pytest

from bot.errors import FeedUnreadable
from bot.states import State
from tests.test_polling import FEED, Desk, rss


@pytest.fixture
def desk(tmp_path, clock):
    desk = Desk(f"sqlite:///{tmp_path}/bot.db", clock)
    desk.feeds.answers[FEED] = rss("one", "https://news.example/two")
    desk.poll()
    yield desk
    desk.store.close()


def test_its_items_do_not_come_twice_under_its_new_name(desk):
    for name in ("renamed", "once-more", "news"):
        desk.configure(name=name)
        assert desk.poll().new == 0
        assert desk.poll().unchanged
    desk.feeds.answers[FEED] = rss("one", "https://news.example/two", "three")
    assert desk.poll().new == 1


def test_what_changes_at_its_source_is_updated_still(desk):
    desk.configure(name="renamed")
    desk.feeds.answers[FEED] = rss("one", "https://news.example/two").replace(b"Story", b"New story")
    assert desk.poll().new == 0
    assert sorted(desk.titles()) == ["New story https://news.example/two", "New story one"]
    assert {each.feed for each in desk.store.publications()} == {"renamed"}


def test_an_item_that_also_changes_its_guid_is_known_again(desk):
    desk.configure(name="renamed")
    desk.feeds.answers[FEED] = rss("one", "https://news.example/two").replace(b"<guid>", b"<guid>urn:new:")
    assert desk.poll().new == 0


def test_what_waits_is_published_as_that_of_the_new_name(desk):
    desk.configure(name="renamed")
    desk.poll()
    due = desk.store.due(desk.clock.now(), feeds=["renamed"])
    assert [each.state for each in due] == [State.QUEUED] * 2


def test_a_rehearsal_knows_it_and_renames_nothing(desk):
    desk.configure(name="renamed")
    desk.feeds.answers[FEED] = rss("one", "three")
    (decision,) = desk.poller.decide(desk.config.feeds[0])
    assert decision.entry.title == "Story three"
    assert set(desk.store.feed_states()) == {"news"}


def test_its_faults_are_told_under_its_new_name(desk):
    desk.configure(name="renamed")
    desk.poll()
    desk.feeds.answers[FEED] = b"<html>parked</html>"
    error = desk.poll().error
    assert isinstance(error, FeedUnreadable)
    assert error.subject == "renamed"


def test_after_it_moved_too_its_items_keep_their_keys(desk):
    desk.configure(name="renamed")
    desk.poll()
    other = "https://other.example/feed"
    desk.configure(name="renamed", url=other)
    desk.feeds.answers[other] = rss("one", "three")
    assert desk.poll().new == 1


class TestANameThatIsGivenToAnotherFeedAtOnce:
    OTHER = "https://other.example/feed"

    @pytest.fixture(params=[("renamed", "news"), ("news", "renamed")])
    def names(self, desk, request):
        """As they are polled; "news" is another feed now."""
        places = {"renamed": FEED, "news": self.OTHER}
        desk.configure(feeds=[{"name": name, "url": places[name]} for name in request.param])
        desk.feeds.answers[self.OTHER] = rss("one", "four").replace(b"news.example", b"other.example")
        return request.param

    @pytest.mark.parametrize("in_a_round", [False, True])
    def test_neither_brings_anything_twice_nor_loses_anything(self, desk, names, in_a_round):
        notebook = desk.poller.notebook(desk.config.feeds) if in_a_round else None
        polled = [desk.poller.poll(source, notebook) for source in desk.config.feeds]
        assert {each.feed: each.new for each in polled} == {"renamed": 0, "news": 2}
        assert sorted(each.feed for each in desk.store.publications()) == ["news"] * 2 + ["renamed"] * 2
        again = [desk.poller.poll(source) for source in desk.config.feeds]
        assert all(each.unchanged for each in again)


def test_another_name_at_another_address_is_another_feed(desk):
    other = "https://other.example/feed"
    desk.configure(name="other", url=other)
    desk.feeds.answers[other] = rss("one").replace(b"news.example", b"other.example")
    assert desk.poll().new == 1
    assert set(desk.store.feed_states()) == {"news", "other"}
