"""Never twice, never lost: the bot is stopped before and after every effect, and goes on.

Here over fakes of our own ports, where every point can be tried; in test_kill.py with `kill -9` and a bad
network on a real WordPress. The whole, at length: `python benchmarks/crash.py`.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter

import pytest
from pydantic import SecretStr

from bot import app
from bot.config import Config, EngineConfig
from bot.engines.store import DatabaseStore
from bot.engines.translators import make
from bot.errors import PostOutcomeUnknown, SiteUnavailable
from bot.model import NotModified
from bot.pipeline import Pipeline
from bot.ports import Ports
from bot.states import OPEN_STATES, State
from tests.accidents import Accident, Accidents, Stopped, stopped_at_statement
from tests.fakes.clock import FakeClock
from tests.fakes.site import FakeSite
from tests.fakes.web import FakeFetcher, FakePictures

FEED = "https://source.example/feed"
STORIES = {
    "ice": "The harbour of Port Hallin has opened again after eleven days of ice, the council said.",
    "boat": "About 310 people waited on the pier to greet the first boat of the morning.",
    "mayor": "The mayor thanked the crew, who had carried bread and letters over the frozen water.",
}
EFFECTS = {  # of the whole way: a rename must not make this test look away
    *("feeds.get", "store.save_poll", "pages.get", "store.save_article", "translator.translate"),
    *("memory.remember", "store.change", "pictures.get", "site.upload", "store.save_media"),
    *("site.resolve_terms", "site.create"),
}
LATER = {"hours": 7}  # past every pause and past publish.confirm_after


class Newspaper(FakeFetcher):
    """A publisher who answers 304 to whoever has the newest feed: an entry that is lost is lost for good."""

    def get(self, url, *, etag="", last_modified="", accept="*/*"):
        fetched = super().get(url, etag=etag, last_modified=last_modified, accept=accept)
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

    def __init__(self, folder, empty_database, engine, sites) -> None:
        self.database = shutil.copy(empty_database, folder / f"{len(list(folder.iterdir()))}.db")
        self.config = configured(sites)
        self.sites = {name: FakeSite(name) for name in sites}
        self.clock = FakeClock()
        self.engine = engine
        self.newspaper, self.pictures = Newspaper(), FakePictures()
        self.newspaper.answers = {FEED: feed(), **{link(name): page(name) for name in STORIES}}
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


def feed() -> bytes:
    items = "".join(
        f"<item><title>Story of the {name}</title><link>{link(name)}</link>"
        f"<pubDate>Sun, 01 Mar 2026 0{n}:00:00 GMT</pubDate></item>"
        for n, name in enumerate(STORIES)
    )
    return f'<rss version="2.0"><channel><title>S</title>{items}</channel></rss>'.encode()


def page(name: str) -> bytes:
    head = f'<title>Story of the {name}</title><meta property="og:image" content="{photo(name)}">'
    body = f"<h1>Story of the {name}</h1><p>{STORIES[name]}</p>" + "".join(
        f"<p>{text}</p>" for text in STORIES.values()
    )
    return f"<html lang=en><head>{head}</head><body><article>{body}</article></body></html>".encode()


def configured(sites) -> Config:
    source = {"name": "source", "url": FEED, "language": "en", "rights": "open", "sites": sites}
    account = {"username": "u", "password": SecretStr("x"), "language": "pt"}
    return Config.model_validate(
        {
            "sites": [{"name": name, "url": f"https://{name}.example", **account} for name in sites],
            "feeds": [{**source, "categories": ("Mundo",), "tags": ("Porto",)}],
        }
    )


@pytest.fixture(scope="module")
def engine(models_dir):
    local = make("local", EngineConfig(models_dir=models_dir), data_dir=models_dir, contact="")
    yield Recorded(local)
    local.close()


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "empty.db"
    open_database(path)
    return path


@pytest.fixture
def new_world(tmp_path, empty_database, engine):
    return lambda *sites: World(tmp_path, empty_database, engine, sites or ("monde",))


@pytest.fixture
def every_call(new_world) -> list[str]:
    """The names of all calls that one undisturbed life makes."""
    undisturbed = Accidents()
    assert new_world().live(undisturbed)
    return undisturbed.calls


def test_nothing_of_the_way_is_left_out(every_call):
    assert EFFECTS <= set(every_call)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_stopped_at_any_call_each_story_comes_out_once(new_world, every_call, after):
    for n, name in enumerate(every_call):
        world = new_world()
        assert not world.live(Accidents(Accident({n}, after)))
        world.settle()
        world.assert_each_story_came_out_once(f"stopped {'after' if after else 'before'} call {n}, {name}")


@pytest.mark.parametrize("seed", range(12))
def test_stopped_again_and_again_each_story_comes_out_once_on_each_site(new_world, seed):
    rng, world = random.Random(seed), new_world("monde", "mar")
    for _ in range(12):
        world.live(Accidents(Accident({rng.randrange(40)}, rng.random() < 0.5)))
        world.clock.advance(seconds=rng.choice([1, 61, 3600]))
    world.settle()
    world.assert_each_story_came_out_once(f"seed {seed}")


def lost() -> PostOutcomeUnknown:
    return PostOutcomeUnknown("monde", "timed out")


@pytest.mark.parametrize("taken", [True, False], ids=["acted on", "not acted on"])
@pytest.mark.parametrize("at", [{0}, {1}, {2}, {0, 1}, {1, 2}, {0, 1, 2}], ids=str)
def test_lost_answers_make_no_second_post_and_lose_none(new_world, at, taken):
    world = new_world()
    world.live(Accidents(Accident(at, taken, "site.create", lost)))
    world.clock.advance(seconds=59)
    world.live(Accidents())
    assert len(world.sites["monde"].posts) == (3 if taken else 3 - len(at)), "while the call may still run"
    world.settle()
    world.assert_each_story_came_out_once(f"lost {at}")


def test_an_answer_lost_twice_in_a_row_for_one_story_makes_one_post(new_world):
    """The first call never arrived; the one sent again did, and its answer is lost as well."""
    world = new_world()
    world.live(Accidents(Accident({0}, after=False, only="site.create", error=lost)))
    world.clock.advance(**LATER)
    world.live(Accidents(Accident({0}, after=True, only="site.create", error=lost)))
    world.settle()
    world.assert_each_story_came_out_once("lost twice")


@pytest.mark.parametrize("end", [Stopped, lambda: SiteUnavailable("monde", "refused the connection")])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_lost_answer_and_a_look_up_that_fails_make_one_post(new_world, after, end):
    world = new_world()
    world.live(Accidents(Accident({0, 2}, after=True, only="site.create", error=lost)))
    for _ in range(3):
        world.clock.advance(**LATER)
        world.live(Accidents(Accident({0, 1}, after, only="site.find", error=end)))
    world.settle()
    world.assert_each_story_came_out_once("look-up failed")


def test_a_call_that_arrives_after_the_restart_makes_one_post(new_world):
    """Killed in the call, started again at once: the site has no post yet, and is still making it."""
    world = new_world()
    killed = Accidents(Accident({0}, after=False, only="site.create"))
    world.live(killed)
    world.clock.advance(seconds=2)
    world.live(Accidents())
    (arrive,) = killed.on_their_way
    arrive()
    world.settle()
    world.assert_each_story_came_out_once("arrived late")


def test_stopped_inside_any_transaction_each_story_comes_out_once(new_world):
    writes = ("INSERT", "UPDATE", "DELETE")
    with stopped_at_statement(None, of=writes) as sent:
        new_world().live(Accidents())
    assert len(sent) > 20
    for n, statement in enumerate(sent):
        world = new_world()
        with stopped_at_statement(n, of=writes):
            world.live(Accidents())
        world.settle()
        world.assert_each_story_came_out_once(f"stopped before write {n}, {statement}")


def test_stopped_anywhere_in_the_first_start_the_database_can_be_opened(tmp_path):
    """Each migration is all or nothing: half a schema would stop the bot for good."""
    with stopped_at_statement(None) as sent:
        open_database(tmp_path / "whole.db")
    assert len(sent) > 10
    for n in range(len(sent)):
        with stopped_at_statement(n):
            open_database(tmp_path / f"{n}.db")
        open_database(tmp_path / f"{n}.db")


def open_database(path) -> None:
    DatabaseStore(f"sqlite:///{path}").close()
