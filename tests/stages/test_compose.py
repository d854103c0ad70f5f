import re
from datetime import UTC, datetime, timedelta
from html import escape

import bs4
import pytest
from pydantic import SecretStr

from bot import locale
from bot.config import FeedConfig, SiteConfig
from bot.errors import ConfigError, SiteUnusable
from bot.model import CleanArticle, SafeHtml, Translation
from bot.stages import compose

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ITEM = "0123456789abcdef0123"
KEY = compose.site_key(ITEM, "monde")
TEMPLATE = """<div class="relaypress" lang="{{ language }}" dir="{{ direction }}">
{{ label }}
{{ body }}
{{ credit }}
{{ disclaimer }}
</div>"""


def site(**more) -> SiteConfig:
    given = {"name": "monde", "url": "https://example.org", "username": "u", "language": "fr"}
    return SiteConfig.model_validate({**given, "password": SecretStr("x"), **more})


def feed(**more) -> FeedConfig:
    given = {"name": "gv", "url": "https://x/feed", "language": "en", "sites": ("monde",), "rights": "open"}
    return FeedConfig.model_validate({**given, "source_name": "Global Voices", **more})


def article(**more) -> CleanArticle:
    given = {"url": "https://source.example/a?b=1&c=2", "title": "T", "html": SafeHtml("<p>B</p>")}
    return CleanArticle(**{**given, "rung": "feed", **more})


def translation(**more) -> Translation:
    given = {"title": "Un titre", "lead": "", "html": SafeHtml("<p>Corps.</p>"), "source": "en"}
    return Translation(**{**given, "target": "fr", "engine": "google", **more})


def default_template() -> str:
    from bot import app

    return app.template_of(site())


def composed(*, the_feed=None, the_site=None, template=None, **more):
    layout = compose.Layout(the_feed or feed(), the_site or site(), template or default_template(), inert=str)
    return compose.compose(
        layout, more.get("article", article()), more.get("translation", translation()), ITEM, NOW
    )


def test_a_reader_sees_label_body_source_and_disclaimer_in_this_order():
    page = bs4.BeautifulSoup(composed().html, "lxml")
    assert [p.get_text() for p in page.find_all("p")] == [
        "Traduction automatique de l’anglais — Global Voices",
        "Corps.",
        "Partager cet article — Facebook · WhatsApp · Telegram · E-mail",
        "Source\u00a0: Global Voices",
        locale.find("fr").disclaimer,
    ]
    wrapper = page.find("div")
    assert wrapper["lang"] == "fr"
    assert wrapper["dir"] == "ltr"
    assert wrapper["data-relay-key"] == KEY
    assert wrapper["data-relay-source"] == "https://source.example/a?b=1&c=2"
    assert page.select_one(".relaypress-source a")["rel"] == ["external", "noopener"]
    assert page.select_one(".relaypress-disclaimer")["translate"] == "no"


def test_the_title_ends_in_the_source_and_the_slug_in_the_key():
    post = composed()
    assert post.title == "Un titre — Global Voices"
    assert post.slug == f"un-titre-{KEY}"
    assert dict(post.fields) == {
        "relay_key": KEY,
        "relay_source_url": "https://source.example/a?b=1&c=2",
        "relay_source_language": "en",
        "relay_engine": "google",
    }


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Été à Québec: 3 idées", f"ete-a-quebec-3-idees-{KEY}"),
        ("Новости дня", KEY),
        ("word " * 40, f"{'-'.join(['word'] * 12)}-{KEY}"),
        ("x" * 200, f"{'x' * 60}-{KEY}"),
    ],
)
def test_slugs(title, slug):
    assert compose.make_slug(title, KEY) == slug


def test_no_share_line_unless_asked():
    assert "relaypress-share" not in composed(the_feed=feed(share_line=False)).html


def test_the_share_links_lead_to_the_post():
    links = bs4.BeautifulSoup(composed().html, "lxml").select(".relaypress-share a")
    assert all(f"example.org%2F%3Fname%3Dun-titre-{KEY}" in link["href"] for link in links)


