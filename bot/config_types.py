"""The kinds of values that config keys take: each refuses what it is not, and says the remedy."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
)

from bot import dialect
from bot.units import Schedule, parse_duration, parse_schedule, parse_size

LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
_SHOWN_CHARS = 40


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an address; write it in full, for instance https://example.org")
    if parts.username or parts.password:
        raise ValueError("holds a password; put it into username and password_env")
    return text


def _regex(text: str) -> str:
    """A pattern that both can compile: `re`, whose language it is, and `regex`, which tries it (stages/patterns.py)."""
    import regex  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; slow to import

    if named := dialect.named_set(text):
        remedy = r"write [^\W\d_] for letters, \d for digits, \s for spaces, or \[: for the characters"
        raise ValueError(f'knows no "{named}"; {remedy}')
    if count := dialect.vast_count(text):
        raise ValueError(f'counts too far: "{count[:_SHOWN_CHARS]}"; write no more than 99999')
    written = dialect.plain(text)
    try:
        re.compile(written)
        regex.compile(written)
    except (re.error, regex.error) as error:
        place = written[error.pos or 0 :][:_SHOWN_CHARS]
        told = f'{error.msg}, at "{place}"' if place else f"{error.msg}, at its end"
        raise ValueError(f"not a regular expression ({told})") from error
    except RecursionError as error:
        raise ValueError("too many groups inside each other; write a simpler one") from error
    return text


def _selector(text: str) -> str:
    import soupsieve  # noqa: PLC0415 - slow to import

    try:
        soupsieve.compile(text)
    except soupsieve.SelectorSyntaxError as error:
        problem = str(error).splitlines()[0]
        raise ValueError(f"not a CSS selector ({problem})") from error
    return text


def _category(value: object) -> object:
    """A category by its id is kept as "#12"; a name may be a path, "Monde/Europe"."""
    return f"#{value}" if isinstance(value, int) and not isinstance(value, bool) else value


def known_placeholders(text: str, *names: str) -> str:
    """`text`, if it holds only these placeholders. Raises ValueError with the remedy."""
    try:
        text.format(**dict.fromkeys(names, ""))
    except (KeyError, IndexError, AttributeError, ValueError) as error:
        shown = " and ".join(f"{{{name}}}" for name in names)
        raise ValueError(f"knows only the placeholders {shown}") from error
    return text


Category = Annotated[str, BeforeValidator(_category)]
Url = Annotated[str, AfterValidator(_http_url)]
Regex = Annotated[str, AfterValidator(_regex)]
Selector = Annotated[str, AfterValidator(_selector)]
Name = Annotated[str, Field(pattern=NAME)]
Language = Annotated[str, Field(pattern=LANGUAGE)]
SourceLanguage = Annotated[str, Field(pattern=rf"^auto$|{LANGUAGE}")]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]
Every = Annotated[Schedule, BeforeValidator(parse_schedule)]


def read_secret(given: object, info: ValidationInfo) -> SecretStr | None:
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
