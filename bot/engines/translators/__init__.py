"""The translation engines, by the name that the config calls them. A new one: docs/writing-a-translator.md."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from bot.config import EngineConfig
from bot.errors import EngineRefused
from bot.ports import Translator

ENGINES = {
    "google": "bot.engines.translators.google:GoogleTranslator",
    "mymemory": "bot.engines.translators.mymemory:MyMemoryTranslator",
    "local": "bot.engines.translators.local:LocalTranslator",
}


def make(name: str, config: EngineConfig, *, data_dir: Path, contact: str) -> Translator:
    """The engine called `name`. Imports only its own file. Raises EngineRefused for a name not known."""
    try:
        module, factory = ENGINES[name].split(":")
    except KeyError:
        known = ", ".join(ENGINES)
        raise EngineRefused(name, "no such translation engine", remedy=f"take one of {known}") from None
    return cast(
        "Translator", getattr(import_module(module), factory)(config, data_dir=data_dir, contact=contact)
    )
