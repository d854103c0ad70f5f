"""Translation on this machine: Firefox' models through fxtranslate. Nothing leaves the house."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import EngineConfig
from bot.engines.translators import models
from bot.errors import EngineRefused, EngineUnavailable

if TYPE_CHECKING:
    from fxtranslate import Translator as Model

_PIVOT = "en"
# The models keep pairs of straight quotes, and lose half of the curly ones.
_PLAIN_QUOTES = str.maketrans("“”„", '"""')
# They learned from Wikipedia to add "(in English)" and the like behind a name.
_ASIDE = re.compile(r"\s*\([^()]*\)?([.!?]?)$")
_THREADS = 2

# A model belongs to the thread that made it and must end there too. An attribute of the engine would be
# cleared by whichever thread drops the engine; a module's is cleared by each thread as it ends.
_models_of_thread = threading.local()


class LocalTranslator:
    """Firefox' models in a folder, through English where no model is direct. Text only, never tags."""

    name = "local"
    max_chars = 50_000  # about 10 s of work
    max_url_bytes = 0
    keeps_markers = False

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del contact
        self._folder = config.models_dir or data_dir / "models"
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="local-translator")

    def supports(self, source: str, target: str) -> bool:
        """Whether the folder has the models, direct or through English."""
        return bool(self._route(source, target))

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says. Raises EngineRefused where the model or the package is missing."""
        route = self._route(source, target)
        if not route:
            raise EngineRefused(
                self.name,
                f"no model for {source} into {target} in {self._folder}",
                remedy=f"bot models add {source} {target}",
            )
        return list(self._pool.map(lambda line: self._line(line, route), lines))

    def close(self) -> None:
        """End the threads and give their models' memory back."""
        self._pool.shutdown()

    def _route(self, source: str, target: str) -> tuple[str, ...]:
        """The names of the models to go through, none where there is no way."""
        one, two = source.split("-", maxsplit=1)[0].lower(), target.split("-", maxsplit=1)[0].lower()
        names = set(models.installed(self._folder))
        for route in ((one + two,), (one + _PIVOT, _PIVOT + two)):
            if names.issuperset(route):
                return route
        return ()

    def _line(self, line: str, route: tuple[str, ...]) -> str:
        text = line.translate(_PLAIN_QUOTES)
        for name in route:
            text = self._model(name).translate_long(text)
        text = " ".join(text.split())
        return text if "(" in line else _ASIDE.sub(r"\1", text)

    def _model(self, name: str) -> Model:
        loaded: dict[Path, Model] = _models_of_thread.__dict__.setdefault("loaded", {})
        folder = self._folder / name
        if folder not in loaded:
            loaded[folder] = _load(folder)
        return loaded[folder]


def _load(folder: Path) -> Model:
    """Load a model. Raises EngineRefused, EngineUnavailable."""
    try:
        import fxtranslate  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EngineRefused(
            "local", "the package fxtranslate is not installed", remedy="pip install relaypress[local]"
        ) from error
    try:
        files = models.files(folder)
        parts = {part: path.read_bytes() for part, path in files.items()}
        return fxtranslate.Translator(**parts)
    except OSError as error:
        raise EngineUnavailable(
            "local", f"the model in {folder} cannot be read ({error.strerror})"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise EngineRefused(
            "local", f"the model in {folder} is damaged ({error})", remedy="remove it and add it again"
        ) from error
