"""The way of an item over fakes of our own ports, with the real stages, store and local translation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from pydantic import SecretStr

from bot import app
from bot.config import Config
from bot.engines.store import DatabaseStore
from bot.engines.translators import make
from bot.errors import (
    EngineUnavailable,
    FetchRefused,
    FetchUnavailable,
    PostOutcomeUnknown,
    SiteRefused,
    SiteUnavailable,
    SiteUnusable,
)
from bot.model import NotModified
from bot.pipeline import Pipeline
from bot.ports import Ports
from bot.states import Change, Event, RetryPolicy, State
from tests.fakes.site import FakeSite
from tests.fakes.web import FakeFetcher, FakePictures

FEED = "https://source.example/feed"
STORY = "https://source.example/story"
PHOTO = "https://source.example/photo.jpg"
BODY = """<p>The harbour of Port Hallin has opened again after eleven days of ice, the council said.</p>
<p>About 310 people waited on the pier to greet the <a href="https://source.example/boat">first boat</a>
of the morning, which carried bread, letters and a very tired crew.</p>"""


def rss(*stories: tuple[str, str], language: str = "en") -> bytes:
    items = "".join(
        f"<item><guid>{guid}</guid><title>{title}</title><link>{STORY}-{guid}</link>"
        f"<pubDate>Sun, 01 Mar 2026 0{n}:00:00 GMT</pubDate>"
        f'<enclosure url="{PHOTO}" type="image/jpeg" length="1"/>'
        f'<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[{BODY}]]>'
        "</content:encoded></item>"
        for n, (guid, title) in enumerate(stories)
    )
    return (
        f'<rss version="2.0"><channel><title>S</title><language>{language}</language>{items}</channel></rss>'
    ).encode()


class World:
    """A pipeline over fakes, and what a test may turn."""

    def __init__(self, tmp_path, clock, local):
        self.clock = clock
        self.store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
        self.feeds, self.pages, self.pictures = FakeFetcher(), FakeFetcher(), FakePictures()
        self.sites = {"monde": FakeSite("monde")}
        self.translators = [local]
        self.config = config()
        self.feeds.answers[FEED] = rss(("a", "The ice has gone"))
        self.pictures.answers[PHOTO] = b"photo"

    def pipeline(self) -> Pipeline:
        templates = {site.name: app.template_of(site) for site in self.config.sites}
        ports = Ports(
            store=self.store,
            feeds=self.feeds,
            pages=self.pages,
            pictures=self.pictures,
            translators=self.translators,
            memory=self.store,
            sites=self.sites,
            templates=templates,
            clock=self.clock,
        )
        return Pipeline(self.config, ports, RetryPolicy(attempts=3))

    def poll(self):
        return self.pipeline().poll(self.config.feeds[0])

    def work(self):
        pipeline = self.pipeline()
        return [pipeline.advance(each) for each in self.store.due(self.clock.now())]

    def states(self):
        return [(each.state, each.site) for each in self.store.publications()]

    @property
    def site(self) -> FakeSite:
        return self.sites["monde"]


def config(sites=("monde",), feed=None, **site) -> Config:
    feed = {
        "name": "source",
        "url": FEED,
        "language": "en",
        "sites": sites,
        "content": "feed",
        "rights": "open",
        "categories": ("Mundo",),
        "tags": ("Porto",),
        **(feed or {}),
    }
    return Config.model_validate(
        {
            "sites": [
                {
                    "name": name,
                    "url": f"https://{name}.example",
                    "username": "u",
                    "password": SecretStr("x"),
                    "language": "pt",
                    **site,
                }
                for name in sites
            ],
            "feeds": [feed],
        }
    )


@pytest.fixture(scope="module")
def local(models_dir):
    return make("local", app_engine_config(models_dir), data_dir=models_dir, contact="")


def app_engine_config(models_dir):
    from bot.config import EngineConfig

    return EngineConfig(models_dir=models_dir)


@pytest.fixture
def world(tmp_path, clock, local):
    world = World(tmp_path, clock, local)
    yield world
    world.store.close()


def test_a_new_item_comes_out_translated_once(world):
    assert world.poll().new == 1
    world.work()
    assert world.states() == [(State.PUBLISHED, "monde")]
    (post,) = world.site.posts
    assert "Port Hallin" in post.post.html
    assert "gelo" in post.post.html
    assert 'href="https://source.example/boat"' in post.post.html
    assert (len(post.categories), len(post.tags), post.thumbnail.id) == (1, 1, "1")
    world.poll()
    world.work()
    assert len(world.site.posts) == 1


def test_an_unchanged_feed_is_asked_conditionally(world):
    world.poll()
    world.feeds.answers[FEED] = NotModified(FEED)
    assert world.poll().unchanged
    assert world.feeds.asked[0][1] == ""
    assert world.feeds.asked[1][1] == world.store.feed_state("source").etag


def test_a_feed_cut_off_on_the_way_is_asked_for_whole_again(world):
    whole = rss(("a", "The ice has gone"), ("b", "The boat is back"))
    world.feeds.answers[FEED] = whole[: whole.index(b"<guid>b") + 40]
    assert world.poll().new == 1
    assert world.store.feed_state("source").etag == ""
    world.feeds.answers[FEED] = whole
    assert world.poll().new == 1


def test_a_feed_that_moved_in_the_config_is_asked_afresh(world):
    world.poll()
    other = "https://source.example/new-feed"
    world.feeds.answers[other] = rss(("b", "Another story"))
    world.config = config(feed={"url": other})
    assert world.poll().new == 1
    assert world.feeds.asked[-1] == (other, "", "")


def test_a_failed_poll_is_told_and_the_pause_grows(world):
    world.feeds.answers[FEED] = FetchUnavailable(FEED, "answered 500 Internal Server Error")
    assert "answered 500" in str(world.poll().error)
    world.poll()
    state = world.store.feed_state("source")
    assert (state.failures, state.not_before) == (2, None)
    assert state.next_poll_at == world.clock.now() + timedelta(minutes=2)
    world.feeds.answers[FEED] = rss(("a", "The ice has gone"))
    assert world.poll().new == 1
    assert world.store.feed_state("source").failures == 0


def test_a_publisher_who_says_when_to_come_back_is_heard(world):
    world.feeds.answers[FEED] = FetchUnavailable(FEED, "answered 429", retry_after_seconds=3600)
    world.poll()
    assert world.store.feed_state("source").not_before == world.clock.now() + timedelta(hours=1)


class Down:
    """An engine that cannot be reached."""

    name, max_chars, max_url_bytes, keeps_markers = "down", 4900, 0, True

    def supports(self, source, target):
        return True

    def translate(self, lines, source, target):
        raise EngineUnavailable("down", "answered 429 Too Many Requests", retry_after_seconds=600)


def test_without_an_engine_an_item_waits_and_nothing_is_published(world):
    real, world.translators = world.translators, [Down()]
    world.poll()
    (waiting,) = world.work()
    assert (waiting.state, world.site.posts) == (State.QUEUED, [])
    assert "429" in waiting.reason
    assert waiting.not_before >= world.clock.now() + timedelta(minutes=5)
    world.translators = real
    assert world.work() == []
    world.clock.advance(minutes=20)
    world.work()
    assert len(world.site.posts) == 1


def test_engines_that_cannot_do_the_pair_make_it_wait_too(world):
    world.config = config(language="fr")
    world.poll()
    (waiting,) = world.work()
    assert waiting.state is State.QUEUED
    assert waiting.reason


def test_an_article_that_is_gone_is_never_published(world):
    world.config = config(feed={"content": "full"})
    world.poll()
    (failed,) = world.work()
    assert (failed.state, world.site.posts) == (State.FAILED, [])
    assert "404" in failed.reason


def test_a_page_that_is_closed_to_robots_leaves_the_feeds_own_text(world):
    world.config = config(feed={"content": "full"})
    world.pages.answers[f"{STORY}-a"] = FetchRefused(f"{STORY}-a", "robots.txt forbids it")
    world.poll()
    world.work()
    assert "gelo" in world.site.posts[0].post.html


def test_a_page_that_is_down_is_tried_again_and_given_up_in_the_end(world):
    world.config = config(feed={"content": "full"})
    world.pages.answers[f"{STORY}-a"] = FetchUnavailable(f"{STORY}-a", "answered 503")
    world.poll()
    states = []
    for _ in range(3):
        states += [each.state for each in world.work()]
        world.clock.advance(hours=7)
    assert states == [State.QUEUED, State.QUEUED, State.FAILED]


def test_a_broken_picture_holds_up_no_post(world):
    world.pictures.answers[PHOTO] = FetchRefused(PHOTO, "not a picture")
    world.poll()
    world.work()
    assert world.site.posts[0].thumbnail is None


def test_a_picture_that_the_site_refuses_holds_up_no_post(world):
    world.site.fail("upload", SiteRefused("monde", "the picture is too large"))
    world.poll()
    world.work()
    assert world.site.posts[0].thumbnail is None


def test_one_picture_is_uploaded_once_a_site(world):
    world.feeds.answers[FEED] = rss(("a", "The ice has gone"), ("b", "The boat is back"))
    world.poll()
    world.work()
    assert world.site.calls.count("upload") == 1
    assert len({post.thumbnail.id for post in world.site.posts}) == 1


@pytest.mark.parametrize("after", [True, False])
def test_a_lost_answer_never_makes_two_posts_and_never_none(world, after):
    world.site.fail("create", PostOutcomeUnknown("monde", "timed out"), after=after)
    world.poll()
    (lost,) = world.work()
    assert lost.state is State.PUBLISHING
    world.clock.advance(seconds=30)
    assert world.work() == []  # the first call may still be running
    world.clock.advance(seconds=31)
    world.work()
    assert len(world.site.posts) == 1
    assert world.states() == [(State.PUBLISHED, "monde")]


def test_a_lost_answer_is_not_repeated_while_the_site_cannot_be_asked(world):
    world.site.fail("create", PostOutcomeUnknown("monde", "timed out"), after=True)
    world.site.fail("find", SiteUnavailable("monde", "refused the connection"), times=3)
    world.poll()
    world.work()
    for _ in range(6):
        world.clock.advance(hours=7)
        world.work()
    assert len(world.site.posts) == 1
    assert world.states() == [(State.PUBLISHED, "monde")]


def test_a_site_that_is_down_makes_items_wait_as_long_as_it_takes(world):
    world.site.fail("resolve_terms", SiteUnavailable("monde", "refused the connection"), times=20)
    world.poll()
    for _ in range(20):
        world.work()
        assert world.site.posts == []
        world.clock.advance(hours=7)
    world.work()
    assert len(world.site.posts) == 1


def test_a_post_that_was_surely_not_sent_is_sent_later(world):
    world.site.fail("create", SiteUnavailable("monde", "refused the connection"))
    world.poll()
    (waiting,) = world.work()
    assert (waiting.state, waiting.attempts) == (State.READY, 1)
    world.clock.advance(minutes=2)
    world.work()
    assert len(world.site.posts) == 1


def test_a_wrong_password_stops_the_site_and_loses_nothing(world):
    world.site.fail("resolve_terms", SiteUnusable("monde", "wrong password", remedy="set another"))
    world.poll()
    (waiting,) = world.work()
    assert waiting.state is State.READY
    assert "wrong password; set another" in waiting.reason
    world.clock.advance(hours=2)
    world.work()
    assert len(world.site.posts) == 1


def test_a_refused_post_fails_and_the_next_one_passes(world):
    world.feeds.answers[FEED] = rss(("a", "The ice has gone"), ("b", "The boat is back"))
    world.site.fail("create", SiteRefused("monde", "Invalid taxonomy"))
    world.poll()
    world.work()
    assert sorted(world.states()) == [(State.FAILED, "monde"), (State.PUBLISHED, "monde")]


def test_two_sites_share_one_fetch(world):
    world.config = config(("monde", "mar"), feed={"content": "full"})
    world.sites["mar"] = FakeSite("mar")
    page = f"<html lang=en><head><title>T</title></head><body><article>{BODY * 4}</article></body></html>"
    world.pages.answers[f"{STORY}-a"] = page.encode()
    world.poll()
    world.work()
    assert len(world.pages.asked) == 1
    assert [len(site.posts) for site in world.sites.values()] == [1, 1]


# --- updates and withdrawals --------------------------------------------------------------------


def correct(world, title="The ice has gone at last"):
    world.feeds.answers[FEED] = rss(("a", title))
    world.poll()


def test_a_changed_source_updates_its_post(world):
    world.poll()
    world.work()
    first = world.site.posts[0].post
    correct(world)
    (updated,) = world.work()
    assert updated.state is State.PUBLISHED
    (post,) = world.site.posts
    assert post.post.title != first.title
    assert world.site.calls.count("create") == 1
    assert world.site.calls.count("update") == 1
    correct(world)
    assert world.work() == []


@pytest.mark.parametrize("after", [True, False])
def test_a_second_post_that_a_person_wants_is_not_mistaken_for_the_first(world, after):
    world.poll()
    world.work()
    first = world.store.publications()[0]
    world.store.change(first, Change(Event.AGAIN, world.clock.now()))
    world.site.fail("create", PostOutcomeUnknown("monde", "timed out"), after=after)
    for _ in range(3):
        world.work()
        world.clock.advance(minutes=5)
    (second,) = world.store.publications()
    assert second.state is State.PUBLISHED
    assert second.remote.id != first.remote.id
    assert len(world.site.posts) == 2


def test_an_update_that_fails_leaves_its_post_as_it_is(world):
    """Its source changed while the update waited, and then the page was gone."""
    world.config = config(feed={"content": "full"})
    page = f"<html lang=en><head><title>T</title></head><body><article>{BODY * 4}</article></body></html>"
    world.pages.answers[f"{STORY}-a"] = page.encode()
    world.poll()
    world.work()
    correct(world)
    world.site.fail("read", SiteUnavailable("monde", "refused the connection"))
    world.work()
    correct(world, "The ice has gone, and the boats are back")
    del world.pages.answers[f"{STORY}-a"]
    world.clock.advance(hours=1)
    (kept,) = world.work()
    assert kept.state is State.PUBLISHED
    assert "404" in kept.reason


def test_a_correction_that_comes_while_an_item_is_prepared_is_not_lost(world):
    world.poll()
    (stale,) = world.store.due(world.clock.now())
    correct(world)
    assert world.pipeline().advance(stale) is None  # it was prepared from what the feed said before
    world.work()
    assert "at last" in world.store.entry(stale.key).title
    assert len(world.site.posts) == 1


def test_a_held_item_hears_of_a_correction(world):
    world.poll()
    queued = world.store.publications()[0]
    world.store.change(queued, Change(Event.HELD, world.clock.now(), reason="digits"))
    correct(world)
    assert world.states() == [(State.QUEUED, "monde")]


def test_a_bug_met_with_one_item_stops_no_other(world):
    class Buggy(Down):
        def translate(self, lines, source, target):
            raise ZeroDivisionError("division by zero")

    real, world.translators = world.translators, [Buggy()]
    world.poll()
    (waiting,) = world.work()
    assert waiting.state is State.QUEUED
    assert "ZeroDivisionError" in waiting.reason
    world.translators = real
    world.clock.advance(hours=1)
    world.work()
    assert len(world.site.posts) == 1


def test_a_source_that_says_the_same_in_other_words_of_markup_sends_nothing(world):
    world.poll()
    world.work()
    same = rss(("a", "The ice has gone")).replace(b"<p>The harbour", b"<p class='x'>The harbour")
    world.feeds.answers[FEED] = same
    world.poll()
    (kept,) = world.work()
    assert kept.state is State.PUBLISHED
    assert "update" not in world.site.calls


def test_a_post_that_a_person_edited_is_left_alone_and_told(world):
    world.poll()
    world.work()
    held = world.site.posts[0]
    held.post = replace(held.post, html=held.post.html + "<p>Uma nota da redação.</p>")
    correct(world)
    (kept,) = world.work()
    assert kept.state is State.PUBLISHED
    assert "a person edited the post" in kept.reason
    assert "nota da redação" in world.site.posts[0].post.html


def test_a_post_that_is_gone_from_the_site_is_not_made_again(world):
    world.poll()
    world.work()
    world.site.posts.clear()
    correct(world)
    (kept,) = world.work()
    assert (kept.state, world.site.posts) == (State.PUBLISHED, [])
    assert "no longer on the site" in kept.reason


def test_a_lost_answer_to_an_update_is_sent_again(world):
    world.poll()
    world.work()
    world.site.fail("update", SiteUnavailable("monde", "no answer"), after=True)
    correct(world)
    (waiting,) = world.work()
    assert waiting.state is State.READY
    world.clock.advance(minutes=5)
    (done,) = world.work()
    assert done.state is State.PUBLISHED
    assert len(world.site.posts) == 1


def test_updates_can_be_switched_off(world):
    world.config = config(updates=False)
    world.poll()
    world.work()
    correct(world)
    world.work()
    assert "update" not in world.site.calls
    assert world.states() == [(State.PUBLISHED, "monde")]


@pytest.mark.parametrize(("stories", "withdrawn"), [(5, 5), (6, 0)])
def test_a_host_where_all_is_gone_at_once_is_not_believed(world, stories, withdrawn):
    world.config = config(on_withdrawn="draft")
    world.feeds.answers[FEED] = rss(*((f"s{n}", f"The ice has gone {n}") for n in range(stories)))
    world.poll()
    world.work()
    pipeline = world.pipeline()
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            world.clock.advance(days=1, hours=1)
            pipeline.recheck()
    assert [post.remote.status for post in world.site.posts].count("draft") == withdrawn
    assert any("6 sources are gone at once" in line.get("reason", "") for line in logs) is not bool(withdrawn)


def test_the_source_of_a_feed_that_is_no_longer_relayed_is_not_looked_at(world):
    world.config = config(on_withdrawn="draft")
    world.poll()
    world.work()
    asked = len(world.pages.asked)
    world.config = world.config.model_copy(update={"feeds": ()})
    for _ in range(2):
        world.clock.advance(days=1, hours=1)
        assert world.pipeline().recheck() == []
    assert len(world.pages.asked) == asked


def test_a_source_behind_a_login_is_looked_at_with_it(world):
    world.config = config(on_withdrawn="draft", feed={"user_agent": "Subscriber/1"})
    world.poll()
    world.work()
    world.clock.advance(days=1, hours=1)
    world.pipeline().recheck()
    assert world.pages.access[-1] == world.config.feeds[0].access


@pytest.mark.parametrize(("wish", "status"), [("draft", "draft"), ("trash", "trash"), ("keep", "publish")])
def test_a_source_gone_twice_a_day_apart_is_withdrawn(world, wish, status):
    world.config = config(on_withdrawn=wish)
    world.pages.answers[f"{STORY}-a"] = b"<html>here</html>"
    world.poll()
    world.work()
    for answer in (b"<html>here</html>", FetchUnavailable(STORY, "503"), None, b"<html>here</html>", None):
        world.clock.advance(days=1)
        if answer is None:
            world.pages.answers.pop(f"{STORY}-a", None)
        else:
            world.pages.answers[f"{STORY}-a"] = answer
        assert world.pipeline().recheck() == []
    world.clock.advance(hours=5)
    assert world.pipeline().recheck() == []
    assert world.site.posts[0].remote.status == "publish"
    world.clock.advance(hours=20)
    world.pipeline().recheck()
    assert world.site.posts[0].remote.status == status


# --- pace, pictures, terms ----------------------------------------------------------------------


def test_posts_come_at_the_pace_of_their_site(world):
    world.config = config(apart="10m")
    world.feeds.answers[FEED] = rss(*((f"n{n}", f"The boat number {n} is back") for n in range(3)))
    world.poll()
    made = []
    for _ in range(3):
        world.work()
        made.append(len(world.site.posts))
        world.clock.advance(minutes=10)
    assert made == [1, 2, 3]


def test_a_call_in_vain_takes_nobodys_turn(world):
    world.config = config(posts_per_hour=1)
    world.site.fail("create", SiteUnavailable("monde", "refused the connection"))
    world.poll()
    world.work()
    world.clock.advance(minutes=2)
    world.work()
    assert len(world.site.posts) == 1


def test_a_picture_that_always_fails_is_left_out_in_the_end(world):
    world.site.fail("upload", SiteUnavailable("monde", "answered HTTP 500"), times=99)
    world.poll()
    for _ in range(3):
        world.work()
        assert world.site.posts == []
        world.clock.advance(hours=7)
    world.work()
    assert world.site.posts[0].thumbnail is None


def test_quiet_hours_are_kept(world):
    world.config = config(quiet_hours="11:00-13:00")  # the fake clock starts at 12:00 UTC
    world.poll()
    (waiting,) = world.work()
    assert (waiting.state, waiting.attempts) == (State.READY, 0)
    world.clock.advance(hours=1)
    world.work()
    assert len(world.site.posts) == 1


def with_pictures(world, *sources):
    body = "".join(
        f'<figure><img src="{src}" alt="A boat"><figcaption>Boat {n}</figcaption></figure>'
        for n, src in enumerate(sources)
    )
    feed = rss(("a", "The ice has gone")).replace(b"<p>The harbour", body.encode() + b"<p>The harbour")
    world.feeds.answers[FEED] = feed
    world.poll()
    world.work()
    return world.site.posts[0]


def test_pictures_of_the_body_move_to_the_site_and_broken_ones_go_with_their_captions(world):
    good, bad = "https://source.example/good.jpg", "https://source.example/bad.jpg"
    world.pictures.answers[good] = b"good"
    post = with_pictures(world, good, bad)
    assert "source.example/good" not in post.post.html
    assert f"{world.site.url}/uploads/" in post.post.html
    assert "bad.jpg" not in post.post.html
    assert post.post.html.count("<figcaption>") == 1


def test_hotlinked_pictures_stay_where_they_are(world):
    world.config = config(media="hotlink")
    post = with_pictures(world, "https://source.example/good.jpg")
    assert PHOTO in post.post.html
    assert "https://source.example/good.jpg" in post.post.html
    assert (post.thumbnail, "upload" in world.site.calls) == (None, False)


def test_no_pictures_where_none_are_wanted(world):
    world.config = config(media="none")
    post = with_pictures(world, "https://source.example/good.jpg")
    assert "<img" not in post.post.html
    assert "<figcaption>" not in post.post.html
    assert post.thumbnail is None


def test_categories_by_rule_and_own_fields(world):
    feed_rules = {"category_keywords": {"Mar": ["harbour"]}, "fields": {"tie_source": "{{ source }}"}}
    world.config = config(feed=feed_rules, fields={"jannah_key": "{{ key }}", "lang": "{{ language }}"})
    world.poll()
    world.work()
    post = world.site.posts[0].post
    assert post.categories == ("Mundo", "Mar")
    fields = dict(post.fields)
    assert (fields["tie_source"], fields["lang"]) == ("source", "pt")
    assert fields["jannah_key"] == fields["relay_key"]


def test_a_term_that_may_not_be_made_makes_items_wait_not_fail(world):
    world.site.fail("resolve_terms", SiteRefused("monde", "may not create it", remedy="use an editor"))
    world.poll()
    (waiting,) = world.work()
    assert waiting.state is State.READY
    world.clock.advance(hours=2)
    world.work()
    assert len(world.site.posts) == 1


def test_a_feed_taken_out_of_the_config_is_not_relayed_any_more(world):
    world.poll()
    good = world.config
    world.config = Config.model_validate(good.model_copy(update={"feeds": ()}))
    (waiting,) = world.work()
    assert (waiting.state, world.site.posts) == (State.QUEUED, [])
    assert "the feed is no longer in the config" in waiting.reason
    for _ in range(60):
        world.clock.advance(hours=1)
        world.work()
    assert world.states() == [(State.SKIPPED, "monde")]


def test_a_feed_that_was_missing_for_a_moment_loses_nothing(world):
    world.poll()
    good = world.config
    world.config = Config.model_validate(good.model_copy(update={"feeds": ()}))
    world.work()
    world.config = good
    world.clock.advance(hours=1)
    world.work()
    assert len(world.site.posts) == 1


def test_what_is_already_in_the_language_is_relayed_and_labelled_so(world):
    world.config = config(feed={"language": "pt"})
    world.poll()
    world.work()
    post = world.site.posts[0].post
    assert dict(post.fields)["relay_engine"] == ""
    assert "The harbour of Port Hallin" in post.html
