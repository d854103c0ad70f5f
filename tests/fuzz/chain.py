"""The way of an item, from what was fetched to the whole post, as the pipeline goes it; nothing is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from pydantic import SecretStr

from bot import app
from bot.characters import legible
from bot.config import Config, FeedConfig, ListingConfig
from bot.engines.store import DatabaseStore
from bot.errors import InternalFault, RelaypressError
from bot.model import Entry, Fetched
from bot.pipeline import Pipeline
from bot.ports import Ports
from bot.stages import discover, feed, sanitise
from tests.fakes.clock import FakeClock
from tests.fakes.translator import FakeTranslator
from tests.fakes.web import FakeFetcher, FakePictures
from tests.fuzz.cases import Case

FEED = "https://hostile.example/news/feed"
PAGE = "https://hostile.example/news/story"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
_MOST_ENTRIES = 4  # of one case; a feed of thousands would be the same work again and again


class Broken(AssertionError):
    """A stage raised nothing, but gave what it promises never to give."""


class Chain:
    """Takes a case all the way. One for each process."""

    def __init__(self) -> None:
        self._config = _config()
        self._pages = FakeFetcher()
        self._clock = FakeClock(NOW)
        self._ports = Ports(
            store=DatabaseStore("sqlite://"),
            feeds=FakeFetcher(),
            pages=self._pages,
            pictures=FakePictures(),
            translators=[FakeTranslator()],
            memory=_Forgetful(),
            sites={},
            templates={site.name: app.template_of(site) for site in self._config.sites},
            clock=self._clock,
        )

    def run(self, case: Case) -> None:
        """Raises whatever is a fault of ours: each error that the world may make is caught here."""
        rng = Random(case.number)
        source = rng.choice(self._config.feeds)
        if case.kind == "page":
            discover.advertised(case.body, PAGE)
        entries = self._entries(case, source) if case.kind == "feed" else [_entry_of_page(case)]
        self._pages.answers = {PAGE: Fetched(PAGE, case.body, case.content_type)}
        for entry in entries[:_MOST_ENTRIES]:
            self._relay(entry, source, rng)

    def _entries(self, case: Case, source: FeedConfig) -> Sequence[Entry]:
        try:
            parsed = feed.read(source, Fetched(FEED, case.body, case.content_type))
        except RelaypressError as error:
            _expect(error)
            return ()
        entries, _ = feed.recognise(parsed.entries, {})
        if len({entry.key for entry in entries}) != len(entries):
            raise Broken("a key twice")
        for entry in entries:
            _expect_legible(entry)
        return entries

    def _relay(self, entry: Entry, source: FeedConfig, rng: Random) -> None:
        pipeline = Pipeline(self._config, self._ports)
        try:
            article = pipeline.read(entry, source)
            if sanitise.sanitise(article.html) != article.html:
                raise Broken("sanitised twice is not sanitised once")
            prepared = pipeline.compose(entry, article, source, rng.choice(self._config.sites))
        except RelaypressError as error:
            _expect(error)
            return
        _expect_legible(prepared.post)


class _Forgetful:
    """A memory of translations that has none: a case must not depend on those before."""

    def recall(self, _keys: Sequence[str]) -> dict[str, str]:
        return {}

    def remember(self, items: Mapping[str, str]) -> None:
        pass


def _expect(error: RelaypressError) -> None:
    if isinstance(error, InternalFault):
        raise error
    if "\n" in str(error) or len(str(error)) > 5_000:
        raise Broken(f"no message of one line: {str(error)[:200]!r}") from error


def _expect_legible(value: object) -> None:
    for text in _texts(value):
        if legible(text) != text:
            raise Broken(f"characters that no XML may hold: {text[:200]!r}")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from _texts(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from _texts(getattr(value, field.name))


def _entry_of_page(case: Case) -> Entry:
    """An entry that leads to the page; every second has a text of its own, from its middle."""
    middle = len(case.body) // 2
    text = legible(case.body[middle : middle + 5_000].decode("utf-8", "replace")) if case.number % 2 else ""
    earlier = NOW - timedelta(hours=1)
    return Entry("0" * 20, "full", "1", PAGE, "A story", content_html=text, published=earlier)


def _config() -> Config:
    feeds = {
        "full": {"language": "en"},
        "auto": {"language": "auto", "remove": (".share",), "remove_text": ("^Read more",)},
        "of-feed": {"language": "en", "content": "feed"},
        "excerpt": {"language": "auto", "content": "excerpt"},
        "listing": {"language": "en", "listing": ListingConfig(link="a", title="h2", date="time")},
    }
    site = {"url": "https://site.example", "username": "u", "password": SecretStr("x"), "language": "fr"}
    return Config.model_validate(
        {
            "sites": [
                {"name": name, "format": name, "slug": slug, **site}
                for name, slug in (("classic", "{title}-{key}"), ("blocks", "{key}"))
            ],
            "feeds": [
                {"name": name, "url": FEED, "sites": ("classic", "blocks"), "rights": "open", **more}
                for name, more in feeds.items()
            ],
        }
    )
