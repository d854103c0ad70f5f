"""Compose: from a translated article to the whole Post that a site will be sent.

The disclaimer is not an option: a Post whose visible text does not hold it is never returned.
`holds_visibly` is the rule for what is visible; bot/illustration.py asks it again on what is sent.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape

import bs4
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from bot import locale
from bot.characters import without_shortcodes
from bot.config import FeedConfig, SiteConfig
from bot.errors import ConfigError, SiteUnusable
from bot.locale import Locale
from bot.model import CleanArticle, Post, SafeHtml, Translation
from bot.stages.compose.share import ShareLink, share_links
from bot.stages.compose.visible import holds_visibly, seen

# A post dated after the site's own present is scheduled, while the API still says "publish" (WordPress).
__all__ = [
    "CLOCK_SKEW",
    "EXCERPT_CHARS",
    "SLUG_CHARS",
    "Layout",
    "ShareLink",
    "compose",
    "disclaimer_of",
    "holds_visibly",
    "make_excerpt",
    "make_slug",
    "one_line",
    "plain",
    "search_fields",
    "site_key",
    "standalone_page",
    "texts_of",
    "try_template",
]

CLOCK_SKEW = timedelta(seconds=60)
EXCERPT_CHARS = 400
SLUG_CHARS = 60

_ADDRESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)

_PAGE_STYLE = "body{max-width:44rem;margin:2rem auto;font:1.1rem/1.6 serif}img{max-width:100%}"


@dataclass(frozen=True, slots=True)
class Layout:
    """How posts of one feed look on one site.

    `template` is the text of a jinja2 template; what it may use stands in docs/templates.md.
    `inert` makes markup safe against what WordPress runs on display; `shape` gives what it made the form that
    the site's editor keeps posts in.
    """

    feed: FeedConfig
    site: SiteConfig
    template: str
    inert: Callable[[SafeHtml], str]
    shape: Callable[[str], str] = str


def compose(layout: Layout, article: CleanArticle, translation: Translation, key: str, now: datetime) -> Post:
    """Put the post of the item `key` together.

    Raises SiteUnusable where the template fails, or leaves out the disclaimer or the source.
    """
    feed, site = layout.feed, layout.site
    key = site_key(key, site.name)
    title = feed.title.format(title=translation.title, source=feed.source)
    slug = make_slug(translation.title, key, site.slug)
    variables = _variables(layout, article, translation, key) | {"title": title, "slug": slug}
    shared = share_links(site, slug, title) if feed.share_line and variables["share"] else []
    own_fields = {**site.fields, **feed.fields}
    return Post(
        key=key,
        title=plain(title),
        html=_page(layout, {**variables, "share_links": shared}),
        excerpt=plain(make_excerpt(translation)),
        slug=slug,
        date=_date(article, site, now),
        status=site.status,
        categories=feed.categories,
        tags=feed.tags,
        picture=translation.picture,
        fields=(
            ("relay_key", key),
            ("relay_source_url", article.url),
            ("relay_source_language", translation.source),
            ("relay_engine", translation.engine),
            *search_fields(site),
            *((name, _render(site.name, value, variables)) for name, value in own_fields.items()),
        ),
        author=feed.author or site.author,
        kind=site.post_type,
        format=site.post_format,
        comments=site.comments,
        pings=site.pings,
        parent=site.parent,
    )


def _date(article: CleanArticle, site: SiteConfig, now: datetime) -> datetime:
    """When the post is said to be from; in the future only where the owner wants it scheduled."""
    latest = now - CLOCK_SKEW
    if site.date == "now" or article.published is None:
        return latest
    return article.published if site.allow_future else min(article.published, latest)


def _variables(
    layout: Layout, article: CleanArticle, translation: Translation, key: str
) -> dict[str, object]:
    """What a template may use (docs/templates.md)."""
    feed, site = layout.feed, layout.site
    texts = texts_of(site)
    return {
        "key": key,
        "language": site.language,
        "direction": texts.direction,
        "engine": translation.engine,
        "lead": translation.lead,
        "author": article.author,
        "published": article.published,
        "label": _label(texts, translation, feed.source),
        "body": Markup(layout.shape(layout.inert(translation.html))),  # noqa: S704 - the sanitiser made it
        "read_more": texts.read_more if feed.depth == "excerpt" else "",
        "share": texts.share,
        "source": feed.source,
        "source_url": article.url,
        "credit": _credit(texts, feed.source, article.url),
        "disclaimer": disclaimer_of(site, translation.engine),
    }


def _page(layout: Layout, variables: Mapping[str, object]) -> str:
    html = one_line(_render(layout.site.name, layout.template, variables))
    shown, address = seen(html), str(variables["source_url"])
    if not shown.holds(str(variables["disclaimer"])):
        raise SiteUnusable(
            layout.site.name,
            "its template leaves the disclaimer out, or in a place that may be hidden",
            remedy="put {{ disclaimer }} into a plain paragraph; docs/templates.md says what hides it",
        )
    if not shown.holds(str(variables["source"])) or (address and not shown.leads_to(address)):
        raise SiteUnusable(
            layout.site.name,
            "its template does not say where an article is from, with a link to it",
            remedy="put {{ credit }} into a plain paragraph",
        )
    return html


def try_template(site: SiteConfig, template: str) -> None:
    """Compose a made-up post, so that a faulty template is found at the start. Raises ConfigError."""
    feed = FeedConfig(name="sample", url="https://example.org/feed", language="xx", sites=(site.name,))
    article = CleanArticle("https://example.org/story", "A title", SafeHtml("<p>A body.</p>"), "sample")
    translation = Translation("A title", "A lead", article.html, "xx", site.language, "sample")
    try:
        compose(
            Layout(feed, site, template, inert=str),
            article,
            translation,
            "0" * 20,
            datetime(2026, 1, 1, tzinfo=UTC),
        )
    except SiteUnusable as error:
        raise ConfigError(site.name, [error.reason]) from error


def standalone_page(post: Post) -> str:
    """The post as a page of its own, for a look before anything is sent."""
    picture = post.picture
    head = (
        f'<figure><img src="{escape(picture.url)}" alt="{escape(picture.alt)}"></figure>' if picture else ""
    )
    return (
        f'<!doctype html><meta charset="utf-8"><title>{post.title}</title>'
        f"<style>{_PAGE_STYLE}</style><h1>{post.title}</h1><p>{post.excerpt}</p>{head}{post.html}"
    )


def texts_of(site: SiteConfig) -> Locale:
    """The hand-written texts of the site's language; its own where there are none."""
    return locale.find(site.language) or locale.bare(site.language, site.label, site.disclaimer)


