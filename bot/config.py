"""The config: `config.toml` and the environment, read into one frozen Config.

Every fault is found in one go; each names the key path, the value and the remedy. Secrets come from the
environment (`*_env`) or a file (`*_file`) only, and are wrapped so that no repr ever shows one.
The keys are documented in docs/config.md, which is tested against these classes.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from pydantic import ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from bot.config_access import ListingConfig
from bot.config_relay import FeedConfig, RuleConfig, SiteConfig
from bot.config_rules import PageConfig
from bot.config_types import Duration, Every, Language, Section, Size, Url, read_secret
from bot.units import Schedule

__all__ = [
    "BotConfig",
    "Config",
    "DuplicatesConfig",
    "EngineConfig",
    "FeedConfig",
    "FetchConfig",
    "ListingConfig",
    "PageConfig",
    "PublishConfig",
    "RuleConfig",
    "ScheduleConfig",
    "Section",
    "SiteConfig",
    "TranslationConfig",
    "WebSubConfig",
]


class BotConfig(Section):
    """[bot]"""

    data_dir: Path = Path("data")
    database_env: str = ""
    database_file: Path | None = None
    database: str = Field(default="", repr=False, validate_default=True)  # '' : SQLite in data_dir
    contact: str = ""

    @field_validator("database", mode="before")
    @classmethod
    def _address(cls, given: object, info: ValidationInfo) -> object:
        secret = read_secret(None, info)
        if secret is None:
            return given
        if given:
            raise ValueError("given twice; leave it out, or leave out database_env and database_file")
        return secret.get_secret_value()


class FetchConfig(Section):
    """[fetch]"""

    allow_private_networks: bool = False
    timeout: Duration = timedelta(seconds=20)
    max_bytes: Size = 10_000_000
    respect_robots: bool = True
    respect_tdm: bool = True
    per_host: int = Field(default=2, ge=1, le=64)  # connections
    pause: Duration = timedelta(seconds=1)  # between two requests to a host


class WebSubConfig(Section):
    """[websub]"""

    public_url: Url | None = None  # None: off
    listen: str = "127.0.0.1:8899"

    @field_validator("public_url")
    @classmethod
    def _without_query(cls, url: str | None) -> str | None:
        if url is not None and ("?" in url or "#" in url):
            raise ValueError("an address without ? and #: a name of its own for each feed is put behind it")
        return url

    @field_validator("listen")
    @classmethod
    def _place(cls, text: str) -> str:
        if not re.fullmatch(r"[\w.:\[\]-]+:\d{1,5}", text) or int(text.rpartition(":")[2]) > 65_535:
            raise ValueError('not a place to listen at; write for instance "127.0.0.1:8899"')
        return text

    @property
    def place(self) -> tuple[str, int]:
        """Host and port to listen at."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class ScheduleConfig(Section):
    """[schedule]"""

    every: Every = Schedule(every=timedelta(minutes=15))
    longest: Duration = timedelta(hours=1)  # between two polls of a feed that seldom changes
    silent_after: Duration = timedelta(days=30)
    failing_after: Duration = timedelta(days=1)


class EngineConfig(Section):
    """[translation.ENGINE]: the same keys for every engine; an engine ignores what it has no use for."""

    url: Url | None = None
    timeout: Duration = timedelta(seconds=20)
    requests_per_minute: int = Field(default=0, ge=0)  # 0: the engine's own default
    characters_per_day: int = Field(default=0, ge=0)  # 0: no limit
    key_env: str = ""
    key_file: Path | None = None
    key: SecretStr | None = Field(default=None, validate_default=True)
    email: str = ""  # mymemory: raises its daily quota
    model: str = ""  # openai: name of the model
    models_dir: Path | None = None  # local: folder of the models; default data_dir/models

    _key = field_validator("key", mode="before")(read_secret)


class TranslationConfig(Section):
    """[translation]"""

    model_config = ConfigDict(frozen=True, extra="allow")  # engine tables; load() reads them

    engines: tuple[str, ...] = ("google", "local", "mymemory")
    do_not_translate: tuple[str, ...] = ()
    glossary: dict[Language, dict[str, str]] = {}
    fixes: dict[Language, dict[str, str]] = {}  # replaced in the finished translation
    mix_engines: bool = False  # whether one article may hold lines of several engines
    typography: bool = True

    def engine(self, name: str) -> EngineConfig:
        """The table of this engine; defaults where it has none."""
        table = (self.model_extra or {}).get(name)
        return table if isinstance(table, EngineConfig) else EngineConfig()


class PublishConfig(Section):
    """[publish]"""

    confirm_after: Duration = timedelta(seconds=60)
    concurrency: int = Field(default=2, ge=1, le=16)


class DuplicatesConfig(Section):
    """[duplicates]: the same story in two feeds of one site."""

    across_feeds: bool = True
    window: Duration = timedelta(days=3)
    prefer: tuple[str, ...] = ()  # names of feeds, the most wanted first

    def prefers(self, feed: str, other: str) -> bool:
        """Whether a story is rather taken from `feed` than from `other`."""
        ranks = {name: rank for rank, name in enumerate(self.prefer)}
        return ranks.get(feed, len(ranks)) < ranks.get(other, len(ranks))


class Config(Section):
    """The whole of config.toml, checked."""

    bot: BotConfig = BotConfig()
    fetch: FetchConfig = FetchConfig()
    websub: WebSubConfig = WebSubConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    translation: TranslationConfig = TranslationConfig()
    publish: PublishConfig = PublishConfig()
    duplicates: DuplicatesConfig = DuplicatesConfig()
    sites: tuple[SiteConfig, ...] = ()
    feeds: tuple[FeedConfig, ...] = ()

    def site(self, name: str) -> SiteConfig:
        """The site of this name. Raises KeyError."""
        return {site.name: site for site in self.sites}[name]

    def feed(self, name: str) -> FeedConfig:
        """The feed of this name. Raises KeyError."""
        return {feed.name: feed for feed in self.feeds}[name]
