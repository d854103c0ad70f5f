from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import SafeHtml
from bot.stages.sanitise import sanitise
from bot.stages.segment import Mark, Segment, plain, rebuild, render, segment
from tests.perfect import articles


def cut(markup: str) -> list[tuple]:
    return [part.items for part in segment(SafeHtml(markup)).segments]


def test_blocks_and_line_breaks_are_borders() -> None:
    assert cut("<p>One<br>two</p><ul><li>three</li></ul>") == [("One",), ("two",), ("three",)]


def test_inline_tags_are_pairs_and_pictures_are_points() -> None:
    items = cut('<p>See <a href="x">the plan</a> <img src="a"> now</p>')[0]
    assert items == ("See ", Mark(0, "open"), "the plan", Mark(0, "close"), " ", Mark(1, "point"), " now")


@pytest.mark.parametrize(
    "markup",
    [
        "<p><strong>All of it</strong></p>",
        '<p> <a href="x"><b>All of it</b></a> </p>',
        '<p><img src="a">All of it<img src="b"></p>',
        "<p>&nbsp;<em> All of it&nbsp;</em></p>",
        '<p><a href="x"><img src="a"></a> All of it</p>',
    ],
)
def test_what_encloses_the_text_is_lifted_out(markup: str) -> None:
    assert cut(markup) == [("All of it",)]


def test_a_pair_around_a_pair_is_one_mark() -> None:
    assert len(cut("<p>a <b><i>bold</i></b> word</p>")[0]) == 5


def test_a_tag_that_holds_a_border_is_a_border() -> None:
    assert cut("<p>before <b>one<br>two</b> after</p>") == [("before",), ("one",), ("two",), ("after",)]


def test_notes_and_superscripts_are_points() -> None:
    items = cut('<p>CO<sub>2</sub> rose<sup><a href="#1">[1]</a></sup> again</p>')[0]
    assert items == ("CO", Mark(0, "point"), " rose", Mark(1, "point"), " again")


@pytest.mark.parametrize(
    "markup",
    [
        "<pre><code>for x in y</code></pre>",
        '<p translate="no">Do not touch</p>',
        '<p class="a notranslate">Do not touch</p>',
        "<p>12 345 — 67 %</p>",
        "<p></p>",
        "",
    ],
)
def test_what_is_not_text_is_not_cut_out(markup: str) -> None:
    assert cut(markup) == []


def test_code_inside_a_sentence_is_a_point() -> None:
    assert cut("<p>run <code>make <b>x</b></code> now</p>") == [("run ", Mark(0, "point"), " now")]


def test_white_space_is_collapsed_as_html_does() -> None:
    assert cut("<p>\n a \t b\n  c </p>") == [("a b c",)]


def test_alt_and_title_texts_are_found_and_file_names_are_not() -> None:
    document = segment(
        SafeHtml('<img src="a" alt="A cat"><img src="b" alt="IMG_1.jpg"><a title="More" href="c">x</a>')
    )
    assert document.attributes == ("A cat", "More")


def test_texts_are_escaped_when_they_are_put_back() -> None:
    document = segment(SafeHtml('<p title="old">one</p>'))
    evil = '<script>alert("1")</script>'
    markup = rebuild(document, lambda part: Segment((evil,)), {"old": '"><script>'})
    assert markup == ('<p title="&quot;&gt;&lt;script&gt;">&lt;script&gt;alert("1")&lt;/script&gt;</p>')


def test_only_tags_have_their_attributes_replaced() -> None:
    markup = '<p>write alt="old" here<img alt="old" src="a"></p>'
    assert rebuild(segment(SafeHtml(markup)), lambda part: None, {"old": "new"}) == (
        '<p>write alt="old" here<img alt="new" src="a"></p>'
    )


def test_a_plain_text_is_no_markup() -> None:
    assert render(plain("1 < 2 & <b>x</b>")) == "1 &lt; 2 &amp; &lt;b&gt;x&lt;/b&gt;"


@pytest.mark.parametrize("path", articles(), ids=lambda path: path.stem)
def test_untranslated_articles_come_back_byte_for_byte(path: Path) -> None:
    markup = sanitise(path.read_text(encoding="utf-8"))
    assert rebuild(segment(markup), lambda part: None, {}) == markup
    assert (
        rebuild(segment(markup), lambda part: part, {text: text for text in segment(markup).attributes})
        == markup
    )


TAGS = ("p", "b", "i", "a", "span", "div", "li", "ul", "code", "td", "em", "sup", "blockquote")
MARKUP = st.recursive(
    st.one_of(
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12),
        st.sampled_from(
            ["<br>", '<img src="https://e.org/a" alt="A b">', "&amp;", "&nbsp;", " ", "word [[1]] "]
        ),
    ),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>",
        st.sampled_from(TAGS),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@given(MARKUP)
def test_any_safe_markup_comes_back_byte_for_byte(markup: str) -> None:
    safe = sanitise(markup)
    document = segment(safe)
    assert rebuild(document, lambda part: part, {}) == safe
    assert (
        "".join(part if isinstance(part, str) else render(part) for part in document.parts).split()
        == safe.split()
    )


@given(st.text(alphabet='<>"=/ab &;-!', max_size=80))
def test_anything_at_all_comes_back_byte_for_byte(markup: str) -> None:
    assert rebuild(segment(SafeHtml(markup)), lambda part: part, {}) == markup
