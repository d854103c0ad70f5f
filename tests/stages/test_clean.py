from __future__ import annotations

import pytest

from bot.config import FeedConfig
from bot.model import Article, Picture
from bot.stages.clean import clean

URL = "https://news.example/a/story.html"
FEED = FeedConfig(name="news", url="https://news.example/feed", language="en", sites=("monde",))
TEXT = (
    "The lamplighter of Osk walks his round at dusk and greets the lamps one by one, as he has always done."
)


def cleaned(html: str, feed: FeedConfig = FEED, **fields) -> str:
    return clean(Article(URL, "The lamplighter stays", html, "readability", **fields), feed).html


@pytest.mark.parametrize(
    "line",
    [
        "<p>READ MORE: <a href='/b'>Another story</a></p>",
        "<p><strong>READ MORE: <a href='/b'><em>Another</em> story</a></strong></p>",
        "<p><strong>READ MORE:</strong> <a href='/b'>Another story</a></p>",
        "<p>Read also <a href='/b'>Another story</a></p>",
        "<p>(Read more: <a href='/b'>Another story</a>)</p>",
        "<p>Related: <a href='/b'>Another story</a></p>",
        "<h3>Related articles</h3><ul><li><a href='/b'>Another story</a></li><li><a href='/c'>A third</a></li></ul>",
        "<p><em>You can share this story: use the buttons below, or print it out.</em></p>",
        "<p>You can share this story by using our social media accounts:</p>",
        "<p>Follow us on Facebook, X and Telegram.</p>",
        "<p>Follow The Osk Post on Telegram</p>",
        "<p>Sign up for our daily newsletter and never miss a lamp.</p>",
        "<p>Advertisement</p>",
        "<p>Story continues below advertisement</p>",
        "<div class='ad-slot'>Something to buy</div>",
        "<div class='newsletter-box'><h3>The Tide</h3><p>Five stories before breakfast.</p></div>",
        "<ul class='share-bar'><li><a href='/s'>Share on Chirper</a></li></ul>",
        "<ul><li><a href='/s'>Share on Chirper</a></li><li><a href='/m'>E-mail this</a></li></ul>",
        "<aside class='author-bio'><p>Ada Osk walks and writes.</p></aside>",
        "<section id='comments'><h2>2 comments</h2><p>First!</p></section>",
        "<p>2 Comments</p>",
        "<p>Leave a comment</p>",
        "<p>This site uses cookies to make it better.</p>",
        "<p>Print this article</p>",
        "<p>Tags: <a rel='tag' href='/t/lamps'>lamps</a>, <a rel='tag' href='/t/osk'>Osk</a></p>",
        "<p>The post <a href='/a'>The lamplighter stays</a> appeared first on <a href='/'>Osk Post</a>.</p>",
        f"<p>The post <a href='{URL}'>The lamplighter stays</a> appeared first on <a href='/'>Osk Post</a>.</p>",
        "<p>L’article <a href='/a'>Allumeur</a> est apparu en premier sur <a href='/'>Osk</a>.</p>",
        "<p>À lire aussi : <a href='/b'>Une autre</a></p>",
        "<p>Lea también: <a href='/b'>Otra</a></p>",
        "<p>Lesen Sie auch: <a href='/b'>Noch eine</a></p>",
        "<p>Читайте также: <a href='/b'>Другая</a></p>",
        "<p>اقرأ أيضا: <a href='/b'>أخرى</a></p>",
        "<p>相关阅读：<a href='/b'>另一篇</a></p>",
        "<img src='https://pixel.example.com/i.png'>",
        "<img src='https://feeds.feedburner.com/~r/osk/~4/1'>",
        "<img src='/t.gif' width='1' height='1'>",
        "<p>&nbsp;</p><p><br></p><p><span></span></p><figure></figure>",
        "<hr>",
        "<div class='et_pb_module et_pb_newsletter'><h2>Stay in the valley</h2><p>Weekly.</p></div>",
        "<div class='b-article-body__newsletter'><p>The Morning Cedar, with your coffee.</p></div>",
        "<div data-component='related-content'><p>The machine that lost on purpose</p></div>",
        "<div class='VideoPlayer'><div>The oldest letter box</div><div>01:22</div></div>",
        "<section><h2>Mehr zum Thema</h2><p>Ein Küster hat sich vertan.</p></section>",
        "<aside><h3>Sign up for our newsletter</h3><p>Weekly.</p></aside>",
        "<figure><aside><h3>Inside Saturday</h3><p>Behind the scenes.</p></aside></figure>",
        "<figure><a href='/b'><p>A card</p><p>of another page</p></a></figure>",
        "<p>[ <a href='/b'>Another story</a> ]</p>",
        "<p><a href='/i'>Index</a> | <a href='/p'>Previous</a> | <a href='/n'>Next</a></p>",
        "<p><a href='#step-2'>Jump to the recipe</a></p>",
        "<a href='https://ads.example/'><img src='/b.jpg' width='728' height='90'></a>",
        "<p>» |</p>",
        "<p><button>Copy</button></p>",
        "<span class='VisuallyHidden-sc-1 visually-hidden'>Image source</span>",
        "<h3>More to come</h3>",
        "<p>Publicidad</p>",
        "<p>विज्ञापन</p>",
        "<p>यह भी पढ़ें: <a href='/b'>एक और</a></p>",
        "<p>Baca juga: <a href='/b'>Yang lain</a></p>",
        "<p>Διαβάστε επίσης: <a href='/b'>Άλλο</a></p>",
        "<p>© 2011 Osk Post</p>",
        "<p>Publié le 29/10/2012</p><p>Mis à jour le 29/10/2012 à 14h03</p>",
        "<p>1</p><p>2</p><p>3</p>",
        "<p>Read or Share this story: http://osk.example/1x3</p>",
        "<p>Advertisement - story continues below</p>",
        "<p>Story continues below gallery</p>",
        "<p><a href='https://facebook.com/sharer.php?u=x'>Facebook</a> <a href='https://x.com/intent/post?u=x'>Twitter</a> <a href='mailto:?body=x'>Email</a></p>",
        "<ul><li><a href='https://facebook.com/sharer.php?u=x'>Facebook</a></li><li><a href='https://x.com/intent/post?u=x'>X</a></li></ul>",
        "<p>Filed under: <a href='/l'>lamps</a>, <a href='/o'>oil and gas</a></p>",
        "<p>Tags: <a href='/l'>lamps</a>, <a href='/o'>oil and gas</a></p>",
        "<p>View this image ›</p>",
        "<p>toggle caption</p>",
        "<p>Join the Conversation:</p>",
        "<p>5 min read</p>",
        "<p>Tempo de leitura: 1 minuto</p>",
        "<p>Copyright ⓒ Osk Post 2026. All rights reserved.</p>",
        "<h3>Trending News</h3><ul><li><a href='/b'>Another story</a></li></ul>",
        "<p><strong><a href='https://news.example/b'>TWO NEIGHBOURS FALL OUT OVER A FENCE</a></strong></p>",
        "<p>The Post is committed to publishing a diversity of letters to the editor. Here is our address.</p>",
        "<p>We want to hear what you think about this article. Submit a letter to the editor.</p>",
    ],
)
def test_boilerplate_goes(line):
    assert cleaned(f"<div><p>{TEXT}</p>{line}</div>") == f"<p>{TEXT}</p>"


