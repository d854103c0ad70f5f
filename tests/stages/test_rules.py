"""The owner's own selectors: the first rung of the ladder."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest

from bot.config import FeedConfig, PageConfig
from bot.errors import ItemUnusable
from bot.model import Article, Entry, Fetched, Picture
from bot.stages.clean import clean
from bot.stages.extract import Hints, extract, next_addresses

URL = "https://news.example/a/story.html"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SENTENCES = (
    "The lamplighter of Osk has been asked to stay on for another year, although the lamps light themselves. "
    "He walks his round at dusk, as before, and greets them one by one. The council pays for the shoes. "
)
TEASERS = "".join(
    f"<p>Nobody asked for teaser {n}, but it is as long as a sentence of a story.</p>" for n in range(20)
)
PAGE = f"""<!doctype html><html lang="fr"><head><title>Osk Post</title><base href="/media/">
<meta property="og:image" content="https://news.example/logo-of-the-day.jpg"><meta name="desk" content="Desk of Osk">
</head><body><nav><a href="/">Home</a></nav>
<div class="head"><span class="kicker">The lamplighter stays</span><em class="deck">A light at <b>dusk</b></em></div>
<ul class="by"><li>By Ada Osk</li><li>Bo Hale</li></ul><i class="when">Publié le 3 mars 2026 à 8h30</i>
<picture class="top"><source srcset="top.webp"><img data-src="top-1200.jpg" src="data:," alt="Dusk"></picture>
<div id="teasers">{TEASERS}</div>
<div class="newsletter-column"><div class="t"><p>First. {SENTENCES}</p><p class="t">Inner. {SENTENCES}</p></div></div>
<aside class="related"><div class="t"><h2>Two</h2>{SENTENCES}<br><br>{SENTENCES}
 <img data-src="mid.jpg" src="data:,"><a href="../b">b</a><script>alert(1)</script></div></aside>
