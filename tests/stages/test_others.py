from __future__ import annotations

import pytest

from bot.stages.clean import clean
from bot.stages.extract import extract
from tests.stages.pages import FEED, SENTENCES, URL

FIRST, SECOND = (
    "".join(f"<p>{word} {number}: {SENTENCES}</p>" for number in range(4)) for word in ("Lamp", "Fence")
)


def relayed(main: str, title: str = "The lamplighter stays") -> str:
    html = f"<!doctype html><html lang='en'><head><title>{title}</title></head><body><main>{main}</main></body></html>"
    return clean(extract(html.encode(), "text/html", URL), FEED).html


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<article><h1>The lamplighter stays</h1>{}</article>", "<article><h1>Two fall out over a fence</h1>{}</article>"),
        (
            "<div class='article-item'><h1>The lamplighter stays</h1>{}</div>",
            "<div class='article-item'><h2>Two fall out over a fence</h2>{}</div>",
        ),
    ],
)  # fmt: skip
def test_the_next_article_is_none_of_this_one(one, other):
    html = relayed(one.format(FIRST) + other.format(SECOND * 2))
    assert html.count("Lamp") == 4
    assert "fence" not in html.lower()


@pytest.mark.parametrize(
    "parts",
    [
        "<h1>The lamplighter stays</h1><article><h2>At dusk</h2>{}</article><article><h2>At dawn</h2>{}</article>",
        "<article><h1>The lamplighter stays</h1>{}</article><article><h2>At dawn</h2>{}</article>",  # a live blog
        "<div class='section'><h1>The lamplighter stays</h1>{}</div><div class='section'><h2>At dawn</h2>{}</div>",
        "<article><h1>The lamplighter stays</h1>{}</article><article>{}</article>",
    ],
)
def test_a_story_told_in_several_boxes_stays_whole(parts):
    html = relayed(parts.format(FIRST, SECOND))
    assert (html.count("Lamp"), html.count("Fence")) == (4, 4)


CARD = "<div class='item'><h3><a href='/s{0}'>Story {0}</a></h3><p>Teaser {0} of the lamps of another town, and who lights them at dusk there.</p></div>"
GRID = "".join(CARD.format(number) for number in range(6))


def test_teasers_of_other_articles_go_as_a_whole():
    html = relayed(
        f"<h1>The lamplighter stays</h1><div class='txt'>{FIRST}</div><div class='grid'>{GRID}</div>"
    )
    assert html.count("Lamp") == 4
    assert "Teaser" not in html


def test_a_review_of_stories_among_its_paragraphs_stays():
    html = relayed(
        f"<h1>The lamplighter stays</h1><div class='txt'>{FIRST}<div class='grid'>{GRID}</div></div>"
    )
    assert html.count("Teaser") == 6
