"""What is no article, and what is not the whole of one."""

from __future__ import annotations

import pytest

from bot.errors import ItemUnusable
from bot.stages.extract import extract
from tests.golden import PAGES
from tests.stages.pages import BODY, SENTENCES, URL, entry, found, page

# --- not an article -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"%PDF-1.7", "application/pdf", "is application/pdf, not a web page"),
        (b'{"a": 1}', "text/html", "is not HTML"),
        (b"  \n", "text/html", "empty"),
        (page(""), "text/html", "only 0 characters"),
        (page("<p>Too short.</p>"), "text/html", "only 10 characters"),
        (page("<div>" * 100_000 + SENTENCES), "text/html", "nested too deeply"),
        (page("<div>" * 240 + BODY * 3000), "text/html", "too large"),
        (page(BODY * 2000), "text/html", "too large"),
        (page("<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">" + BODY), "text/html", "attributes"),
        (page(f"<p><a href='/x'>{SENTENCES}</a></p>"), "text/html", "a list of links"),
        (page(f"<p>{SENTENCES[:300]} Please enable JavaScript to read on.</p>"), "text/html", "JavaScript"),
    ],
)  # fmt: skip
def test_what_is_no_article_is_refused_in_clear_words(body, content_type, reason):
    with pytest.raises(ItemUnusable, match=reason) as caught:
        extract(body, content_type, URL)
    assert str(caught.value).startswith(URL)


def test_a_page_without_any_title_is_refused():
    with pytest.raises(ItemUnusable, match="no title"):
        found(head="")


@pytest.mark.parametrize("name", ["paywall", "cookie-wall", "soft-404"])
def test_behind_a_wall_the_feeds_own_text_is_taken(name):
    article = extract((PAGES / f"{name}.html").read_bytes(), "text/html", URL, entry(content_html=BODY))
    assert (article.rung, article.title) == ("feed", "The lamplighter stays")
    assert "sets his by the baker" in article.html


def test_a_page_that_shows_much_less_than_the_feed_is_not_believed():
    article = found(f"<p>{SENTENCES}</p>", entry=entry(content_html=BODY * 5))
    assert article.rung == "feed"


def test_a_long_article_about_cookies_is_an_article():
    text = "We use cookies, says the cookie policy; accept all cookies, it says. " + SENTENCES * 6
    assert found(f"<p>{text}</p>").rung == "readability"


def paid(text: str, words: int):
    data = f'{{"@type": "NewsArticle", "isAccessibleForFree": false, "wordCount": {words}}}'
    head = f"<title>The lamplighter stays</title><script type='application/ld+json'>{data}</script>"
    return found(f"<p>{text}</p>", head=head)


def test_a_paid_article_that_is_shown_whole_is_taken():
    words = len(SENTENCES.split())
    assert paid(SENTENCES, words).rung == "readability"
    for told in (0, words * 2):
        with pytest.raises(ItemUnusable, match="the beginning of a paid article"):
            paid(SENTENCES, told)


@pytest.mark.parametrize(
    "end",
    [
        "Il vous reste 82.31% de cet article à lire. La suite est réservée aux abonnés.",
        "この記事は会員限定です。電子版に登録すると続きをお読みいただけます。",
        "This story is for our members.",
    ],
)
def test_a_sample_is_known_by_its_last_words(end):
    with pytest.raises(ItemUnusable, match="the beginning of a paid article"):
        found(f"<p>{SENTENCES}</p><p>{end}</p>")


def test_the_lines_of_a_menu_are_no_article():
    with pytest.raises(ItemUnusable, match="a heap of short lines"):
        found("".join(f"<p>Department number {number}</p>" for number in range(60)))


def test_the_comments_are_not_the_article():
    lead = "Gun owners near the border look for new ways, among them several that were never tried"
    head = f"<title>Senators weigh technology options</title><meta name='description' content='{lead}'>"
    with pytest.raises(ItemUnusable, match="holds 0 of the 10 words of title and lead"):
        found(head=head)
    assert found(f"{BODY}<p>{lead}.</p>", head=head).rung == "readability"


# --- whole --------------------------------------------------------------------------------------

PARTS = [f"Part {number}. {SENTENCES}" for number in range(12)]


def test_a_body_that_leaves_out_the_beginning_gives_way_to_one_that_does_not():
    """As an older newspaper has it: the first paragraphs each in a box of another name."""
    names = ("firstPar", "secondPar", "thirdPar")
    first = "".join(
        f"<div class='{name}'><p>{part}</p></div>" for name, part in zip(names, PARTS, strict=False)
    )
    rest = "".join(f"<p>{part}</p>" for part in PARTS[3:])
    article = found(f"<div id='mainBodyArea'>{first}<div class='body'>{rest}</div></div>")
    places = [article.html.index(part[:8]) for part in PARTS]
    assert places == sorted(places)
    assert article.rung == "trafilatura"
    assert article.faults == ("readability: leaves out 25% of the text",)


def test_what_stands_between_two_boxes_of_text_stays_there():
    """As page builders have it: each paragraph, picture and heading in a box of its own."""
    row = "<div class='row'><div class='column'>{}</div></div>"
    boxes = [
        f"<div class='text-block'><p>{PARTS[0]}</p></div>",
        "<div class='image-block'><div><figure><img src='/a.jpg'><figcaption>Dusk</figcaption></figure></div></div>",
        f"<div class='text-block'><p>{PARTS[1]}</p></div>",
        "<div class='subheadline-block'><h2 class='subheader'><span>Two</span></h2></div>",
        f"<div class='text-block'><p>{PARTS[2]}</p></div>",
        "<div class='related'><img src='/teaser.jpg'><h4><a href='/b'>Another story</a></h4></div>",
        f"<div class='text-block'><p>{PARTS[3]}</p></div>",
    ]
    html = found(row.format("".join(boxes))).html
    places = [html.index(mark) for mark in ("Part 0", "/a.jpg", "Dusk", "Part 1", "Two", "Part 2", "Part 3")]
    assert places == sorted(places)


def test_footnotes_stay():
    notes = "<section class='footnotes'><ol><li><p>They are paid in coal, and in nothing else.</p></li></ol></section>"
    assert "paid in coal" in found(BODY + notes).html


def test_only_the_first_of_several_articles_counts():
    others = "".join(f"<article><h1>Another</h1><p>{part} {part}</p></article>" for part in PARTS[4:6])
    body = (
        f"<article><h1>The lamplighter stays</h1>{''.join(f'<p>{part}</p>' for part in PARTS[:4])}</article>"
    )
    html = found(f"{body}{others}").html
    assert "Part 3" in html
