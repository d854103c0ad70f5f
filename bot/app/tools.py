"""Single steps by hand, put together with the real engines: what the tools of the command line call."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bot import config_file, doctor, preview, renaming, workbench
from bot.app import build_pipeline, translators
from bot.checkup import Diagnosis
from bot.config import Config, FeedConfig, FetchConfig
from bot.engines.clock import SystemClock
from bot.engines.http import HttpFetcher
from bot.engines.store import DatabaseStore
from bot.engines.translators import ENGINES, models
from bot.engines.websub import HubSubscriber, read_key
from bot.engines.wordpress.examination import ExaminedWordPress
from bot.errors import ConfigError, ItemUnusable
from bot.model import ANYBODY, Access, Fetched, Translation
from bot.pipeline import options_of
from bot.ports import Fetcher
from bot.preview import Preview
from bot.reading import further_pages, whole
from bot.rehearse import Tried, choose


def examine(config: Config) -> Iterator[Diagnosis]:
    """What `bot doctor` finds, as it finds it. Raises ConfigError."""
    contact = config.bot.contact
    sites = {site.name: ExaminedWordPress(site, contact) for site in config.sites}
    feeds = HttpFetcher(config.fetch, contact)
    try:
        callback = partial(_callback, config, feeds)
        instruments = doctor.Instruments(feeds, translators(config), sites, SystemClock(), callback)
        yield from doctor.examine(config, instruments, token=uuid.uuid4().hex[:20])
    finally:
        feeds.close()
        for site in sites.values():
            site.close()


def _callback(config: Config, feeds: HttpFetcher) -> HubSubscriber | None:
    """See doctor.Instruments: unlike the service, the doctor makes no key, which might be another user's."""
    key = read_key(config.bot.data_dir / "websub.key")
    if config.websub.public_url is None or key is None:
        return None
    return HubSubscriber(config.websub.public_url, config.websub.place, key, feeds.post)


def try_choice(config: Config, store: DatabaseStore, feed: FeedConfig) -> Iterator[Tried]:
    """What a poll of `feed` would take and skip now; nothing is stored. Raises what fetching and parsing raise."""
    known = renaming.as_stored(config, store.feed_states())
    return choose(build_pipeline(known, store), known.feeds[config.feeds.index(feed)])


def preview_post(config: Config, store: DatabaseStore, target: str, url: str, site: str) -> Preview:
    """The post that the article in a file, or at an address, would become; nothing is sent.

    Raises ConfigError, FetchUnavailable, FetchRefused, ItemUnusable, EngineUnavailable, EngineRefused.
    """
    settings = preview.site_of(config, site)
    document = _document(fetcher(config), target)
    source = preview.source_of(config, url or document.url, settings)
    further = _further(fetcher(config), document, source)
    article = workbench.extract_article(*_page(document, url), source, SystemClock().now(), further)
    return preview.make(build_pipeline(config, store), article, source, settings)


def fetcher(config: Config) -> Fetcher:
    """What asks for feeds, and for what the owner types. Touches no network yet."""
    return HttpFetcher(config.fetch, config.bot.contact)


def append_to_config(path: Path, addition: str) -> None:
    """Add tables to the config file, if it is good with them. Raises ConfigError; nothing is written then."""
    config_file.append(path, addition, os.environ, ENGINES)


def show_article(target: str, url: str, source: FeedConfig = workbench.NEUTRAL) -> workbench.Shown:
    """The article in a file, or at an address that the owner typed: private ones are welcome.

    Raises FetchUnavailable, FetchRefused, ItemUnusable.
    """
    pages = HttpFetcher(FetchConfig(allow_private_networks=True))
    document = _document(pages, target, source.access)
    return workbench.show_article(
        *_page(document, url), source, SystemClock().now(), _further(pages, document, source)
    )


def _document(pages: Fetcher, target: str, access: Access = ANYBODY) -> Fetched:
    """What is at an address, or in a file, which has none."""
    if target.startswith(("http://", "https://")):
        return whole(pages.get(target, access=access))
    return Fetched(preview.NO_ADDRESS, read_file(Path(target)))


def _page(document: Fetched, url: str) -> tuple[bytes, str, str]:
    """Bytes, media type and address of a page; one that the owner names goes before its own."""
    return document.body, document.content_type, url or document.url


def _further(pages: Fetcher, document: Fetched, source: FeedConfig) -> tuple[Fetched, ...]:
    """The pages that go on with the article of the first; those of a file are not asked for."""
    return () if document.url == preview.NO_ADDRESS else tuple(further_pages(pages, document, source))


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
    """The tables that a step by hand needs; faults and missing secrets of sites and feeds are none of its business."""
    if not path.exists():
        return Config()
    return config_file.load(path, os.environ, ENGINES, only=("bot", "fetch", "translation"))


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
