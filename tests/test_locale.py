"""The hand-written texts: complete, and shaped as compose needs them."""

import tomllib
from importlib import resources

import pytest

from bot import locale

FILES = sorted(
    (file for file in resources.files(locale).iterdir() if file.name.endswith(".toml")),
    key=lambda file: file.name,
)
RTL = {"ar", "fa", "he", "ur"}
PROMISED = set("fr ar es pt de it nl pl ru uk tr fa he hi zh ja ko vi id el ro cs hu sv".split())  # noqa: SIM905 - shorter


def test_at_least_thirty_languages():
    codes = {file.name.removesuffix(".toml") for file in FILES}
    assert len(codes) >= 30
    assert codes >= PROMISED


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_whole(file):
    code = file.name.removesuffix(".toml")
    texts = locale.find(code)
    assert texts.language == code
    assert texts.direction == ("rtl" if code in RTL else "ltr")
    assert "{source}" in texts.label
    assert "{from}" in texts.label
    assert "{source}" in texts.label_unknown
    assert "{source}" in texts.label_relayed
    assert "{source}" in texts.source
    for text in (texts.disclaimer, texts.disclaimer_relayed, texts.share, texts.read_more):
        assert text.strip()
        assert "{" not in text
    assert texts.disclaimer != texts.disclaimer_relayed
    assert set(texts.origins) == set(locale.find("en").origins)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_language_borrows_another_ones_text(file):
    mine = tomllib.loads(file.read_text(encoding="utf-8"))
    for other in FILES:
        if other.name != file.name:
            theirs = tomllib.loads(other.read_text(encoding="utf-8"))
            assert mine["disclaimer"] != theirs["disclaimer"], other.name


def test_near_codes_find_a_file():
    assert locale.find("fr-CA").language == "fr"
    assert locale.find("no").language == "nb"
    assert locale.find("zh-HK").language == "zh-TW"
    assert locale.find("xx") is None
