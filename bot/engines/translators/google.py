"""Google's keyless page, through deep-translator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import deep_translator.google
import requests
from deep_translator.constants import GOOGLE_LANGUAGES_TO_CODES
from deep_translator.exceptions import TranslationNotFound

from bot.config import EngineConfig
from bot.engines.translators.transport import LIMITED, Transport
from bot.errors import EngineBlocked, EngineRefused, EngineUnavailable

deep_translator.google.requests = LIMITED

_URL = "https://translate.google.com/m"
_CODES = frozenset(GOOGLE_LANGUAGES_TO_CODES.values())
_OTHER_CODES = {
    "he": "iw", "nb": "no", "nn": "no", "fil": "tl", "jv": "jw", "zh": "zh-CN",
    "zh-hans": "zh-CN", "zh-hant": "zh-TW", "zh-tw": "zh-TW", "zh-hk": "zh-TW", "zh-cn": "zh-CN",
    "mni": "mni-Mtei",
}  # fmt: skip
_LINE_BREAK = re.compile(r"<br\s*/?>\s*", re.IGNORECASE)
_ERROR_PAGE = re.compile(r"<title>\s*(?:Error\b|Sorry)|Error 500 \(Server Error\)", re.IGNORECASE)


class GoogleTranslator:
    """Translates through the page for old phones: no key, blocked now and then, 5,000 characters a call."""

    name = "google"
    max_chars = 4900
    max_url_bytes = 15_000
    keeps_markers = True

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del data_dir
        self._url = config.url or _URL
        self._transport = _Pages(self.name, timeout_seconds=config.timeout.total_seconds(), contact=contact)

    def supports(self, source: str, target: str) -> bool:
        """As Translator says."""
        return bool(_code(source) and _code(target))

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says. Raises EngineBlocked for a captcha or consent page too."""
        if not self.supports(source, target):
            raise EngineRefused(self.name, f"does not translate {source} into {target}")
        page = _Page(self._url, _code(source), _code(target))  # one a call: instances mix up their answers
        with self._transport.active():
            try:
                text = page.translate("\n".join(lines))
            except TranslationNotFound as error:
                raise EngineBlocked(self.name, "answered with a page that holds no translation") from error
        if not (text or "").strip():
            raise EngineUnavailable(self.name, "answered with an empty translation")
        return str(text).split("\n")


class _Page(deep_translator.google.GoogleTranslator):  # type: ignore[misc]
    """deep-translator's class, on an address of ours."""

    def __init__(self, url: str, source: str, target: str) -> None:
        super().__init__(source=source, target=target)
        self._base_url = url


class _Pages(Transport):
    """Pages whose errors are found although their status is 200, and whose line breaks are newlines."""

    def request(self, method: str, url: str, **arguments: object) -> requests.Response:
        response = super().request(method, url, **arguments)
        response.encoding = "utf-8"
        if _ERROR_PAGE.search(response.text):
            raise EngineUnavailable(self.engine, "answered with an error page")
        response._content = _LINE_BREAK.sub("\n", response.text).encode()  # noqa: SLF001 - deep-translator would glue the lines
        return response


def _code(language: str) -> str:
    """Google's code for a BCP 47 code, '' where it has none."""
    for code in (language.lower(), language.split("-", maxsplit=1)[0].lower()):
        known = _OTHER_CODES.get(code, code)
        if known in _CODES:
            return known
    return ""
