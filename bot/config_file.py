"""Reading config.toml: from text to a Config, or to all of its faults at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from bot.config import (
    Config,
    EngineConfig,
    FeedConfig,
    ListingConfig,
    PageConfig,
    RuleConfig,
    Section,
    SiteConfig,
    TranslationConfig,
)
from bot.errors import ConfigError
from bot.units import is_loopback

_SECRET_KEYS = ("password", "key", "cookie", "proxy_password", "secret_headers")
_NO_VALUE = object()
# A real server works on after its client is gone: time for the first post to show before it is looked for.
_SHORTEST_CONFIRM = timedelta(seconds=10)


def load(
    path: Path, environ: Mapping[str, str], engines: Collection[str], only: Collection[str] = ()
) -> Config:
    """Read the config at `path`; `engines` are the names of translation engines that exist.

    Relative paths in it are taken from its own folder. `only` names the tables that are read at all, for
    a step that needs no others (nor their secrets). Raises ConfigError with every fault.
    """
    return _parse_text(_text_of(path), path, environ, engines, only)


def append(path: Path, addition: str, environ: Mapping[str, str], engines: Collection[str]) -> None:
    """Write `addition` at the end of the config at `path`, if the whole is good then; not a byte before it changes.

    Raises ConfigError with every fault that the whole would have.
    """
    text = _text_of(path)
    whole = text if text.endswith("\n") else f"{text}\n"
    _parse_text(whole + addition, path, environ, engines)
    newline = "\r\n" if b"\r\n" in path.read_bytes() else "\n"
    try:
        with path.open("a", encoding="utf-8", newline=newline) as file:
            file.write((whole + addition)[len(text) :])
    except OSError as error:
        raise ConfigError(str(path), [f"cannot be written: {error.strerror}"]) from error


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(str(path), ["does not exist; write one with: bot init"]) from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ConfigError(str(path), [f"cannot be read: {why}"]) from error


def _parse_text(
    text: str, path: Path, environ: Mapping[str, str], engines: Collection[str], only: Collection[str] = ()
) -> Config:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), [f"not TOML: {error}"]) from error
    tree = {key: value for key, value in tree.items() if not only or key in only}
    return parse(tree, str(path), path.parent, environ, engines)


def parse(
    tree: dict[str, Any],
    name: str,
    folder: Path,
    environ: Mapping[str, str],
    engines: Collection[str],
) -> Config:
    """Check a tree of plain values. `name` stands in front of the faults. Raises ConfigError."""
    context = {"environ": environ, "folder": folder}
    faults: list[str] = []
    tree = dict(tree)
    tables = _engine_tables(tree, engines, context, faults)
    try:
        config = Config.model_validate(tree, context=context)
    except ValidationError as error:
        faults += [_line(fault) for fault in error.errors()]
        raise ConfigError(name, faults) from None
    faults += _cross_faults(config, engines)
    if faults:
        raise ConfigError(name, faults)
    return _rooted(config, folder, tables)


def _engine_tables(
    tree: dict[str, Any],
    engines: Collection[str],
    context: dict[str, Any],
    faults: list[str],
) -> dict[str, EngineConfig]:
    """Take the [translation.ENGINE] tables out of the tree, checked."""
    translation = tree.get("translation")
    if not isinstance(translation, dict):
        return {}
    own = set(TranslationConfig.model_fields)
    tables = {}
    for name in [key for key in translation if key not in own]:
        if name not in engines:
            known = [*own, *engines]
            faults.append(f"translation.{name}: not a key or an engine{_did_you_mean(name, known)}")
            continue
        try:
            tables[name] = EngineConfig.model_validate(translation[name], context=context)
        except ValidationError as error:
            for fault in error.errors():
                located = {**fault, "loc": ("translation", name, *fault["loc"])}
                faults.append(_line(located))
    tree["translation"] = {key: value for key, value in translation.items() if key in own}
    return tables


def _cross_faults(config: Config, engines: Collection[str]) -> Iterator[str]:
    """Faults that lie between tables."""
    for table, named in (("sites", config.sites), ("feeds", config.feeds)):
        names = [each.name for each in named]
        for i, name in enumerate(names):
            if name in names[:i]:
                yield f'{table}[{i}].name = "{name}": stands twice; give each its own name'
    sites = [site.name for site in config.sites]
    for i, feed in enumerate(config.feeds):
        for site in feed.sites:
            if site not in sites:
                hint = _did_you_mean(site, sites) or "; add a [[sites]] of that name"
                yield f'feeds[{i}].sites = "{site}": there is no such site{hint}'
    yield from _unknown_preferences(config)
    yield from _hasty_confirm(config)
    for i, engine in enumerate(config.translation.engines):
        if engine not in engines:
            hint = _did_you_mean(engine, engines) or f"; there are: {', '.join(sorted(engines))}"
            yield f'translation.engines[{i}] = "{engine}": there is no such engine{hint}'


def _unknown_preferences(config: Config) -> Iterator[str]:
    feeds = [feed.name for feed in config.feeds]
    for i, name in enumerate(config.duplicates.prefer):
        if name not in feeds:
            hint = _did_you_mean(name, feeds) or "; name a feed of this config"
            yield f'duplicates.prefer[{i}] = "{name}": there is no such feed{hint}'


def _hasty_confirm(config: Config) -> Iterator[str]:
    seconds = config.publish.confirm_after.total_seconds()
    if config.publish.confirm_after < _SHORTEST_CONFIRM and not all(map(_is_on_loopback, config.sites)):
        least = f"{_SHORTEST_CONFIRM.total_seconds():g}s"
        yield (
            f'publish.confirm_after = "{seconds:g}s": a site may still be at work on the first call then, and '
            f'the post would come out twice; write at least "{least}" (shorter only where every site is on 127.0.0.1)'
        )


def _is_on_loopback(site: SiteConfig) -> bool:
    return is_loopback(urlsplit(site.url).hostname or "")


def _rooted(config: Config, folder: Path, tables: dict[str, EngineConfig]) -> Config:
    """Paths made absolute from the config's folder, engine tables put in their place."""
    data_dir = (folder / config.bot.data_dir).resolve()
    database = config.bot.database or f"sqlite:///{data_dir / 'bot.db'}"
    if database.startswith("sqlite:///") and not database.startswith("sqlite:////"):
        database = f"sqlite:///{(folder / database.removeprefix('sqlite:///')).resolve()}"
    bot = config.bot.model_copy(update={"data_dir": data_dir, "database": database})
    sites = tuple(
        site.model_copy(update={"template": (folder / site.template).resolve()}) if site.template else site
        for site in config.sites
    )
    translation = config.translation.model_copy()
    object.__setattr__(translation, "__pydantic_extra__", tables)
    return config.model_copy(update={"bot": bot, "sites": sites, "translation": translation})


