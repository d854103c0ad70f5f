"""Pages that show the text of another article: a home page, a consent page, the last story."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.errors import ItemUnusable
from bot.model import Entry, FeedState, Take
from bot.states import Change, Event, State
from tests.desk import OTHER_SENTENCES, SHOWN, SITE, entry, page, source
from tests.world import FEED, config

ICE = entry("a", "The ice has gone from the harbour")
BOAT = entry("b", "First boat of the year brings bread")
HELD = "<p>First boat of the year, as the feed tells it.</p>"


@pytest.fixture
def everywhere(desk):
    """A site that shows one page under every address."""
    for key in "abc":
        desk.pages.answers[f"{SITE}/{key}"] = page(title="Welcome")
    return desk


def test_a_page_that_shows_the_text_of_another_is_not_taken(everywhere):
    assert everywhere.article(ICE).rung == "readability"
    told = f'shows the same text as the page of "{ICE.title}" ({SITE}/a)'
    with pytest.raises(ItemUnusable) as caught:
        everywhere.article(BOAT)
    assert caught.value.problem == told
    assert caught.value.remedy == "look at both; if the text is right, take it with: bot retry b"
    assert everywhere.told[0]["fault"] == told
    assert everywhere.store.article("b") is None


def test_the_feeds_own_text_is_taken_instead(everywhere):
    everywhere.article(ICE)
    article = everywhere.article(entry("b", BOAT.title, content_html=HELD))
    assert (article.rung, article.html) == ("feed", HELD)
    assert article.faults == (f'readability: shows the same text as the page of "{ICE.title}" ({SITE}/a)',)
    with pytest.raises(ItemUnusable):
        everywhere.article(entry("c", "A fire at the old mill"))


def test_a_persons_word_goes_before_the_rule(everywhere):
    everywhere.article(ICE)
    assert everywhere.article(BOAT, trusted=True).rung == "readability"


def test_the_first_text_is_not_refused_when_it_is_read_again(everywhere):
    everywhere.article(ICE)
    everywhere.store.save_poll(
        FeedState("news"),
        [],
        ["s"],
        everywhere.reader._clock.now(),
        [entry("a", ICE.title, summary_html="x")],
    )
    assert everywhere.store.article("a") is None
    assert everywhere.article(ICE).rung == "readability"


def test_what_is_only_tried_is_compared_and_not_remembered(everywhere):
    assert everywhere.reader.read(ICE, source()).rung == "readability"
    assert everywhere.store.imprints("news.example") == []
    everywhere.article(ICE)
    with pytest.raises(ItemUnusable, match="the same text"):
        everywhere.reader.read(BOAT, source())


def test_other_hosts_and_the_texts_of_feeds_are_not_compared(desk):
    for address in (f"{SITE}/a", "https://other.example/b"):
        desk.pages.answers[address] = page(title="Welcome")
    desk.article(ICE)
    assert desk.article(entry("b", BOAT.title, link="https://other.example/b")).rung == "readability"
    feed = source(content="feed")
    for key, title in (("c", "A fire at the old mill"), ("d", "Rain")):
        assert desk.article(entry(key, title, content_html=SHOWN), feed).rung == "feed"


def test_stories_of_their_own_are_taken(desk):
    desk.pages.answers |= {
        f"{SITE}/a": page(title=ICE.title),
        f"{SITE}/b": page(f"<p>{OTHER_SENTENCES}</p>", title=BOAT.title),
    }
    assert [desk.article(each).rung for each in (ICE, BOAT)] == ["readability", "readability"]


def test_a_page_gone_astray_does_not_cost_the_story_that_it_showed(desk):
    desk.pages.answers |= dict.fromkeys((f"{SITE}/a", f"{SITE}/b"), page(title=BOAT.title))
    desk.article(ICE)  # for a moment the site showed its newest story everywhere
    assert desk.told == []
    assert desk.article(BOAT).rung == "readability"
    (told,) = desk.told  # what stands under the other one is wrong, and may be published
    assert told["wrong"] == f'"{ICE.title}" ({SITE}/a)'
    assert told["remedy"] == "look at it: bot show a"


@pytest.mark.parametrize("titles", [("", ""), ("", BOAT.title), ("Update", "Update on the boat of the year")])
def test_items_with_hardly_a_title_do_not_share_one_page(everywhere, titles):
    one, other = (
        Entry(key, "news", key, f"{SITE}/{key}", title) for key, title in zip("ab", titles, strict=True)
    )
    everywhere.article(one)
    with pytest.raises(ItemUnusable, match=rf"{titles[0] or 'page of a'}.* \({SITE}/a\)"):
        everywhere.article(other)


def test_of_pages_that_are_read_at_once_one_is_the_first(everywhere):
    items = [
        entry(f"k{n}", f"{word} {word[::-1]}", link=f"{SITE}/a?{n}")
        for n, word in enumerate(("Ice", "Boat", "Lamp", "Mill"))
    ]
    everywhere.store.save_poll(
        FeedState("news"), [Take(each) for each in items], ["s"], everywhere.reader._clock.now()
    )
    everywhere.pages.answers |= {each.link: page(title="Welcome") for each in items}

    def taken(each: Entry) -> bool:
        try:
            return everywhere.reader.article(each, source()).rung == "readability"
        except ItemUnusable:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(taken, items)) == 1


def test_an_item_that_shows_anothers_text_fails_until_a_person_wants_it(world):
    items = "".join(
        f"<item><guid>{key}</guid><title>{title}</title><link>{SITE}/{key}</link></item>"
        for key, title in (("a", "The ice has gone"), ("b", "Bread comes by boat"))
    )
    world.feeds.answers[FEED] = (
        f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()
    )
    world.pages.answers |= {f"{SITE}/{key}": page(title="Welcome") for key in "ab"}
    world.config = config(feed={"content": "full"})
    world.poll()
    first, second = world.work()
    assert (first.state, second.state) == (State.PUBLISHED, State.FAILED)
    assert "shows the same text as the page of" in second.reason
    world.store.change(second, Change(Event.RETRIED, world.clock.now()))
    assert [each.state for each in world.work()] == [State.PUBLISHED]
