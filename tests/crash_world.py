"""A world for a bot that may be stopped anywhere: fakes of our own ports around the real stages and store."""

from __future__ import annotations

import shutil
from collections import Counter
from types import MappingProxyType

import pytest
from pydantic import SecretStr

from bot import app
from bot.config import Config
from bot.engines.store import DatabaseStore
from bot.model import NotModified
from bot.pipeline import Pipeline
from bot.ports import Ports
from bot.states import OPEN_STATES, State
from tests.accidents import Accidents, Stopped
from tests.fakes.clock import FakeClock
from tests.fakes.site import FakeSite
from tests.fakes.web import FakeFetcher, FakePictures

FEED = "https://source.example/feed"
STORIES = {
    "ice": (
        "The harbour of Port Hallin has opened again after eleven days of ice, the council said.",
        "About 310 people waited on the pier, and the ice was as thick as a door, a pilot told the paper.",
        "Nobody had seen such a winter for forty years, and the ferry to the islands had stopped on the first day.",
    ),
    "boat": (
        "A boat with a red hull was the first to come in this morning, with bread and letters on board.",
        "The crew of nine had slept for two hours, and about 310 people waited to greet them with hot soup.",
        "Its captain said that she would sail again as soon as the wind turned, for the islands need flour.",
    ),
    "mayor": (
        "The mayor thanked everybody who had carried wood to the old school, where families could sleep.",
        "She spoke for three minutes, while 310 people waited outside, and then she went to help in the kitchen.",
        "The town will pay for the wood from a fund that was made for a new bridge over the small river.",
    ),
}
LATER = {"hours": 7}  # past every pause and past publish.confirm_after


class Newspaper(FakeFetcher):
    """A publisher who answers 304 to whoever has the newest feed: an entry that is lost is lost for good."""

    def get(self, url, *, etag="", last_modified="", **more):
        fetched = super().get(url, etag=etag, last_modified=last_modified, **more)
        return NotModified(url) if etag and etag == fetched.etag else fetched


class Recorded:
    """A translation engine that remembers over the lives: the model is asked once for each text."""

    def __init__(self, engine) -> None:
        self._engine, self._answers = engine, {}

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def translate(self, lines, source, target):
        asked = (tuple(lines), source, target)
        if asked not in self._answers:
            self._answers[asked] = self._engine.translate(lines, source, target)
        return self._answers[asked]


class World:
    """What outlives the process: the newspaper, the sites, the time, and the database file."""

    def __init__(self, folder, empty_database, engine, sites, **site) -> None:
        self.database = shutil.copy(empty_database, folder / f"{len(list(folder.iterdir()))}.db")
        self.config = configured(sites, **site)
        self.sites = {name: FakeSite(name) for name in sites}
        self.clock = FakeClock()
        self.engine = engine
        self.newspaper, self.pictures = Newspaper(), FakePictures()
        self.newspaper.answers = {FEED: feed(), **{link(name): page(name) for name in STORIES}}
        self.people = {}  # by story, as corrected
        self.pictures.answers = {photo(name): name.encode() for name in STORIES}

    def live(self, accidents: Accidents) -> bool:
        """One life of the bot: a round on the store as it is. False where it was stopped."""
        store = DatabaseStore(f"sqlite:///{self.database}")
        try:
            self._round(accidents.watching(self._ports(store)))
        except Stopped:
            return False
        finally:
            store.close()
        return True

    def _round(self, ports: Ports) -> None:
        pipeline = Pipeline(self.config, ports)
        pipeline.poll(self.config.feeds[0])
        for publication in ports.store.due(self.clock.now()):
            pipeline.advance(publication)
        pipeline.recheck()

    def _ports(self, store) -> Ports:
        return Ports(
            store=store,
            feeds=self.newspaper,
            pages=self.newspaper,
            pictures=self.pictures,
            translators=[self.engine],
            memory=store,
            sites=self.sites,
            templates={site.name: app.template_of(site) for site in self.config.sites},
            clock=self.clock,
        )

    def settle(self) -> None:
        """Lives without accidents, until the bot has nothing left to do."""
        for _ in range(10):
            self.live(Accidents())
            if not any(each.state in OPEN_STATES for each in self.publications()):
                return
            self.clock.advance(**LATER)
        pytest.fail(f"the bot never finishes: {self.publications()}")

    def correct(self, name: str, people: int) -> None:
        """The newspaper writes a story anew: another number of people waited on the pier."""
        self.people[name] = people
        self.newspaper.answers |= {FEED: feed(self.people), link(name): page(name, people)}

    def vanish(self, name: str) -> None:
        """The newspaper takes a story back; its feed still tells of it."""
        del self.newspaper.answers[link(name)]

    def publications(self):
        store = DatabaseStore(f"sqlite:///{self.database}")
        try:
            return store.publications()
        finally:
            store.close()

    def assert_each_story_came_out_once(self, told: str) -> None:
        publications = self.publications()
        for name, site in self.sites.items():
            posted = Counter(dict(each.post.fields)["relay_source_url"] for each in site.posts)
            assert posted == {link(story): 1 for story in STORIES}, told
            recorded = {each.remote.id for each in publications if each.site == name and each.remote}
            assert recorded == {each.remote.id for each in site.posts}, told
            shown = {each.thumbnail.id for each in site.posts}
            assert {each.id for each in site.media.values()} == shown, f"{told}: orphan pictures"
        assert {each.state for each in publications} == {State.PUBLISHED}, told


def link(name: str) -> str:
    return f"https://source.example/{name}"


def photo(name: str) -> str:
    return f"https://source.example/{name}.jpg"


def feed(people=MappingProxyType({})) -> bytes:
    items = "".join(
        f"<item><title>Story of the {name}</title><link>{link(name)}</link>"
        f"<description>{people.get(name, 310)} people waited.</description>"
        f"<pubDate>Sun, 01 Mar 2026 0{n}:00:00 GMT</pubDate></item>"
        for n, name in enumerate(STORIES)
    )
    return f'<rss version="2.0"><channel><title>S</title>{items}</channel></rss>'.encode()


def page(name: str, people: int = 310) -> bytes:
    head = f'<title>Story of the {name}</title><meta property="og:image" content="{photo(name)}">'
    body = f"<h1>Story of the {name}</h1>" + "".join(
        f"<p>{text}</p>".replace("310", str(people)) for text in STORIES[name]
    )
    return f"<html lang=en><head>{head}</head><body><article>{body}</article></body></html>".encode()


def configured(sites, **site) -> Config:
    source = {"name": "source", "url": FEED, "language": "en", "rights": "open", "sites": sites}
    account = {"username": "u", "password": SecretStr("x"), "language": "pt", **site}
    return Config.model_validate(
        {
            "sites": [{"name": name, "url": f"https://{name}.example", **account} for name in sites],
            "feeds": [{**source, "categories": ("Mundo",), "tags": ("Porto",)}],
        }
    )