def disclaimer_of(site: SiteConfig, engine: str) -> str:
    """The disclaimer under a post of the site that `engine` translated; '': nothing was translated."""
    texts = texts_of(site)
    return site.disclaimer or (texts.disclaimer if engine else texts.disclaimer_relayed)


def make_excerpt(translation: Translation) -> str:
    """The lead, else the beginning of the body, cut between words: plain text."""
    text = translation.lead or bs4.BeautifulSoup(translation.html, "lxml").get_text(" ")
    text = " ".join(text.split())
    if len(text) <= EXCERPT_CHARS:
        return text
    cut = text[:EXCERPT_CHARS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:–—-") + "…"


def site_key(key: str, site: str) -> str:
    """The key that a post carries on a site: the item's, and four digits of the site's name.

    Two [[sites]] may be one WordPress (two languages, say); each has to find its own post there.
    """
    return key + hashlib.sha256(site.encode()).hexdigest()[:4]


def search_fields(site: SiteConfig) -> tuple[tuple[str, str], ...]:
    """What wordpress/relaypress.php tells search engines, where the owner asks for something unusual."""
    told = {
        "relay_canonical": "source" if site.canonical == "source" else "",
        "relay_noindex": "1" if site.noindex else "",
    }
    return tuple((key, value) for key, value in told.items() if value)


def make_slug(title: str, key: str, rule: str = "{title}-{key}") -> str:
    """ASCII words of the title, then the key: unique, and how a lost answer is looked up."""
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall(r"[a-z0-9]+", folded))
    if len(words) > SLUG_CHARS:
        words = words[: SLUG_CHARS + 1].rsplit("-", 1)[0][:SLUG_CHARS]
    return rule.format(title=words, key=key).lstrip("-")


def plain(text: str) -> str:
    """Plain text for a field that WordPress prints as markup (title, excerpt); no shortcode runs in it."""
    return escape(text, quote=False).replace("[", "&#91;")


def one_line(html: str) -> str:
    """No raw newline outside `<pre>`: WordPress would turn each into `<br>` or `<p>` (wpautop)."""
    parts = re.split(r"(<pre\b.*?</pre>)", html, flags=re.DOTALL | re.IGNORECASE)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"(>|^)\s*\n\s*(<|$)", r"\1\2", parts[i])
        parts[i] = re.sub(r"\s*\n\s*", " ", parts[i])
    return "".join(parts).strip()


def _render(site: str, template: str, variables: Mapping[str, object]) -> str:
    environment = SandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_inert
    )
    try:
        return environment.from_string(template).render(variables)
    except TemplateError as error:
        problem = f"its template cannot be used ({error})"
        raise SiteUnusable(site, problem, remedy="mend it; docs/templates.md says what it may use") from error


def _inert(value: object) -> object:
    """What a template prints, without shortcodes: WordPress runs them in text and in attributes.

    Those that the template itself holds stay: they are the owner's. In an address `[` becomes `%5B`.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    if _ADDRESS.match(value):
        return value.replace("[", "%5B")
    return without_shortcodes(value)


def _label(texts: Locale, translation: Translation, source: str) -> str:
    if not translation.engine:
        return texts.label_relayed.replace("{source}", source)
    origin = texts.origins.get(translation.source.split("-", maxsplit=1)[0])
    label = texts.label if origin else texts.label_unknown
    return label.replace("{from}", origin or "").replace("{source}", source)


def _credit(texts: Locale, source: str, url: str) -> Markup:
    before, _, after = texts.source.partition("{source}")
    link = Markup('{}<a href="{}" rel="external noopener">{}</a>{}')
    return link.format(*map(_inert, (before, url, source, after)))
