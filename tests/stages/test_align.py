from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Finding
from bot.stages import check
from bot.stages.align import align
from bot.stages.check import Pair, check_line, stretch, weigh
from bot.stages.markers import Asked, Line, read, write
from tests.servers.translate_page import speak

LINES = [
    "The council met on Tuesday in 14 villages.",
    "A long dispute",
    "Nobody knew who would pay for the bridge, and 3,200 people signed a letter about it.",
    "Read more",
    "The work starts in March 2025. It will take three years.",
    "Is that all?",
]


def cost(asked: Asked, text: str) -> float:
    pair = Pair("en", "fr")
    findings: Sequence[Finding] = check_line(asked.line, read(asked, text, "fr"), pair)
    return min(2.0, weigh(findings)) + stretch(asked.line.plain, text, pair)


def asked() -> list[Asked]:
    return [write(Line((line,)), lend_stop=True) for line in LINES]


def spoken() -> list[str]:
    return [speak(one.text) for one in asked()]


def test_as_many_lines_as_were_sent_stay_where_they_are() -> None:
    assert align(asked(), spoken(), cost) == spoken()


def test_merged_lines_are_parted_again() -> None:
    got = spoken()
    assert align(asked(), [*got[:2], got[2] + " " + got[3], *got[4:]], cost) == got


def test_a_split_line_is_joined_again() -> None:
    got = spoken()
    one, two = got[2].split(",", 1)
    assert align(asked(), [*got[:2], one + ",", two, *got[3:]], cost)[2].split() == got[2].split()


def test_a_dropped_line_is_missing_and_moves_no_other() -> None:
    got = spoken()
    answers = align(asked(), [*got[:2], *got[3:]], cost)
    assert answers[2] is None
    assert all(answer in {None, right} for answer, right in zip(answers, got, strict=True))


def test_an_answer_that_was_cut_gives_what_came_before() -> None:
    got = spoken()
    answers = align(asked(), [*got[:3], got[3][:3]], cost)
    assert answers[:2] == got[:2]
    assert answers[4:] == [None, None]


def test_lines_that_look_alike_are_not_guessed() -> None:
    alike = [f"The {word} is red today." for word in ("door", "roof", "gate", "wall", "path")]
    sent = [write(Line((line,))) for line in alike]
    got = [speak(line) for line in alike if "gate" not in line]
    answers = align(sent, got, cost)
    wrong = [a for a, line in zip(answers, alike, strict=True) if a not in {None, speak(line)}]
    assert wrong == []


def test_an_echo_is_heard_under_any_line() -> None:
    echoes = check.Echoes(LINES)
    assert echoes.sound_in("Something. " + LINES[2])
    assert not echoes.sound_in(speak(LINES[2]))


@given(st.lists(st.sampled_from([*LINES, "x", "", "…"]), max_size=9))
def test_any_answer_gives_one_answer_or_none_a_line(got: list[str]) -> None:
    assert len(align(asked(), got, cost)) == len(LINES)
