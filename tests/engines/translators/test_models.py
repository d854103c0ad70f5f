from __future__ import annotations

from pathlib import Path

import pytest

from bot.engines.translators import models
from bot.errors import EngineRefused, EngineUnavailable
from tests.servers.json_engine import JsonEngine, Question


def test_a_pair_that_a_package_carries_needs_no_network(tmp_path: Path) -> None:
    told: list[str] = []
    assert models.add("en", "pt", tmp_path, lambda name, _size: told.append(name)) == ["enpt"]
    assert models.installed(tmp_path) == ["enpt"]
    assert "model.enpt.intgemm.alphas.bin" in told
    assert models.add("en", "pt-BR", tmp_path, lambda *_: None) == []


def test_a_pair_can_be_removed(tmp_path: Path) -> None:
    models.add("pt", "en", tmp_path, lambda *_: None)
    assert models.remove("pten", tmp_path)
    assert not models.remove("pten", tmp_path)
    assert models.installed(tmp_path) == []


@pytest.mark.parametrize("name", ["../data", "enpt/..", "", "."])
def test_nothing_else_is_removed(name: str, tmp_path: Path) -> None:
    keep = tmp_path / "data"
    keep.mkdir()
    (tmp_path / "models").mkdir()
    assert not models.remove(name, tmp_path / "models")
    assert keep.exists()


def test_half_a_model_is_none(tmp_path: Path) -> None:
    (tmp_path / "enfr").mkdir()
    (tmp_path / "enfr" / "model.enfr.bin").touch()
    assert models.installed(tmp_path) == []


def test_an_interrupted_copy_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(name: str, _size: int) -> None:
        if name.startswith("vocab"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        models.add("en", "pt", tmp_path, interrupt)
    assert list(tmp_path.iterdir()) == []


def records(_question: Question) -> object:
    """Mozilla's list with one pair in it."""
    names = {
        "model": "model.enfr.intgemm.alphas.bin",
        "vocab": "vocab.enfr.spm",
        "lex": "lex.50.50.enfr.s2t.bin",
    }
    languages = {"sourceLanguage": "en", "targetLanguage": "fr", "version": "3.0", "architecture": "tiny"}
    return {
        "data": [
            {
                "name": name,
                "fileType": kind,
                **languages,
                "decompressedHash": "0" * 64,
                "attachment": {"location": name},
            }
            for kind, name in names.items()
        ]
    }


def test_a_pair_that_nobody_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with JsonEngine(records) as server:
        monkeypatch.setenv("FXTRANSLATE_RECORDS_URL", f"{server.url}/records")
        with pytest.raises(EngineRefused, match="no model for en into tlh"):
            models.add("en", "tlh", tmp_path, lambda *_: None)
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_cannot_be_fetched_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with JsonEngine(lambda _question: (404, b"")) as server:
        monkeypatch.setenv("FXTRANSLATE_RECORDS_URL", f"{server.url}/records")
        with pytest.raises(EngineUnavailable, match="cannot be fetched"):
            models.add("en", "fr", tmp_path, lambda *_: None)


def test_files_that_arrive_damaged_are_not_kept(tmp_path: Path) -> None:
    fetched = tmp_path / "model.enfr.bin"
    fetched.write_bytes(b"half of it")
    with pytest.raises(EngineUnavailable, match="arrived damaged"):
        models._take([(fetched, 10)], tmp_path / "enfr", {"model.enfr.bin": {"0" * 64}}, lambda *_: None)
    assert not (tmp_path / "enfr").exists()
