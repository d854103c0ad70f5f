"""The way of an item: polled, prepared, published; engines and articles that fail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot import renaming
from bot.config import Config
from bot.errors import (
    FetchRefused,
    FetchUnavailable,
)
from bot.model import NotModified
from bot.states import State
from tests.fakes.site import FakeSite
from tests.world import BODY, FEED, STORY, Down, config, correct, rss


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
    renaming.settle(world.config.feeds, world.store)
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


@pytest.mark.parametrize(("text", "last"), [(True, State.PUBLISHED), (False, State.FAILED)])
def test_a_page_that_is_down_is_tried_again_and_its_feeds_text_taken_in_the_end(world, text, last):
    world.config = config(feed={"content": "full"})
    if not text:
        world.feeds.answers[FEED] = world.feeds.answers[FEED].replace(BODY.encode(), b"")
    world.pages.answers[f"{STORY}-a"] = FetchUnavailable(f"{STORY}-a", "answered 503")
    world.poll()
    states = []
    for _ in range(3):
        states += [each.state for each in world.work()]
        world.clock.advance(hours=7)
    assert states == [State.QUEUED, State.QUEUED, last]
    assert ["gelo" in each.post.html for each in world.site.posts] == [True] * text
    if not text:
        assert "503" in world.store.publications()[0].reason


def test_a_post_is_not_made_shorter_because_its_page_is_down(world):
    page = f"<html lang=en><head><title>T</title></head><body><article>{BODY * 4}</article></body></html>"
    world.config = config(feed={"content": "full"})
    world.pages.answers[f"{STORY}-a"] = page.encode()
    world.poll()
    world.work()
    before = world.site.posts[0].post.html
    world.pages.answers[f"{STORY}-a"] = FetchUnavailable(f"{STORY}-a", "answered 503")
    correct(world)
    for _ in range(3):
        world.work()
        world.clock.advance(hours=7)
    assert world.site.posts[0].post.html == before
    assert world.states() == [(State.PUBLISHED, "monde")]


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
