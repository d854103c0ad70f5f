from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ItemUnusable
from bot.model import Picture
from bot.stages.clean import clean
from bot.stages.extract import Hints, excerpt, extract, from_feed
from bot.stages.sanitise import to_article
from tests.stages.pages import BODY, FEED, SENTENCES, URL, entry, found, page

# --- characters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "meta", "encoding"),
    [
        ("text/html; charset=windows-1251", "", "cp1251"),
        ("text/html", "<meta charset='windows-1251'>", "cp1251"),
        ("text/html; charset=iso-8859-1", "<meta charset='utf-8'>", "utf-8"),  # a server's default lies
        ("text/html; charset=utf-8", "<meta charset='windows-1251'>", "cp1251"),  # and so does a careless one
        ("text/html", "", "utf-16"),
        ("text/html", "", "utf-8-sig"),
    ],
)
def test_characters_are_read_as_they_were_meant(content_type, meta, encoding):
    text = "Фонарщик обходит город в сумерках и здоровается с каждым фонарём по отдельности. " * 5
    body = f"<html><head>{meta}<title>Фонарщик</title></head><body><article><p>{text}</p></article></body></html>"
    article = extract(body.encode(encoding), content_type, URL)
    assert text.strip() in article.html
    assert article.title == "Фонарщик"


def test_latin_1_means_what_browsers_take_it_for():
    article = extract(
        page(f"<p>“Curly”, he said, for £2. {SENTENCES}</p>").decode().encode("cp1252"),
        "text/html; charset=iso-8859-1",
        URL,
    )
    assert "“Curly”, he said, for £2." in article.html


def test_one_broken_byte_does_not_garble_the_page():
    body = page(f"<p>Überall Blüten — {SENTENCES * 3}</p><p>Größe: 5 µm, Äpfel, Öl, süß. Ende.</p>").replace(
        b"Ende", b"\xff"
    )
    assert "Überall Blüten —" in extract(body, "text/html; charset=utf-8", URL).html


# --- what is kept -------------------------------------------------------------------------------


def test_nothing_that_belongs_to_the_text_is_lost_and_the_order_stays():
    parts = [
        "<h2>One</h2>",
        "<figure><img src='/a.jpg' alt='A'><figcaption>Caption <em>a</em></figcaption></figure>",
        "<table><thead><tr><th>x</th></tr></thead><tbody><tr><td colspan='2'>1</td></tr></tbody></table>",
        "<ul><li>short<ul><li>nested</li></ul></li></ul>",
        "<blockquote><p>Said.</p></blockquote>",
        "<pre><code>if a &lt; b:\n    stop()</code></pre>",
        "<h3>Two</h3>",
        "<dl><dt>Term</dt><dd>Meaning</dd></dl>",
        "<details><summary>More</summary><p>Hidden.</p></details>",
    ]
    html = found(BODY + f"<p>{SENTENCES}</p>".join(parts) + BODY).html
    marks = [
        "One",
        "Caption",
        "<table",
        "short",
        "nested",
        "Said.",
        "    stop()",
        "Two",
        "Meaning",
        "Hidden.",
    ]
    places = [html.index(mark) for mark in marks]
    assert places == sorted(places)
    assert 'colspan="2"' in html


@pytest.mark.parametrize(
    ("picture", "shown"),
    [
        ("<img src='data:image/gif;base64,R0' data-src='/p/a.jpg'>", "https://news.example/p/a.jpg"),
        ("<img src='/img/blank.gif' data-original='b.jpg'>", "https://news.example/a/b.jpg"),
        ("<img src='/s.jpg' srcset='/s.jpg 300w, /m,1.jpg 1200w, /l.jpg 4000w'>", "https://news.example/m,1.jpg"),
        ("<img src='/x.jpg' srcset='/x.jpg 1x, /x2.jpg 2x'>", "https://news.example/x2.jpg"),
        ("<img class='lazy'><noscript><img src='/n.jpg'></noscript>", "https://news.example/n.jpg"),
        ("<picture><source srcset='/w.avif' type='image/avif'><source srcset='/w.jpg'><img></picture>", "https://news.example/w.jpg"),
        ("<amp-img src='//cdn.example/amp.jpg'></amp-img>", "https://cdn.example/amp.jpg"),
    ],
)  # fmt: skip
def test_lazy_pictures_get_the_address_that_a_reader_would_see(picture, shown):
    html = found(f"{BODY}<div>{picture}</div>{BODY}").html
    assert html.count("<img") == 1
    assert f'src="{shown}"' in html


