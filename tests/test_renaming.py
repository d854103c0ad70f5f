"""A feed whose name in the config changes, and whose address stays, is the same feed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.app.watch import Heartbeat
from bot.cli import run
from bot.errors import FeedUnreadable, FetchUnavailable
from bot.model import FeedState, Fetched
from bot.renaming import naming
from bot.scheduler import Service
from bot.states import State
from tests import world as worlds
from tests.desk import source
from tests.fakes.site import FakeSite
from tests.fakes.translator import FakeTranslator
from tests.servers.routes import misbehaving
from tests.test_bad_input import give, one_story
from tests.test_polling import FEED, Desk, rss
from tests.world import World

OTHER = "https://other.example/feed"
WEEKLY = {"every": "0 6 * * 1"}


def other(*names: str) -> bytes:
    return rss(*names).replace(b"news.example", b"other.example")


class Newsroom(Desk):
    """A desk of several feeds."""

    def poll_all(self) -> dict[str, int]:
        return {each.name: self.poller.poll(each).new for each in self.config.feeds}


@pytest.fixture
def desk(tmp_path, clock):
    desk = Newsroom(f"sqlite:///{tmp_path}/bot.db", clock)
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
    desk.configure(name="renamed", rehearsal=True)
    desk.feeds.answers[FEED] = rss("one", "three")
    (decision,) = desk.poller.decide(desk.config.feeds[0])
    assert decision.entry.title == "Story three"
    assert desk.config.feeds[0].source == "renamed"
    assert set(desk.store.feed_states()) == {"news"}


def test_a_rehearsal_takes_the_new_owner_of_a_name_for_a_new_feed(desk):
    desk.configure([{"name": "renamed"}, {"name": "news", "url": OTHER}], rehearsal=True)
    desk.feeds.answers[OTHER] = other("one", "four")
    assert len(desk.poller.decide(desk.config.feeds[1])) == 2
    assert not desk.poller.decide(desk.config.feeds[0])


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
    desk.configure(name="renamed", url=OTHER)
    desk.feeds.answers[OTHER] = rss("one", "three")
    assert desk.poll().new == 1


class TestANameThatIsGivenToAnotherFeedAtOnce:
    @pytest.fixture(params=[("renamed", "news"), ("news", "renamed")])
    def names(self, desk, request):
        """As they are polled; "news" is another feed now."""
        places = {"renamed": FEED, "news": OTHER}
        desk.configure(feeds=[{"name": name, "url": places[name]} for name in request.param])
        desk.feeds.answers[OTHER] = other("one", "four")
        return request.param

    @pytest.mark.parametrize("in_a_round", [False, True])
    def test_neither_brings_anything_twice_nor_loses_anything(self, desk, names, in_a_round):
        notebook = desk.poller.notebook(desk.config.feeds) if in_a_round else None
        polled = [desk.poller.poll(source, notebook) for source in desk.config.feeds]
        assert {each.feed: each.new for each in polled} == {"renamed": 0, "news": 2}
        assert sorted(each.feed for each in desk.store.publications()) == ["news"] * 2 + ["renamed"] * 2
        again = [desk.poller.poll(source) for source in desk.config.feeds]
        assert all(each.unchanged for each in again)


def test_two_feeds_swap_their_names_and_the_stories_of_neither_become_the_others(desk):
    """Both use the same guids."""
    desk.feeds.answers[OTHER] = other("one", "two").replace(b"Story", b"World story")
    desk.configure([{"name": "news"}, {"name": "world", "url": OTHER}])
    assert desk.poll_all() == {"news": 0, "world": 2}
    desk.configure([{"name": "world"}, {"name": "news", "url": OTHER}])
    desk.clock.advance(days=4)
    assert desk.poll_all() == {"news": 0, "world": 0}
    assert [(each.feed, desk.store.entry(each.key).title[:5]) for each in desk.store.publications()] == [
        ("world", "Story"),
        ("world", "Story"),
        ("news", "World"),
        ("news", "World"),
    ]


def test_a_name_that_a_feed_had_which_is_out_of_the_config(desk):
    """What that feed brought stays its own, and it knows it again when it comes back under another name."""
    desk.feeds.answers[OTHER] = other("one")
    desk.configure([{"name": "news"}, {"name": "world", "url": OTHER}])
    desk.poll_all()
    desk.configure(name="world")
    assert desk.poll().new == 0
    assert [each.feed for each in desk.store.publications()] == ["world", "world", "world at other.example"]
    desk.configure([{"name": "world"}, {"name": "elsewhere", "url": OTHER}])
    assert desk.poll_all() == {"world": 0, "elsewhere": 0}
    assert [each.feed for each in desk.store.publications()] == ["world", "world", "elsewhere"]


def test_a_url_that_is_mistyped_while_it_is_renamed(desk):
    mistyped = "https://nwes.example/feed"
    desk.feeds.answers[mistyped] = FetchUnavailable(mistyped, "no such host")
    desk.configure(name="renamed", url=mistyped)
    assert desk.poll().error
    desk.configure(name="renamed")
    assert desk.poll().new == 0


def test_a_url_and_then_a_name_that_change_before_it_is_polled_again(desk):
    desk.configure(url=OTHER)
    desk.configure(name="renamed", url=OTHER)
    desk.feeds.answers[OTHER] = rss("one", "https://news.example/two")
    assert desk.poll().new == 0


def test_a_name_that_changes_together_with_an_address_to_which_the_server_has_sent_us(desk):
    desk.feeds.answers[FEED] = Fetched(OTHER, rss("one", "two", more=" "), moved_to=OTHER)
    desk.poll()
    desk.configure(name="renamed", url=OTHER)
    desk.feeds.answers[OTHER] = rss("one", "two")
    assert desk.poll().new == 0


@pytest.mark.parametrize("first", ["also", "renamed"])
def test_one_of_two_feeds_at_one_address(desk, first):
    desk.configure([{"name": "also"}, {"name": "news"}])
    desk.poll_all()
    names = [first, *({"also", "renamed"} - {first})]
    desk.configure([*({"name": name} for name in names), {"name": "news", "url": OTHER}])
    desk.feeds.answers[OTHER] = other("one", "four")
    assert desk.poll_all() == {"also": 0, "renamed": 0, "news": 2}


def test_a_poll_in_hand_while_it_is_renamed_brings_its_former_name_not_back(desk):
    late, source = desk.poller, desk.config.feeds[0]
    notebook = late.notebook([source])
    notebook.state("news")
    desk.feeds.answers[FEED] = rss("one", "https://news.example/two", "three")
    desk.configure(name="renamed")
    polled = late.poll(source, notebook)
    assert "its name or url was changed while it was asked" in str(polled.error)
    assert set(desk.store.feed_states()) == {"renamed"}
    assert desk.poll().new == 1


def test_what_was_not_polled_for_long_begins_anew_under_any_name(desk):
    for name in ("news", "renamed"):
        desk.clock.advance(days=91)
        desk.configure(name=name, backfill=2)
        desk.feeds.answers[FEED] = rss(*(f"{name}-{n}" for n in range(5)))
        polled = desk.poll()
        assert (polled.new, polled.skipped) == (2, 3)


def test_another_name_at_another_address_is_another_feed(desk):
    desk.configure(name="other", url=OTHER)
    desk.feeds.answers[OTHER] = other("one")
    assert desk.poll().new == 1
    assert set(desk.store.feed_states()) == {"news", "other"}


def test_by_hand_too_it_is_known_and_only_a_round_renames_it(newsroom, capfd):
    with misbehaving() as server:
        server.routes["/feed"] = give(one_story(server.base_url), "application/rss+xml")
        newsroom.feed |= {"url": f"{server.base_url}/feed", "content": "feed"}
        newsroom.write()
        assert newsroom.run_once()[1]["items"]["new"] == 1
        newsroom.feed["name"] = "renamed"
        newsroom.write()
        assert run(["--config", str(newsroom.path), "feeds", "test", "renamed"]) == 0
        assert "0 would be taken, 0 skipped" in capfd.readouterr().err
        assert run(["--config", str(newsroom.path), "run-once", "--dry-run"]) == 0
        assert "would publish" not in capfd.readouterr().out
        assert names_in(newsroom) == ({"source"}, ["source"])
        assert newsroom.run_once()[1]["items"]["new"] == 0
        assert names_in(newsroom) == ({"renamed"}, ["renamed"])


def names_in(newsroom):
    store = newsroom.store()
    names = set(store.feed_states()), [each.feed for each in store.publications()]
    store.close()
    return names


class Telling(FakeSite):
    """A site that sets `told` once a post is written."""

    def create(self, *args):
        try:
            return super().create(*args)
        finally:
            self.told.set()

    def update(self, *args):
        super().update(*args)
        self.told.set()


class TestTheService:
    """It settles the names before it works, and long before the next poll of a weekly feed."""

    @pytest.fixture
    def world(self, tmp_path, clock):
        world = World(tmp_path, clock, FakeTranslator())
        world.poll()
        yield world
        world.store.close()

    def serve(self, world, tmp_path, reload=lambda: None):
        service = Service(
            world.config,
            build=lambda _config: world.pipeline(),
            reload=reload,
            store=world.store,
            clock=world.clock,
            progress=Heartbeat(tmp_path),
        )
        world.sites["monde"].told = service.stop
        assert service.run(timedelta(seconds=30))

    def test_what_waits_is_published_and_what_has_changed_is_written_anew(self, world, tmp_path):
        world.sites["monde"] = Telling("monde")
        for name, title in (("second", "The ice has gone"), ("third", "The ice has gone at last")):
            world.feeds.answers[worlds.FEED] = worlds.rss(("a", title))
            world.poll()
            world.config = worlds.config(feed={"name": name} | WEEKLY)
            self.serve(world, tmp_path)
            assert [(each.feed, each.state, each.attempts) for each in world.store.publications()] == [
                (name, State.PUBLISHED, 0)
            ]
        assert world.site.calls.count("create") == world.site.calls.count("update") == 1

    def test_an_edit_of_the_config_is_followed_before_anything_is_polled(self, world, tmp_path):
        asked = []

        def reload():
            asked.append(1)
            if len(asked) == 1:
                world.config = worlds.config(feed={"name": "renamed"} | WEEKLY)
                return world.config
            world.site.told.set()
            return None

        self.serve(world, tmp_path, reload)
        assert set(world.store.feed_states()) == {"renamed"}
        assert [each.feed for each in world.store.publications()] == ["renamed"]


class TestWhoIsWho:
    def named(self, feeds, states):
        return naming(
            [source(name=name, url=url) for name, url in feeds],
            {state.name: state for state in states},
        )

    def test_nothing_changes_where_all_is_as_it_was(self):
        found = self.named([("a", FEED), ("b", FEED)], [FeedState("a", FEED), FeedState("b", FEED)])
        assert (found.renamed, found.fresh) == ({}, ())

    def test_of_two_at_one_address_the_one_that_was_polled_last_goes_on(self, clock):
        polled = FeedState("a", FEED, polled_at=clock.now())
        found = self.named([("c", FEED)], [polled, FeedState("b", FEED)])
        assert found.renamed == {"a": "c"}

    def test_a_feed_that_moves_to_where_another_was_tried_once_stays_itself(self, clock):
        tried, lately = clock.now() - timedelta(days=9), clock.now()
        states = {
            "a": FeedState("a", "https://old.example/feed", polled_at=lately),
            "b": FeedState("b", "https://new.example/feed", polled_at=tried),
        }
        found = naming([source(name="a", url="https://new.example/feed")], states)
        assert (found.stored, found.renamed) == ({"a": "a"}, {})

    @pytest.mark.parametrize("minutes", [-1, 1])
    def test_a_feed_that_takes_the_place_of_one_that_moves_on_stays_itself(self, clock, minutes):
        lately = clock.now()
        states = {
            "b": FeedState("b", "https://b.example/feed", polled_at=lately),
            "q": FeedState("q", "https://p.example/feed", polled_at=lately + timedelta(minutes=minutes)),
        }
        feeds = [
            source(name="b", url="https://p.example/feed"),
            source(name="q", url="https://z.example/feed"),
        ]
        assert naming(feeds, states).renamed == {}

    def test_three_in_a_ring(self):
        urls = [f"https://{name}.example/" for name in "abc"]
        states = [FeedState(name, url) for name, url in zip("abc", urls, strict=True)]
        found = self.named(zip("bca", urls, strict=True), states)
        assert (found.renamed, found.fresh) == ({"a": "b", "b": "c", "c": "a"}, ())

    def test_keys_of_a_new_feed_are_not_made_of_a_name_that_was_in_use(self):
        states = [FeedState("b", FEED, known_as="a"), FeedState("b at other.example", "")]
        found = self.named([("b", FEED), ("a", OTHER), ("c", OTHER)], states)
        assert found.fresh == (FeedState("a", OTHER, known_as="a at other.example"), FeedState("c", OTHER))
        found = self.named([("c", FEED), ("b", OTHER)], states)
        assert found.fresh == (FeedState("b", OTHER, known_as="b at other.example'"),)

    def test_a_feed_at_another_address_keeps_its_keys_and_when_it_was_polled_and_nothing_else(self, clock):
        known = FeedState("a", FEED, etag="e", failures=3, polled_at=clock.now())
        assert self.named([("a", OTHER)], [known]).fresh == (FeedState("a", OTHER, polled_at=clock.now()),)
