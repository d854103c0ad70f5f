"""LibreTranslate, on a server of one's own or a hosted one: JSON by POST (its /docs)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.config import EngineConfig
from bot.engines.translators.transport import Transport, json_of
from bot.errors import EngineRefused, EngineUnavailable

_URL = "https://libretranslate.com"


class LibreTranslator:
    """One call translates a list of texts, each on its own. Plain text: its HTML mode moves tags about."""

    name = "libretranslate"
    max_chars = 5000
    max_url_bytes = 0
    keeps_markers = True

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del data_dir
        self._url = (config.url or _URL).rstrip("/") + "/translate"
        self._key = config.key.get_secret_value() if config.key else ""
        self._transport = Transport(
            self.name, timeout_seconds=config.timeout.total_seconds(), contact=contact
        )

    def supports(self, source: str, target: str) -> bool:
        """True: only the server knows its languages; it says 400 to others."""
        return bool(source and target)

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says."""
        question = {"q": list(lines), "source": _code(source), "target": _code(target), "format": "text"}
        if self._key:
            question["api_key"] = self._key
        answer = json_of(self.name, self._transport.request("POST", self._url, json=question))
        texts = answer.get("translatedText") if isinstance(answer, dict) else None
        if not isinstance(texts, list):
            raise EngineUnavailable(self.name, "answered without a list of translations")
        if not all(isinstance(text, str) for text in texts):
            raise EngineRefused(self.name, "answered with something that is no text")
        return [" ".join(text.split()) for text in texts]


def _code(language: str) -> str:
    """LibreTranslate's code: two letters, but for Chinese in traditional script."""
    if language.lower() in {"zh-hant", "zh-tw", "zh-hk"}:
        return "zt"
    return language.split("-", maxsplit=1)[0].lower()
