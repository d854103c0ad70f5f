"""A month of feeds that change all that can change, polled when the bot itself wants to: each story comes once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

import pytest

from bot.errors import FetchUnavailable
from bot.model import Fetched
from bot.states import Event, State
from tests import test_shared_items as shared_items
from tests.test_polling import FEED, Desk

DAYS = 30
STORY_EVERY = timedelta(hours=5)
SHOWN = 15  # entries of the document: the newest
ZONES = ("+0000", "+0530", "-0800")


@dataclass(frozen=True)
class Story:
    """As its publisher shows it today."""

    number: int
    published: datetime | None
    title: str
    host: str = "http://news.example"
    path: str = ""
    guid: str = ""

    @property
    def link(self) -> str:
        return f"{self.host}{self.path or f'/2026/story-{self.number}'}"


@dataclass
class Publisher:
    """Writes a story every few hours; `habit` says how the feed of a day shows them."""

    habit: Callable[[list[Story], int, random.Random], list[Story]]
    encoding: Callable[[int], str] = lambda day: "utf-8"
    down: Callable[[int], bool] = lambda day: False
    rng: random.Random = field(default_factory=lambda: random.Random(5))

    def feed(self, began: datetime, now: datetime) -> Fetched:
        day = (now - began).days
        if self.down(day):
            raise FetchUnavailable(FEED, "answered 502 Bad Gateway")
        stories = self.habit(self.written(began, now)[-SHOWN:], day, self.rng)
        encoding = self.encoding(day)
        items = "".join(map(_item, stories))
        head = f'<?xml version="1.0" encoding="{encoding}"?>'
        text = f'{head}<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
        return Fetched(FEED, text.encode(encoding), f"application/rss+xml; charset={encoding}")

    def written(self, began: datetime, now: datetime) -> list[Story]:
        return [
            Story(n, began + n * STORY_EVERY, f"Été à Paris, récit {n}", guid=f"http://news.example/?p={n}")
            for n in range((now - began) // STORY_EVERY + 1)
        ]


def _item(story: Story) -> str:
    guid = f"<guid>{escape(story.guid)}</guid>" if story.guid else ""
    date = f"<pubDate>{format_datetime(story.published)}</pubDate>" if story.published else ""
    return f"<item>{guid}<title>{escape(story.title)}</title><link>{escape(story.link)}</link>{date}</item>"


def calm(stories, day, rng):
    return stories[::-1]


def new_guids(stories, day, rng):
    """http to https, then numbers, then none, then new ones each day."""
    kinds = [
        lambda story: story.guid,
        lambda story: story.guid.replace("http:", "https:"),
        lambda story: f"{story.number}",
        lambda story: "",
        lambda story: f"urn:day{day}:{story.number}",
    ]
    return [replace(story, guid=kinds[min(day // 5, 4)](story)) for story in stories]


def new_hosts(stories, day, rng):
    """Another host every week, in guids and links, and parameters that track."""
    host = (
        "http://news.example",
        "https://www.news.example",
        "https://news.other.example",
        "https://cdn.example",
    )
    here = host[min(day // 7, 3)]
    return [
        replace(s, host=here, path=f"/2026/story-{s.number}?utm_source=d{day}", guid=f"{here}/{s.number}")
        for s in stories
    ]


def new_system(stories, day, rng):
    """In the middle of the month a new system: host, path and guid are others, title and date are not."""
    if day < 15:
        return stories
    return [
        replace(s, host="https://new.example", path=f"/a/{s.number:x}", guid=f"new-{s.number}")
        for s in stories
    ]


def any_order(stories, day, rng):
    return rng.sample(stories, len(stories))


def new_dates(stories, day, rng):
    """The same moment in another zone, dates of the day itself, and in the end none that is true."""
    shift = [timedelta(0), timedelta(hours=1), timedelta(days=day), timedelta(days=-4000)][min(day // 8, 3)]
    return [replace(story, published=story.published + shift) for story in stories]


def one_page(stories, day, rng):
    """All entries lead to one page, in a feed that shows two at a time."""
    return [replace(story, host="https://news.example", path="/live") for story in stories[-2:]]


def few_at_a_time(stories, day, rng):
    """An entry comes, goes and comes again."""
    return sorted(rng.sample(stories, min(4, len(stories))) + stories[-3:], key=lambda s: s.number)


def corrected(stories, day, rng):
    """Titles are edited for two days after a story came out, with a new guid each time."""
    return [
        replace(s, title=f"{s.title} (mise à jour {day})", guid=f"{s.guid}&v={day}", published=s.published)
        for s in stories
    ]


def everything(stories, day, rng):
    """Order, guid, host and zone at once; one of link path, title and date stays beside another."""
    return any_order(new_hosts(new_guids(stories, day, rng), day, rng), day, rng)


def places_as_guids(stories, day, rng):
    """1 is the newest: every guid goes from story to story."""
    return [replace(story, guid=str(place)) for place, story in enumerate(stories[::-1], 1)]


def one_guid(stories, day, rng):
    """The address of the site, in a feed that shows two at a time."""
    return [replace(story, guid="http://news.example/") for story in stories[-2:]]


def one_at_a_time(stories, day, rng):
    """The picture of the hour: one link, and a guid of its own."""
    return [replace(story, path="/picture") for story in stories[-1:]]


def parts_of_a_page(stories, day, rng):
    """No guids, no dates: links that differ in the number of a paragraph."""
    return [replace(s, guid="", path=f"/news.html#{s.number}", published=None) for s in stories]


def bulletins(stories, day, rng):
    """One title, one link; guid and date tell them apart."""
    return [replace(story, path="/bulletin", title="Les nouvelles") for story in stories[-2:]]


def planet(stories, day, rng):
    """Two blogs that number their notes alike."""
    return [
        replace(s, host=f"https://{'ab'[s.number % 2]}.example", path=f"/{s.number // 2}", title="Notes")
        for s in stories
    ]


def variants(stories, day, rng):
    """No guids, no dates: addresses that track, for telephones, in AMP, out of a cache, in another spelling."""
    forms = (
        "https://news.example/2026/{}?_ga={}",
        "https://m.news.example/2026/{}?pk_source={}",
        "https://news.example/2026/{}/amp/?srsltid={}",
        "https://www.google.com/amp/s/news.example/2026/{}?smid={}",
        "https://news.example/amp//%32026/./{}?mtm_cid={}",
    )
    form = forms[day % len(forms)]
    return [replace(s, guid="", host="", path=form.format(s.number, day), published=None) for s in stories]


def mended(stories, day, rng):
    """A misspelt title is mended on the second day, and guid and link, which are made of it, are so with it."""
    wrong = [replace(s, title=f"Le mairre quitte la ville {s.number}") for s in stories]
    told = [replace(s, title=s.title.replace("rr", "r")) if day % 2 else s for s in wrong]
    return [replace(s, path=f"/{s.title}".replace(" ", "-"), guid=f"{s.host}/{s.title}") for s in told]


HABITS = [
    calm, new_guids, new_hosts, new_system, any_order, new_dates, one_page, few_at_a_time, corrected, everything,
    places_as_guids, one_guid, one_at_a_time, parts_of_a_page, bulletins, planet, variants, mended,
]  # fmt: skip
UNDATED = (parts_of_a_page, variants)


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.__name__)
def test_each_story_comes_once(habit, tmp_path, clock):
    polls = live_through(Publisher(habit), tmp_path, clock)
    # A story every five hours needs no poll every quarter; but that is read off the dates.
    assert polls < DAYS * 24 * 2 or habit in UNDATED


def test_encodings_that_change_day_by_day(tmp_path, clock):
    names = ("utf-8", "iso-8859-1", "windows-1252", "utf-16", "utf-8-sig")
    live_through(Publisher(any_order, encoding=lambda day: names[day % 5]), tmp_path, clock)


def test_outages_of_a_day_and_a_half(tmp_path, clock):
    live_through(Publisher(calm, down=lambda day: day in (7, 15, 16)), tmp_path, clock)


def test_two_feeds_with_rules_of_their_own_bring_each_story_once(tmp_path, clock):
    """The first takes every second story; the other every third, and skips some more once it has read them."""
    desk, rng = shared_items.Desk(f"sqlite:///{tmp_path}/bot.db", clock), random.Random(7)
    evens, thirds = r" \d*[02468]$", " (?:{})$".format("|".join(map(str, range(0, 200, 3))))
    desk.configure(
        first={"include": [evens], "rights": "open"},
        other={"include": [thirds], "min_chars": 100, "rights": "open"},
    )
    publisher, began = Publisher(any_order), clock.now()
    desk.feeds.get = lambda url, **_: publisher.feed(began, clock.now())
    while clock.now() < began + timedelta(days=DAYS):
        desk.poller.poll(desk.config.feed(rng.choice(("first", "other"))))
        for each in desk.store.due(clock.now()):
            short = each.feed == "other" and rng.random() < 0.5
            steps = [Event.SKIPPED] if short else [Event.PREPARED, Event.BEGUN, Event.PUBLISHED]
            desk.change(each, *steps, reason="short" if short else "")
        clock.advance(minutes=rng.choice((20, 60, 180)))
    told = {int(desk.store.entry(each.key).title.split()[-1]): each for each in desk.store.publications()}
    desk.store.close()
    assert sorted(told) == list(range(len(told)))
    published = {number for number, each in told.items() if each.state is State.PUBLISHED}
    assert published >= set(range(0, len(told) - 1, 2))
    assert {number % 6 for number in published} == {0, 2, 3, 4}


def live_through(publisher: Publisher, folder, clock) -> int:
    """Poll at the moments that the bot names, for a month; give how often."""
    desk = Desk(f"sqlite:///{folder}/bot.db", clock, rights="open")
    began, polls = clock.now(), 0
    desk.feeds.get = lambda url, **_: publisher.feed(began, clock.now())
    while clock.now() < began + timedelta(days=DAYS):
        polled = desk.poll()
        clock.advance(seconds=(polled.next_poll_at - clock.now()).total_seconds())
        polls += 1
    written = publisher.written(began, clock.now() - timedelta(hours=1))
    taken = Counter(each.key for each in desk.store.publications() if each.state is State.QUEUED)
    desk.store.close()
    assert set(taken.values()) == {1}
    assert len(taken) - len(written) in (0, 1)  # the last one may have come in the last hour
    return polls
