"""The same story in two feeds, and the turns of a feed, over the real store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.choosing import Chooser
from bot.config import Config
from bot.engines.store import DatabaseStore
from bot.ledger import Ledger
from bot.model import Entry, FeedState, Post, RemotePost, Skip, Take
from bot.states import Change, Event, RetryPolicy, State
from tests.fakes.translator import FakeTranslator
from tests.world import FEED, World, config, rss

TITLE = "Ice releases Port Hallin after eleven days"
LEAD = (
    "<p>The harbour of Port Hallin has opened again after eleven days of ice, the council said on Monday. "
    "About 310 people waited on the pier to greet the first boat.</p>"
)
POST = Post("k", "T", "<p>x</p>", "", "t-k", datetime(2026, 3, 1, tzinfo=UTC), "publish")


def entry(key: str, feed: str, title: str = TITLE, lead: str = LEAD) -> Entry:
    return Entry(key, feed, key, f"https://{feed}.example/{key}", title, summary_html=lead)


def settings(feeds: dict[str, tuple[str, ...]], per_hour: int = 0, **duplicates) -> Config:
    """Feeds with their sites."""
    sites = sorted({site for each in feeds.values() for site in each})
    site = {"username": "u", "password_env": "P", "language": "fr"}
    return Config.model_validate(
        {
            "duplicates": duplicates,
            "sites": [{**site, "name": name, "url": f"https://{name}.example"} for name in sites],
            "feeds": [
                {
                    "name": name,
                    "url": f"https://{name}.example/feed",
                    "language": "en",
                    "sites": of_feed,
                    "max_per_hour": per_hour,
                }
                for name, of_feed in feeds.items()
            ],
        },
        context={"environ": {"P": "x"}},
    )


class Desk:
    """Polls without the web: what feeds bring is chosen and stored."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.ledger = Ledger(store, clock, RetryPolicy())
        self.opened({"agency": ("monde",), "paper": ("monde",)})

    def opened(self, feeds, **options):
        """As after a start with this config."""
        self.config = settings(feeds, **options)
        self.chooser = Chooser(self.config, self.store, self.ledger)

    def bring(self, *entries, rehearsal=False):
        source, now = self.config.feed(entries[0].feed), self.clock.now()
        with self.chooser.lock:
            taken = [Take(each) for each in entries]
            settled = self.chooser.settle(taken, source, now)
            state, aside = FeedState(source.name), settled.aside
            if not rehearsal:
                self.store.save_poll(state, settled.decisions, source.sites, now, aside=aside)
        return settled.decisions

    def revived(self):
        return [each.key for each in self.chooser.revive(self.clock.now())]

    def states(self):
        return {f"{each.key} {each.site}": each.state for each in self.store.publications()}

    def change(self, key, *events, site="monde"):
        for event in events:
            remote = RemotePost("1", "https://x/1") if event is Event.PUBLISHED else None
            change = Change(event, self.clock.now(), post=POST, remote=remote)
            assert self.store.change(self.store.publication(key, site), change)


@pytest.fixture
def desk(tmp_path, clock):
    store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    yield Desk(store, clock)
    store.close()


