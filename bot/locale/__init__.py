"""Disclaimers and labels, written by hand, one TOML file a language; never translated at run time."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Locale:
    """The texts of one language. `{from}` and `{source}` stand where they are filled in."""

    language: str
    name: str
    direction: str  # "ltr" | "rtl"
    label: str
    label_unknown: str
    label_relayed: str
    disclaimer: str
    disclaimer_relayed: str
    source: str
    share: str
    read_more: str
    picture: str
    origins: dict[str, str]  # "from <language>", by the code of the language


# Codes of the same language that have no file of their own.
_ALIASES = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "zh-Hant": "zh-TW", "zh-HK": "zh-TW"}


@cache
def find(language: str) -> Locale | None:
    """The texts for a BCP 47 code: the exact file, else the file of its base language, else None."""
    base = language.split("-", maxsplit=1)[0]
    for code in (language, _ALIASES.get(language), base, _ALIASES.get(base)):
        if code is None:
            continue
        file = resources.files(__name__) / f"{code}.toml"
        if file.is_file():
            tree = tomllib.loads(file.read_text(encoding="utf-8"))
            return Locale(origins=tree.pop("from"), **tree)
    return None


def bare(language: str, label: str, disclaimer: str) -> Locale:
    """A locale for a language without a file: the owner's own label and disclaimer, and no other words."""
    return Locale(
        language=language,
        name=language,
        direction="ltr",
        label=label,
        label_unknown=label,
        label_relayed=label,
        disclaimer=disclaimer,
        disclaimer_relayed=disclaimer,
        source="{source}",
        share="",
        read_more="→",
        picture="{source}",
        origins={},
    )
