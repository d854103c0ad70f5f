"""The translation engines, by the name that the config calls them. A new one: docs/writing-a-translator.md."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from bot.config import EngineConfig
from bot.engines.translators.guard import Budget, GuardedTranslator, StatesInMemory
from bot.errors import EngineRefused
from bot.ports import EngineStates, Translator
from bot.units import is_loopback

ENGINES = {
    "google": "bot.engines.translators.google:GoogleTranslator",
    "mymemory": "bot.engines.translators.mymemory:MyMemoryTranslator",
    "local": "bot.engines.translators.local:LocalTranslator",
    "libretranslate": "bot.engines.translators.libretranslate:LibreTranslator",
    "openai": "bot.engines.translators.openai:OpenAiTranslator",
    "deepl": "bot.engines.translators.deepl:DeepLTranslator",
    "microsoft": "bot.engines.translators.microsoft:MicrosoftTranslator",
    "papago": "bot.engines.translators.papago:PapagoTranslator",
    "apertium": "bot.engines.translators.apertium:ApertiumTranslator",
}


# Requests a minute where the config says nothing; for strangers' servers only.
_POLITE = {"google": 30, "mymemory": 30, "libretranslate": 60, "apertium": 60}


def make(
    name: str, config: EngineConfig, *, data_dir: Path, contact: str, states: EngineStates | None = None
) -> Translator:
    """The engine called `name` behind its guard; `states` keeps budgets and pauses over restarts.

    Imports only the engine's own file. Raises EngineRefused for a name not known.
    """
    try:
        module, factory = ENGINES[name].split(":")
    except KeyError:
        known = ", ".join(ENGINES)
        raise EngineRefused(name, "no such translation engine", remedy=f"take one of {known}") from None
    engine = getattr(import_module(module), factory)(config, data_dir=data_dir, contact=contact)
    if name == "local":
        return cast("Translator", engine)  # our own processor needs no manners
    polite = 0 if _is_here(config.url) else _POLITE.get(name, 0)
    budget = Budget(config.requests_per_minute or polite, config.characters_per_day)
    return GuardedTranslator(engine, budget, states or StatesInMemory())


def _is_here(url: str | None) -> bool:
    """Whether an engine runs on this machine: such a one needs no manners either."""
    return is_loopback(urlsplit(url or "").hostname or "")
