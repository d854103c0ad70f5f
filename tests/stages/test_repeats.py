from __future__ import annotations

from bot.config import FeedConfig
from bot.model import Article
from bot.stages.clean import clean
from tests.stages.pages import FEED, SENTENCES, URL, found

PARTS = "".join(f"<p>Part {number}: {SENTENCES}</p>" for number in range(5))


def relayed(html: str, feed: FeedConfig = FEED) -> str:
    return clean(Article(URL, "The lamplighter stays", html, "readability"), feed).html


def test_a_text_for_wide_screens_and_for_narrow_ones_is_told_once():
    html = found(
        f"<h1>The lamplighter stays</h1><div class='hidden-xs'>{PARTS}</div><div class='visible-xs'>{PARTS}</div>"
    ).html
    once = relayed(html)
    assert [once.count(f"Part {number}:") for number in range(5)] == [1] * 5


def test_pictures_and_headings_go_with_the_copy():
    body = f"<h2>Lamps</h2>{PARTS}<p><img src='/{{}}.jpg'></p><p>The end, at dusk.</p>"
    html = relayed(f"<div>{body.format('wide')}</div><div>{body.format('narrow')}</div>")
    assert html.count("<h2>") == 1
    assert html.count("<img") == 1


def test_a_picture_that_only_the_copy_shows_stays():
    html = relayed(
        f"<div>{PARTS}<p>The end, at dusk.</p></div><div>{PARTS}<p><img src='/a.jpg'></p><p>The end, at dusk.</p></div>"
    )
    assert html.count("<img") == 1


def test_a_refrain_and_a_repeated_answer_stay():
    refrain = (
        "<p>Light the lamps, light the lamps,</p><p>light them one by one,</p><p>till the night is done.</p>"
    )
    verses = "".join(f"<p>Verse {number}, which is another.</p>{refrain}" for number in range(4))
    assert relayed(verses).count("one by one") == 4
    answers = (
        f"<p>Question one, at length?</p><p>{SENTENCES}</p><p>Question two, at length?</p><p>{SENTENCES}</p>"
    )
    assert relayed(answers).count("The lamplighter of Osk") == 2
