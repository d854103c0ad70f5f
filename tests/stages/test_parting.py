from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.stages.markers import Line
from bot.stages.parting import by_sentences, by_texts, project
from bot.stages.segment import Items, Mark
from tests.servers.translate_page import speak

A, A_END, B, B_END = Mark(0, "open"), Mark(0, "close"), Mark(1, "open"), Mark(1, "close")
POINT = Mark(1, "point")


def fits(text: str) -> bool:
    return len(text) <= 60


def spoken(line: Line) -> Items:
    return tuple(speak(item) if isinstance(item, str) else item for item in line.items)


def test_a_long_line_is_parted_between_sentences() -> None:
    line = Line(
        (
            "The first sentence is here. ",
            A,
            "The second. And a third",
            A_END,
            " ends. A last one follows now.",
        )
    )
    parting = by_sentences(line, "en", lambda text: len(text) <= 75)
    assert [part.plain for part in parting.lines] == [
        "The first sentence is here. The second. And a third ends.",
        "A last one follows now.",
    ]
    assert parting.join({part: part.items for part in parting.lines}) == line.items


def test_no_pair_is_ever_cut() -> None:
    line = Line((A, "One. " * 30, A_END, "end"))
    assert all(not part.marks for part in by_sentences(line, "en", fits).lines)


def test_one_word_that_is_too_long_is_cut() -> None:
    parting = by_sentences(Line(("x" * 200,)), "en", fits)
    assert all(fits(part.text) for part in parting.lines)
    assert parting.join({part: part.items for part in parting.lines}) == ("x" * 200,)


def test_texts_keep_their_outer_signs() -> None:
    parting = by_texts(Line(("(see ", A, "“the plan”", A_END, "), now")), "en", fits)
    assert [part.plain for part in parting.lines] == ["see", "the plan", "now"]


def test_a_part_that_is_missing_leaves_the_line_unread() -> None:
    parting = by_texts(Line(("one ", A, "two", A_END)), "en", fits)
    assert parting.join({parting.lines[0]: ("un",)}) is None


def test_pairs_are_found_again_by_their_words() -> None:
    line = Line(("The ", A, "city council", A_END, " met on ", B, "Tuesday", B_END, "."))
    way = project(line)
    assert [part.plain for part in way.lines] == [
        "The city council met on Tuesday.",
        "city council",
        "Tuesday",
    ]
    read = dict(zip(way.lines, [("Le conseil a siégé mardi.",), ("conseil",), ("mardi",)], strict=True))
    assert way.join(read) == ("Le ", A, "conseil", A_END, " a siégé ", B, "mardi", B_END, ".")


def test_words_that_are_found_in_another_order_are_not_found() -> None:
    way = project(Line(("A ", A, "group", A_END, " met without giving ", B, "a", B_END, " reason.")))
    said = [("Um grupo se reuniu sem dar uma razão.",), ("grupo",), ("um",)]
    assert way.join(dict(zip(way.lines, said, strict=True))) is None


def test_a_pair_is_not_found_in_another_that_it_stood_beside() -> None:
    way = project(Line((A, "Update now:", A_END, " the ", B, "volunteers", B_END, " cut the price.")))
    said = [("Mise à jour : les bénévoles baissent le prix.",), ("mise à jour",), ("jour",)]
    assert way.join(dict(zip(way.lines, said, strict=True))) is None


def test_a_pair_is_not_found_before_the_point_that_it_follows() -> None:
    way = project(Line((A, "The plan", A_END, " of the town", POINT, " is here.")))
    read = {way.bare: ("Voici", POINT, " le plan de la ville."), way.pairs[0][1]: ("le plan",)}
    assert way.join(read) is None


def test_words_that_are_found_twice_are_not_found() -> None:
    way = project(Line(("A ", A, "day", A_END, " after a day.")))
    assert way.join({way.bare: ("Un jour après un jour.",), way.pairs[0][1]: ("jour",)}) is None


def test_points_keep_their_place_in_a_projection() -> None:
    way = project(Line(("See ", POINT, " and ", A, "the plan", A_END, ".")))
    read = {way.bare: ("Voir ", POINT, " et le plan."), way.pairs[0][1]: ("le plan",)}
    assert way.join(read) == ("Voir ", POINT, " et ", A, "le plan", A_END, ".")


def test_a_pair_that_became_a_number_is_not_found_in_a_point() -> None:
    way = project(Line((A, "One", A_END, " plan", POINT, " is here.")))
    read = {way.bare: ("Un plan", POINT, " est ici."), way.pairs[0][1]: ("1",)}
    assert way.join(read) is None


def test_a_pair_inside_a_pair_is_looked_for_inside_it() -> None:
    line = Line(("Here ", A, "a new ", B, "plan", B_END, A_END, " for the plan."))
    way = project(line)
    read = {part: spoken(part) for part in way.lines}
    assert way.join(read) == tuple(speak(i) if isinstance(i, str) else i for i in line.items)


@given(
    st.lists(st.sampled_from(["word one. ", "Two! ", A, A_END, B, B_END, " ", "…", "x" * 70]), max_size=12)
)
def test_parts_of_any_line_come_together_again(items: list) -> None:
    balanced, depth = [], []
    for item in items:
        if isinstance(item, Mark) and item.kind == "close" and (not depth or depth[-1] != item.code):
            continue
        if isinstance(item, Mark) and item.kind == "open" and any(i == item for i in balanced):
            continue
        if isinstance(item, Mark):
            depth.append(item.code) if item.kind == "open" else depth.pop()
        balanced.append(item)
    line = Line((*balanced, *(Mark(code, "close") for code in reversed(depth))))
    for parting in (by_sentences(line, "en", fits), by_texts(line, "en", fits)):
        joined = parting.join({part: part.items for part in parting.lines})
        assert Line(joined).text == line.text
