"""The golden pages: the article of each, exactly; and a floor for how much of the right text is found."""

from __future__ import annotations

import json

import pytest

from bot.errors import ItemUnusable
from bot.model import Picture
from bot.workbench import extract_article, plain_text
from tests.golden import NAMES, PAGES, Sample, Score, digest, harmonic, mean, samples, score

URL = "https://news.example/a/story.html"

FLOOR = 0.99
"""Of all pages: F1 as benchmarks/extraction.py counts it."""

PAGE_FLOOR = 0.95
"""Of each page."""

CORPUS = "b3e8449809d86054"
"""Where pages or texts changed, run benchmarks/extraction.py, look at the pages that lost, and pin the new digest."""


def describe(body: bytes) -> tuple[dict[str, object], str]:
    try:
        article = extract_article(body, "text/html", URL)
    except ItemUnusable as error:
        return {"unusable": error.problem}, ""
    picture = article.picture or Picture("")
    facts = {
        "title": article.title,
        "lead": article.lead,
        "author": article.author,
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
        "image": picture.url,
        "alt": picture.alt,
        "caption": picture.caption,
        "tags": list(article.tags),
        "rung": article.rung,
    }
    return facts, article.html + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_page_gives_the_article_that_a_reader_sees(name, update_golden):
    facts, html = describe((PAGES / f"{name}.html").read_bytes())
    if update_golden:
        text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
        (PAGES / f"{name}.json").write_text(text, encoding="utf-8")
        if html:
            (PAGES / f"{name}.article.html").write_text(html, encoding="utf-8")
    assert facts == json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    if html:
        assert html == (PAGES / f"{name}.article.html").read_text(encoding="utf-8")


# --- the floor ----------------------------------------------------------------------------------


def measured(page: Sample) -> Score:
    try:
        text = plain_text(extract_article(page.body, "text/html", URL).html)
    except ItemUnusable:
        text = ""
    return score(page.expected, text)


def test_no_page_and_not_all_of_them_fall_below_the_floor():
    scores = {page.name: measured(page) for page in samples()}
    low = {name: each for name, each in scores.items() if each.f1 < PAGE_FLOOR}
    together = mean(list(scores.values()))
    assert low == {}
    assert harmonic(together.precision, together.recall) >= FLOOR
    assert digest() == CORPUS


@pytest.mark.parametrize(
    ("expected", "found", "result"),
    [
        ("one two three four five", "one two three four five", Score(1.0, 1.0)),
        ("one two three four five", "one two three four", Score(1.0, 0.5)),
        ("one two three four", "one two three four five six", Score(1 / 3, 1.0)),
        ("one", "two", Score(0.0, 0.0)),
        ("", "one two", Score(0.0, None)),
        ("one two", "", Score(None, 0.0)),
        ("", "", Score(None, None)),
    ],
)
def test_runs_of_four_words_are_counted(expected, found, result):
    assert score(expected, found) == result


def test_an_empty_page_that_stays_empty_is_right_and_counts_for_nothing():
    assert score("", "").f1 == 1.0
    assert score("", "a cookie notice").f1 == 0.0
    assert mean([score("", ""), score("a b c d e", "a b c d")]) == Score(1.0, 0.5)
