"""DeepL, through its official package."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from bot.config import EngineConfig
from bot.errors import EngineBlocked, EngineRefused, EngineUnavailable

_LANGUAGES = frozenset(
    "ar bg cs da de el en es et fi fr he hu id it ja ko lt lv nb nl pl pt ro ru sk sl sv th tr uk vi zh".split()  # noqa: SIM905 - a list of thirty would fill the page
)
_TEXTS = 50  # that DeepL takes in one call
_TARGETS = {"en": "EN-US", "pt": "PT-PT", "zh": "ZH-HANS", "no": "NB", "nn": "NB"}
_REGIONAL = frozenset({"en-gb", "en-us", "pt-br", "pt-pt", "zh-hans", "zh-hant"})


class DeepLTranslator:
    """A key is needed; one ending in `:fx` uses the free service. Texts are sent as a list, not packed in one."""

    name = "deepl"
    max_chars = 20_000
    max_url_bytes = 0
    keeps_markers = True

    def __init__(self, config: EngineConfig, *, data_dir: Path, contact: str) -> None:
        del data_dir, contact
        self._key = config.key.get_secret_value() if config.key else ""
        self._url = config.url
        self._timeout_seconds = config.timeout.total_seconds()

    def supports(self, source: str, target: str) -> bool:
        """As Translator says."""
        return {_base(source), _base(target)} <= _LANGUAGES

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says. Raises EngineRefused where the key is missing or wrong."""
        if not self._key:
            raise EngineRefused(self.name, "has no key", remedy="set key_env in [translation.deepl]")
        return [
            text
            for start in range(0, len(lines), _TEXTS)
            for text in self._texts(lines[start : start + _TEXTS], source, target)
        ]

    def _texts(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        deepl = _package(self._timeout_seconds)
        client = deepl.Translator(self._key, server_url=self._url)  # one a call: threads share no session
        try:
            found = client.translate_text(
                list(lines),
                source_lang=_base(source).upper(),
                target_lang=_target(target),
                split_sentences="nonewlines",
            )
        except (deepl.QuotaExceededException, deepl.TooManyRequestsException) as error:
            raise EngineBlocked(self.name, "its quota is spent, or it is asked too often") from error
        except deepl.AuthorizationException as error:
            raise EngineRefused(self.name, "does not take the key", remedy="look at key_env") from error
        except deepl.ConnectionException as error:
            raise EngineUnavailable(self.name, "did not answer") from error
        except deepl.DeepLException as error:
            if (error.http_status_code or 500) >= 500:
                raise EngineUnavailable(self.name, "answered with an error") from error
            raise EngineRefused(self.name, f"refused with status {error.http_status_code}") from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise EngineUnavailable(self.name, "answered with something that is no translation") from error
        finally:
            client.close()
        if len(found) != len(lines):
            raise EngineUnavailable(self.name, f"answered {len(found)} of {len(lines)} texts")
        return [" ".join(result.text.split()) for result in found]


def _package(timeout_seconds: float) -> Any:
    """The package, set not to wait or repeat on its own: the guard does that."""
    try:
        deepl = import_module("deepl")
    except ImportError as error:
        raise EngineRefused(
            "deepl", "the package deepl is not installed", remedy="pip install relaypress[deepl]"
        ) from error
    deepl.http_client.max_network_retries = 0
    deepl.http_client.min_connection_timeout = timeout_seconds
    return deepl


def _base(language: str) -> str:
    code = language.split("-", maxsplit=1)[0].lower()
    return "nb" if code in {"no", "nn"} else code


def _target(language: str) -> str:
    code = language.lower()
    return (
        code.upper()
        if code in _REGIONAL
        else _TARGETS.get(code, _TARGETS.get(_base(code), _base(code).upper()))
    )
