from __future__ import annotations

import pytest

from bot.characters import UNSEEN, shortened, unbroken, unbroken_markup


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("re\u00adgio\u00adnal", "regional"),
        ("coun\u200bcil", "council"),
        ("сове\u200bт", "совет"),
        ("συμ\ufeffβούλιο", "συμβούλιο"),
        ("\ufeffThe council\ufeff met", "The council met"),
        ("flo\u2060od", "flood"),
        ("at the end\u200b", "at the end"),
        ("coun\u200b\u200bcil \ufeff\u200bmet", "council met"),
    ],
)
def test_words_are_whole(text, read):
    assert unbroken(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",  # Persian
        "क्\u200dष",  # Hindi
        "👩\u200d🚒",
        "กรุงเทพ\u200bมหานคร",  # Thai
        "ភាសា\u200bខ្មែរ",  # Khmer
        "中文\u200b字",
        f"[{UNSEEN}gallery]",
        f"{UNSEEN}at both ends{UNSEEN}",
        "plain",
    ],
)
def test_signs_that_are_read_stay(text):
    assert unbroken(text) == text


def test_markup_may_name_the_signs():
    assert unbroken_markup("<p>re&shy;gio&#173;nal &#xAD;coun&#x200B;cil &amp;shy; &lt;b&gt;</p>") == (
        "<p>regional council &amp;shy; &lt;b&gt;</p>"
    )


def test_a_text_is_cut_after_a_word():
    assert shortened("one two three", 9) == "one two…"
    assert shortened("one two", 9) == "one two"
    assert shortened("x" * 20, 5) == "xxxxx…"
