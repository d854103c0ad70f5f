"""What is known of one address, however a person spells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot import inquiry
from bot.config import Config
from bot.engines.store import DatabaseStore
from bot.model import FeedState, Skip, Take
from bot.stages import feed

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DOCUMENT = b"""<rss version="2.0"><channel><title>T</title>
<item><title>The ice</title><guid>https://n.example/?p=77</guid><link>https://n.example/news/ice</link></item>
<item><title>The boat</title><guid>https://n.example/?p=78</guid><link>https://n.example/news/boat?id=3</link></item>
</channel></rss>"""


@pytest.fixture
def store(tmp_path):
    store = DatabaseStore(f"sqlite:///{tmp_path}/bot.db")
    ice, boat = feed.parse(DOCUMENT, "", "n", "https://n.example/feed").entries
    identities = {identity: entry.key for entry in (ice, boat) for identity in entry.identities if identity}
    store.save_poll(FeedState("n"), [Take(ice), Take(boat)], ["s"], NOW, identities=identities)
    yield store
    store.close()


def asked(url: str, store: DatabaseStore) -> list[str]:
    return [item.entry.title for item in inquiry.ask(url, Config(), store).items]


@pytest.mark.parametrize(
    "url",
    [
        "https://n.example/news/ice",
        "http://www.n.example/news/ice/?utm_source=mail#top",
        "n.example/news/ice",
        "https://n.example/?p=77",
        "https://n.example/news/ice/amp/",
        "https://m.n.example/news/ice",
        "https://www.google.com/amp/s/n.example/news/ice",
        "https://n.example/news/ice?ref=home",
        "https://new.n.example/news/ice",
    ],
)
def test_an_item_is_found(store, url):
    assert asked(url, store) == ["The ice"]


def test_a_parameter_that_may_say_something_counts_where_it_is_known(store):
    assert asked("https://n.example/news/boat?id=3", store) == ["The boat"]


@pytest.mark.parametrize(
    "url",
    [
        "https://n.example/news/snow",
        "https://n.example/",
        "https://x.example/news/ice",
        "n.example",
        "ice",
        "",
    ],
)
def test_another_one_is_not(store, url):
    assert asked(url, store) == []


def test_what_other_feeds_said_is_told(store):
    (item,) = inquiry.ask("https://n.example/news/ice", Config(), store).items
    other = replace(item.entry, feed="o", key="k", link="https://n.example/o")
    store.save_poll(FeedState("o"), [Skip(other, "too old")], ["s"], NOW)
    store.save_poll(FeedState("p"), [Take(replace(other, feed="p"))], ["s"], NOW)
    (item,) = inquiry.ask("https://n.example/o", Config(), store).items
    assert [(each.feed, each.site, each.outcome) for each in item.hearings] == [("o", "s", "refused")]
