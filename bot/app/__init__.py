"""The composition root: the only place that knows which engine stands behind which port."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from bot import config_file, renaming
from bot.app.watch import ConfigWatch, Heartbeat
from bot.config import Config, FeedConfig, SiteConfig
from bot.engines.clock import SystemClock
from bot.engines.http import BY_HAND, SERVICE, Courtesy, HttpFetcher, Patience, PoliteFetcher, Rests
from bot.engines.media import PICTURE_MAX_BYTES, HttpPictures
from bot.engines.store import DatabaseStore
from bot.engines.store.lock import DataLock
from bot.engines.translators import ENGINES, make
from bot.engines.websub import HubSubscriber, load_key
from bot.engines.wordpress import WordPress
from bot.errors import ConfigError, ItemUnusable
from bot.model import FeedState
from bot.pipeline import Pipeline
from bot.ports import EngineStates, Ports, Progress, Translator
from bot.rehearse import Rehearsed, rehearse
from bot.report import Report
from bot.rounds import Round
from bot.scheduler import Service, is_asked_to_wait
from bot.stages import compose, schedule
from bot.states import OPEN_STATES, Change, Event, Publication


def load_config(path: Path) -> Config:
    """The config at `path` and in the environment, its templates tried too. Raises ConfigError."""
    config = config_file.load(path, os.environ, ENGINES)
    faults = []
    for i, site in enumerate(config.sites):
        try:
            compose.try_template(site, template_of(site))
        except ConfigError as error:
            faults += [f'sites[{i}].template = "{site.template}": {fault}' for fault in error.faults]
    if faults:
        raise ConfigError(str(path), faults)
    return config


def template_of(site: SiteConfig) -> str:
    """The text of the site's own template, else of ours for its format. Raises ConfigError."""
    if site.template is None:
        name = "blocks.html.j2" if site.format == "blocks" else "post.html.j2"
        return (resources.files("bot") / "templates" / name).read_text(encoding="utf-8")
    try:
        return site.template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(site.name, [f"cannot be read ({why})"]) from error


@contextmanager
def opened_store(config: Config) -> Iterator[DatabaseStore]:
    """The store, for reading or for changes by hand. Raises StoreUnavailable, ConfigError."""
    store = DatabaseStore(config.bot.database)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def locked_store(config: Config) -> Iterator[DatabaseStore]:
    """The store, for the one bot that works on it. Raises LockHeld where there is another."""
    with DataLock(config.bot.data_dir), opened_store(config) as store:
        yield store


def build_pipeline(config: Config, store: DatabaseStore, hosts: Courtesy | None = None) -> Pipeline:
    """A pipeline with the real engines. Touches no network. Raises ConfigError (templates)."""
    contact = config.bot.contact
    fetcher = HttpFetcher(config.fetch, contact, courtesy=hosts or courtesy(config, Rests(), BY_HAND))
    for_pictures = HttpFetcher(config.fetch, contact, max_bytes=PICTURE_MAX_BYTES, courtesy=fetcher.courtesy)
    return Pipeline(
        config,
        Ports(
            store=store,
            feeds=fetcher,
            pages=PoliteFetcher(fetcher, robots=config.fetch.respect_robots, tdm=config.fetch.respect_tdm),
            pictures=HttpPictures(for_pictures),
            translators=translators(config, store),
            memory=store,
            sites={site.name: WordPress(site, contact) for site in config.sites},
            templates={site.name: template_of(site) for site in config.sites},
            clock=SystemClock(),
        ),
    )


def translators(config: Config, states: EngineStates | None = None) -> Sequence[Translator]:
    """The engines of the config, in its order; `states` keeps their budgets and pauses over restarts."""
    return [
        make(
            name,
            config.translation.engine(name),
            data_dir=config.bot.data_dir,
            contact=config.bot.contact,
            states=states,
        )
        for name in config.translation.engines
    ]


