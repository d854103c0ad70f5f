"""Block markup. That WordPress' own editor takes every sample as valid is tried by scripts/check-blocks."""

import json
import re
from html import unescape
from importlib import resources

import bs4
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from pydantic import SecretStr

from bot.config import SiteConfig
from bot.engines.wordpress import WordPress
from bot.stages import compose, sanitise
from bot.stages.blocks import to_blocks
from tests.contracts.site import make_post, new_key

TEMPLATE = (resources.files("bot") / "templates" / "blocks.html.j2").read_text()
IMAGE = '<img src="https://x/a.jpg" alt=""/>'

SAMPLES = {
    "paragraph": (
        '<p>a <b>b</b> <a href="https://x/">l</a></p>',
        '<!-- wp:paragraph --><p>a <b>b</b> <a href="https://x/" rel="noopener">l</a></p><!-- /wp:paragraph -->',
    ),
    "right to left": (
        '<p dir="rtl">مرحبا</p>',
        '<!-- wp:paragraph {"direction":"rtl"} --><p dir="rtl">مرحبا</p><!-- /wp:paragraph -->',
    ),
    "bare text": (
        "one <b>two</b><h2>three</h2>four",
        (
            "<!-- wp:paragraph --><p>one <b>two</b></p><!-- /wp:paragraph -->"
            "<!-- wp:heading --><h2>three</h2><!-- /wp:heading -->"
            "<!-- wp:paragraph --><p>four</p><!-- /wp:paragraph -->"
        ),
    ),
    "heading": (
        "<h2>a</h2><h4>b <em>c</em></h4>",
        (
            "<!-- wp:heading --><h2>a</h2><!-- /wp:heading -->"
            '<!-- wp:heading {"level":4} --><h4>b <em>c</em></h4><!-- /wp:heading -->'
        ),
    ),
    "list": (
        "<ul><li>a</li><li><p>b</p></li></ul>",
        (
            "<!-- wp:list --><ul><!-- wp:list-item --><li>a</li><!-- /wp:list-item -->"
            "<!-- wp:list-item --><li>b</li><!-- /wp:list-item --></ul><!-- /wp:list -->"
        ),
    ),
    "list in a list": (
        '<ol start="5" reversed><li>a<ul><li>b</li></ul></li></ol>',
        (
            '<!-- wp:list {"ordered":true,"start":5,"reversed":true} --><ol start="5" reversed=""><!-- wp:list-item -->'
            "<li>a<!-- wp:list --><ul><!-- wp:list-item --><li>b</li><!-- /wp:list-item --></ul><!-- /wp:list --></li>"
            "<!-- /wp:list-item --></ol><!-- /wp:list -->"
        ),
    ),
    "picture": (
        (
            '<figure><img src="https://x/a.jpg?b=1&amp;c=2" alt="A" width="600" height="400" title="t">'
            "<figcaption>C <em>d</em></figcaption></figure>"
        ),
        (
            '<!-- wp:image {"width":600,"height":400} --><figure class="wp-block-image is-resized">'
            '<img src="https://x/a.jpg?b=1&amp;c=2" alt="A" width="600" height="400" title="t"/>'
            '<figcaption class="wp-element-caption">C <em>d</em></figcaption></figure><!-- /wp:image -->'
        ),
    ),
    "picture that is a link": (
        '<p><a href="https://x/"><img src="https://x/a.jpg"></a></p>',
        (
            '<!-- wp:image --><figure class="wp-block-image"><a href="https://x/" rel="noopener">'
            f"{IMAGE}</a></figure><!-- /wp:image -->"
        ),
    ),
    "picture in a sentence": (
        '<p>a <img src="https://x/a.jpg"> b</p>',
        '<!-- wp:paragraph --><p>a <img src="https://x/a.jpg"> b</p><!-- /wp:paragraph -->',
    ),
    "picture whose size is no number": (
        '<img src="https://x/a.jpg" width="100%" height="0">',
        f'<!-- wp:image --><figure class="wp-block-image">{IMAGE}</figure><!-- /wp:image -->',
    ),
    "quote": (
        "<blockquote><p>a</p><ul><li>b</li></ul><cite>C</cite></blockquote>",
        (
            '<!-- wp:quote --><blockquote class="wp-block-quote"><!-- wp:paragraph --><p>a</p><!-- /wp:paragraph -->'
            "<!-- wp:list --><ul><!-- wp:list-item --><li>b</li><!-- /wp:list-item --></ul><!-- /wp:list -->"
            "<cite>C</cite></blockquote><!-- /wp:quote -->"
        ),
    ),
    "blanks between words": (
        "<blockquote><b>a</b> <i>b</i></blockquote><ul><li><b>c</b> <i>d</i></li></ul>",
        (
            '<!-- wp:quote --><blockquote class="wp-block-quote"><!-- wp:paragraph --><p><b>a</b> <i>b</i></p>'
            "<!-- /wp:paragraph --></blockquote><!-- /wp:quote --><!-- wp:list --><ul><!-- wp:list-item -->"
            "<li><b>c</b> <i>d</i></li><!-- /wp:list-item --></ul><!-- /wp:list -->"
        ),
    ),
    "table": (
        "<table><caption>t</caption><thead><tr><th scope=col>a</th></tr></thead><tr><td>b <b>c</b></td></tr></table>",
        (
            '<!-- wp:table {"hasFixedLayout":false} --><figure class="wp-block-table"><table><thead><tr>'
            '<th scope="col">a</th></tr></thead><tbody><tr><td>b <b>c</b></td></tr></tbody></table>'
            '<figcaption class="wp-element-caption">t</figcaption></figure><!-- /wp:table -->'
        ),
    ),
    "code": (
        "<pre><code>a\n  b &lt;c&gt;\n</code></pre>",
        '<!-- wp:code --><pre class="wp-block-code"><code>a\n  b &lt;c&gt;\n</code></pre><!-- /wp:code -->',
    ),
    "preformatted": (
        "<pre>a\n\n  <b>b</b></pre>",
        (
            '<!-- wp:preformatted --><pre class="wp-block-preformatted">a\n\n  <b>b</b></pre>'
            "<!-- /wp:preformatted -->"
        ),
    ),
    "separator": (
        "<p>a</p><hr>",
        (
            "<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph --><!-- wp:separator -->"
            '<hr class="wp-block-separator has-alpha-channel-opacity"/><!-- /wp:separator -->'
        ),
    ),
    "details": (
        "<details open><summary>a</summary><p>b</p></details>",
        (
            '<!-- wp:details {"showContent":true} --><details class="wp-block-details" open><summary>a</summary>'
            "<!-- wp:paragraph --><p>b</p><!-- /wp:paragraph --></details><!-- /wp:details -->"
        ),
    ),
}

