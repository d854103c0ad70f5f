"""What strangers write at a length that no article needs is cut, or left out, where it is read."""

from __future__ import annotations

import pytest

from bot.workbench import extract_article
from tests.stages.pages import BODY, URL, page

ENDLESS = "valley news " * 40_000
TITLE = "<title>The lamplighter stays</title>"


def read(body: str = BODY, head: str = TITLE):
    return extract_article(page(body, head), "text/html; charset=utf-8", URL)


@pytest.mark.parametrize(
    "head",
    [
        f"<title>{ENDLESS}</title>",
        f"<meta property='og:title' content='{ENDLESS}'>{TITLE}",
        f'<script type=\'application/ld+json\'>{{"@type": "NewsArticle", "headline": "{ENDLESS}"}}</script>{TITLE}',
    ],
)
def test_a_title_without_end_is_none(head):
    assert read(f"<h1>The lamplighter stays</h1>{BODY}", head).title == "The lamplighter stays"


def test_a_headline_without_end_is_cut_after_a_word():
    title = read(f"<h1>{ENDLESS}</h1>{BODY}", "").title
    assert len(title) <= 501
    assert title.endswith(" valley…")


def test_texts_beside_the_body_are_cut():
    authors = ",".join(f'{{"name": "Ada Osk {number}"}}' for number in range(5000))
    head = f"<meta name='description' content='{ENDLESS}'><meta property='og:image' content='/a.jpg'><meta property='og:image:alt' content='{ENDLESS}'>"
    article = read(
        head=f'{TITLE}{head}<script type="application/ld+json">{{"@type": "NewsArticle", "author": [{authors}]}}</script>'
    )
    assert len(article.lead) <= 1001
    assert len(article.author) <= 201
    assert len(article.picture.alt) <= 1001


def test_addresses_without_end_lead_nowhere():
    long = "https://news.example/" + "a" * 5000
    article = read(
        f"{BODY}<p>See <a href='{long}'>this</a> lamp.</p><img src='{long}.jpg'>{BODY}",
        f"{TITLE}<meta property='og:image' content='{long}.jpg'>",
    )
    assert article.picture is None
    assert "See this lamp." in article.html
    assert "aaaa" not in article.html


def test_words_of_pictures_and_of_pointers_are_cut():
    html = read(
        f"<img src='/lead.jpg'>{BODY}<figure><img src='/a.jpg' alt='{ENDLESS}'></figure><p>The <abbr title='{ENDLESS}'>UN</abbr>.</p>{BODY}"
    ).html
    assert 'alt="valley news' in html
    assert 'title="valley news' in html
    assert len(html) < 5000
