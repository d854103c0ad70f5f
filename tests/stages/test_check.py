from __future__ import annotations

import pytest

from bot.model import Finding
from bot.stages import check
from bot.stages.check import Pair, check_article, check_line, weigh
from bot.stages.markers import Answer, Line
from bot.stages.segment import Mark

SOURCE = (
    "The council of 14 villages voted on Tuesday to rebuild the old bridge. It closed in 2019, after a flood."
)
TARGET = "Le conseil de 14 villages a voté mardi la reconstruction du vieux pont. Il a fermé en 2019, après une crue."
MEASURED = Pair("en", "fr", scale=1.0, settled=True)


def doubts(source: str, target: str, pair: Pair = MEASURED, *, ended: bool = True) -> dict[str, float]:
    found: dict[str, float] = {}
    for finding in check_line(Line((source,)), Answer((target,), ended), pair):
        found[finding.check] = found.get(finding.check, 0.0) + finding.weight
    return found


def test_a_good_translation_raises_no_doubt() -> None:
    assert doubts(SOURCE, TARGET) == {}


@pytest.mark.parametrize(
    ("source", "target", "name"),
    [
        (SOURCE, "…", "empty"),
        (SOURCE, SOURCE, "echo"),
        (SOURCE, SOURCE.replace("villages", "towns").replace("Tuesday", "mardi"), "echo"),
        ("Read the whole story", "read the whole STORY", "echo"),
        (SOURCE, "Le conseil a voté.", "length"),
        (SOURCE, TARGET * 4, "length"),
        (SOURCE, "Error 500 (Server Error)!!1500.That’s an error. There was an error.", "error page"),
        (SOURCE, TARGET + " &quot;oui&quot;", "leftovers"),
        (SOURCE, TARGET + " [[3]]", "leftovers"),
        (SOURCE, "Le pont a été reconstruit. " * 5, "repetition"),
        (SOURCE, "Городской совет решил восстановить старый мост 14 деревень, 2019. Он закрыт после наводнения.", "script"),
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_used_is_refused(source: str, target: str, name: str) -> None:
    assert doubts(source, target)[name] >= check.REFUSED


def test_a_text_that_was_cut_is_refused() -> None:
    assert weigh(check_line(Line((SOURCE,)), Answer((TARGET[:75],), ended=False), MEASURED)) >= check.REFUSED
    assert weigh(check_line(Line((SOURCE,)), Answer((TARGET[:72],), ended=True), MEASURED)) >= check.REFUSED


def test_thai_has_no_full_stops_to_lose() -> None:
    assert "end" not in doubts("It rained.", "ฝนตกหนักมากเลยวันนี้", Pair("en", "th"), ended=False)


@pytest.mark.parametrize(
    ("source", "target", "missing"),
    [
        ("It cost 12,500 euros.", "Cela a coûté 12 500 euros.", False),
        ("It cost 12,500 euros.", "Cela a coûté 12.500 euros.", False),
        ("It cost 12,500 euros.", "Cela a coûté 21 500 euros.", True),
        ("At 5:30 p.m. it rained.", "À 17 h 30, il a plu.", False),
        ("In 2024 it rained.", "في عام ٢٠٢٤ هطل المطر.", False),
        ("2 dogs ran away.", "Deux chiens se sont enfuis.", False),
    ],
)
def test_numbers_must_come_back(source: str, target: str, missing: bool) -> None:  # noqa: FBT001 - a table
    assert ("digits" in doubts(source, target, Pair("en", "fr"))) is missing


def test_names_may_stay_as_they_are() -> None:
    assert doubts("Maria Lopez", "Maria Lopez")["echo"] < check.ASK_AGAIN


def test_marks_that_changed_places_are_doubted() -> None:
    line = Line((Mark(0, "open"), "a b", Mark(0, "close"), " c ", Mark(1, "point")))
    moved = (Mark(1, "point"), " c ", Mark(0, "open"), "d e", Mark(0, "close"))
    assert [f.check for f in check_line(line, Answer(moved, ended=True), Pair("en", "fr"))] == ["order"]


def test_a_second_answer_that_agrees_takes_most_of_the_doubt() -> None:
    doubt = [Finding("digits", 0.3, "x")]
    assert check.confirmed(doubt, "le même texte", doubt, "le même texte !")
    assert not check.confirmed(doubt, "le même texte", doubt, "tout autre chose")
    assert not check.confirmed([Finding("leftovers", 0.5, "x")], "a", [Finding("leftovers", 0.5, "x")], "a")
    assert weigh(check.lessened(doubt)) < check.ASK_AGAIN


def test_small_doubts_never_add_up_to_a_refusal() -> None:
    assert weigh(check.tempered([Finding("quotes", 0.05, "x")] * 100)) < check.REFUSED
    assert weigh(check.tempered([Finding("untranslated", 1.0, "x")])) >= check.REFUSED


ENGLISH = "The council voted on Tuesday to rebuild the bridge, which closed after a flood six years ago. " * 3
FRENCH = "Le conseil a voté mardi la reconstruction du pont, fermé après une crue il y a six ans déjà. " * 3
SPANISH = (
    "El consejo votó el martes reconstruir el puente, que cerró después de una inundación hace seis años. "
    * 3
)


@pytest.mark.parametrize(("target", "refused"), [(FRENCH, False), (SPANISH, True), (ENGLISH, True)])
def test_the_whole_must_be_in_its_language(target: str, refused: bool) -> None:  # noqa: FBT001 - a table
    assert (weigh(check_article(ENGLISH, target, Pair("en", "fr"))) >= check.REFUSED) is refused


def test_one_answer_for_different_texts_is_doubted() -> None:
    lines = [
        ("A long sentence about it.", TARGET),
        ("Something else altogether!", TARGET),
        ("A third", "Un tiers"),
    ]
    assert [finding.check for finding in check.check_repeats(lines)] == ["repeated"]