def test_a_picture_and_the_noscript_copy_beside_it_are_one():
    html = found(
        f"{BODY}<p><img data-src='/a.jpg' src='data:,'><noscript><img src='/a.jpg'></noscript></p>{BODY}"
    ).html
    assert html.count("/a.jpg") == html.count("<img") + 1 == 2


def test_older_captions_become_figures():
    html = found(
        f"{BODY}<div class='wp-caption'><img src='/a.jpg'><p class='wp-caption-text'>Dusk <em>at</em> Osk</p></div>{BODY}"
    ).html
    assert '<figcaption><p class="wp-caption-text">Dusk <em>at</em> Osk</p></figcaption></figure>' in html


@pytest.mark.parametrize(
    ("frame", "link"),
    [
        ("<iframe src='https://www.youtube.com/embed/dQw4w9WgXcQ?rel=0'></iframe>", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("<iframe data-src='//www.youtube-nocookie.com/embed/dQw4w9WgXcQ'></iframe>", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("<iframe src='https://player.vimeo.com/video/76979871'></iframe>", "https://vimeo.com/76979871"),
        ("<iframe src='https://www.dailymotion.com/embed/video/x7tgad0'></iframe>", "https://www.dailymotion.com/video/x7tgad0"),
        ("<iframe src='https://www.facebook.com/plugins/video.php?height=3&href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F1%2F'></iframe>", "https://www.facebook.com/a/videos/1/"),
        ("<amp-youtube data-videoid='dQw4w9WgXcQ'></amp-youtube>", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("<object><param name='movie' value='https://www.youtube.com/v/dQw4w9WgXcQ'></object>", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("<video><source src='https://v.example/a.mp4'></video>", "https://v.example/a.mp4"),
        ("<blockquote class='instagram-media' data-instgrm-permalink='https://www.instagram.com/p/Abc_1-/?utm_source=x'><a href='#'>View</a></blockquote>", "https://www.instagram.com/p/Abc_1-/"),
        ("<blockquote class='twitter-tweet'><p>Dusk!</p><a href='https://twitter.com/o/status/1'>May 1</a></blockquote>", "https://twitter.com/o/status/1"),
    ],
)  # fmt: skip
def test_players_and_posts_become_links(frame, link):
    html = found(f"{BODY}<div class='embed'>{frame}</div>{BODY}").html
    assert f'<a href="{link}"' in html
    assert not {"<iframe", "<object", "<video", "amp-"} & set(html.split())


def test_a_player_link_is_named_by_its_title_else_by_its_host():
    frame = "<iframe src='https://youtu.be/dQw4w9WgXcQ' {}></iframe>"
    html = found(BODY + frame.format("title='The last lamp'") + frame.format("") + BODY).html
    assert ">The last lamp</a>" in html
    assert ">youtube.com</a>" in html


@pytest.mark.parametrize(
    "address",
    [
        "https://ads.example/f",
        "javascript:alert(1)",
        "https://evil.example/www.youtube.com/embed/abcdefgh",
        "http://[",
    ],
)
def test_every_other_frame_vanishes(address):
    html = found(f"{BODY}<iframe src='{address}'></iframe>{BODY}").html
    assert "ads.example" not in html
    assert "data-embed" not in html


def test_a_page_cannot_call_up_what_was_kept_aside():
    html = found(f"{BODY}<figure><img src='/a.jpg'></figure><p>{'0' * 24}0x</p>{BODY}").html
    assert html.count("<img") == 1


def test_what_the_owner_removes_is_gone_before_the_article_is_looked_for():
    html = found(
        f"{BODY}<div class='box'>{BODY.replace('Osk', 'Elsewhere')}</div>", hints=Hints(remove=("div.box",))
    ).html
    assert "Elsewhere" not in html
    assert "Osk" in html


def test_links_follow_the_base_of_the_page():
    html = found(
        f"{BODY}<p><a href='b.html'>there</a> {SENTENCES}</p>",
        head="<title>T and more</title><base href='https://other.example/c/'>",
    ).html
    assert 'href="https://other.example/c/b.html"' in html


# --- facts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "h1", "title"),
    [
        ("<title>The lamplighter stays | Osk Post</title>", "The lamplighter stays", "The lamplighter stays"),
        ("<meta property='og:title' content='Stays - Osk Post'><meta property='og:site_name' content='Osk Post'>", "", "Stays"),
        ("<title>Lamps | The lamplighter stays</title>", "", "Lamps | The lamplighter stays"),
        ("<title>Lamps - a history</title>", "", "Lamps - a history"),
        ("<title>Stays | The Independent Post of Greater Osk</title>", "Stays", "Stays"),
        ("", "Only on the page", "Only on the page"),
        ("<script type='application/ld+json'>{\"@type\": \"NewsArticle\", \"headline\": \"From data\"}</script>", "", "From data"),
    ],
)  # fmt: skip
def test_the_title_is_the_headline_without_the_site(head, h1, title):
    assert found(f"<h1>{h1}</h1>{BODY}", head=head).title == title


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        ("<meta property='article:published_time' content='2024-05-01T10:00:00+02:00'>", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        ("<meta name='date' content='Wed, 01 May 2024 08:00:00 GMT'>", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        ("<meta name='dc.date' content='2024-05-01'>", datetime(2024, 5, 1, tzinfo=UTC)),
        ("<meta name='date' content='0001-01-01T00:00:00+14:00'>", None),
    ],
)  # fmt: skip
def test_the_date_is_utc(head, moment):
    assert found(head=f"<title>The lamplighter stays</title>{head}").published == moment


def test_the_feed_fills_what_the_page_does_not_say():
    moment = datetime(2024, 5, 1, tzinfo=UTC)
    feed = entry(author="Ada Osk", published=moment, categories=("Lamps",), summary_html="<p>A lead.</p>")
    article = found(entry=feed)
    assert (article.author, article.published, article.tags, article.lead) == (
        "Ada Osk",
        moment,
        ("Lamps",),
        "A lead.",
    )


@pytest.mark.parametrize(
    ("told", "code"),
    [("en_US", "en-US"), ("PT-br", "pt-br"), ("zh-Hans-CN", "zh-Hans-CN"), ("not a code", "")],
)
def test_the_language_is_a_code(told, code):
    html = f"<html><head><title>The lamplighter stays</title><meta property='og:locale' content='{told}'></head><body><article>{BODY}</article></body></html>"
    assert extract(html.encode(), "text/html", URL).language == code


def test_an_icon_or_a_logo_is_no_lead_picture():
    head = "<title>The lamplighter stays</title><meta property='og:image' content='/img/logo.png'>"
    article = found(
        f"<p><img src='/i.png' width='32' height='32'>{SENTENCES}</p><img src='/dusk.jpg' alt='Dusk'>{BODY}",
        head=head,
    )
    assert article.picture == Picture("https://news.example/dusk.jpg", alt="Dusk")


def test_broken_json_ld_is_only_a_loss_of_facts():
    for data in (
        "{",
        "[" * 100_000,
        '{"@type": "NewsArticle", "author": ' + "[" * 900 + "]" * 900 + "}",
        '{"@graph": 3}',
    ):
        head = f"<title>The lamplighter stays</title><script type='application/ld+json'>{data}</script>"
        assert found(head=head).title == "The lamplighter stays"


def test_half_characters_in_json_ld_are_left_out():
    data = r'{"@type": "NewsArticle", "author": {"name": "Ann\ud800 Hale"}, "keywords": ["Ice\udfff"]}'
    article = found(head=f"<title>T</title><script type='application/ld+json'>{data}</script>")
    assert article.author == "Ann Hale"
    assert str(article).encode("utf-8", "strict")


# --- from the feed ------------------------------------------------------------------------------


def test_the_feeds_whole_text_is_preferred_to_its_summary():
    article = from_feed(entry(content_html=BODY + "<img src='/a.jpg'>", summary_html="<p>Short.</p>"))
    assert (article.rung, article.lead) == ("feed", "Short.")
    assert 'src="https://news.example/a.jpg"' in article.html


def test_broken_addresses_in_a_feed_break_nothing():
    article = from_feed(
        entry(link="", content_html=f"{BODY}<img src='http://['>", pictures=(Picture("http://["),))
    )
    assert "<img" not in article.html


def test_a_summary_is_better_than_nothing():
    article = from_feed(entry(summary_html="Just a line &amp; more."))
    assert (article.rung, article.html) == ("summary", "Just a line &amp; more.")


@pytest.mark.parametrize("take", [from_feed, excerpt])
@pytest.mark.parametrize("html", ["", "<p> </p>", "<img src='/a.jpg'>"])
def test_a_feed_without_words_is_refused(take, html):
    with pytest.raises(ItemUnusable, match="the feed holds no text"):
        take(entry(summary_html=html))


def test_an_excerpt_is_cut_after_a_sentence():
    article = excerpt(entry(summary_html=f"<p>{SENTENCES}{SENTENCES}</p>"))
    assert article.lead.endswith("who is usually late.")
    assert article.html == f"<p>{article.lead}</p>"
    assert len(article.lead) <= 300


@pytest.mark.parametrize(
    ("summary", "lead"),
    [
        ("<p>Dr. Osk came. Then the text went on and […]</p>", "Dr. Osk came."),
        ("<p>A lead. Continue reading The lamplighter stays</p>", "A lead."),
        ("<p>A lead.</p><p>The post A first appeared on B.</p>", "A lead."),
        ("<p>" + "word " * 100 + "</p>", "word " * 59 + "word…"),
        ("<p>第一句。第二句。</p>", "第一句。第二句。"),
        ("<p>1 &lt; 2 &amp; [x]</p>", "1 < 2 & [x]"),
    ],
)
def test_a_lead_is_plain_whole_sentences(summary, lead):
    assert excerpt(entry(summary_html=summary)).lead == lead


# --- hostile input ------------------------------------------------------------------------------

TAG_NAMES = "a article base br div figure form h1 iframe img li meta noscript object p picture pre script source svg td ul"
TAGS = TAG_NAMES.split()
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from(
        [
            SENTENCES,
            "<img srcset=',, 1w' data-src='http://['>",
            "<a href='http://[x'>",
            "<base href='http://['>",
            "<meta property='og:image' content='http://[::'>",
            "<meta name='date' content='9999-99-99'>",
            "<iframe src='https://www.youtube.com/embed/x\x00'>",
            "<blockquote class='a-b' cite='https://x.com/a/status/1'>",
            '<script type=\'application/ld+json\'>{"@type": [3], "image": [[]], "author": 1}</script>',
            "<div class='caption'><img src=a>",
            "<td><br><br>x<br/><br/>",
            "&#0;&#xD800;&#x110000;",
        ]
    ),
    st.text(max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_page_breaks_anything(html):
    for take in (
        lambda: extract(page(html), "text/html", URL),
        lambda: from_feed(entry(content_html=html)),
        lambda: excerpt(entry(summary_html=html)),
    ):
        with suppress(ItemUnusable):
            to_article(clean(take(), FEED))


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(
        ["", "text/html", "text/html; charset=rot13", "text/html; charset=\x00", "text/html; charset=utf-7"]
    ),
)
def test_no_bytes_break_anything(body, content_type):
    with pytest.raises(ItemUnusable):
        extract(body, content_type, URL)
