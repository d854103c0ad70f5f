from __future__ import annotations

import pytest

from bot.stages.segment import Segment, render
from bot.stages.terms import Terms, protect


def shielded(text: str, keep: tuple[str, ...] = (), **glossary: str) -> str:
    """`text` with every point as <...>."""
    part = protect(Segment((text,)), Terms.of(keep, glossary))
    return "".join(i if isinstance(i, str) else f"<{part.codes[i.code].opening}>" for i in part.items)


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("see https://e.org/a?b=1&c=2.", "see <https://e.org/a?b=1&amp;c=2>."),
        ("(www.e.org/x), mail a.b@e.org!", "(<www.e.org/x>), mail <a.b@e.org>!"),
        ('the [gallery ids="1,2"] here', 'the <[gallery ids="1,2"]> here'),
        ("he said [sic] and [the king] left", "he said [sic] and [the king] left"),
    ],
)
def test_addresses_and_shortcodes_stay(text: str, got: str) -> None:
    assert shielded(text) == got


def test_names_stay_as_whole_words() -> None:
    assert shielded("Apple and Apples, apple", ("Apple",)) == "<Apple> and Apples, apple"


def test_the_longest_term_wins() -> None:
    assert (
        shielded("the UN Security Council met", ("UN", "UN Security Council"))
        == "the <UN Security Council> met"
    )


def test_the_glossary_says_what_a_term_becomes() -> None:
    assert shielded("A Council vote", Council="Conseil") == "A <Conseil> vote"


def test_small_terms_match_at_the_start_of_a_sentence() -> None:
    assert shielded("Climate crisis: the climate crisis", **{"climate crisis": "crise du climat"}) == (
        "<Crise du climat>: the <crise du climat>"
    )


def test_terms_are_found_in_writing_without_spaces() -> None:
    assert shielded("安理会开会了", 安理会="le Conseil de sécurité") == "<le Conseil de sécurité>开会了"


def test_a_term_cannot_bring_markup() -> None:
    part = protect(Segment(("say <b>",)), Terms.of(("<b>",), {}))
    assert render(part) == "say &lt;b&gt;"