@pytest.mark.parametrize(
    "line",
    [
        "<p>Read more books, said the teacher, and fewer screens.</p>",
        "<p>Related: the town has no bus.</p>",
        "<p>More than a thousand people came.</p>",
        '<p>See the <a href="https://news.example/r.pdf">report of the commission</a>.</p>',
        '<p>Read <a href="https://news.example/h">Hamlet</a>, said the teacher.</p>',
        "<p>“Share this story with your children,” she said, and wept.</p>",
        "<p>Share prices fell by a tenth.</p>",
        "<p>“No comment,” said the mayor.</p>",
        "<p>Advertisements were banned in 1931.</p>",
        "<p>The post was deleted an hour after it first appeared on Facebook, police said.</p>",
        "<p>The newsletter of the guild has 40 subscribers.</p>",
        "<p>Follow the river on foot.</p>",
        "<p>Join us, he called across the square.</p>",
        '<div class="share-price"><p>1,20 crowns</p></div>',
        '<p class="social-history">It is an old trade.</p>',
        "<h2>Comment</h2><p>It is an old trade.</p>",
        '<p><a href="https://www.youtube.com/watch?v=abc" data-embed="youtube.com">Watch: the last lamp</a></p>',
        "<section><h2>Related trades</h2><p>It is an old trade.</p></section>",
        '<img src="/b.jpg" width="728" height="90">',
        "<figure><ul><li>A list that is shown as a figure.</li></ul></figure>",
        "<h3>1</h3><p>The first lamp.</p><h3>2</h3><p>The second.</p>",
        "<ul><li>5</li><li>17</li><li>18</li><li>19</li></ul>",
        "<ul><li>Radio</li><li>Print</li></ul>",
        "<p>11:02</p><p>Back in port.</p>",
        '<a href="https://news.example/full.jpg"><img src="https://news.example/b.jpg" width="300" height="250"></a>',
        "<p>Copyright is a right that few read about.</p>",
        "<p>Start at 9:30, said the mayor, and finish by noon.</p>",
        "<h3><button>Does the lamp light itself?</button></h3><p>It does.</p>",
        "<ul><li>Facebook</li><li>Twitter</li></ul>",
        "<p>Facebook, Twitter</p>",
        '<p><a href="https://news.example/f">Facebook</a></p>',
        "<p>Tags: that is what the children of Osk play at dusk.</p>",
        "<p>Filed under oil, the lamp was forgotten.</p>",
        "<p>Five minutes of reading, he said, and then the lamps.</p>",
        '<p>Also: <a href="https://news.example/m">the minutes of the meeting</a></p>',
        "<h3>What’s your reaction?</h3><p>I laughed.</p>",
        "<p>Time to read the will.</p>",
        "<p>Lesezeit ist kostbar.</p>",
        "<p>Write a letter to the editor, she told the pupils.</p>",
        "<p>Open the gallery, he said.</p>",
        "<h3>Keywords:</h3><ul><li>lamp</li><li>wick</li></ul>",
        '<p><a href="https://x.com/y">X</a>, <a href="https://vk.com/z">VK</a></p>',
        '<p><a href="https://un.example/1701">UN SECURITY COUNCIL RESOLUTION 1701</a></p>',
        '<p><a href="https://news.example/n">나토 NATO 정상회의 공동 성명 전문</a></p>',
        '<h2><img src="https://news.example/w.jpg"> The wall as it will be</h2>',
        "<p>THE LAMPS OF OSK ARE OUT</p>",
        '<p><a href="https://news.example/r.pdf">ANNEX</a></p>',
        "<p>We want to hear what you think, said the mayor, and closed the window.</p>",
        "<p>The story continues below the ice, in the dark.</p>",
    ],
)
def test_what_an_article_says_stays(line):
    kept = cleaned(f"<p>{TEXT}</p>{line}<p>{TEXT}</p>")
    assert kept.startswith(f"<p>{TEXT}</p>\n<")
    assert kept.count("\n") >= 2


