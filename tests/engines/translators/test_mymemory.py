from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import EngineConfig
from bot.engines.translators.mymemory import MyMemoryTranslator
from bot.errors import EngineBlocked, EngineRefused, EngineUnavailable
from tests.servers.json_engine import JsonEngine, Question
from tests.servers.translate_page import speak


def good(question: Question) -> object:
    return {
        "responseStatus": 200,
        "responseData": {"translatedText": speak(question.data["q"])},
        "matches": [],
    }


def engine(url: str) -> MyMemoryTranslator:
    config = EngineConfig(url=f"{url}/get", timeout="5s", email="a@example.org")
    return MyMemoryTranslator(config, data_dir=Path(), contact="")


def test_lines_are_translated() -> None:
    with JsonEngine(good) as server:
        assert engine(server.url).translate(["Good day", "More words"], "en", "fr") == [
            speak("Good day"),
            speak("More words"),
        ]
        assert server.questions[0].data["langpair"] == "en-GB|fr-FR"
        assert server.questions[0].data["de"] == "a@example.org"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            {"responseStatus": 429, "responseData": {"translatedText": "MYMEMORY WARNING: YOU USED ALL"}},
            EngineBlocked,
        ),
        (
            {"responseStatus": 200, "responseData": {"translatedText": "MYMEMORY WARNING: YOU USED ALL"}},
            EngineBlocked,
        ),
        (
            {"responseStatus": 200, "quotaFinished": True, "responseData": {"translatedText": "x"}},
            EngineBlocked,
        ),
        ({"responseStatus": "403", "responseData": {"translatedText": "INVALID"}}, EngineBlocked),
        ({"responseStatus": 500, "responseDetails": "broken", "responseData": None}, EngineUnavailable),
        ({"responseStatus": 200, "responseData": {"translatedText": ""}, "matches": []}, EngineUnavailable),
        ({"responseStatus": 200, "responseData": None}, EngineUnavailable),
        ([], EngineUnavailable),
        (b"<html>", EngineUnavailable),
        ((429, {}), EngineBlocked),
        ((502, b""), EngineUnavailable),
        ((400, {}), EngineRefused),
    ],
)
def test_what_is_no_translation_is_never_given_as_one(answer: object, error: type[Exception]) -> None:
    with JsonEngine(lambda question: answer) as server, pytest.raises(error):
        engine(server.url).translate(["Hello"], "en", "fr")


def test_more_than_500_bytes_are_not_sent() -> None:
    with JsonEngine(good) as server:
        with pytest.raises(EngineRefused, match="500 bytes"):
            engine(server.url).translate(["é" * 300], "fr", "en")
        assert server.questions == []
