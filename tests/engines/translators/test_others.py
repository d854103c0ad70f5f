"""The engines that speak JSON: what they ask, and what they make of every kind of answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.config import EngineConfig
from bot.engines.translators import ENGINES, make
from bot.engines.translators.apertium import ApertiumTranslator
from bot.engines.translators.deepl import DeepLTranslator
from bot.engines.translators.libretranslate import LibreTranslator
from bot.engines.translators.microsoft import MicrosoftTranslator
from bot.engines.translators.openai import OpenAiTranslator
from bot.engines.translators.papago import PapagoTranslator
from bot.errors import EngineBlocked, EngineRefused, EngineUnavailable
from tests.servers.json_engine import JsonEngine, Question
from tests.servers.translate_page import speak

LINES = ["Good [[1]]day[[/1]], all", "More words"]
SPOKEN = [speak(line) for line in LINES]


def libre(question: Question) -> object:
    return {"translatedText": [speak(text) for text in question.data["q"]]}


def apertium(question: Question) -> object:
    return {"responseStatus": 200, "responseData": {"translatedText": speak(question.data["q"])}}


def openai(question: Question) -> object:
    lines = json.loads(question.data["messages"][1]["content"])
    content = "```json\n" + json.dumps({"lines": [speak(line) for line in lines]}) + "\n```"
    return {"choices": [{"message": {"content": content}}]}


def microsoft(question: Question) -> object:
    return [{"translations": [{"text": speak(question.data["list"][0]["text"]), "to": "fr"}]}]


def papago(question: Question) -> object:
    return {"message": {"result": {"translatedText": speak(question.data["text"])}}}


def deepl(question: Question) -> object:
    return {
        "translations": [
            {"text": speak(text), "detected_source_language": "EN", "billed_characters": 1}
            for text in question.data["text"]
        ]
    }


SPEAKERS = [
    (LibreTranslator, libre),
    (ApertiumTranslator, apertium),
    (OpenAiTranslator, openai),
    (MicrosoftTranslator, microsoft),
    (PapagoTranslator, papago),
    (DeepLTranslator, deepl),
]
ALL = pytest.mark.parametrize(("kind", "answer"), SPEAKERS, ids=[kind.name for kind, _ in SPEAKERS])


def engine(kind: type, server: JsonEngine, timeout: str = "5s"):
    config = EngineConfig.model_validate(
        {"url": server.url, "timeout": timeout, "model": "m", "key_env": "KEY"},
        context={"environ": {"KEY": "id:secret"}},
    )
    return kind(config, data_dir=Path(), contact="ops@example.org")


@ALL
def test_lines_are_translated(kind: type, answer) -> None:
    with JsonEngine(answer) as server:
        assert engine(kind, server).translate(LINES, "en", "fr") == SPOKEN


@ALL
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ((429, {}), EngineBlocked),
        ((503, b""), EngineUnavailable),
        ((200, b"<html>"), (EngineUnavailable, EngineRefused)),
        ((200, {}), (EngineUnavailable, EngineRefused)),
        ((200, None), (EngineUnavailable, EngineRefused)),
        ((401, {}), (EngineRefused, EngineBlocked)),
    ],
    ids=["429", "503", "html", "empty", "null", "401"],
)
def test_what_is_no_translation_is_never_given_as_one(kind: type, answer, reply, error) -> None:
    with JsonEngine(lambda question: reply) as server, pytest.raises(error) as raised:
        engine(kind, server).translate(LINES, "en", "fr")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("kind", [MicrosoftTranslator, PapagoTranslator, DeepLTranslator])
def test_a_key_that_is_missing_is_told(kind: type) -> None:
    with pytest.raises(EngineRefused, match="key_env"):
        kind(EngineConfig(), data_dir=Path(), contact="").translate(["x"], "en", "fr")


def test_openai_asks_once_more_after_a_bad_answer() -> None:
    answers = iter([{"choices": [{"message": {"content": "Sure! Here you go."}}]}])
    with JsonEngine(lambda question: next(answers, None) or openai(question)) as server:
        assert engine(OpenAiTranslator, server).translate(LINES, "en", "fr") == SPOKEN
        assert len(server.questions) == 2
        assert server.questions[0].path == "/chat/completions"
        assert server.questions[0].data["temperature"] == 0
        assert server.questions[0].headers["Authorization"] == "Bearer id:secret"


def test_deepl_is_asked_for_fifty_texts_at_a_time() -> None:
    with JsonEngine(deepl) as server:
        lines = [f"line {n}" for n in range(120)]
        assert engine(DeepLTranslator, server).translate(lines, "en", "pt-BR") == [
            speak(line) for line in lines
        ]
        assert [len(question.data["text"]) for question in server.questions] == [50, 50, 20]
        assert server.questions[0].data["target_lang"] == "PT-BR"


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_of_the_table_can_be_made(name: str, tmp_path: Path) -> None:
    made = make(name, EngineConfig(), data_dir=tmp_path, contact="")
    assert made.name == name
    assert made.max_chars > 0


def test_an_engine_that_is_not_in_the_table_is_told() -> None:
    with pytest.raises(EngineRefused, match="take one of google, mymemory, local"):
        make("gogle", EngineConfig(), data_dir=Path(), contact="")
