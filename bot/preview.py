"""The preview of a post: one article through the whole way, shown beside the original before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from bot import workbench
from bot.config import Config, FeedConfig, SiteConfig
from bot.errors import ConfigError
from bot.model import CleanArticle, Entry, Prepared
from bot.pipeline import Pipeline
from bot.stages import compose, feed

NO_ADDRESS = "https://example.org/"
"""Stands for the address of a file that came from nowhere."""

_FEED = "preview"  # in the key of an article that no feed has brought


@dataclass(frozen=True, slots=True)
class Preview:
    """A post that could be, the article that it comes from, the page that shows both, and whose rules were taken."""

    article: CleanArticle
    prepared: Prepared
    page: str
    source: FeedConfig


def make(pipeline: Pipeline, article: CleanArticle, source: FeedConfig, site: SiteConfig) -> Preview:
    """Translate and compose an article by the rules of `source`; nothing is sent.

    Of a feed that relays excerpts the whole is shown all the same: only the feed has the excerpt.
    Raises EngineUnavailable, EngineRefused, SiteUnusable.
    """
    prepared = pipeline.compose(_entry(article), article, source, site)
    return Preview(article, prepared, page(article, prepared, site), source)


def page(article: CleanArticle, prepared: Prepared, site: SiteConfig) -> str:
    """Both texts in two columns; nothing on the page runs, and only pictures are loaded."""
    text = (resources.files("bot") / "templates" / "preview.html.j2").read_text(encoding="utf-8")
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(text)
    post = prepared.post
    return template.render(
        article=article,
        original=Markup(article.html),  # noqa: S704 - SafeHtml
        post=post,
        title=Markup(post.title),  # noqa: S704 - escaped by compose
        excerpt=Markup(post.excerpt),  # noqa: S704 - escaped by compose
        body=Markup(post.html),  # noqa: S704 - composed from SafeHtml
        engine=dict(post.fields).get("relay_engine", ""),
        findings=prepared.findings,
        doubtful=prepared.doubtful,
        language=site.language,
        direction=compose.texts_of(site).direction,
    )


def site_of(config: Config, name: str) -> SiteConfig:
    """The site of this name, the first where none is named. Raises ConfigError."""
    there = {site.name: site for site in config.sites}
    if not there:
        raise ConfigError("sites", ["there is none; add a [[sites]] to see how a post looks on it"])
    if name and name not in there:
        raise ConfigError("--site", [f'there is no site "{name}"; there are: {", ".join(there)}'])
    return there[name] if name else config.sites[0]


def _entry(article: CleanArticle) -> Entry:
    """What a feed would have told of this article."""
    key = feed.entry_key(_FEED, "", article.url, article.title, article.published)
    return Entry(key, _FEED, "", article.url, article.title, language=article.language)


def source_of(config: Config, url: str, site: SiteConfig) -> FeedConfig:
    """The first feed of that site that is of the article's host; where there is none, one without rules."""
    host = _host(url)
    own = (each for each in config.feeds if site.name in each.sites and _host(each.url) == host)
    return next(own, workbench.NEUTRAL.model_copy(update={"source_name": host}))


def _host(url: str) -> str:
    return feed.normalise_link(url).partition("/")[0].partition("?")[0]