# Carries more than any block keeps: it stays as it is, in an HTML block.
WHOLE = [
    '<p lang="en">a</p>',
    "<cite><p>a</p></cite>",
    '<a href="https://x/" rel="noopener"><h2>a</h2></a>',
    "<h2><b><ul><li>a</li></ul></b></h2>",
    '<p dir="auto">a</p>',
    '<h2 lang="en">a</h2>',
    '<ol type="a"><li>a</li></ol>',
    '<ol start="-3"><li>a</li></ol>',
    '<ol start="05"><li>a</li></ol>',
    '<ol start="٣"><li>a</li></ol>',
    "<ul><li><p>a</p><p>b</p></li></ul>",
    "<ul><li>a<ul><li>b</li></ul>c</li></ul>",
    '<ul><li value="3">a</li></ul>',
    '<ul lang="en"><li>a</li></ul>',
    '<figure><img src="https://x/a.jpg"><img src="https://x/b.jpg"></figure>',
    '<figure><figcaption>a</figcaption><img src="https://x/a.jpg"></figure>',
    '<figure><img src="https://x/a.jpg" lang="en"></figure>',
    '<figure><a href="https://x/" title="t" rel="noopener"><img src="https://x/a.jpg"></a></figure>',
    '<blockquote lang="en"><p>a</p></blockquote>',
    "<blockquote><p></p><cite>a</cite></blockquote>",
    '<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>',
    "<table><tbody><tr><td>a</td></tr></tbody><tbody><tr><td>b</td></tr></tbody></table>",
    "<table><tbody><tr><td><table><tbody><tr><td>a</td></tr></tbody></table></td></tr></tbody></table>",
    "<table><colgroup><col></colgroup><tbody><tr><td>a</td></tr></tbody></table>",
    '<pre lang="en">a</pre>',
    "<details><p>a</p></details>",
    "<dl><dt>a</dt><dd>b</dd></dl>",
    '<div lang="en"><p>a</p></div>',
]

