"""One item, by guid or address, in two feeds of a site: each feed's own rules are asked, and it comes once."""

from __future__ import annotations

import pytest

from bot.choosing import Chooser, told_elsewhere
from bot.config import Config
from bot.engines.store import DatabaseStore
from bot.ledger import Ledger
from bot.model import NotModified, RemotePost
from bot.polling import Poller
from bot.ports import Ports
from bot.states import Change, Event, RetryPolicy, State
from tests.contracts.store import POST
from tests.fakes.web import FakeFetcher
from tests.test_choosing import LEAD, TITLE

WIRE = "https://wire.example/"


def rss(*names: str, title: str = "Story {}", text: str = "") -> bytes:
    items = "".join(
        f"<item><guid>{WIRE}{name}</guid><title>{title.format(name)}</title><link>{WIRE}{name}</link>"
        f"<description><![CDATA[{text}]]></description></item>"
        for name in names
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


class Desk:
    """A poller of several feeds, and what a test may turn."""

    def __init__(self, url: str, clock) -> None:
        self.store, self.clock, self.feeds = DatabaseStore(url), clock, FakeFetcher()
        self.configure(strict={"exclude": ["story"]}, open={})

    def configure(self, prefer=(), **feeds) -> None:
        common = {"language": "en", "sites": ["s"], "rights": "open"}
        site = {"url": "https://s.example", "username": "u", "password_env": "P", "language": "fr"}
        self.config = Config.model_validate(
            {
                "duplicates": {"prefer": prefer},
                "sites": [{"name": name, **site} for name in ("s", "t")],
                "feeds": [
                    {"name": name, "url": address(name), **common, **keys} for name, keys in feeds.items()
                ],
            },
            context={"environ": {"P": "x"}},
        )
        ports = Ports(
            self.store, self.feeds, None, None, [], self.store, sites={}, templates={}, clock=self.clock
        )
        self.chooser = Chooser(self.config, self.store, Ledger(self.store, self.clock, RetryPolicy()))
        self.poller = Poller(self.config, ports, self.chooser, RetryPolicy())

    def poll(self, name: str, document: bytes | NotModified):
        self.feeds.answers[address(name)] = document
        polled = self.poller.poll(self.config.feed(name))
        assert polled.error is None
        return polled

    def change(self, publication, *events: Event, reason: str = ""):
        for event in events:
            remote = RemotePost("1", "https://s/1") if event is Event.PUBLISHED else None
            change = Change(event, self.clock.now(), reason, post=POST, remote=remote)
            publication = self.store.change(publication, change)
        return publication

    def found(self):
        return [(each.feed, each.site, each.state) for each in self.store.publications()]


def address(name: str) -> str:
    return f"https://{name}.example/feed"


@pytest.fixture
def desk(tmp_path, clock):
    desk = Desk(f"sqlite:///{tmp_path}/bot.db", clock)
    yield desk
    desk.store.close()


def test_what_one_feed_skips_another_may_take(desk):
    desk.poll("strict", rss("a"))
    assert desk.found() == [("strict", "s", State.SKIPPED)]
    assert desk.poll("open", rss("a")).new == 1
    assert desk.found() == [("open", "s", State.QUEUED)]


def test_it_is_in_the_words_of_the_feed_that_takes_it(desk):
    desk.poll("strict", rss("a", text="In short."))
    desk.poll("open", rss("a", title="Other words {}", text="At length."))
    (publication,) = desk.store.publications()
    entry = desk.store.entry(publication.key)
    assert (entry.feed, entry.title, entry.summary_html) == ("open", "Other words a", "At length.")
    desk.poll("strict", rss("a", text="In short again."))
    desk.poll("open", rss("a", title="Corrected words {}"))
    assert desk.store.entry(publication.key).title == "Corrected words a"


def test_it_comes_once_however_often_all_feeds_tell_it(desk):
    desk.configure(strict={"exclude": ["story"]}, open={}, third={})
    for round_ in range(3):
        for name in ("strict", "open", "third"):
            desk.poll(name, rss("a", text=f"{round_}"))
        (publication,) = desk.store.publications()
        if round_ == 0:
            desk.change(publication, Event.PREPARED, Event.BEGUN, Event.PUBLISHED)
    assert [(feed, state) for feed, _, state in desk.found()] == [("open", State.OUTDATED)]


def test_each_feed_is_asked_once(desk):
    desk.configure(strict={"exclude": ["story"]}, second={"include": ["boat"]}, third={"min_chars": 9})
    assert [desk.poll(name, rss("a")).new for name in ("strict", "second", "third")] == [0, 0, 1]
    (taken,) = desk.store.publications()
    desk.change(taken, Event.SKIPPED, reason="its text has 3 characters, fewer than min_chars (9)")
    again = [desk.poll(name, rss("a", "b")) for name in ("strict", "second", "third")]
    assert [(each.new, each.skipped) for each in again] == [(0, 1), (0, 1), (1, 0)]
    assert [(feed, state) for feed, _, state in desk.found()] == [
        ("third", State.SKIPPED),
        ("third", State.QUEUED),
    ]


def test_what_is_skipped_once_its_article_was_read_is_tried_by_the_feed_that_had_left_it(desk):
    desk.configure(strict={"languages": ["de"]}, open={})
    desk.poll("strict", rss("a"))
    assert desk.poll("open", rss("a")).new == 0
    desk.change(desk.store.publications()[0], Event.SKIPPED, reason="reads like en, and languages are de")
    assert desk.poll("open", rss("a")).new == 1  # its document is the same: it is read all the same
    assert desk.poll("open", rss("a")).unchanged


def test_a_feed_asks_for_changes_alone_where_no_other_reads_first(desk):
    desk.configure(first={}, open={})
    desk.poll("first", rss("a"))
    desk.poll("open", rss("a"))
    assert desk.poll("open", rss("a")).unchanged


def test_an_old_entry_is_no_new_one_of_a_first_poll(desk):
    desk.configure(strict={"exclude": ["story"]}, open={"backfill": 1})
    desk.poll("strict", rss("b", "a"))
    assert desk.poll("open", rss("b", "a")).new == 1
    assert sorted(state for *_, state in desk.found()) == [State.QUEUED, State.SKIPPED]


@pytest.mark.parametrize(
    "events",
    [
        (Event.FAILED,),
        (Event.HELD, Event.REJECTED),
        (Event.PREPARED, Event.BEGUN),
        (Event.PREPARED, Event.BEGUN, Event.PUBLISHED, Event.RETRACTED),
    ],
)
def test_what_failed_or_a_person_refused_or_was_out_is_not_tried_through_another_feed(desk, events):
    desk.configure(first={}, open={})
    desk.poll("first", rss("a"))
    after = desk.change(desk.store.publications()[0], *events)
    assert desk.poll("open", rss("a", "b")).new == 1
    assert desk.found()[0] == ("first", "s", after.state)


def test_what_gave_way_to_a_story_is_not_taken_by_the_feed_that_tells_it(desk):
    desk.configure(first={}, open={})
    desk.poll("open", rss("a", title=TITLE, text=LEAD))
    desk.poll("first", rss("b", title=TITLE, text=LEAD))
    assert desk.poll("open", rss("a", "b", title=TITLE, text=LEAD)).new == 0
    assert desk.found() == [("open", "s", State.QUEUED), ("first", "s", State.SKIPPED)]


def test_what_is_wanted_and_gave_way_comes_back_in_the_words_of_the_feed_that_wants_it(desk):
    desk.configure(strict={"exclude": ["port hallin after"]}, third={}, open={})
    desk.poll("strict", rss("a", title=TITLE, text=LEAD))
    desk.poll("third", rss("x", title=f"Breaking: {TITLE.replace('after', 'finally, after')}", text=LEAD))
    told = f"Breaking: {TITLE}"
    assert desk.poll("open", rss("a", title=told, text=LEAD)).new == 0
    item, winner = desk.store.publications()
    desk.change(winner, Event.FAILED)
    assert [(each.key, each.feed) for each in desk.chooser.revive(desk.clock.now())] == [(item.key, "open")]
    assert desk.store.entry(item.key).title == told


def test_what_gave_way_in_a_feed_that_left_the_config_comes_back_through_another_one_that_wants_it(desk):
    desk.configure(first={}, open={}, x={})
    for name, key in (("x", "x"), ("first", "k"), ("open", "k")):
        desk.poll(name, rss(key, title=TITLE, text=LEAD))
    desk.configure(open={}, x={})
    desk.change(desk.store.publications()[0], Event.FAILED)
    assert [each.feed for each in desk.chooser.revive(desk.clock.now())] == ["open"]


def test_what_gave_way_in_two_feeds_does_not_come_when_the_window_is_over(desk):
    desk.configure(first={}, open={}, x={})
    for name, key in (("x", "x"), ("first", "k"), ("open", "k")):
        desk.poll(name, rss(key, title=TITLE, text=LEAD))
    desk.clock.advance(days=4)
    assert desk.poll("open", rss("k", title=TITLE, text=LEAD + " ")).new == 0


def test_a_feed_is_asked_again_on_the_site_where_another_one_had_it(desk):
    desk.configure(strict={"min_chars": 500}, open={"sites": ["s", "t"]})
    desk.poll("strict", rss("a"))
    assert desk.poll("open", rss("a")).new == 1
    desk.change(desk.store.publications()[0], Event.SKIPPED, reason="its text has 3 characters")
    assert desk.poll("open", rss("a")).new == 1
    assert desk.found() == [("open", "s", State.QUEUED), ("open", "t", State.QUEUED)]


def test_a_feed_is_asked_on_each_site_as_the_other_one_leaves_it(desk):
    both = ["s", "t"]
    desk.configure(strict={"min_chars": 500, "sites": both}, open={"sites": both})
    for name in ("strict", "open"):
        desk.poll(name, rss("a"))
    for n in range(2):
        desk.change(desk.store.publications()[n], Event.SKIPPED, reason="its text has 3 characters")
        assert desk.poll("open", rss("a")).new == 1
    assert desk.found() == [("open", "s", State.QUEUED), ("open", "t", State.QUEUED)]


def test_what_was_taken_over_long_after_is_not_told_twice_by_a_retry(desk):
    desk.configure(x={}, strict={"exclude": ["port hallin"]})
    for name, key in (("x", "x"), ("strict", "k")):
        desk.poll(name, rss(key, title=TITLE, text=LEAD))
    desk.change(desk.store.publications()[0], Event.FAILED)
    desk.clock.advance(days=4)
    desk.configure(x={}, strict={"exclude": ["port hallin"]}, open={})
    assert desk.poll("open", rss("k", title=TITLE, text=LEAD)).new == 1
    failed, taken = desk.store.publications()
    assert told_elsewhere([failed], desk.config, desk.store, desk.clock.now()) == {"s": taken}


def test_the_same_item_of_the_preferred_feed_stays_with_the_one_that_brought_it(desk):
    desk.configure(first={}, open={}, prefer=["open"])
    desk.poll("first", rss("a", title=TITLE, text=LEAD))
    assert desk.poll("open", rss("a", title=TITLE, text=LEAD)).new == 0
    assert desk.found() == [("first", "s", State.QUEUED)]


def test_what_gave_way_goes_before_as_that_of_the_preferred_feed(desk):
    desk.configure(first={}, second={}, open={}, prefer=["open"])
    desk.poll("first", rss("a", title=TITLE, text=LEAD))
    desk.poll("second", rss("b", title=TITLE, text=LEAD))
    assert desk.poll("open", rss("b", title=TITLE, text=LEAD)).new == 1
    assert desk.found() == [("first", "s", State.SKIPPED), ("open", "s", State.QUEUED)]


@pytest.mark.parametrize("restart", [False, True])
def test_the_story_of_what_was_taken_over_is_not_told_by_its_first_feed_again(desk, restart):
    desk.configure(strict={"exclude": ["port hallin after"]}, open={})
    desk.poll("strict", rss("a", title=TITLE, text=LEAD))
    desk.poll("open", rss("a", title=TITLE, text=LEAD))
    desk.configure(strict={}, open={}) if restart else None
    told_anew = TITLE.replace("after", "finally, after")
    assert desk.poll("strict", rss("b", title=told_anew, text=LEAD)).new == 0
    assert [state for *_, state in desk.found()] == [State.QUEUED, State.SKIPPED]


def test_an_item_waits_for_its_turn_in_the_feed_that_takes_it(desk):
    desk.configure(strict={"exclude": ["story"]}, open={"max_per_hour": 1})
    desk.poll("strict", rss("b", "a"))
    desk.clock.advance(hours=5)
    assert desk.poll("open", rss("b", "a")).new == 2
    assert len(desk.store.due(desk.clock.now())) == 1
    desk.clock.advance(minutes=30)
    desk.poll("open", rss("c", "b", "a"))
    assert len(desk.store.due(desk.clock.now())) == 1


def test_a_site_that_the_first_feed_does_not_go_to_and_one_where_it_was_skipped_get_it_both(desk):
    desk.configure(strict={"exclude": ["story"]}, open={"sites": ["s", "t"]})
    desk.poll("strict", rss("a"))
    assert desk.poll("open", rss("a")).new == 1
    assert desk.found() == [("open", "s", State.QUEUED), ("open", "t", State.QUEUED)]


def test_a_rehearsal_shows_it_and_changes_nothing(desk):
    desk.poll("strict", rss("a"))
    desk.feeds.answers[address("open")] = rss("a")
    (decision,) = desk.poller.decide(desk.config.feed("open"))
    assert decision.entry.title == "Story a"
    assert desk.found() == [("strict", "s", State.SKIPPED)]


def test_a_feed_that_answers_the_same_is_read_again_once_the_other_is_out_of_the_config(desk):
    desk.configure(first={}, open={})
    desk.poll("first", rss("a"))
    desk.poll("open", rss("a"))
    assert desk.poll("open", rss("a")).unchanged
    desk.configure(open={})
    desk.change(desk.store.publications()[0], Event.SKIPPED, reason="the feed is no longer in the config")
    assert desk.poll("open", rss("a")).new == 1
    assert desk.poll("open", rss("a")).unchanged


def test_a_feed_is_not_read_again_and_again_while_another_has_its_item_in_hand(desk):
    desk.configure(strict={"min_chars": 5}, open={})
    desk.poll("strict", rss("a"))
    desk.poll("open", rss("a"))
    waiting = desk.change(desk.store.publications()[0], Event.POSTPONED, reason="engine down")
    assert desk.poll("open", rss("a")).unchanged
    desk.change(waiting, Event.SKIPPED, reason="its text has 3 characters, fewer than min_chars (5)")
    assert desk.poll("open", rss("a")).new == 1
