"""The config: `config.toml` and the environment, read into one frozen Config.

Every fault is found in one go; each names the key path, the value and the remedy. Secrets come from the
environment (`*_env`) or a file (`*_file`) only, and are wrapped so that no repr ever shows one.
The keys are documented in docs/config.md, which is tested against these classes.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from bot import locale
from bot.units import Schedule, parse_duration, parse_schedule, parse_size

LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address; write it in full, for instance https://example.org")
    if parts.username or parts.password:
        raise ValueError("holds a password; put it into username and password_env")
    return text


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression ({error})") from error
    return text


def _selector(text: str) -> str:
    import soupsieve  # noqa: PLC0415 - slow to import

    try:
        soupsieve.compile(text)
    except soupsieve.SelectorSyntaxError as error:
        problem = str(error).splitlines()[0]
        raise ValueError(f"not a CSS selector ({problem})") from error
    return text


Url = Annotated[str, AfterValidator(_http_url)]
Regex = Annotated[str, AfterValidator(_regex)]
Selector = Annotated[str, AfterValidator(_selector)]
Name = Annotated[str, Field(pattern=NAME)]
Language = Annotated[str, Field(pattern=LANGUAGE)]
SourceLanguage = Annotated[str, Field(pattern=rf"^auto$|{LANGUAGE}")]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
Every = Annotated[Schedule, BeforeValidator(parse_schedule)]


def _secret(given: object, info: ValidationInfo) -> SecretStr | None:
    """The secret behind the keys NAME_env and NAME_file; None where neither is set.

    Raises ValueError with the remedy, also for a secret that stands in the file itself (its value is
    not repeated).
    """
    name = str(info.field_name)
    if isinstance(given, SecretStr) and given.get_secret_value():
        return given
    if isinstance(given, str):
        problem = "may not stand in the file"
        raise ValueError(f"{problem}; name its environment variable in {name}_env")  # noqa: TRY004 - pydantic wants it
    context = info.context or {}
    if env := info.data.get(f"{name}_env"):
        value = context.get("environ", {}).get(env, "")
        if not value:
            raise ValueError(f"the environment variable {env} is not set; set it, or use {name}_file")
        return SecretStr(value)
    if file := info.data.get(f"{name}_file"):
        try:
            text = (context.get("folder", Path()) / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ValueError(f"{file} cannot be read ({why})") from error
        return SecretStr(text.strip())
    return None


class Section(BaseModel):
    """A table of the config. Unknown keys are faults: a typo must not pass for a setting."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class BotConfig(Section):
    """[bot]"""

    data_dir: Path = Path("data")
    database: str = ""  # '' : SQLite in data_dir
    contact: str = ""


class FetchConfig(Section):
    """[fetch]"""

    allow_private_networks: bool = False
    timeout: Duration = timedelta(seconds=20)
    max_bytes: Size = 10_000_000
    respect_robots: bool = True


class ScheduleConfig(Section):
    """[schedule]"""

    every: Every = Schedule(every=timedelta(minutes=15))


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

    _key = field_validator("key", mode="before")(_secret)


class TranslationConfig(Section):
    """[translation]"""

    model_config = ConfigDict(frozen=True, extra="allow")  # engine tables; load() reads them

    engines: tuple[str, ...] = ("google", "local", "mymemory")
    do_not_translate: tuple[str, ...] = ()
    glossary: dict[Language, dict[str, str]] = {}

    def engine(self, name: str) -> EngineConfig:
        """The table of this engine; defaults where it has none."""
        table = (self.model_extra or {}).get(name)
        return table if isinstance(table, EngineConfig) else EngineConfig()


class PublishConfig(Section):
    """[publish]"""

    confirm_after: Duration = timedelta(seconds=60)
    concurrency: int = Field(default=2, ge=1, le=16)


class SiteConfig(Section):
    """[[sites]]"""

    name: Name
    url: Url
    username: str
    password_env: str = ""
    password_file: Path | None = None
    password: SecretStr = Field(default=SecretStr(""), validate_default=True)
    disclaimer: str = ""
    label: str = ""  # only for a language that no label is written in
    language: Language
    status: Literal["publish", "pending", "draft", "private"] = "publish"
    on_doubt: Literal["hold", "draft", "pending"] = "hold"
    template: Path | None = None
    timeout: Duration = timedelta(seconds=60)

    @field_validator("password", mode="before")
    @classmethod
    def _password(cls, given: object, info: ValidationInfo) -> SecretStr:
        secret = _secret(given, info)
        if secret is None and "password_file" in info.data:
            raise ValueError("missing; name its environment variable in password_env")
        return secret or SecretStr("")

    @field_validator("language")
    @classmethod
    def _has_texts(cls, language: str, info: ValidationInfo) -> str:
        own = [str(info.data.get(name, "")).strip() for name in ("disclaimer", "label")]
        if not all(own) and locale.find(language) is None:
            raise ValueError(
                "no disclaimer and label are written in this language; "
                "write your own into the keys disclaimer and label"
            )
        return language


class FeedConfig(Section):
    """[[feeds]]"""

    name: Name
    url: Url
    language: SourceLanguage
    sites: tuple[str, ...] = Field(min_length=1)
    every: Every | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    source_name: str = ""
    title: str = "{title} — {source}"
    share_line: bool = True
    backfill: int = Field(default=10, ge=0)
    content: Literal["full", "feed", "excerpt"] = "full"
    include: tuple[Regex, ...] = ()
    exclude: tuple[Regex, ...] = ()
    remove: tuple[Selector, ...] = ()
    remove_text: tuple[Regex, ...] = ()
    rights: Literal["licensed", "open", "permission", "excerpt", "unknown"] = "unknown"

    @property
    def source(self) -> str:
        """The name that readers see."""
        return self.source_name or self.name

    @property
    def depth(self) -> Literal["full", "feed", "excerpt"]:
        """How much may be relayed: without a right to more, an excerpt and a link."""
        return "excerpt" if self.rights in ("excerpt", "unknown") else self.content

    @field_validator("title")
    @classmethod
    def _placeholders(cls, title: str) -> str:
        try:
            if "x" not in title.format(title="x", source=""):
                raise ValueError("leaves the title out; it needs {title}")
        except (KeyError, IndexError, AttributeError) as error:
            raise ValueError("knows only the placeholders {title} and {source}") from error
        return title


class Config(Section):
    """The whole of config.toml, checked."""

    bot: BotConfig = BotConfig()
    fetch: FetchConfig = FetchConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    translation: TranslationConfig = TranslationConfig()
    publish: PublishConfig = PublishConfig()
    sites: tuple[SiteConfig, ...] = ()
    feeds: tuple[FeedConfig, ...] = ()

    def site(self, name: str) -> SiteConfig:
        """The site of this name. Raises KeyError."""
        return {site.name: site for site in self.sites}[name]

    def feed(self, name: str) -> FeedConfig:
        """The feed of this name. Raises KeyError."""
        return {feed.name: feed for feed in self.feeds}[name]