def test_a_box_that_holds_the_article_stays_whatever_its_class_says():
    assert TEXT in cleaned(f"<div class='related'><p>{TEXT}</p></div>")


def test_paragraphs_that_a_page_marks_for_its_paywall_stay():
    """As one large magazine has it: each paragraph, where readers may pass."""
    html = "".join(f"<div><p class='paywall'>{TEXT} {number}.</p></div>" for number in range(9))
    assert cleaned(html).count("<p>") == 9


def test_links_between_the_paragraphs_go_however_many_they_are():
    card = "<div class='related'><h4><a href='/b'>A headline nearly as long as the article is</a></h4></div>"
    assert cleaned(f"<p>{TEXT}</p>{card * 9}") == f"<p>{TEXT}</p>"


def test_a_blank_in_markup_of_its_own_parts_two_words():
    assert cleaned(f"<p>a misguided<em> </em>policy<b> <i> </i></b>there. {TEXT}</p>") == (
        f"<p>a misguided policy  there. {TEXT}</p>"
    )


def test_a_pull_quote_that_the_text_says_too_goes_and_any_other_stays():
    quote = "<figure><blockquote>‘Greets the lamps, one by one’</blockquote></figure>"
    other = "<blockquote>\n<p>Nobody knows his name.</p>\n</blockquote>"
    assert cleaned(f"<p>{TEXT}</p>{quote}{other}<p>{TEXT}</p>") == f"<p>{TEXT}</p>\n{other}\n<p>{TEXT}</p>"


