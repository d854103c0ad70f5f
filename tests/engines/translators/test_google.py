from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import EngineConfig
from bot.engines.translators.google import GoogleTranslator
from bot.errors import EngineBlocked, EngineRefused, EngineUnavailable
from tests.servers.translate_page import Distortion, TranslatePage, speak


def engine(url: str, timeout: str | timedelta = "2s") -> GoogleTranslator:
    return GoogleTranslator(
        EngineConfig(url=url, timeout=timeout), data_dir=Path(), contact="ops@example.org"
    )


def always(kind: str) -> Distortion:
    return Distortion(request=1.0, kinds=(kind,))


def test_lines_come_back_line_by_line() -> None:
    with TranslatePage() as page:
        assert engine(page.url).translate(["Good day", "Two [[1]]words[[/1]] & more"], "en", "fr") == [
            speak("Good day"),
            speak("Two [[1]]words[[/1]] & more"),
        ]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", EngineBlocked),
        ("captcha", EngineBlocked),
        ("consent", EngineBlocked),
        ("500", EngineUnavailable),
        ("error page", EngineUnavailable),
        ("empty", EngineUnavailable),
        ("drop", EngineUnavailable),
    ],
)
def test_what_is_no_translation_is_never_given_as_one(kind: str, error: type[EngineUnavailable]) -> None:
    with TranslatePage(always(kind)) as page, pytest.raises(error) as raised:
        engine(page.url).translate(["The secret plan"], "en", "fr")
    assert "secret" not in str(raised.value)


def test_an_engine_that_hangs_is_given_up() -> None:
    with (
        TranslatePage(always("hang"), hang_seconds=30) as page,
        pytest.raises(EngineUnavailable, match="did not answer"),
    ):
        engine(page.url, timeout=timedelta(milliseconds=200)).translate(["Hello there"], "en", "fr")


def test_an_engine_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(EngineUnavailable):
            engine(f"http://127.0.0.1:{taken.getsockname()[1]}/m").translate(["Hello"], "en", "fr")


def test_an_echo_is_given_as_it_came() -> None:
    with TranslatePage(always("echo all")) as page:
        assert engine(page.url).translate(["Hello there"], "en", "fr") == ["Hello there"]


def test_fifty_threads_never_mix_answers() -> None:
    with TranslatePage() as page:
        google = engine(page.url, timeout="20s")
        texts = [f"text number {n} " + "word " * (n % 7) + "end" for n in range(200)]
        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda text: google.translate([text], "en", "fr"), texts))
    assert answers == [[speak(text)] for text in texts]


@pytest.mark.parametrize(
    ("source", "target", "known"),
    [("en", "fr-CH", True), ("he", "zh-Hant", True), ("nb", "fil", True), ("en", "tlh", False)],
)
def test_languages_are_known_by_their_usual_codes(source: str, target: str, known: bool) -> None:  # noqa: FBT001 - a table
    google = engine("http://127.0.0.1:1/m")
    assert google.supports(source, target) is known
    if not known:
        with pytest.raises(EngineRefused):
            google.translate(["x"], source, target)
