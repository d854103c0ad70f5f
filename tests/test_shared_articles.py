"""One item in two feeds for two sites: each post is made by the rules, and the rights, of its own feed."""

from __future__ import annotations

import pytest

from bot.config import Config
from bot.reading import rules_of
from bot.states import State
from tests.desk import OTHER_SENTENCES, SENTENCES, page, source
from tests.fakes.site import FakeSite
from tests.fakes.translator import FakeTranslator
from tests.world import FEED, STORY, Down, World, config

SECOND = "https://other.example/feed"
GUID = "https://source.example/a"
PAGE = page(f"<p>{SENTENCES}</p><p>{OTHER_SENTENCES}</p>", title="The ice has gone")
TOLD = (
    f'<rss version="2.0"><channel><title>S</title><item><guid>{GUID}</guid><title>The ice has gone</title>'
    f"<link>{STORY}-a</link><description>The harbour of Port Hallin has opened.</description></item>"
    "</channel></rss>"
).encode()


class Newsroom(World):
    """Feed "one" for the site "monde", feed "two" for "welt"; both tell the same story, in its own language."""

    def tell(self, first: dict[str, object], second: dict[str, object]) -> None:
        sites = config(("monde", "welt"), language="en").sites
        self.sites = {site.name: FakeSite(site.name) for site in sites}
        feeds = (
            source(**{"name": "one", "url": FEED, "sites": ("monde",), **first}),
            source(**{"name": "two", "url": SECOND, "sites": ("welt",), **second}),
        )
        self.config = Config(sites=sites, feeds=feeds)
        self.feeds.answers |= {FEED: TOLD, SECOND: TOLD}
        self.pages.answers[f"{STORY}-a"] = PAGE
        for each in self.config.feeds:
            assert self.pipeline().poll(each).new == 1

    def texts(self) -> list[str]:
        self.work()
        return [post.post.html for site in self.sites.values() for post in site.posts]


@pytest.fixture
def newsroom(tmp_path, clock):
    newsroom = Newsroom(tmp_path, clock, FakeTranslator())
    yield newsroom
    newsroom.store.close()


@pytest.mark.parametrize("rights", [("open", "excerpt"), ("excerpt", "open")])
def test_a_feed_without_the_right_to_more_relays_an_excerpt_whoever_came_first(newsroom, rights):
    newsroom.tell(*({"rights": right} for right in rights))
    texts = newsroom.texts()
    assert ["lamplighter" in text for text in texts] == [right == "open" for right in rights]
    assert ["The harbour of Port Hallin" in text for text in texts] == [right != "open" for right in rights]


def test_what_one_feed_leaves_out_another_may_relay(newsroom):
    newsroom.tell({"remove_text": ("Bread came",)}, {"replace": {"lamplighter": "lampist"}})
    first, second = newsroom.texts()
    assert ("Bread came" in first, "Bread came" in second) == (False, True)
    assert ("lampist" in first, "lampist" in second) == (False, True)


def test_feeds_with_the_same_rules_share_one_fetch(newsroom):
    newsroom.tell({"tags": ("Port",)}, {"min_chars": 10, "author": 3})
    assert all("lamplighter" in text for text in newsroom.texts())
    assert len(newsroom.pages.asked) == 1


def test_feeds_with_rules_of_their_own_fetch_the_page_once_each_whatever_waits(newsroom):
    newsroom.tell({"language": "fr"}, {"language": "fr", "remove": ("aside",)})
    newsroom.translators = [Down()]
    for _ in range(5):
        newsroom.work()
        newsroom.clock.advance(hours=1)
    assert {state for state, _ in newsroom.states()} == {State.QUEUED}
    assert len(newsroom.pages.asked) == 2


@pytest.mark.parametrize(
    "keys",
    [
        {"rights": "unknown"},
        {"rights": "licensed"},  # may read what its publisher reserves from others
        {"content": "feed"},
        {"language": "fr"},
        {"page": {"body": "article"}},
        {"remove": ("aside",)},
        {"remove_text": ("Read more",)},
        {"replace": {"a": "b"}},
        {"name": "other", "user_agent": "Subscriber/1"},
        {"name": "other", "headers": {"X-Key": "secret"}},
        {"name": "other", "proxy": "http://127.0.0.1:1"},
    ],
)
def test_what_shapes_an_article_is_part_of_its_rules(keys):
    assert rules_of(source(**keys)) != rules_of(source())


def test_a_feed_that_is_asked_in_a_way_of_its_own_shares_no_article():
    one, other = (source(name=name, user_agent="Subscriber/1") for name in ("one", "other"))
    assert rules_of(one) != rules_of(other)
