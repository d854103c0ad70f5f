"""Of preparing: the article in its forms, up to the whole post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from bot.model.feeds import Picture

SafeHtml = NewType("SafeHtml", str)
"""Markup that passed the allow-list. Only `stages/sanitise.py` makes one."""


@dataclass(frozen=True, slots=True)
class Article:
    """What was found on the page, unclean. `rung` names the way that found it."""

    url: str
    title: str
    html: str
    rung: str  # "rules" | "readability" | "trafilatura" | "feed" | "summary"
    lead: str = ""
    author: str = ""
    language: str = ""
    published: datetime | None = None
    picture: Picture | None = None
    tags: tuple[str, ...] = ()
    faults: tuple[
        str, ...
    ] = ()  # what was wrong with the rungs above: "readability: only 80 characters of text"


@dataclass(frozen=True, slots=True)
class CleanArticle:
    """The article as it may be shown: body sanitised, lead plain, the lead picture not in the body."""

    url: str
    title: str
    html: SafeHtml
    rung: str
    lead: str = ""
    author: str = ""
    language: str = ""
    published: datetime | None = None
    picture: Picture | None = None
    tags: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imprint:
    """What is remembered of the text that the page of an item showed, to know it again under another address."""

    key: str
    title: str  # of the item, as its feed tells it
    link: str
    runs: tuple[int, ...]  # the smallest hashes (32 bits) of its runs of words, in their order
    titled: bool  # whether the page bore the title of the item


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about a translation. Weights are summed: 1.0 and more holds the post back."""

    check: str  # "markers", "digits", "length", ...
    weight: float
    detail: str


@dataclass(frozen=True, slots=True)
class Translation:
    """An article in the site's language. `engine` is '' where the source already is in that language."""

    title: str
    lead: str
    html: SafeHtml
    source: str  # BCP 47 code of the language it came from
    target: str
    engine: str
    picture: Picture | None = None
    findings: tuple[Finding, ...] = ()
    requests: int = 0  # calls that the engines were asked to answer


@dataclass(frozen=True, slots=True)
class Post:
    """All that is sent to a site, ready and stored before the first call (the outbox)."""

    key: str
    title: str
    html: str
    excerpt: str
    slug: str
    date: datetime
    status: str
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    picture: Picture | None = None
    fields: tuple[tuple[str, str], ...] = ()
    author: int = 0  # id on the site; 0: the bot's own account
    kind: str = "post"  # WordPress' post_type
    format: str = ""  # WordPress' post_format: "aside", "video", ...
    comments: str = ""  # "open" | "closed"; '' : as the site has it
    pings: str = ""
    parent: int = 0  # id of the post above it, where the kind has a hierarchy


@dataclass(frozen=True, slots=True)
class Prepared:
    """A whole post, and what the checks doubt about it."""

    post: Post
    findings: tuple[Finding, ...]

    @property
    def doubtful(self) -> bool:
        """Whether a person should look before readers do."""
        return sum(finding.weight for finding in self.findings) >= 1.0
