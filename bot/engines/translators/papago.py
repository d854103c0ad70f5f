"""Naver's Papago, through deep-translator: strong between Korean, Japanese, Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import deep_translator.papago
from deep_translator.exceptions import TranslationNotFound

from bot.config import EngineConfig
from bot.engines.translators.transport import LIMITED, Transport
from bot.errors import EngineRefused, EngineUnavailable

deep_translator.papago.requests = LIMITED

_URL = "https://openapi.naver.com/v1/papago/n2mt"
_LANGUAGES = frozenset({"ko", "en", "ja", "zh-CN", "zh-TW", "es", "fr", "vi", "th", "id"})
_CODES = {"zh": "zh-CN", "zh-hans": "zh-CN", "zh-cn": "zh-CN", "zh-hant": "zh-TW", "zh-tw": "zh-TW"}


class PapagoTranslator:
    """The secret is `client id:client secret`."""

    name = "papago"
    max_chars = 4900
    max_url_bytes = 0
    keeps_markers = True

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del data_dir
        secret = config.key.get_secret_value() if config.key else ""
        self._id, _, self._secret = secret.partition(":")
        self._url = config.url or _URL
        self._transport = Transport(
            self.name, timeout_seconds=config.timeout.total_seconds(), contact=contact
        )

    def supports(self, source: str, target: str) -> bool:
        """As Translator says."""
        return {_code(source), _code(target)} <= _LANGUAGES

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says. Raises EngineRefused where the secret is missing or wrong."""
        if not self._id or not self._secret:
            raise EngineRefused(
                self.name, "has no secret", remedy="set key_env in [translation.papago] to id:secret"
            )
        client = _Client(self._url, self._id, self._secret, _code(source), _code(target))
        with self._transport.active():
            try:
                text = client.translate("\n".join(lines))
            except (TranslationNotFound, ValueError, AttributeError, TypeError) as error:
                raise EngineUnavailable(
                    self.name, "answered with something that is no translation"
                ) from error
        if not (text or "").strip():
            raise EngineUnavailable(self.name, "answered with an empty translation")
        return str(text).split("\n")


class _Client(deep_translator.papago.PapagoTranslator):  # type: ignore[misc]
    """deep-translator's class, on an address of ours."""

    def __init__(self, url: str, client_id: str, secret: str, source: str, target: str) -> None:
        super().__init__(client_id=client_id, secret_key=secret, source=source, target=target)
        self._base_url = url


def _code(language: str) -> str:
    return _CODES.get(language.lower(), language.split("-", maxsplit=1)[0].lower())
