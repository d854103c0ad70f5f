"""Single steps by hand, put together with the real engines: what the tools of the command line call."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from bot import config_file, doctor, preview, workbench
from bot.app import build_pipeline, translators
from bot.checkup import Diagnosis
from bot.config import Config, FeedConfig, FetchConfig
from bot.engines.clock import SystemClock
from bot.engines.http import HttpFetcher
from bot.engines.store import DatabaseStore
from bot.engines.translators import ENGINES, models
from bot.engines.wordpress.examination import ExaminedWordPress
from bot.errors import ConfigError, ItemUnusable
from bot.model import CleanArticle, Decision, Fetched, Translation
from bot.pipeline import options_of
from bot.ports import Fetcher
from bot.preview import Preview
from bot.reading import whole
from bot.rehearse import choose


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