HOSTILE = [
    "<p>a</p><!-- wp:latest-posts /--><p>b</p>",
    '<p>&lt;!-- wp:rss {"feedURL":"http://x/"} /--&gt;</p>',
    '<img src="https://x/a.jpg" alt="--> <!-- wp:html --> &quot;}">',
    "<ol start='5,\"x\":1'><li>a</li></ol>",
    "<pre><code>&lt;!-- wp:latest-posts /--&gt; [gallery]</code></pre>",
    "<p>[gallery] --&gt; <a href='https://x/[audio]'>x</a></p>",
    "<!--nextpage--><!--more--><p>a</p>",
]

OURS = re.compile(
    r'<!-- /?wp:[a-z-]+(?: \{(?:"(?:level|start|width|height)":\d+|"direction":"(?:ltr|rtl)"'
    r'|"(?:ordered|reversed|showContent|hasFixedLayout)":(?:true|false)|,)+\})? -->'
)


def blocks_of(html: str) -> str:
    return to_blocks(sanitise.inert(sanitise.sanitise(html)))


def composed(html: str, key: str) -> str:
    """A whole post in blocks, by the template that the bot takes for them."""
    variables = {
        "key": key,
        "language": "fr",
        "direction": "ltr",
        "engine": "google",
        "label": "Traduction automatique de l’anglais",
        "body": Markup(blocks_of(html)),
        "read_more": "Lire l’article original",
        "share": "Partager",
        "share_links": [compose.ShareLink("E-mail", "mailto:?subject=a&body=b")],
        "source_url": "https://source.example/?a=1&b=2",
        "credit": Markup('Source : <a href="https://source.example/" rel="external noopener">S</a>'),
        "disclaimer": "L’avis “d’un” robot -- pas le nôtre.",
    }
    return compose.one_line(compose._render("monde", TEMPLATE, variables))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_kind_of_element_has_its_block(name):
    html, expected = SAMPLES[name]
    assert blocks_of(html) == expected


@pytest.mark.parametrize("html", WHOLE)
def test_what_no_block_can_hold_stays_as_it_is(html):
    assert blocks_of(html) == f"<!-- wp:html -->{html}<!-- /wp:html -->"


@pytest.mark.parametrize("html", ["", " ", "<p></p>", "<p> </p>", "<blockquote></blockquote>", "<div></div>"])
def test_nothing_becomes_no_block(html):
    assert blocks_of(html) == ""


@pytest.mark.parametrize("html", HOSTILE)
def test_no_comment_and_no_shortcode_of_the_content(html):
    made = blocks_of(html)
    assert "[" not in made
    assert "<!--" not in OURS.sub("", made)
    assert "-->" not in OURS.sub("", made)


def test_a_comment_that_came_past_the_sanitiser_is_not_let_through():
    assert to_blocks("<p>a<!-- wp:latest-posts /-->b</p><!--more-->").count("<!--") == 2
    assert "latest" not in to_blocks("<div lang='en'><!-- wp:latest-posts /--></div>")


MARKUP = (
    "<p> </p> <ul> </ul> <ol> <li> </li> <figure> </figure> <img/src=https://x/a.jpg> <figcaption> </figcaption> <table> "
    "<caption> <tr> <td> </table> <blockquote> </blockquote> <cite> </cite> <details> <summary> </details> <pre> </pre> "
    "<code> <div> </div> <b> </b> <a/href=https://x/> </a> <h3> </h3> <hr> <dl> <dt> word [x] &lt; <!--x-->"
)
PIECES = st.sampled_from([*MARKUP.split(), " ", "\n", " and "])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_word_and_no_picture_is_lost_whatever_the_markup(html):
    safe = sanitise.inert(sanitise.sanitise(html))
    made = to_blocks(safe)
    assert sorted(words(made)) == sorted(words(safe))
    assert made.count("<img") == safe.count("<img")
    assert outside(made) == ""
    assert "<!--" not in OURS.sub("", made)
    assert "[" not in made


