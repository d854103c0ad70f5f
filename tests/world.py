"""A pipeline over fakes of our own ports, with the real stages, store and local translation."""

from __future__ import annotations

from pydantic import SecretStr

from bot import app
from bot.config import Config
from bot.engines.store import DatabaseStore
from bot.errors import (
    EngineUnavailable,
)
from bot.pipeline import Pipeline
from bot.ports import Fetcher, Ports
from bot.states import RetryPolicy
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

    def pipeline(self, pages: Fetcher | None = None) -> Pipeline:
        templates = {site.name: app.template_of(site) for site in self.config.sites}
        ports = Ports(
            store=self.store,
            feeds=self.feeds,
            pages=pages or self.pages,
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


class Down:
    """An engine that cannot be reached."""

    name, max_chars, max_url_bytes, keeps_markers = "down", 4900, 0, True

    def supports(self, source, target):
        return True

    def translate(self, lines, source, target):
        raise EngineUnavailable("down", "answered 429 Too Many Requests", retry_after_seconds=600)


def correct(world, title="The ice has gone at last"):
    world.feeds.answers[FEED] = rss(("a", title))
    world.poll()


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
