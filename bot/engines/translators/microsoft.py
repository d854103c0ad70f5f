"""Microsoft's translator (Azure), through deep-translator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import deep_translator.microsoft
from deep_translator.exceptions import MicrosoftAPIerror

from bot.config import EngineConfig
from bot.engines.translators.transport import LIMITED, Transport
from bot.errors import EngineRefused, EngineUnavailable

deep_translator.microsoft.requests = LIMITED

_URL = "https://api.cognitive.microsofttranslator.com/translate?api-version=3.0"
_CODES = {
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
    "no": "nb",
    "tl": "fil",
}


class MicrosoftTranslator:
    """A key is needed; `region` of the resource comes after it in the secret, behind a colon, if it has one."""

    name = "microsoft"
    max_chars = 10_000
    max_url_bytes = 0
    keeps_markers = True

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del data_dir
        secret = config.key.get_secret_value() if config.key else ""
        self._key, _, self._region = secret.partition(":")
        self._url = config.url or _URL
        self._transport = Transport(
            self.name, timeout_seconds=config.timeout.total_seconds(), contact=contact
        )

    def supports(self, source: str, target: str) -> bool:
        """True: it knows more than a hundred languages, and says 400 to others."""
        return bool(source and target)

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says. Raises EngineRefused where the key is missing or wrong."""
        if not self._key:
            raise EngineRefused(self.name, "has no key", remedy="set key_env in [translation.microsoft]")
        with self._transport.active():
            try:
                client = _Client(self._url, self._key, self._region, _code(source), _code(target))
                text = client.translate("\n".join(lines))
            except MicrosoftAPIerror as error:
                raise EngineRefused(self.name, "refused the text or the languages") from error
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise EngineUnavailable(
                    self.name, "answered with something that is no translation"
                ) from error
        if not (text or "").strip():
            raise EngineUnavailable(self.name, "answered with an empty translation")
        return str(text).split("\n")


class _Client(deep_translator.microsoft.MicrosoftTranslator):  # type: ignore[misc]
    """deep-translator's class, on an address of ours, without its question for all languages at every start."""

    def __init__(self, url: str, key: str, region: str, source: str, target: str) -> None:
        self._pair = source, target
        super().__init__(api_key=key, region=region or None, source=source, target=target)
        self._base_url = url

    def _get_supported_languages(self) -> dict[str, Any]:
        return {code: code for code in self._pair}


def _code(language: str) -> str:
    return _CODES.get(language.lower(), language)
