from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.config import EngineConfig
from bot.engines.translators.transport import Transport, json_of
from bot.errors import EngineUnavailable
from tests.servers.json_engine import JsonEngine

DOCS = Path(__file__).parents[3] / "docs" / "writing-a-translator.md"
NAMES = {
    "EngineConfig": EngineConfig,
    "EngineUnavailable": EngineUnavailable,
    "Path": Path,
    "Sequence": Sequence,
    "Transport": Transport,
    "json_of": json_of,
}


def example() -> type:
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1]
    assert len(code.splitlines()) <= 40
    names: dict[str, object] = dict(NAMES)
    exec(compile(code, DOCS.name, "exec"), names)
    return names["ShoutTranslator"]


def test_the_example_translates() -> None:
    with JsonEngine(lambda question: {"text": question.data["text"].upper()}) as server:
        engine = example()(EngineConfig(url=server.url), data_dir=Path(), contact="")
        assert engine.supports("de", "fr-CH")
        assert engine.translate(["one", "two"], "de", "fr") == ["ONE", "TWO"]


def test_the_example_never_gives_nothing_as_a_translation() -> None:
    with JsonEngine(lambda question: {"text": " "}) as server, pytest.raises(EngineUnavailable):
        example()(EngineConfig(url=server.url), data_dir=Path(), contact="").translate(["one"], "de", "fr")
