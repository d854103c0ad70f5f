from __future__ import annotations

from bot.model import SafeHtml
from bot.stages.translate import TranslateOptions
from bot.workbench import extract_article, plain_text, translate_html
from tests.stages.pages import SENTENCES, URL, page


def test_the_words_of_neighbours_do_not_run_together():
    html = (
        "<ul><li>First<ul><li>Nested</li></ul></li><li>Second</li></ul>"
        "<table><caption>Cost</caption><tbody><tr><th>Year</th><th>Sum</th></tr><tr><td>2020</td><td>3</td></tr></tbody></table>"
        "<details><summary>What is it?</summary>A <b>l</b>amp.</details><dl><dt>Osk<dd>A town</dl><p>One<br>two</p>"
    )
    assert plain_text(SafeHtml(html)).split("\n") == [
        "First", "Nested", "Second", "Cost", "Year Sum", "2020 3", "What is it?", "A lamp.", "Osk", "A town", "One", "two",
    ]  # fmt: skip


def test_a_page_with_soft_hyphens_is_read_as_if_it_had_none():
    hyphened = (
        SENTENCES.replace("lamp", "la&shy;mp")
        .replace("council", "coun\u00adcil")
        .replace("People", "Peo\u200bple")
    )
    body = f"<h1>The lamp&shy;lighter stays</h1><p>{hyphened}</p><figure><img src='/a.jpg' alt='la&shy;mps'></figure><p>{SENTENCES}</p>"
    article = extract_article(
        page(
            body,
            "<title>The lamp&shy;lighter stays</title><meta name='description' content='He la&shy;sts.'>",
        ),
        "text/html; charset=utf-8",
        URL,
    )
    assert article.title == "The lamplighter stays"
    assert article.lead == "He lasts."
    assert article.html.count(SENTENCES.strip()) == 2
    assert article.picture is not None
    assert article.picture.alt == "lamps"


def test_a_file_to_translate_has_no_soft_hyphens_left():
    html, _ = translate_html(
        "<p>The re&shy;gio&shy;nal coun&shy;cil.</p>", [], "en", "en", TranslateOptions()
    )
    assert html == "<p>The regional council.</p>"