def test_a_lead_that_the_page_shows_as_a_heading_is_a_paragraph():
    html = f"<h1>The lamplighter stays</h1><h2>He has seen them all.</h2><p>{TEXT}</p>"
    assert cleaned(html, lead="He has seen them all") == f"<p>He has seen them all.</p>\n<p>{TEXT}</p>"


def test_what_stands_above_the_headline_goes_with_it():
    html = f"<p><a href='/'>Osk Post</a> / Lamps</p><h1>The lamplighter stays</h1><p>{TEXT}</p>"
    assert cleaned(html) == f"<p>{TEXT}</p>"


def test_links_to_a_place_on_the_page_lead_nowhere_any_more():
    html = f"<p>{TEXT}<sup><a href='#fn1'>1</a></sup></p><h2><a href='#b'>#</a>Notes</h2><ol><li>In coal. <a href='#r1'>↩</a></li></ol>"
    assert cleaned(html) == f"<p>{TEXT}<sup>1</sup></p>\n<h2>Notes</h2>\n<ol><li>In coal. </li></ol>"


def test_a_figure_needs_no_paragraph_around_its_picture():
    html = (
        f"<p>{TEXT}</p><figure><div><img src='/a.jpg'></div><figcaption>A</figcaption></figure><p>{TEXT}</p>"
    )
    assert '<figure><img src="https://news.example/a.jpg"><figcaption>A</figcaption></figure>' in cleaned(
        html
    )


def test_the_author_who_is_introduced_at_the_end_goes():
    html = f"<p>{TEXT}</p><p>Ada Osk is a reporter in Velmont. Follow her at @ada.</p>"
    assert cleaned(html, author="Ada Osk") == f"<p>{TEXT}</p>"
    assert "reporter" in cleaned(html, author="Somebody Else")


@pytest.mark.parametrize(
    "line",
    [
        "<p>By <a href='/ada'>Ada Osk</a></p>",
        "<p>By Ada Osk and Bo Ray <time datetime='2024-05-01'>1 May 2024</time></p>",
        "<p><time datetime='2024-05-01'>1 May 2024</time></p>",
        "<p><a href='/ports'>Ports</a></p>",
        "<p>Published 9:00 AM, Tue January 16, 2024</p>",
        "<p>2018年6月18日 10:01 発信地：カノ</p>",
        "<p>London, Osk Post —</p>",
    ],
)
def test_by_line_date_and_section_go_from_the_top(line):
    assert cleaned(f"{line}<p>{TEXT}</p>", author="Ada Osk, Bo Ray") == f"<p>{TEXT}</p>"


