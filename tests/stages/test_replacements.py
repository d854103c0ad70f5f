"""`replace`: the owner's words in place of the source's."""

from __future__ import annotations

import pytest

from bot.config import FeedConfig
from bot.model import Article, Picture
from bot.stages.clean import clean
from bot.stages.sanitise import to_article

URL = "https://news.example/a/story.html"
TEXT = (
    "The lamplighter of Osk walks his round at dusk and greets the lamps one by one, as he has always done."
)


def cleaned(html: str, replace: dict[str, str], **fields) -> Article:
    feed = FeedConfig(name="news", url=URL, language="en", sites=("monde",), replace=replace)
    return clean(Article(URL, fields.pop("title", "A title"), html, "readability", **fields), feed)


@pytest.mark.parametrize(
    ("html", "replace", "becomes"),
    [
        (f"<p>Pt. Hallin: {TEXT}</p>", {r"\bPt\. ": "Port "}, f"<p>Port Hallin: {TEXT}</p>"),
        (f"<p>12 May: {TEXT}</p>", {r"(\d+) May": r"May \1"}, f"<p>May 12: {TEXT}</p>"),
        (f"<p>{TEXT} <a href='https://x.example/osk'>Osk</a> Osk</p>", {"(?i)osk": "Ask"},
         f'<p>{TEXT.replace("Osk", "Ask")} <a href="https://x.example/osk">Ask</a> Ask</p>'),
        (f"<p>{TEXT}</p><p>[ends]</p>", {r"\[ends\]": ""}, f"<p>{TEXT}</p>"),
        (f"<p>{TEXT}</p><p>a b</p>", {"a": "b", "b": "c"}, f"<p>{TEXT.replace('a', 'c').replace('b', 'c')}</p>\n<p>c c</p>"),
        (f"<p>{TEXT} x</p>", {"x$": "<b onclick='y()'>&amp;"}, f"<p>{TEXT} &lt;b onclick='y()'&gt;&amp;amp;</p>"),
        (f"<p>{TEXT} x</p>", {"x$": r"\0"}, f"<p>{TEXT} </p>"),
    ],
)  # fmt: skip
def test_texts_are_replaced_and_markup_never(html, replace, becomes):
    assert cleaned(html, replace).html == becomes


def test_what_stands_beside_the_body_is_replaced_too():
    picture = Picture("https://x.example/VIDEO.jpg", alt="VIDEO: dusk", caption="VIDEO: the last lamp")
    article = cleaned(
        f"<p>{TEXT}</p>",
        {"VIDEO: ?": ""},
        title="VIDEO: The lamplighter",
        lead="VIDEO: He stays.",
        picture=picture,
    )
    assert (article.title, article.lead) == ("The lamplighter", "He stays.")
    assert article.picture == Picture("https://x.example/VIDEO.jpg", alt="dusk", caption="the last lamp")


def test_a_title_is_never_emptied():
    assert cleaned(f"<p>{TEXT}</p>", {".+": ""}, title="Gone").title == "Gone"


def test_a_replacement_passes_the_sanitiser_like_any_text():
    article = to_article(cleaned(f"<p>{TEXT} x</p>", {"x$": "<script>alert(1)</script>"}))
    assert "<script" not in article.html


def test_one_monstrous_text_is_left_as_it_is():
    assert cleaned(f"<p>{'a' * 50_000}</p><p>a</p>", {"a": "b"}).html == f"<p>{'a' * 50_000}</p>\n<p>b</p>"
