"""Classify: which categories and tags a post gets, from the feed's settings and the article itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.config import FeedConfig
from bot.model import CleanArticle, Entry
from bot.stages.patterns import Patterns


def classify(
    entry: Entry, article: CleanArticle, feed: FeedConfig
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Category and tag names for a site, each once, in the order of their rules; at most `max_tags` tags.

    Categories: the feed's own `categories`, then those that `category_map` makes of the entry's, then those
    whose `category_keywords` are found in title, lead or body. A category may be a path ("Monde/Europe") or an
    id ("#12"). Tags: the feed's `tags`, then, with `source_tags`, the entry's categories.
    """
    mapped = {_fold(name): category for name, category in feed.category_map.items()}
    categories = [
        *feed.categories,
        *(mapped[_fold(name)] for name in entry.categories if _fold(name) in mapped),
        *_found(article, feed),
    ]
    tags = [*feed.tags, *(entry.categories if feed.source_tags else ())]
    return _once(categories), _once(tags)[: feed.max_tags]


def _found(article: CleanArticle, feed: FeedConfig) -> Iterable[str]:
    if not feed.category_keywords:
        return
    owned = Patterns(feed.name)
    text = "\n".join((article.title, article.lead, re.sub(r"<[^>]*>", " ", article.html)))
    for category, patterns in feed.category_keywords.items():
        if any(
            owned.find("category_keywords", pattern, [text], in_doubt=False, ignore_case=True)
            for pattern in patterns
        ):
            yield category


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once; WordPress does not tell "News" from "news"."""
    first: dict[str, str] = {}
    for name in names:
        if name.strip():
            first.setdefault(_fold(name), name)
    return tuple(first.values())


def _fold(name: str) -> str:
    return " ".join(name.split()).casefold()