@pytest.mark.parametrize(
    "line", ["<p>Ada Osk sailed.</p>", "<p>9:00 Doors open</p>", "<h2><time>11:02</time> Back in port</h2>"]
)
def test_a_first_sentence_or_heading_is_no_by_line(line):
    assert cleaned(f"{line}<p>{TEXT}</p>", author="Ada Osk") == f"{line}\n<p>{TEXT}</p>"


def test_the_owners_own_rules_are_followed():
    feed = FEED.model_copy(update={"remove": ("div.box", "p > b"), "remove_text": (r"^Editing by\b",)})
    html = f"<p>{TEXT}</p><div class='box'><div class='box'>x</div></div><p><b>gone</b>kept</p><p>Editing by A. B.</p>"
    assert cleaned(html, feed) == f"<p>{TEXT}</p>\n<p>kept</p>"


# --- the headline and the lead picture ----------------------------------------------------------


def test_the_headline_is_not_repeated():
    assert cleaned(f"<h1>The Lamplighter stays!</h1><p>{TEXT}</p>") == f"<p>{TEXT}</p>"


def test_another_heading_stays_one_step_lower():
    assert cleaned(f"<h1>How it began</h1><p>{TEXT}</p>") == f"<h2>How it began</h2>\n<p>{TEXT}</p>"


def test_the_lead_paragraph_stays():
    assert cleaned(f"<p>{TEXT}</p><p>More.</p>", lead=TEXT).startswith(f"<p>{TEXT}</p>")


def test_the_lead_picture_is_taken_out_with_its_words():
    html = f"<figure><img src='https://n.example/a.jpg' alt='Dusk'><figcaption>Osk at dusk</figcaption></figure><p>{TEXT}</p>"
    article = clean(Article(URL, "T", html, "feed", picture=Picture("https://n.example/a.jpg")), FEED)
    assert article.html == f"<p>{TEXT}</p>"
    assert article.picture == Picture("https://n.example/a.jpg", alt="Dusk", caption="Osk at dusk")


def test_another_first_picture_stays():
    picture = Picture("https://n.example/b.jpg")
    html = '<p><img src="https://n.example/a.jpg"></p><p><img src="https://n.example/b.jpg"></p>'
    assert cleaned(html, picture=picture) == html.replace("</p><p>", "</p>\n<p>")


# --- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "clean_address"),
    [
        ("b.html", "https://news.example/a/b.html"),
        ("//x.example/", "https://x.example/"),
        ("?page=2", "https://news.example/a/story.html?page=2"),
        ("https://x.example/?utm_source=a&id=7&fbclid=b&q=a%20b", "https://x.example/?id=7&q=a%20b"),
        ("https://x.example/?utm_source=a#part", "https://x.example/#part"),
        ("http://x.example/a\n\t/b", "http://x.example/a/b"),
        ("https://x.example/#xtor=RSS-1", "https://x.example/"),
        ("https://x.example/?_ga=1&srsltid=2&cmp=a&trk=b", "https://x.example/?cmp=a&trk=b"),
        ("https://x.example/?a=&b", "https://x.example/?a=&b"),
        ("mailto:a@x.example", "mailto:a@x.example"),
    ],
)
def test_links_are_whole_and_free_of_tracking(address, clean_address):
    assert f'<a href="{clean_address.replace("&", "&amp;")}">' in cleaned(
        f"<p>{TEXT} <a href='{address}'>x</a></p>"
    )


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", " JavaScript:x", "tel:1", "data:text/html,x", "", "http://[", "ftp://x/"],
)
def test_a_link_that_leads_nowhere_leaves_its_text(address):
    assert (
        cleaned(f"<p>{TEXT} <a href='{address}'>the <b>word</b></a>.</p>")
        == f"<p>{TEXT} the <b>word</b>.</p>"
    )


def test_an_emoji_picture_becomes_the_character():
    assert (
        cleaned(f"<p>{TEXT} <img class='wp-smiley' src='/1f642.png' alt='🙂'>!</p>") == f"<p>{TEXT} 🙂!</p>"
    )


