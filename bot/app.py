"""The composition root: the only file that knows which engine stands behind which port."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from bot import config_file, doctor, preview, workbench
from bot.checkup import Diagnosis
from bot.config import Config, FeedConfig, FetchConfig, SiteConfig
from bot.engines.clock import SystemClock
from bot.engines.http import HttpFetcher, PoliteFetcher
from bot.engines.media import PICTURE_MAX_BYTES, HttpPictures
from bot.engines.store import DatabaseStore
from bot.engines.store.lock import DataLock
from bot.engines.translators import ENGINES, make, models
from bot.engines.wordpress import WordPress
from bot.engines.wordpress.examination import ExaminedWordPress
from bot.errors import ConfigError, ItemUnusable
from bot.model import CleanArticle, Decision, FeedState, Fetched, Translation
from bot.pipeline import Pipeline, options_of
from bot.ports import EngineStates, Fetcher, Ports, Progress, Translator
from bot.preview import Preview
from bot.reading import whole
from bot.rehearse import Rehearsed, choose, rehearse
from bot.report import Report
from bot.rounds import Round
from bot.scheduler import Service
from bot.stages import compose, schedule
from bot.states import OPEN_STATES, Change, Event, Publication

HEARTBEAT_SECONDS = 600


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


def build_pipeline(config: Config, store: DatabaseStore) -> Pipeline:
    """A pipeline with the real engines. Touches no network. Raises ConfigError (templates)."""
    contact = config.bot.contact
    fetcher = HttpFetcher(config.fetch, contact)
    for_pictures = HttpFetcher(
        config.fetch, contact, max_bytes=PICTURE_MAX_BYTES, courtesy=fetcher.courtesy
    )
    return Pipeline(
        config,
        Ports(
            store=store,
            feeds=fetcher,
            pages=PoliteFetcher(fetcher) if config.fetch.respect_robots else fetcher,
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


def examine(config: Config) -> Iterator[Diagnosis]:
    """What `bot doctor` finds, as it finds it. Raises ConfigError."""
    contact = config.bot.contact
    sites = {site.name: ExaminedWordPress(site, contact) for site in config.sites}
    feeds = HttpFetcher(config.fetch, contact)
    instruments = doctor.Instruments(feeds, translators(config), sites, SystemClock())
    try:
        yield from doctor.examine(config, instruments, token=uuid.uuid4().hex[:20])
    finally:
        for site in sites.values():
            site.close()


def build_service(path: Path, config: Config, store: DatabaseStore) -> Service:
    """The service on the config at `path`, which it reads again whenever that file changes."""
    return Service(
        config,
        build=lambda new: build_pipeline(new, store),
        reload=ConfigWatch(path, config).changed,
        store=store,
        clock=SystemClock(),
        progress=Heartbeat(config.bot.data_dir),
    )


class Heartbeat:
    """ports.Progress of the service: each step touches a file, so that `bot status --healthy` can tell."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / "heartbeat"

    def begin(self, what: str, total: int) -> None:  # noqa: ARG002 - the port's signature
        """See ports.Progress."""
        self._file.touch()

    def step(self, what: str) -> None:  # noqa: ARG002 - the port's signature
        """See ports.Progress."""
        self._file.touch()

    def is_fresh(self) -> bool:
        """Whether the service made a step lately: every network call ends well before this limit."""
        try:
            return time.time() - self._file.stat().st_mtime < HEARTBEAT_SECONDS
        except OSError:
            return False


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
    this_round = Round(build_pipeline(config, store), progress, stop)
    states = store.feed_states()
    wishes = {feed.name: states[feed.name].not_before or now if feed.name in states else now for feed in feeds}
    report.add_polls(this_round.poll([feed for feed in feeds if wishes[feed.name] <= now]))
    report.add_early([feed for feed in feeds if wishes[feed.name] > now])
    names = [feed.name for feed in feeds] if len(feeds) < len(config.feeds) else []
    due = store.due(SystemClock().now(), feeds=names)
    report.add_steps(this_round.work(due, limit=limit, concurrency=config.publish.concurrency))
    this_round.recheck()
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
    pipeline = build_pipeline(config, store)
    for feed in feeds:
        yield from rehearse(pipeline, config, feed, limit)


def try_choice(config: Config, store: DatabaseStore, feed: FeedConfig) -> Iterator[Decision]:
    """What a poll of `feed` would take and skip now; nothing is stored. Raises what fetching and parsing raise."""
    return choose(build_pipeline(config, store), feed)