</body></html>"""


def found(
    html: str = PAGE, *, entry: Entry | None = None, further: tuple[str, ...] = (), **selectors: str
) -> Article:
    pages = tuple(Fetched(f"{URL}?p={n}", text.encode(), "text/html") for n, text in enumerate(further, 2))
    hints = Hints(rules=PageConfig.model_validate(selectors), now=NOW, further=pages)
    return extract(html.encode(), "text/html; charset=utf-8", URL, entry, hints)


def entry(**fields) -> Entry:
    known = {"key": "k1", "feed": "news", "guid": "g1", "link": URL, "title": "As the feed has it"}
    return Entry(**{**known, **fields})


# --- body ---------------------------------------------------------------------------------------


def test_the_body_is_all_that_is_selected_in_order_and_once():
    article = found(body="div.t, p.t", title=".kicker")
    assert article.rung == "rules"
    assert article.faults == ()
    places = [article.html.index(mark) for mark in ("First.", "Inner.", "Two", "mid.jpg", "/b")]
    assert places == sorted(places)
    assert article.html.count("Inner.") == 1
    assert "teaser" not in article.html
    assert 'src="https://news.example/media/mid.jpg"' in article.html
    assert 'href="https://news.example/b"' in article.html
    assert "alert" not in article.html


def test_what_the_owner_selects_is_not_cleaned_away_for_its_name():
    feed = FeedConfig(name="f", url=URL, language="en", sites=("s",))
    html = clean(found(body=".newsletter-column", title=".kicker"), feed).html
    assert html.count("The lamplighter of Osk") == 2


def test_a_selector_that_finds_nothing_is_told_and_the_ladder_goes_on():
    article = found(body="div.gone", title=".kicker")
    assert article.rung in ("readability", "trafilatura")
    assert article.faults[0] == 'rules: body "div.gone" finds nothing'


def test_what_is_selected_passes_the_same_gate():
    article = found(body="nav", title=".kicker")
    assert article.rung in ("readability", "trafilatura")
    assert article.faults[0] == "rules: only 4 characters of text"


def test_without_another_rung_the_feed_or_nothing():
    bare = "<html><body><b>x</b><p>Short.</p></body></html>"
    article = found(bare, entry=entry(content_html=f"<p>{SENTENCES}</p>"), body="div.gone")
    assert article.rung == "feed"
    assert [fault.partition(":")[0] for fault in article.faults] == ["rules", "readability", "trafilatura"]
    with pytest.raises(ItemUnusable, match=r'rules: body "div.gone" finds nothing; readability: only'):
        found(bare, body="div.gone")


def test_a_page_of_scripts_cannot_run_through_a_rule():
    html = f"<html><body><div class='t'><h2>T</h2><p>{SENTENCES}</p><p>{SENTENCES}</p><p onclick='x()'>y</p></div></body></html>"
    assert "<script" not in found(html.replace("y</p>", "<script>x</script></p>"), body=".t").html


# --- facts --------------------------------------------------------------------------------------


def test_facts_are_those_that_are_selected():
    article = found(
        body="div.t", title=".kicker", lead=".deck", author=".by li", date=".when", picture="picture.top img"
    )
    assert article.title == "The lamplighter stays"
    assert article.lead == "A light at dusk"
    assert article.author == "Ada Osk, Bo Hale"
    assert article.published == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
    assert article.picture == Picture("https://news.example/media/top-1200.jpg", alt="Dusk")


@pytest.mark.parametrize("selector", ["picture.top", ".top, nav", "[property='og:image']"])
def test_a_picture_may_be_within_what_is_selected_or_an_address(selector):
    assert found(title=".kicker", picture=selector).picture.url.endswith((".jpg", ".webp"))


def test_a_fact_may_stand_in_the_head():
    assert found(title=".kicker", author="meta[name=desk]").author == "Desk of Osk"


def test_what_is_not_selected_is_found_as_ever():
    html = PAGE.replace("<title>", "<meta name='author' content='Ann Hale'><title>")
    assert found(html, title=".kicker").author == "Ann Hale"
    assert found(html, title=".kicker", author=".gone").author == "Ann Hale"


@pytest.mark.parametrize(
    ("key", "selector", "fault"),
    [
        ("title", "h9", 'rules: title "h9" finds nothing'),
        (
            "title",
            "#teasers",
            'rules: title "#teasers" is of no use: "Nobody asked for teaser 0, but it is as "',
        ),
        ("date", ".deck", 'rules: date ".deck" is of no use: "A light at dusk"'),
        ("picture", ".deck", 'rules: picture ".deck" is of no use: "A light at dusk"'),
    ],
)
def test_a_selector_gone_astray_is_told(key, selector, fault):
    article = found(**{"body": "div.t", key: selector}, entry=entry())
    assert article.faults == (fault,)
    assert article.rung == "rules"


def test_how_long_ago_is_seen_from_now():
    html = PAGE.replace("Publié le 3 mars 2026 à 8h30", "il y a 2 heures")
    assert found(html, title=".kicker", date=".when").published == datetime(2026, 11, 24, 10, tzinfo=UTC)


# --- several pages ------------------------------------------------------------------------------


def part(text: str, more: str = "") -> str:
    return f"<html><head><title>The lamplighter stays</title></head><body><article><h1>The lamplighter stays</h1><p>{text} {SENTENCES}</p>{more}</article></body></html>"  # fmt: skip


@pytest.mark.parametrize("selectors", [{"body": "article"}, {"next_page": "a.next"}])
def test_the_pages_of_an_article_become_one(selectors):
    article = found(part("One."), further=(part("Two."), part("Three.")), **selectors)
    places = [article.html.index(mark) for mark in ("One.", "Two.", "Three.")]
    assert places == sorted(places)
    assert article.html.count("<h1>") <= 1
    assert article.rung == ("rules" if "body" in selectors else "readability")


def test_a_page_that_comes_twice_counts_once():
    article = found(part("One."), further=(part("Two."), part("Two.")), body="article")
    assert article.html.count("Two.") == 1


def test_a_first_page_that_comes_again_and_again_is_no_whole_article():
    again = part("One.").replace("<head>", "<head><meta name='token' content='4711'>")
    feed_text = entry(content_html=f"<p>{SENTENCES}</p>")
    article = found(part("One."), entry=feed_text, further=(again, again), body="article")
    assert article.rung == "feed"
    assert article.faults[0] == "rules: page 2: repeats the first"


def test_a_page_without_its_part_is_no_article_in_part():
    fault = r'rules: page 2: body "article" finds nothing; readability: page 2: only 1 char'
    with pytest.raises(ItemUnusable, match=fault):
        found(part("One."), further=("<html><body><p>x</p></body></html>",), body="article")


def test_a_further_page_that_is_an_error_page_is_no_part():
    error = "<html><body><article><p>Page not found. The page you are looking for has been moved.</p></article></body></html>"
    with pytest.raises(
        ItemUnusable, match="rules: page 2: an error page; readability: page 2: an error page"
    ):
        found(part("One."), further=(error,), body="article")


def test_a_further_page_may_be_short():
    assert (
        "The end"
        in found(
            part("One."),
            further=(part("").replace(SENTENCES, "The end of it, as all things end one day, came then."),),
            body="article",
        ).html
    )


def test_a_further_page_that_is_no_page_is_told_by_its_address():
    with pytest.raises(ItemUnusable, match=r"story\.html\?p=2: is not HTML"):
        found(part("One."), further=("nothing",), body="article")


@pytest.mark.parametrize(
    ("markup", "addresses"),
    [
        ('<a class="next" href="?p=2#top">2</a>', ["?p=2"]),
        ('<li class="next"><a href="/a/2">2</a></li>', ["/a/2"]),
        ('<div class="next"><a href="/a/3">3</a> <a href="/a/4">4</a></div>', ["/a/3", "/a/4"]),
        ('<link class="next" href="//other.example/2">', ["//other.example/2"]),
        ('<a class="next" href="#comments">0</a><a class="next" href="2">2</a>', ["2"]),
        ('<a class="next" href="javascript:more()">2</a><a class="next" href="2">2</a>', ["2"]),
        ('<a class="next" href="/a/2">Back</a><a class="next" href="/a/4">On</a>', ["/a/2", "/a/4"]),
        ('<a class="next" href="?p=1"> <b>1</b></a><a class="next" href="?p=2">2</a>', ["?p=2"]),
        ('<a class="next" rel="prev" href="?p=1">Back</a><a class="next" rel="next" href="?p=3">On</a>', ["?p=3"]),
        ('<a class="next" href="2">2</a><a class="next" href="2#end">On</a>', ["2"]),
        ('<a class="next" href="javascript:more()">2</a>', []),
        ('<span class="next">2</span>', []),
        ("", []),
    ],
)  # fmt: skip
def test_where_the_next_page_may_be(markup, addresses):
    page = Fetched(URL, f"<html><body><p>x</p>{markup}</body></html>".encode(), "text/html")
    assert next_addresses(page, ".next") == [urljoin(URL, each) for each in addresses]


def test_no_page_has_no_next_one():
    assert next_addresses(Fetched(URL, b"%PDF", "application/pdf"), "a") == []