def _line(fault: Mapping[str, Any]) -> str:
    """One fault as one line: key path = value: problem; remedy."""
    loc = [part for part in fault["loc"] if not str(part).startswith("function-")]
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    path = path.removeprefix(".") or "config"
    if fault["type"] == "missing":
        return f"{path}: missing; add it"
    if fault["type"] == "extra_forbidden":
        return f"{path}: unknown key{_did_you_mean(str(loc[-1]), _keys_beside(loc))}"
    problem = str(fault.get("ctx", {}).get("error", "")) or _plain(fault)
    value = _shown(fault.get("input", _NO_VALUE), loc)
    return f"{path}{value}: {problem}"


def _shown(value: object, loc: list[Any]) -> str:
    """The value as it stands in the file; nothing where it is a table or could be a secret."""
    if (
        (loc and str(loc[-1]) in (*_SECRET_KEYS, "database"))
        or isinstance(value, dict | list)
        or value is _NO_VALUE
    ):
        return ""
    if isinstance(value, bool):
        return f" = {str(value).lower()}"
    return f' = "{value}"' if isinstance(value, str) else f" = {value}"


def _plain(fault: Mapping[str, Any]) -> str:
    """Pydantic's message in words that tell an owner what to do."""
    expected = fault.get("ctx", {}).get("expected")
    if fault["type"] == "literal_error" and expected:
        return f"not one of {expected}"
    if fault["type"] == "string_pattern_mismatch" and fault["loc"][-1] == "language":
        return 'not a language code; write for instance "fr" or "pt-BR"'
    if fault["type"] == "string_pattern_mismatch":
        return "only letters, digits, dots, dashes and underscores may stand in a name"
    return str(fault["msg"])[:1].lower() + str(fault["msg"])[1:]


_TABLES_OF_FEEDS: dict[str, type[Section]] = {
    "listing": ListingConfig,
    "page": PageConfig,
    "rules": RuleConfig,
}


def _keys_beside(loc: list[Any]) -> list[str]:
    """The keys that a table at this path knows."""
    sections: dict[str, type[Section]] = {"sites": SiteConfig, "feeds": FeedConfig}
    for name, info in Config.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, Section):
            sections[name] = info.annotation
    section = sections.get(str(loc[0]), Config) if len(loc) > 1 else Config
    if loc[0] == "translation" and len(loc) > 2:
        section = EngineConfig
    if loc[0] == "feeds" and len(loc) > 3:
        section = _TABLES_OF_FEEDS.get(str(loc[2]), section)
    return [key for key in section.model_fields if key not in _SECRET_KEYS]


def _did_you_mean(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