def test_an_excerpt_says_where_the_rest_is():
    page = bs4.BeautifulSoup(composed(the_feed=feed(rights="unknown")).html, "lxml")
    link = page.select_one(".relaypress-more a")
    assert (link.get_text(), link["href"]) == ("Lire l’article original", article().url)


def test_what_was_not_translated_is_not_called_a_translation():
    html = composed(translation=translation(engine="", source="fr")).html
    texts = locale.find("fr")
    assert "Article relayé automatiquement — Global Voices" in html
    assert texts.disclaimer_relayed in html
    assert texts.disclaimer not in html


def test_right_to_left():
    html = composed(the_site=site(language="ar"), translation=translation(target="ar")).html
    assert 'lang="ar" dir="rtl"' in html
    assert locale.find("ar").disclaimer in html


def test_the_owners_own_disclaimer_wins():
    assert (
        "Propre & à moi."
        in bs4.BeautifulSoup(composed(the_site=site(disclaimer="Propre & à moi.")).html, "lxml").get_text()
    )


@pytest.mark.parametrize(
    "template",
    [
        "<div>{{ body }}</div>",
        "<div>{{ body }}<!-- {{ disclaimer }} --></div>",
        "<div>{{ body }}<script>{{ disclaimer }}</script></div>",
        "<div>{{ body }}<p hidden>{{ disclaimer }}</p></div>",
        '<div>{{ body }}<p style="display:none">{{ disclaimer }}</p></div>',
        '<div title="{{ disclaimer }}">{{ body }}</div>',
        '<p style="visibility:hidden">{{ disclaimer }}</p>',
        '<p STYLE="DISPLAY:none">{{ disclaimer }}</p>',
        '<div style="font-size:0"><p>{{ disclaimer }}</p></div>',
        '<p style="opacity:0"><em>{{ disclaimer }}</em></p>',
        '<p class="relaypress screen-reader-text">{{ disclaimer }}</p>',
        "<details><summary>+</summary><p>{{ disclaimer }}</p></details>",
        "<div popover><p hidden>{{ disclaimer }}</p></div>",
        '<p aria-hidden="true">{{ disclaimer }}</p>',
        "<textarea>{{ disclaimer }}</textarea>",
        "<select><option>{{ disclaimer }}</option></select>",
        "<title>{{ disclaimer }}</title>{{ body }}",
        "<noscript><p>{{ disclaimer }}</p></noscript>",
        "{{ body }}<!--more--><p>{{ disclaimer }}</p>",
        "{{ body }}<!--more Lire la suite--><p>{{ disclaimer }}</p>",
        "{{ body }}<!--nextpage--><p>{{ disclaimer }}</p>",
        "<style>p{opacity:0}</style><p>{{ disclaimer }}</p>",
        '<figure><img src="https://x/a.jpg"><figcaption>{{ disclaimer }}</figcaption></figure>',
    ],
)
def test_no_post_without_a_disclaimer_that_can_be_seen(template):
    with pytest.raises(SiteUnusable, match=r"leaves the disclaimer out, .*; put .* into a plain"):
        composed(template=template)
    with pytest.raises(ConfigError):
        compose.try_template(site(), template)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{{ source }}",
        "<a href='{{ source_url }}'>*</a>",
        "<p hidden>{{ credit }}</p>",
        "<!-- {{ credit }} -->",
    ],
)
def test_no_post_that_does_not_say_where_it_is_from(said):
    template = f"<p>{{{{ body }}}}</p>{said}<p>{{{{ disclaimer }}}}</p>"
    with pytest.raises(SiteUnusable, match=r"does not say where an article is from, .*; put {{ credit }}"):
        composed(template=template)
    with pytest.raises(ConfigError):
        compose.try_template(site(), template)


@pytest.mark.parametrize("template", ["{{ bdy }}{{ disclaimer }}", "{% for %}", "{{ body.__class__ }}"])
def test_a_faulty_template_is_found_at_the_start(template):
    with pytest.raises(ConfigError, match="its template cannot be used"):
        compose.try_template(site(), template)