def preview_post(config: Config, store: DatabaseStore, target: str, url: str, site: str) -> Preview:
    """The post that the article in a file, or at an address, would become; nothing is sent.

    Raises ConfigError, FetchUnavailable, FetchRefused, ItemUnusable, EngineUnavailable, EngineRefused.
    """
    if target.startswith(("http://", "https://")):
        document = whole(fetcher(config).get(target))
    else:
        document = Fetched(preview.NO_ADDRESS, read_file(Path(target)))
    document = dataclasses.replace(document, url=url or document.url)
    return preview.make(build_pipeline(config, store), config, document, preview.site_of(config, site))


def fetcher(config: Config) -> Fetcher:
    """What asks for feeds, and for what the owner types. Touches no network yet."""
    return HttpFetcher(config.fetch, config.bot.contact)


def append_to_config(path: Path, addition: str) -> None:
    """Add tables to the config file, if it is good with them. Raises ConfigError; nothing is written then."""
    config_file.append(path, addition, os.environ, ENGINES)


def extract_article(target: str, url: str) -> CleanArticle:
    """The article in a file, or at an address that the owner typed: private ones are welcome.

    Raises FetchUnavailable, FetchRefused, ItemUnusable.
    """
    if target.startswith(("http://", "https://")):
        page = HttpFetcher(FetchConfig(allow_private_networks=True)).get(target)
        if isinstance(page, Fetched):
            return workbench.extract_article(page.body, page.content_type, url or page.url)
    return workbench.extract_article(read_file(Path(target)), "", url or "https://example.org/")


def translate_file(
    config_path: Path, file: Path, source: str, target: str, engine: str
) -> tuple[str, Translation]:
    """Translate an HTML file with the engines of the config, where there is one, else the default ones.

    Raises ConfigError, EngineUnavailable, EngineRefused, ItemUnusable.
    """
    config = _config_or_default(config_path)
    if engine:
        if engine not in ENGINES:
            raise ConfigError("--engine", [f'there is no engine "{engine}"; there are: {", ".join(ENGINES)}'])
        settings = config.translation.model_copy(update={"engines": (engine,)})
        config = config.model_copy(update={"translation": settings})
    text = read_file(file).decode("utf-8", "replace")
    options = options_of(config.translation, target)
    return workbench.translate_html(text, translators(config), source, target, options)


def models_folder(config_path: Path) -> Path:
    """Where the models of local translation lie."""
    config = _config_or_default(config_path)
    return config.translation.engine("local").models_dir or config.bot.data_dir / "models"


def installed_models(folder: Path) -> list[str]:
    """The names of the models in `folder`, such as "enpt"."""
    return models.installed(folder)


def add_model(source: str, target: str, folder: Path, tell: Callable[[str, int], None]) -> list[str]:
    """Fetch what translates `source` into `target`; gives the names of what was added.

    `tell` hears of each file and its size in bytes. Raises EngineRefused, EngineUnavailable.
    """
    return models.add(source, target, folder, tell)


def remove_model(name: str, folder: Path) -> bool:
    """Delete a model; False where there is none."""
    return models.remove(name, folder)


def _config_or_default(path: Path) -> Config:
    return load_config(path) if path.exists() else Config()


def read_file(path: Path) -> bytes:
    """A file that the owner named. Raises ItemUnusable."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ItemUnusable(str(path), f"cannot be read ({error.strerror})") from error


def write_text(path: Path, text: str) -> Path:
    """Write a file that the owner named, with its folder. Raises ItemUnusable."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        problem = f"cannot be written ({error.strerror})"
        raise ItemUnusable(str(path), problem, remedy="take another path with --out") from error
    return path


def new_folder() -> Path:
    """An empty folder of our own, for a page that nobody gave a place."""
    return Path(tempfile.mkdtemp(prefix="relaypress-"))


def change_now(event: Event) -> Change:
    """A person's word, given now."""
    return Change(event, SystemClock().now())


def example_config() -> str:
    """The text of config.example.toml: beside the package in a checkout, inside it once installed."""
    inside = resources.files("bot") / "config.example.toml"
    beside = Path(__file__).parent.parent / "config.example.toml"
    return (inside if inside.is_file() else beside).read_text(encoding="utf-8")


class ConfigWatch:
    """Tells when the config file has changed."""

    def __init__(self, path: Path, config: Config) -> None:
        self._path = path
        self._seen = _stamp(path)
        self._started = config.bot
        self._lock = threading.Lock()

    def changed(self) -> Config | None:
        """The new config, or None where the file is as it was. Raises ConfigError, once a change.

        data_dir and database stay those of the start: a running bot cannot move house.
        """
        with self._lock:
            stamp = _stamp(self._path)
            if stamp == self._seen:
                return None
            self._seen = stamp
        config = load_config(self._path)
        moved = {"data_dir": self._started.data_dir, "database": self._started.database}
        return config.model_copy(update={"bot": config.bot.model_copy(update=moved)})


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes when an editor saves a file, also by replacing it."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)
