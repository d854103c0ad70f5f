"""What becomes of items whose publishers want time, or their pages for themselves."""

from __future__ import annotations

import socket

import pytest

from bot import app
from bot.engines.http import Courtesy
from bot.errors import FetchRefused, FetchTooSoon
from bot.states import State
from tests.servers import serve
from tests.world import FEED, PHOTO, STORY, config

PAGE = f"{STORY}-a"
RESERVED = FetchRefused(PAGE, "its publisher keeps it from text and data mining (a header of the answer)")


def too_soon(url: str, seconds: float) -> FetchTooSoon:
    return FetchTooSoon(url, "not asked: its host wants to be left alone", retry_after_seconds=seconds)


@pytest.fixture
def full(world):
    """A world whose articles are read on their pages."""
    world.config = config(feed={"content": "full"})
    return world


def test_an_item_waits_for_its_turn_at_a_host_as_long_as_it_takes_and_spends_no_attempt(full):
    full.pages.answers[PAGE] = too_soon(PAGE, 40)
    full.poll()
    for _ in range(50):
        (waiting,) = full.work()
        assert (waiting.state, waiting.attempts) == (State.QUEUED, 0)
        assert "left alone" in waiting.reason
        full.clock.advance(seconds=39)
        assert full.work() == []
        full.clock.advance(seconds=1)
    full.pages.answers[PAGE] = RESERVED
    (published,) = full.work()
    assert published.state is State.PUBLISHED


def test_a_page_kept_from_text_mining_leaves_the_feeds_own_text(full):
    full.pages.answers[PAGE] = RESERVED
    full.poll()
    full.work()
    assert "gelo" in full.site.posts[0].post.html
    article = full.store.article(full.store.publications()[0].key)
    assert article.rung == "feed"
    assert "text and data mining" in article.faults[0]  # what `bot why` shows


def test_the_further_pages_of_an_article_are_the_same_visit(world):
    world.config = config(feed={"content": "full", "page": {"next_page": "a.next"}})
    text = (
        "<p>The harbour of Port Hallin has opened again after eleven days of ice, the council said.</p>" * 9
    )
    link = f'<a class="next" href="{PAGE}/2">Next</a>'
    world.pages.answers[PAGE] = f"<html><body><article>{text}{link}</article></body></html>".encode()
    world.pages.answers[f"{PAGE}/2"] = f"<html><body><article>{text}More.</article></body></html>".encode()
    world.poll()
    world.work()
    assert [access.continues for access in world.pages.access] == [False, True]


def test_a_post_waits_for_the_host_of_its_picture_but_not_all_day(world):
    world.pictures.answers[PHOTO] = too_soon(PHOTO, 300)
    world.poll()
    (waiting,) = world.work()
    assert (waiting.state, waiting.attempts, world.site.posts) == (State.READY, 0, [])
    world.clock.advance(seconds=301)
    world.pictures.answers[PHOTO] = b"photo"
    world.work()
    assert len(world.site.media) == 1


def test_a_picture_whose_host_rests_for_long_is_left_out(world):
    world.pictures.answers[PHOTO] = too_soon(PHOTO, 7200)
    world.poll()
    (published,) = world.work()
    assert (published.state, len(world.site.media)) == (State.PUBLISHED, 0)


def test_a_feed_whose_host_rests_is_polled_when_the_rest_is_over(world):
    world.feeds.answers[FEED] = too_soon(FEED, 7200)
    polled = world.poll()
    assert isinstance(polled.error, FetchTooSoon)
    state = world.store.feed_state("source")
    assert (state.not_before - world.clock.now()).total_seconds() == 7200


def test_a_source_that_cannot_be_looked_at_yet_is_looked_at_in_an_hour(world):
    world.config = config(on_withdrawn="trash")
    world.pages.answers[PAGE] = b"<html>"
    world.poll()
    world.work()
    world.clock.advance(hours=25)
    world.pages.answers[PAGE] = too_soon(PAGE, 40)
    world.pipeline().recheck()
    asked = len(world.pages.asked)
    world.clock.advance(minutes=59)
    world.pipeline().recheck()
    assert len(world.pages.asked) == asked
    world.clock.advance(minutes=2)
    world.pipeline().recheck()
    assert len(world.pages.asked) == asked + 1


def test_hubs_are_spared_together_with_the_feeds_of_their_host(newsroom, monkeypatch):
    slept, posts = [], []

    def take(handler):
        handler.rfile.read(int(handler.headers["Content-Length"] or 0))
        handler.reply(200)

    def courtesy(_config, rests, _patience):
        return Courtesy(2, 1.0, rests=rests, clock=lambda: sum(slept), sleep=slept.append)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *more, **how: real("127.0.0.1", *more, **how))
    monkeypatch.setattr(app, "courtesy", courtesy)
    monkeypatch.setattr(app, "HubSubscriber", lambda *parts: posts.append(parts[-1]))
    config = app.load_config(newsroom.write('[websub]\npublic_url = "https://bot.example/websub"\n'))
    with serve({"/": take}) as server, app.locked_store(config) as store:
        url = f"http://news.example:{server.server_port}/"
        service = app.build_service(newsroom.path, config, store)
        (post,) = posts
        service._round.pipeline._ports.feeds.get(url)
        post(url, {"hub.mode": "subscribe"})
        assert slept == [1.0]
        edited = service._build(config)
        edited._ports.feeds.get(url)
        post(url, {"hub.mode": "subscribe"})
        assert slept == [1.0, 1.0]