@pytest.mark.parametrize(
    "template",
    [
        TEMPLATE,
        "{{ body }}{{ credit }}<p>{{ disclaimer }}</p>",
        '{{ body }}<table class="wp-block-table"><tr><td>{{ credit }} {{ disclaimer }}</td></tr></table>',
        '<details><summary>+</summary>{{ body }}</details><p class="entry-note">{{ source }} <a href="{{ source_url }}">*</a> {{ disclaimer }}</p>',
    ],
)
def test_a_sound_template_passes(template):
    compose.try_template(site(), template)


def test_a_body_that_speaks_of_page_breaks_does_not_hide_the_disclaimer():
    body = SafeHtml("<p>Write <code>&lt;!--more--&gt;</code> or <code>&lt;style&gt;</code>.</p>")
    assert locale.find("fr").disclaimer in composed(translation=translation(html=body)).html


def test_no_raw_newline_outside_pre():
    body = SafeHtml("<p>a\nb</p>\n<pre>x\n  y</pre>\n<p>c</p>")
    html = composed(translation=translation(html=body)).html
    assert "<p>a b</p><pre>x\n  y</pre><p>c</p>" in html
    assert html.count("\n") == 1


def test_what_a_template_prints_runs_no_shortcode():
    """WordPress runs them in text and in attributes; those of the template itself are the owner's."""
    strange = article(url="https://source.example/?a=[gallery]", author="[/gallery]")
    own = TEMPLATE + '<p title="{{ author }}">{{ lead }}</p><a href="{{ source_url }}">x</a>[share]'
    html = composed(
        template=own,
        article=strange,
        translation=translation(lead="[gallery], [3d-book id=1] and [[b]], see [1]"),
    ).html
    assert re.findall(r"\[(?!\u2060)[^\]]*\]", html) == ["[1]", "[share]"]
    links = [link["href"] for link in bs4.BeautifulSoup(html, "lxml").select("a[href*=gallery]")]
    assert links == ["https://source.example/?a=%5Bgallery]"] * 2


def test_the_owners_disclaimer_may_begin_with_a_bracket():
    text = "[Automatique] Pas notre avis."
    page = bs4.BeautifulSoup(composed(the_site=site(disclaimer=text)).html, "lxml")
    assert page.select_one(".relaypress-disclaimer").get_text().replace("\u2060", "") == text


def test_markup_in_plain_fields_stays_text():
    tricky = "<script>alert(1)</script> & “AT&T”"
    post = composed(translation=translation(title=tricky, lead=tricky))
    assert post.title == f"{escape(tricky, quote=False)} — Global Voices"
    assert post.excerpt == escape(tricky, quote=False)


def test_the_excerpt_is_the_lead_or_the_beginning():
    assert composed(translation=translation(lead="Le chapeau.")).excerpt == "Le chapeau."
    long = SafeHtml("<p>" + "mot " * 300 + "</p>")
    excerpt = composed(translation=translation(html=long)).excerpt
    assert excerpt.endswith("mot…")
    assert len(excerpt) <= 401


def test_never_dated_in_the_future():
    assert composed(article=article(published=NOW + timedelta(days=3))).date < NOW
    old = NOW - timedelta(days=3)
    assert composed(article=article(published=old)).date == old
    assert composed().date < NOW


@pytest.mark.parametrize("language", ["fr", "ar", "ja", "th", "he", "pt-BR", "zh-TW", "zh-HK", "no", "de-CH"])
def test_a_page_in_every_kind_of_language(language):
    html = composed(the_site=site(language=language), translation=translation(target=language)).html
    assert compose.holds_visibly(html, locale.find(language).disclaimer)


def test_two_sites_on_one_wordpress_have_each_their_own_key():
    keys = {dict(composed(the_site=site(name=name)).fields)["relay_key"] for name in ("monde", "mundo")}
    assert len(keys) == 2
    assert all(key.startswith(ITEM) for key in keys)