# --- shape --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block",
    [
        "<h2>Heading</h2>",
        "<ul><li>one<ul><li>two</li></ul></li></ul>",
        '<ol start="3"><li>three</li></ol>',
        '<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td colspan="2">1</td><td></td></tr></tbody></table>',
        '<figure><img src="https://n.example/a.jpg" alt="A"><figcaption>Cap <em>a</em></figcaption></figure>',
        "<blockquote><p>Said.</p><cite>One</cite></blockquote>",
        "<p><q>quote</q> <code>x = 1</code> <em>e</em> <strong>s</strong> H<sub>2</sub>O<sup>1</sup></p>",
        '<p>The <abbr title="light-emitting diode">LED</abbr> and a <span lang="fr">mot</span></p>',
        "<pre><code>a\n\n  b</code></pre>",
        "<hr>",
        "<dl><dt>t</dt><dd>d</dd></dl>",
        "<details><summary>s</summary><p>d</p></details>",
        "<p>one<br>two</p>",
    ],
)
def test_markup_of_the_text_is_left_alone(block):
    html = f"<p>{TEXT}</p>\n{block}\n<p>{TEXT}</p>"
    assert cleaned(html) == html


@pytest.mark.parametrize(
    ("boxes", "flat"),
    [
        ("<div><section>one</section>two<p>three</p></div>", "<p>one</p>\n<p>two</p>\n<p>three</p>"),
        ("one<br><br>two <b>and</b><br>three<br> <br><br>four", "<p>one</p>\n<p>two <b>and</b><br>three</p>\n<p>four</p>"),
        ("<p>one<br><br>two</p>", "<p>one</p>\n<p>two</p>"),
        ("<p><br>one<br></p>", "<p>one</p>"),
        ("<a href='/x'><div><p>card</p></div></a>", "<p>card</p>"),
        ("<ul><li><div>one</div></li><li><div><p>two</p><p>three</p></div></li></ul>", "<ul><li>one</li><li><p>two</p><p>three</p></li></ul>"),
        ("<blockquote><div>Said.</div><footer>— One</footer></blockquote>", "<blockquote><p>Said.</p><p>— One</p></blockquote>"),
        ("<p>one<figure><img src='https://n.example/a.jpg'></figure>two</p>", '<p>one</p>\n<figure><img src="https://n.example/a.jpg"></figure>\n<p>two</p>'),
        ("<font color='red'>one</font> <span class='x'>two</span>", "<p>one two</p>"),
    ],
)  # fmt: skip
def test_boxes_are_taken_away_and_words_do_not_run_together(boxes, flat):
    assert cleaned(boxes) == flat


def test_classes_ids_and_styles_are_dropped():
    html = f"<p class='a' id='b' style='color:red' data-x='1' lang='en'>{TEXT}</p>"
    assert cleaned(html) == f'<p lang="en">{TEXT}</p>'


def test_what_is_clean_stays_as_it_is():
    html = f"<h2>Heading</h2>\n<p>{TEXT}</p>\n<ul><li>one</li></ul>"
    assert cleaned(cleaned(html)) == cleaned(html) == html


def test_an_empty_body_is_no_accident():
    assert cleaned("") == cleaned("<div> <p></p></div>") == ""


@pytest.mark.parametrize("reference", ["&#1;", "&#x1f;", "&#0000011", "&#xFFFF;", "&#0;"])
def test_a_reference_to_no_character_goes(reference):
    assert cleaned(f"<div>{TEXT}{reference} And so on.<br><br>{TEXT}</div>").count("<p>") == 2
    assert "&#8217;" not in cleaned(f"<p>{TEXT} It&#8217;s &#x2019; &#128512;</p>")
    assert cleaned(f"<p>{TEXT} It&#8217;s &#x2019; &#128512;</p>").endswith("It’s ’ 😀</p>")