def build_service(path: Path, config: Config, store: DatabaseStore) -> Service:
    """The service on the config at `path`, which it reads again whenever that file changes."""
    rests = Rests()
    for_hubs = HttpFetcher(config.fetch, config.bot.contact)

    def build(new: Config) -> Pipeline:
        for_hubs.courtesy = courtesy(new, rests, SERVICE)  # hubs are spared together with feeds and pages
        return build_pipeline(new, store, for_hubs.courtesy)

    return Service(
        config,
        build=build,
        reload=ConfigWatch(path, config, load_config).changed,
        store=store,
        clock=SystemClock(),
        progress=Heartbeat(config.bot.data_dir),
        hubs=subscriber(config, for_hubs),
    )


def courtesy(config: Config, rests: Rests, patience: Patience) -> Courtesy:
    """The pace that hosts are asked at; `rests` outlive the config."""
    return Courtesy(config.fetch.per_host, config.fetch.pause.total_seconds(), rests=rests, patience=patience)


def subscriber(config: Config, fetcher: HttpFetcher) -> HubSubscriber | None:
    """What hears of hubs, and asks them through `fetcher`; None without a public address. Raises ConfigError."""
    if config.websub.public_url is None:
        return None
    key = load_key(config.bot.data_dir / "websub.key")
    return HubSubscriber(config.websub.public_url, config.websub.place, key, fetcher.post)


def run_round(
    config: Config,
    store: DatabaseStore,
    feeds: Sequence[FeedConfig],
    limit: int,
    progress: Progress,
    stop: threading.Event,
) -> Report:
    """Poll these feeds and work on what is due of them. Raises StoreUnavailable."""
    report = Report()
    now = SystemClock().now()
    states = renaming.settle(config.feeds, store)
    this_round = Round(build_pipeline(config, store), progress, stop)
    early = [feed for feed in feeds if is_asked_to_wait(feed, states.get(feed.name), now)]
    report.add_polls(this_round.poll([feed for feed in feeds if feed not in early]))
    report.add_early(early)
    names = [feed.name for feed in feeds] if len(feeds) < len(config.feeds) else []
    due = store.due(SystemClock().now(), feeds=names)
    report.add_steps(this_round.work(due, limit=limit, concurrency=config.publish.concurrency))
    this_round.recheck()
    store.prune(SystemClock().now())
    report.add_faults(this_round.faults)
    if this_round.faults:
        return report  # the store cannot count now either
    report.items.waiting = sum(
        by_state.get(state, 0) for by_state in store.counts().values() for state in OPEN_STATES
    )
    return report


def notes_on(config: Config, feed: FeedConfig, state: FeedState) -> tuple[str, ...]:
    """What a person should know of this feed now."""
    return schedule.notes(schedule.policy_of(feed, config.schedule), state, SystemClock().now())


def retract(config: Config, store: DatabaseStore, publication: Publication, *, to_trash: bool) -> None:
    """Take a post back. Raises SiteUnavailable, SiteUnusable, SiteRefused."""
    pipeline = build_pipeline(config, store)
    if pipeline.retract(publication, to_trash=to_trash) is None:
        raise ItemUnusable(publication.key, "changed meanwhile", remedy="look again with: bot show")


def rehearse_round(
    config: Config, store: DatabaseStore, feeds: Sequence[FeedConfig], limit: int
) -> Iterator[Rehearsed]:
    """What a round would publish; nothing is stored or sent."""
    known = renaming.as_stored(config, store.feed_states())
    pipeline = build_pipeline(known, store)
    for feed in feeds:
        yield from rehearse(pipeline, known, known.feeds[config.feeds.index(feed)], limit)


def change_now(event: Event) -> Change:
    """A person's word, given now."""
    return Change(event, SystemClock().now())


def example_config() -> str:
    """The text of config.example.toml: beside the package in a checkout, inside it once installed."""
    inside = resources.files("bot") / "config.example.toml"
    beside = Path(__file__).parents[2] / "config.example.toml"
    return (inside if inside.is_file() else beside).read_text(encoding="utf-8")