class TestTheSameStory:
    def test_is_taken_once_and_the_first_feed_wins(self, desk):
        desk.bring(entry("a1", "agency"))
        (decision,) = desk.bring(entry("p1", "paper", f"Breaking: {TITLE}"))
        assert decision.reason == f'the same story as "{TITLE}" of agency (a1)'
        assert desk.states() == {"a1 monde": State.QUEUED, "p1 monde": State.SKIPPED}

    def test_is_known_after_a_restart(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.opened({"agency": ("monde",), "paper": ("monde",)})
        assert isinstance(desk.bring(entry("p1", "paper"))[0], Skip)

    def test_another_story_is_taken(self, desk):
        desk.bring(entry("a1", "agency"))
        others = [
            entry("p1", "paper", TITLE.replace("eleven", "twelve")),
            entry("p2", "paper", lead=LEAD.replace("310", "301")),
        ]
        assert all(isinstance(decision, Take) for decision in desk.bring(*others))

    def test_is_kept_off_the_sites_that_have_it_alone(self, desk):
        desk.opened({"agency": ("monde",), "paper": ("monde", "welt")})
        desk.bring(entry("a1", "agency"))
        (decision,) = desk.bring(entry("p1", "paper"))
        assert [site for site, _ in decision.not_on] == ["monde"]
        assert desk.states() == {
            "a1 monde": State.QUEUED,
            "p1 monde": State.SKIPPED,
            "p1 welt": State.QUEUED,
        }

    def test_that_is_the_same_item_is_not_put_aside_by_itself(self, desk):
        feeds = {"agency": ("monde",), "paper": ("monde", "welt")}
        desk.opened(feeds, prefer=("paper",))
        desk.bring(entry("k1", "agency"))
        desk.bring(entry("k1", "paper"))
        assert desk.states() == {"k1 monde": State.QUEUED, "k1 welt": State.QUEUED}

    def test_does_not_matter_between_feeds_that_share_no_site(self, desk):
        desk.opened({"agency": ("monde",), "paper": ("welt",)})
        desk.bring(entry("a1", "agency"))
        assert isinstance(desk.bring(entry("p1", "paper"))[0], Take)

    def test_is_forgotten_after_the_window(self, desk):
        desk.opened({"agency": ("monde",), "paper": ("monde",)}, window="2d")
        desk.bring(entry("a1", "agency"))
        desk.clock.advance(days=2, seconds=1)
        assert isinstance(desk.bring(entry("p1", "paper"))[0], Take)

    def test_does_not_matter_where_the_owner_wants_both(self, desk):
        desk.opened({"agency": ("monde",), "paper": ("monde",)}, across_feeds=False)
        desk.bring(entry("a1", "agency"))
        assert isinstance(desk.bring(entry("p1", "paper"))[0], Take)

    @pytest.mark.parametrize(
        ("events", "wanted"),
        [
            ((Event.SKIPPED,), Take),
            ((Event.FAILED,), Take),
            ((Event.HELD,), Skip),
            ((Event.PREPARED, Event.BEGUN), Skip),
            ((Event.PREPARED, Event.BEGUN, Event.PUBLISHED), Skip),
            ((Event.PREPARED, Event.BEGUN, Event.PUBLISHED, Event.RETRACTED), Skip),
        ],
    )
    def test_is_left_to_another_feed_where_the_first_did_not_bring_it(self, desk, events, wanted):
        desk.bring(entry("a1", "agency"))
        desk.change("a1", *events)
        assert isinstance(desk.bring(entry("p1", "paper"))[0], wanted)

    def test_of_two_feeds_that_come_at_once_one_brings_it(self, desk):
        feeds = {f"f{n}": ("monde",) for n in range(8)}
        desk.opened(feeds)
        with ThreadPoolExecutor(8) as pool:
            decided = list(pool.map(lambda feed: desk.bring(entry(feed, feed))[0], feeds))
        assert sum(isinstance(decision, Take) for decision in decided) == 1

    def test_may_be_published_all_the_same_on_a_persons_word(self, desk):
        desk.bring(entry("a1", "agency"))
        desk.bring(entry("p1", "paper"))
        desk.store.change(desk.store.publication("p1", "monde"), Change(Event.RETRIED, desk.clock.now()))
        assert desk.states()["p1 monde"] is State.QUEUED


class TestADailyBriefing:
    """One title and one lead every day, in two feeds of one paper."""

    def briefing(self, key: str, feed: str, day: int, host: str = "paper.example") -> Entry:
        told = entry(key, feed, "Morning briefing")
        return replace(told, link=f"https://{host}/{key}", published=datetime(2026, 3, day, 6, tzinfo=UTC))

    def test_comes_every_day_whichever_feed_is_read_first(self, desk):
        desk.bring(self.briefing("monday", "agency", 1))
        desk.change("monday", Event.PREPARED, Event.BEGUN, Event.PUBLISHED)
        desk.bring(self.briefing("tuesday", "paper", 2))
        desk.bring(self.briefing("tuesday", "agency", 2))
        assert desk.states() == {"monday monde": State.PUBLISHED, "tuesday monde": State.QUEUED}

    def test_comes_once_a_day(self, desk):
        desk.bring(self.briefing("monday", "agency", 1))
        assert isinstance(desk.bring(self.briefing("same", "paper", 1))[0], Skip)

    def test_comes_from_the_feed_that_tells_its_day_where_the_other_did_not(self, desk):
        desk.bring(self.briefing("monday", "agency", 1))
        desk.bring(replace(self.briefing("tuesday", "paper", 2), published=None))
        assert desk.states()["tuesday monde"] is State.SKIPPED
        desk.bring(self.briefing("tuesday", "agency", 2))
        assert desk.states()["tuesday monde"] is State.QUEUED

    @pytest.mark.parametrize("restart", [False, True])
    def test_is_no_story_of_another_host_that_has_its_lead_as_well(self, desk, restart):
        desk.bring(self.briefing("sunday", "agency", 1))
        desk.bring(self.briefing("monday", "agency", 2))
        if restart:
            desk.opened({"agency": ("monde",), "paper": ("monde",)})
        assert isinstance(desk.bring(self.briefing("tuesday", "paper", 3, "other.example"))[0], Take)


class TestThePreferredFeed:
    @pytest.fixture
    def desk(self, desk):
        desk.opened({"agency": ("monde",), "paper": ("monde",)}, prefer=["agency"])
        return desk

    def test_wins_as_long_as_the_other_waits(self, desk):
        desk.bring(entry("p1", "paper"))
        desk.bring(entry("a1", "agency"))
        assert desk.states() == {"p1 monde": State.SKIPPED, "a1 monde": State.QUEUED}
        reason = desk.store.publication("p1", "monde").reason
        assert reason == f'the same story as "{TITLE}" of agency (a1), which is preferred'

    def test_comes_too_late_for_what_is_under_way(self, desk):
        desk.bring(entry("p1", "paper"))
        desk.change("p1", Event.PREPARED)
        desk.bring(entry("a1", "agency"))
        assert desk.states() == {"p1 monde": State.READY, "a1 monde": State.SKIPPED}

    def test_that_fails_leaves_the_story_to_the_one_that_gave_way(self, desk):
        desk.bring(entry("p1", "paper"))
        desk.bring(entry("a1", "agency"))
        assert desk.revived() == []
        desk.change("a1", Event.FAILED)
        assert desk.revived() == ["p1"]
        assert desk.states() == {"p1 monde": State.QUEUED, "a1 monde": State.FAILED}
        assert "agency did not tell this story (a1)" in desk.store.publication("p1", "monde").reason
        assert desk.revived() == []

    def test_puts_aside_once_what_two_of_its_entries_tell(self, desk):
        desk.bring(entry("p1", "paper"))
        desk.bring(entry("a1", "agency"), entry("a2", "agency", f"Breaking: {TITLE}"))
        states = desk.states()
        assert (states["p1 monde"], states["a1 monde"]) == (State.SKIPPED, State.QUEUED)

    @pytest.mark.parametrize("last", [Event.CHANGED, Event.REFUSED, Event.AGAIN, Event.RETRIED])
    def test_takes_nothing_from_a_post_that_is_out_nor_from_what_a_person_asked_for(self, desk, last):
        desk.bring(entry("p1", "paper"))
        steps = [Event.PREPARED, Event.BEGUN, Event.PUBLISHED, Event.CHANGED, Event.PREPARED]
        steps += [Event.BEGUN, last] if last is Event.REFUSED else [last]
        if last in (Event.AGAIN, Event.RETRIED):
            steps = [Event.PREPARED, Event.BEGUN, Event.PUBLISHED, last]
        if last is Event.RETRIED:
            steps = [Event.FAILED, last]
        desk.change("p1", *steps)
        desk.bring(entry("a1", "agency"))
        assert desk.states() == {"p1 monde": State.QUEUED, "a1 monde": State.SKIPPED}

    def test_puts_nothing_aside_in_a_rehearsal(self, desk):
        desk.bring(entry("p1", "paper"))
        assert isinstance(desk.bring(entry("a1", "agency"), rehearsal=True)[0], Take)
        assert desk.states() == {"p1 monde": State.QUEUED}

    def test_puts_nothing_aside_for_a_story_that_itself_is_not_taken(self, desk):
        desk.opened({"agency": ("monde",), "paper": ("monde",)}, per_hour=1, prefer=["agency"])
        desk.bring(entry("p1", "paper"))
        desk.bring(*(entry(f"a{n}", "agency", f"Story number {n} of the day", "") for n in range(40)))
        assert isinstance(desk.bring(entry("a99", "agency"))[0], Skip)  # its turn would come too late
        assert desk.states()["p1 monde"] is State.QUEUED


def test_an_hour_takes_so_many_and_the_others_wait(desk):
    desk.opened({"agency": ("monde",)}, per_hour=2)
    desk.bring(*(entry(f"a{n}", "agency", f"Story {n}") for n in range(3)))
    now = desk.clock.now()
    assert [each.key for each in desk.store.due(now)] == ["a0", "a1"]
    assert [each.key for each in desk.store.due(now + timedelta(hours=1))] == ["a0", "a1", "a2"]
    waiting = desk.store.publication("a2", "monde")
    assert waiting.reason == "waits for its turn (max_per_hour)"
    desk.change("a0", Event.PREPARED, Event.BEGUN, Event.PUBLISHED)
    desk.clock.advance(minutes=30)
    desk.bring(entry("a4", "agency", "Story 4"))
    assert desk.store.publication("a4", "monde").not_before == now + timedelta(hours=1)


class TestWhatOnlyTheTextTells:
    @pytest.fixture
    def world(self, tmp_path, clock):
        world = World(tmp_path, clock, FakeTranslator())
        world.config = config(feed={"min_chars": 100_000})
        yield world
        world.store.close()

    def test_skips_after_reading_and_before_any_engine_is_asked(self, world):
        world.poll()
        world.work()
        (publication,) = world.store.publications()
        assert publication.state is State.SKIPPED
        assert publication.reason.endswith("fewer than min_chars (100000)")
        assert world.translators[0].requests == []

    def test_is_asked_again_after_a_failed_attempt(self, world):
        world.config = config(feed={"min_chars": 100_000, "content": "full"})
        world.feeds.answers[FEED] = rss(("a", "The ice has gone"))
        world.poll()
        (queued,) = world.store.publications()
        world.store.change(queued, Change(Event.POSTPONED, world.clock.now(), reason="down"))
        world.config = config(feed={"min_chars": 100_000})
        world.work()
        assert world.states() == [(State.SKIPPED, "monde")]

    def test_counts_for_nothing_against_a_persons_word(self, world):
        world.poll()
        world.work()
        (publication,) = world.store.publications()
        queued = world.store.change(publication, Change(Event.RETRIED, world.clock.now()))
        world.store.change(queued, Change(Event.POSTPONED, world.clock.now(), reason="engine down"))
        world.work()
        assert world.states() == [(State.PUBLISHED, "monde")]