def outside(made: str) -> str:
    """What stands in no block."""
    depth, loose = 0, []
    for part in re.split(r"(<!-- .*? -->)", made):
        if part.startswith("<!-- "):
            depth += -1 if part.startswith("<!-- /") else 1
        elif depth == 0:
            loose.append(part)
    assert depth == 0
    return "".join(loose).strip()


def words(html: str) -> list[str]:
    """The words that a reader sees: inline markup parts none, every other tag does."""
    bare = re.sub(r"</?(?:a|b|i|em|cite|code|small|br|img)\b[^>]*>", "", html)
    return unescape(re.sub(r"<[^>]*>", " ", bare)).split()


def test_depth_and_length_are_no_danger():
    assert "word" in to_blocks("<blockquote>" * 5_000 + "word" + "</blockquote>" * 5_000)
    assert "word" in to_blocks("<ul><li>" * 5_000 + "word" + "</li></ul>" * 5_000)
    assert "width" not in to_blocks(f'<img src="https://x/a.jpg" width="{"9" * 5_000}">')
    assert to_blocks("<p>word</p>" * 20_000).count("wp:paragraph") == 40_000


def test_a_post_is_one_group_with_the_label_first_and_the_disclaimer_last():
    html = composed("<p>Corps.</p>", "0" * 20)
    page = bs4.BeautifulSoup(html, "lxml")
    assert html.startswith(
        '<!-- wp:group {"className":"relaypress"} --><div class="wp-block-group relaypress">'
    )
    assert [" ".join(p.get("class", ["body"])) for p in page.select(".relaypress > p")] == [
        "relaypress-label",
        "body",
        "relaypress-more",
        "relaypress-share",
        "relaypress-source",
        "relaypress-disclaimer",
    ]
    label = page.select_one(".relaypress-label small")
    assert (label["lang"], label["dir"], label["data-relay-engine"]) == ("fr", "ltr", "google")
    assert label["data-relay-source"] == "https://source.example/?a=1&b=2"
    assert page.select_one(".relaypress-disclaimer em")["translate"] == "no"
    assert "\n" not in html


@pytest.mark.wordpress
@pytest.mark.parametrize("who", ["editor", "author"])
def test_wordpress_reads_the_same_blocks_and_shows_the_same_words(wordpress, who):
    body = "".join([html for html, _ in SAMPLES.values()] + WHOLE + HOSTILE)
    key = new_key()
    html = composed(body, key)
    login = getattr(wordpress, who)
    table = {"name": "monde", "url": wordpress.url, "username": login.username, "language": "fr"}
    site = WordPress(SiteConfig.model_validate({**table, "password": SecretStr(login.app_password)}))
    made = site.create(make_post(key, html=html, fields=()), [], [], None)
    held = json.loads(
        wordpress.php(f"""$content = get_post({made.id})->post_content; $blocks = parse_blocks($content);
        $loose = function ($blocks) use (&$loose) {{ $n = 0; foreach ($blocks as $block) {{
            $n += null === $block['blockName'] && '' !== trim($block['innerHTML']) ? 1 : 0;
            $n += $loose($block['innerBlocks']); }} return $n; }};
        echo json_encode(array('kept' => $content, 'again' => serialize_blocks($blocks), 'top' => count($blocks),
            'loose' => $loose($blocks), 'shown' => apply_filters('the_content', $content)));""")
    )
    found = site.find(key)
    site.close()
    assert as_kses_writes(held["kept"]) == as_kses_writes(html)
    assert held["again"] == held["kept"]
    assert (held["top"], held["loose"]) == (1, 0)
    assert "<!-- wp:" not in held["shown"]
    shown, sent = words(held["shown"]), words(html)
    assert [typed(word) for word in shown] == [typed(word) for word in sent]
    assert found is not None
    assert found.id == made.id


def as_kses_writes(html: str) -> str:
    """What an account without unfiltered_html changes, and nobody sees."""
    return (
        html.replace(' translate="no"', "")
        .replace(" />", "/>")
        .replace("&#091;", "&#91;")
        .replace('reversed=""', "reversed")
    )


def typed(word: str) -> str:
    """A word before wptexturize: it turns quotes and dashes on display."""
    return re.sub(r"[-–—'’‘\"“”″]+", "-", word)
