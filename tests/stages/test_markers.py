from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stages.markers import Line, Misread, read, write
from bot.stages.segment import Mark

OPEN, CLOSE, POINT = Mark(0, "open"), Mark(0, "close"), Mark(1, "point")
LINE = Line(("See ", OPEN, "the plan", CLOSE, " of ", POINT, " today."))
TEXT = "See [[1]]the plan[[/1]] of [[2/]] today."


def answer(text: str, line: Line = LINE, target: str = "fr", **options: object):
    return read(write(line, **options), text, target)


def test_marks_are_written_with_digits_and_brackets() -> None:
    assert write(LINE).text == TEXT
    assert write(LINE, 1).text == "See {{1}}the plan{{/1}} of {{2/}} today."


def test_a_text_with_brackets_gets_other_brackets() -> None:
    assert write(Line(("a [b] ", OPEN, "c", CLOSE))).text == "a [b] {{1}}c{{/1}}"
    assert write(Line(("[a] {b} (c) ", OPEN, "d", CLOSE))) is None


@pytest.mark.parametrize(
    "text",
    [
        "Voir [[1]]le plan[[/1]] de [[2/]] ce jour.",
        "Voir [[ 1 ]] le plan [[ / 1 ]] de [[ 2 / ]] ce jour.",
        "Voir [ [1] ] le plan [ [/1] ] de [ [2/] ] ce jour.",
        "Voir [1] le plan [/1] de [2/] ce jour.",
        "Voir ［［１］］le plan［［／１］］ de ［［２／］］ ce jour.",
        "Voir [\u200b[1\u200b]]le plan[[/1]]\u200b de [[2/]] ce jour.",
        "Voir [[1]]le plan[[1]] de [[2]] ce jour.",
        "Voir [[/1]]le plan[[1]] de [[/2]] ce jour.",
        "Voir [[1]] [[1]] le plan[[/1]] de [[2/]][[2/]] ce jour.",
        "Voir[[1]]le plan[[/1]]de[[2/]]ce jour.",
        "Voir [[1]]le plan[[/1]] de [[2/]] ce jour\u200b.",
    ],
)
def test_markers_are_read_whatever_engines_make_of_them(text: str) -> None:
    assert answer(text).items == ("Voir ", OPEN, "le plan", CLOSE, " de ", POINT, " ce jour.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Voir le plan[[/1]] de [[2/]] ce jour.", "marker 1 came back 1 times"),
        ("Voir [[1]]le plan[[/1]] de ce jour.", "marker 2 came back 0 times"),
        ("Voir [[1]]le[[1]] plan[[/1]] de [[2/]] ce jour.", "marker 1 came back 3 times"),
        ("Voir [[1]]le plan[[/1]] de [[2/]] ce [[7]] jour.", "marker 7 was never sent"),
        ("Voir [[1]]le plan de [[2/]] ce[[/1]] jour.", "a marker left its pair"),
        ("Voir le plan [[1]][[/1]] de [[2/]] ce jour.", "the words of marker 1 left it"),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(text: str, why: str) -> None:
    with pytest.raises(Misread, match=why):
        answer(text)


def test_a_pair_that_swallows_the_sentence_is_not_read() -> None:
    line = Line(("The council of the town said that ", OPEN, "we", CLOSE, " should wait."))
    with pytest.raises(Misread, match="marker 1 holds"):
        answer("[[1]]Le conseil de la ville a dit que nous devrions[[/1]] attendre.", line)


def test_pairs_that_cross_are_not_read() -> None:
    inner = Line((OPEN, "one ", Mark(1, "open"), "two", Mark(1, "close"), CLOSE, " three"))
    with pytest.raises(Misread):
        answer("[[1]]un [[2]]deux[[/1]][[/2]] trois", inner)


def test_a_lent_full_stop_is_taken_off_again() -> None:
    line = Line(("Read ", OPEN, "more", CLOSE))
    assert write(line, lend_stop=True).text == "Read [[1]]more[[/1]]."
    for text in ("Lire [[1]]plus[[/1]].", "Lire [[1]]plus.[[/1]]", "Lire [[1]]plus[[/1]] ."):
        got = answer(text, line, lend_stop=True)
        assert got.items == ("Lire ", OPEN, "plus", CLOSE)
        assert got.ended


def test_an_answer_that_was_cut_shows_it() -> None:
    assert not answer("Lire [[1]]pl[[/1]]", Line(("Read ", OPEN, "more", CLOSE)), lend_stop=True).ended
    assert not answer("Lire tout le", Line(("Read all of it!",))).ended
    assert answer("« Lis tout ! »", Line(("“Read all of it!”",))).ended


def test_entities_that_nobody_sent_are_read_as_characters() -> None:
    assert answer("L&#39;eau &amp;amp; le pain.", Line(("Water & bread.",))).items == ("L'eau & le pain.",)


@pytest.mark.parametrize(
    ("sent", "text", "got"),
    [
        (
            ("(", OPEN, "link", CLOSE, "), then"),
            "( [[1]] lien [[/1]] ) , puis",
            ("(", OPEN, "lien", CLOSE, ") , puis"),
        ),
        (
            ("the ", OPEN, "island", CLOSE, " lies"),
            "l'[[1]]île[[/1]] gît",
            ("l'", OPEN, "île", CLOSE, " gît"),
        ),
        (("pre", OPEN, "fix", CLOSE, "es"), "pré [[1]] fixe [[/1]] s", ("pré", OPEN, "fixe", CLOSE, "s")),
        (
            (OPEN, "North", CLOSE, "ern towns"),
            "Villes du [[1]]nord[[/1]]",
            ("Villes du ", OPEN, "nord", CLOSE),
        ),
        (
            ("10\xa0", OPEN, "km", CLOSE, " on"),
            "10[[1]]km[[/1]] plus loin",
            ("10\xa0", OPEN, "km", CLOSE, " plus loin"),
        ),
    ],
)
def test_white_space_around_marks_is_put_right(sent: tuple, text: str, got: tuple) -> None:
    assert answer(text, Line(sent)).items == got


def test_chinese_gets_no_spaces_around_marks() -> None:
    assert answer("看[[1]]计划[[/1]]吧。", Line(("See ", OPEN, "plan", CLOSE, " now.")), "zh").items == (
        "看", OPEN, "计划", CLOSE, "吧。",
    )  # fmt: skip


@given(st.text(alphabet="[]{}()/0123456789 ab.。\u200b［１", max_size=60))
def test_no_answer_whatever_breaks_the_structure(text: str) -> None:
    try:
        items = answer(text).items
    except Misread:
        return
    marks = [item for item in items if isinstance(item, Mark)]
    assert sorted(marks) == sorted(LINE.marks)
    assert Line(items).parents == LINE.parents
