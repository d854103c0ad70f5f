"""Apertium's APy over HTTP: rule-based, strong between near languages (https://wiki.apertium.org/wiki/Apertium-apy)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.config import EngineConfig
from bot.engines.translators.transport import Transport, json_of
from bot.errors import EngineUnavailable

_URL = "https://apertium.org/apy"
_CODES = {
    "en": "eng", "es": "spa", "fr": "fra", "pt": "por", "ca": "cat", "gl": "glg", "it": "ita", "oc": "oci",
    "eu": "eus", "de": "deu", "nl": "nld", "sv": "swe", "da": "dan", "no": "nob", "nb": "nob", "nn": "nno",
    "is": "isl", "ru": "rus", "uk": "ukr", "be": "bel", "pl": "pol", "bg": "bul", "mk": "mkd", "sl": "slv",
    "ro": "ron", "eo": "epo", "ar": "ara", "mt": "mlt", "kk": "kaz", "tt": "tat", "hi": "hin", "ur": "urd",
    "id": "ind", "ms": "msa", "af": "afr", "br": "bre", "cy": "cym", "sr": "srp", "hr": "hrv", "bs": "bos",
    "tr": "tur", "ky": "kir", "an": "arg", "ast": "ast", "sc": "srd", "scn": "scn",
}  # fmt: skip


class ApertiumTranslator:
    """Words it does not know come back with a star: the star is asked away (`markUnknown=no`)."""

    name = "apertium"
    max_chars = 20_000
    max_url_bytes = 0
    keeps_markers = True

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del data_dir
        self._url = (config.url or _URL).rstrip("/") + "/translate"
        self._transport = Transport(
            self.name, timeout_seconds=config.timeout.total_seconds(), contact=contact
        )

    def supports(self, source: str, target: str) -> bool:
        """Whether it knows both languages; which pairs it has, only the server knows."""
        return bool(_code(source) and _code(target))

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says."""
        # A blank line keeps its rules from reaching over into the next text.
        question = {
            "q": "\n\n".join(lines),
            "langpair": f"{_code(source)}|{_code(target)}",
            "markUnknown": "no",
        }
        answer = json_of(self.name, self._transport.request("POST", self._url, data=question))
        data = answer.get("responseData") if isinstance(answer, dict) else None
        text = data.get("translatedText") if isinstance(data, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise EngineUnavailable(self.name, "answered with an empty translation")
        return [line.strip() for line in text.split("\n") if line.strip()]


def _code(language: str) -> str:
    return _CODES.get(language.split("-", maxsplit=1)[0].lower(), "")
