from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.config import EngineConfig
from bot.engines.translators.local import LocalTranslator
from bot.errors import EngineRefused
from bot.stages.check import weigh
from bot.stages.sanitise import sanitise
from bot.stages.translate import TranslateOptions, translate
from tests.perfect import ARTICLES, article


@pytest.fixture
def local(models_dir: Path):
    engine = LocalTranslator(EngineConfig(models_dir=models_dir), data_dir=Path(), contact="")
    yield engine
    engine.close()


def test_it_translates(local: LocalTranslator) -> None:
    assert local.translate(["The house is red.", "Good morning"], "en", "pt") == [
        "A casa é vermelha.",
        "Bom dia",
    ]


def test_a_long_text_is_not_cut(local: LocalTranslator) -> None:
    text = " ".join(f"This is sentence number {n} of the story." for n in range(120))
    assert "119" in local.translate([text], "en", "pt")[0]


def test_many_threads_never_mix_answers(local: LocalTranslator) -> None:
    texts = [f"There are {n} houses in the street." for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda text: local.translate([text], "en", "pt")[0], texts))
    assert all(str(n) in answer for n, answer in enumerate(answers))


def test_it_knows_what_it_has(local: LocalTranslator) -> None:
    assert local.supports("en", "pt-BR")
    assert local.supports("pt", "en")
    assert not local.supports("en", "fr")
    with pytest.raises(EngineRefused, match="bot models add en fr"):
        local.translate(["x"], "en", "fr")


def test_a_pair_without_a_model_goes_through_english(models_dir: Path, tmp_path: Path) -> None:
    # Galician is near enough to Portuguese to stand for a third language.
    (tmp_path / "glen").symlink_to(models_dir / "pten")
    (tmp_path / "enpt").symlink_to(models_dir / "enpt")
    engine = LocalTranslator(EngineConfig(models_dir=tmp_path), data_dir=Path(), contact="")
    assert engine.supports("gl", "pt")
    assert "casa" in engine.translate(["A casa é vermelha."], "gl", "pt")[0]
    engine.close()


def test_a_damaged_model_is_told(models_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "enpt").mkdir()
    for path in (models_dir / "enpt").iterdir():
        (tmp_path / "enpt" / path.name).write_bytes(path.read_bytes()[:1000])
    engine = LocalTranslator(EngineConfig(models_dir=tmp_path), data_dir=Path(), contact="")
    with pytest.raises(EngineRefused, match="damaged"):
        engine.translate(["x"], "en", "pt")
    engine.close()


def test_a_real_article_keeps_its_markup_and_may_be_published(local: LocalTranslator) -> None:
    given = article(ARTICLES / "01-city-council.html")
    done = translate(given, [local], "en", "pt", TranslateOptions(), sanitise)
    assert weigh(done.findings) < 1
    assert done.html.count("<a ") == given.html.count("<a ")
    assert ">40 quilômetros<" in done.html
    assert "ponte" in done.html
    assert "bridge" not in done.html
