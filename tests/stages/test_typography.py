from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stages.segment import Mark
from bot.stages.typography import typeset

OPEN, CLOSE = Mark(0, "open"), Mark(0, "close")


@pytest.mark.parametrize(
    ("language", "text", "set_text"),
    [
        ("fr", "Quoi ? Non! Oui; bien : voilà", "Quoi\u202f? Non\u202f! Oui\u202f; bien\xa0: voilà"),
        ("fr", 'Il dit "oui" et « non ».', "Il dit «\u202foui\u202f» et «\u202fnon\u202f»."),
        ("fr", "Il dit “oui”.", "Il dit «\u202foui\u202f»."),
        ("fr", "à 18:30, https://e.org/a?b", "à 18:30, https://e.org/a?b"),
        ("fr", "Vraiment ?!", "Vraiment\u202f?!"),
        ("fr-CH", "bien : voilà", "bien\u202f: voilà"),
        ("es", "Qué hora es? Vamos!", "¿Qué hora es? ¡Vamos!"),
        ("es", "Dijo: ¿ya? Sí.", "Dijo: ¿ya? Sí."),
        ("de", 'Er sagt "ja".', "Er sagt „ja“."),
        ("de", 'ein 27" Monitor und "mehr', 'ein 27" Monitor und "mehr'),
        ("pl", 'Mówi "tak".', "Mówi „tak”."),
        ("zh", "他说,好! 走吧.", "他说，好！走吧。"),
        ("zh", "版本 2.0, OK", "版本 2.0, OK"),
        ("ar", "قال BBC News 24 اليوم", "قال \u2068BBC News 24\u2069 اليوم"),
        ("en", 'He says "yes"!', 'He says "yes"!'),
    ],
)
def test_texts_are_set_as_their_language_is(language: str, text: str, set_text: str) -> None:
    assert typeset((text,), language) == (set_text,)


def test_marks_do_not_hide_what_stands_beside_them() -> None:
    assert typeset(("Voir ", OPEN, "le plan", CLOSE, " ? Oui"), "fr") == (
        "Voir ", OPEN, "le plan", CLOSE, "\u202f? Oui",
    )  # fmt: skip
    assert typeset(("« ", OPEN, "oui", CLOSE, " »"), "fr") == ("«\u202f", OPEN, "oui", CLOSE, "\u202f»")


@given(
    st.text(alphabet='ab "“”«»?!:;.,12\xa0漢', max_size=40),
    st.sampled_from(["fr", "es", "de", "zh", "ar", "it"]),
)
def test_words_numbers_and_marks_are_never_touched(text: str, language: str) -> None:
    items = typeset((text, OPEN, text, CLOSE), language)
    kept = "".join(item for item in items if isinstance(item, str) and item)
    assert [c for c in kept if c.isalnum()] == [c for c in text + text if c.isalnum()]
    assert [item for item in items if isinstance(item, Mark)] == [OPEN, CLOSE]


@given(st.text(alphabet='ab "“”«»?!:;.', max_size=40), st.sampled_from(["fr", "es", "de", "ar"]))
def test_setting_twice_changes_nothing(text: str, language: str) -> None:
    once = typeset((text,), language)
    assert typeset(once, language) == once
