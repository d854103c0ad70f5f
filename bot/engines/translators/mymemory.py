"""MyMemory, a public translation memory with machine translation behind it, through deep-translator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import deep_translator.mymemory
import requests
from deep_translator.constants import MY_MEMORY_LANGUAGES_TO_CODES

from bot.config import EngineConfig
from bot.engines.translators.transport import LIMITED, Transport
from bot.errors import EngineBlocked, EngineRefused, EngineUnavailable

deep_translator.mymemory.requests = LIMITED

_URL = "https://api.mymemory.translated.net/get"  # the library's own is plain http
_MAX_BYTES = 500
_BY_BASE: dict[str, str] = {}
for _full in MY_MEMORY_LANGUAGES_TO_CODES.values():
    _BY_BASE.setdefault(_full.split("-")[0], _full)
_BY_BASE |= {
    "en": "en-GB", "fr": "fr-FR", "de": "de-DE", "es": "es-ES", "pt": "pt-PT", "ar": "ar-SA", "it": "it-IT",
    "nl": "nl-NL", "zh": "zh-CN", "sr": "sr-Latn-RS", "no": "nb-NO", "nb": "nb-NO",
}  # fmt: skip
_CODES = {code.lower(): code for code in MY_MEMORY_LANGUAGES_TO_CODES.values()}


class MyMemoryTranslator:
    """500 bytes a call, a daily quota (5,000 characters; 50,000 with `email`)."""

    name = "mymemory"
    max_chars = 450  # leaves room for letters of two bytes
    max_url_bytes = 3 * _MAX_BYTES  # three each, percent-encoded
    keeps_markers = True

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del data_dir
        self._url = config.url or _URL
        self._email = config.email
        self._transport = _Answers(self.name, timeout_seconds=config.timeout.total_seconds(), contact=contact)

    def supports(self, source: str, target: str) -> bool:
        """As Translator says."""
        return bool(_code(source) and _code(target))

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says. Raises EngineBlocked where the quota is spent."""
        if not self.supports(source, target):
            raise EngineRefused(self.name, f"does not translate {source} into {target}")
        text = "\n".join(lines)
        if len(text.encode()) > _MAX_BYTES:
            raise EngineRefused(self.name, f"takes {_MAX_BYTES} bytes a call, not {len(text.encode())}")
        memory = _Memory(self._url, _code(source), _code(target), self._email)
        with self._transport.active():
            try:
                answer = memory.translate(text)
            except StopIteration:
                answer = ""
        if not str(answer or "").strip():
            raise EngineUnavailable(self.name, "answered with an empty translation")
        return str(answer).split("\n")


class _Memory(deep_translator.mymemory.MyMemoryTranslator):  # type: ignore[misc]
    """deep-translator's class, on an address of ours."""

    def __init__(self, url: str, source: str, target: str, email: str) -> None:
        super().__init__(source=source, target=target, email=email or None)
        self._base_url = url


class _Answers(Transport):
    """Answers in which a quota warning, a fault, or nothing at all stands in the translation's place."""

    def request(self, method: str, url: str, **arguments: object) -> requests.Response:
        response = super().request(method, url, **arguments)
        try:
            answer = response.json()
            status = str(answer["responseStatus"])
            text = str((answer["responseData"] or {}).get("translatedText") or "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EngineUnavailable(self.engine, "answered with something that is no translation") from error
        if status in {"429", "403"} or answer.get("quotaFinished") or re.search("MYMEMORY WARNING", text):
            raise EngineBlocked(self.engine, "its quota of the day is spent")
        if status != "200":
            told = " ".join(str(answer.get("responseDetails") or status).split())[:120]
            raise EngineUnavailable(self.engine, f"answered with an error ({told})")
        if not text.strip() and not answer.get("matches"):
            raise EngineUnavailable(self.engine, "answered with an empty translation")
        return response


def _code(language: str) -> str:
    """MyMemory's code for a BCP 47 code, '' where it has none."""
    return _CODES.get(language.lower()) or _BY_BASE.get(language.split("-", maxsplit=1)[0].lower(), "")
