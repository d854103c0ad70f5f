"""The pictures of a post on its site."""

from __future__ import annotations

import bs4
import pytest

from bot.errors import (
    FetchRefused,
    SiteRefused,
    SiteUnavailable,
)
from tests.world import FEED, PHOTO, config, rss, with_pictures


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


def test_a_picture_that_always_fails_is_left_out_in_the_end(world):
    world.site.fail("upload", SiteUnavailable("monde", "answered HTTP 500"), times=99)
    world.poll()
    for _ in range(3):
        world.work()
        assert world.site.posts == []
        world.clock.advance(hours=7)
    world.work()
    assert world.site.posts[0].thumbnail is None


def test_pictures_of_the_body_move_to_the_site_and_broken_ones_go_with_their_captions(world):
    good, bad = "https://source.example/good.jpg", "https://source.example/bad.jpg"
    world.pictures.answers[good] = b"good"
    post = with_pictures(world, good, bad)
    assert "source.example/good" not in post.post.html
    assert f"{world.site.url}/uploads/" in post.post.html
    assert "bad.jpg" not in post.post.html
    assert post.post.html.count("<figcaption>") == 1


def test_a_picture_is_shown_in_its_real_shape_and_no_larger_than_it_is(world):
    small, large = "https://source.example/small.jpg", "https://source.example/large.jpg"
    world.pictures.answers |= {small: b"small", large: b"large"}  # of 40 x 30 pixels
    feed = rss(("a", "The ice has gone")).replace(
        b"<p>The harbour",
        f'<img src="{small}" width="20" height="99"><img src="{large}" width="3000"><p>The harbour'.encode(),
    )
    world.feeds.answers[FEED] = feed
    world.poll()
    world.work()
    page = bs4.BeautifulSoup(world.site.posts[0].post.html, "lxml")
    assert [(image["width"], image["height"]) for image in page("img")] == [("20", "15"), ("40", "30")]
    ids = [image["class"] for image in page("img")]
    assert ids == [[f"wp-image-{media.id}"] for media in list(world.site.media.values())[1:]]


@pytest.mark.parametrize("error", [SiteRefused, SiteUnavailable], ids=["refused", "500"])
def test_a_site_that_takes_no_webp_gets_the_picture_as_it_is(world, error):
    world.config = config(picture_format="webp")
    world.site.fail_webp = error("monde", "imagecreatefromwebp() is not there")
    world.poll()
    for _ in range(5):
        world.work()
        world.clock.advance(hours=7)
    assert world.site.posts[0].thumbnail is not None


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
