"""[[sites]] and [[feeds]]: where to, and where from."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from bot import dialect, locale
from bot.config_access import AccessConfig
from bot.config_rules import PageConfig
from bot.config_types import (
    Category,
    Duration,
    Language,
    Name,
    Regex,
    Section,
    Selector,
    SourceLanguage,
    Url,
    known_placeholders,
    read_secret,
)
from bot.model import Access
from bot.pace import PacePolicy, parse_hours


class SiteConfig(Section):
    """[[sites]]"""

    name: Name
    url: Url
    username: str
    password_env: str = ""
    password_file: Path | None = None
    password: SecretStr = Field(default=SecretStr(""), validate_default=True)
    disclaimer: str = ""
    label: str = ""  # only for a language that no label is written in
    language: Language
    status: Literal["publish", "pending", "draft", "private"] = "publish"
    on_doubt: Literal["hold", "draft", "pending"] = "hold"
    template: Path | None = None
    format: Literal["classic", "blocks"] = "classic"
    canonical: Literal["self", "source"] = "self"
    noindex: bool = False
    timeout: Duration = timedelta(seconds=60)

    author: int = Field(default=0, ge=0)  # id on the site; 0: the bot's own account
    post_type: str = "post"
    post_format: str = ""
    comments: Literal["", "open", "closed"] = ""
    pings: Literal["", "open", "closed"] = ""
    parent: int = Field(default=0, ge=0)
    fields: dict[str, str] = {}  # values are templates
    slug: str = "{title}-{key}"
    date: Literal["source", "now"] = "source"
    allow_future: bool = False
    create_terms: bool = True

    media: Literal["upload", "hotlink", "none"] = "upload"
    picture_width: int = Field(default=1600, ge=100)  # pixels
    picture_format: Literal["keep", "webp"] = "keep"
    fallback_picture: Url | None = None

    posts_per_hour: int = Field(default=0, ge=0)  # 0: as many as come
    apart: Duration = timedelta(0)
    quiet_hours: str = ""
    timezone: str = "UTC"

    updates: bool = True
    on_withdrawn: Literal["keep", "draft", "trash"] = "keep"

    @property
    def pace(self) -> PacePolicy:
        """How many posts come out when."""
        quiet = parse_hours(self.quiet_hours) if self.quiet_hours else None
        return PacePolicy(self.posts_per_hour, self.apart, quiet, ZoneInfo(self.timezone))

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, text: str) -> str:
        if text:
            parse_hours(text)
        return text

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError('no such time zone; write for instance "Europe/Paris"') from error
        return name

    @field_validator("slug")
    @classmethod
    def _slug(cls, rule: str) -> str:
        if not rule.endswith("{key}"):
            raise ValueError("must end in {key}: by it a post is found again after a lost answer")
        return known_placeholders(rule, "title", "key")

    @field_validator("password", mode="before")
    @classmethod
    def _password(cls, given: object, info: ValidationInfo) -> SecretStr:
        secret = read_secret(given, info)
        if secret is None and "password_file" in info.data:
            raise ValueError("missing; name its environment variable in password_env")
        return secret or SecretStr("")

    @field_validator("language")
    @classmethod
    def _has_texts(cls, language: str, info: ValidationInfo) -> str:
        own = [str(info.data.get(name, "")).strip() for name in ("disclaimer", "label")]
        if not all(own) and locale.find(language) is None:
            raise ValueError(
                "no disclaimer and label are written in this language; "
                "write your own into the keys disclaimer and label"
            )
        return language


class RuleConfig(Section):
    """[[feeds.rules]]: it applies where all of its patterns are found."""

    action: Literal["skip", "take"]
    any: Regex = ""  # in title, summary, link, author or a category
    title: Regex = ""
    text: Regex = ""
    author: Regex = ""
    category: Regex = ""
    link: Regex = ""

    @property
    def patterns(self) -> dict[str, str]:
        """What is looked for, by field."""
        fields = ("any", "title", "text", "author", "category", "link")
        return {field: getattr(self, field) for field in fields if getattr(self, field)}

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if not self.patterns:
            raise ValueError('applies to every entry; give it a pattern, for instance title = "podcast"')
        return self


class FeedConfig(AccessConfig):
    """[[feeds]]; the keys that say when and how a feed is asked stand in config_access.py."""

    name: Name
    url: Url
    language: SourceLanguage
    sites: tuple[str, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = ()
    category_map: dict[str, Category] = {}  # a category of the feed = one of the site
    category_keywords: dict[str, tuple[Regex, ...]] = {}  # a category = what to find in the article
    tags: tuple[str, ...] = ()
    source_tags: bool = False  # take the feed's own categories as tags
    max_tags: int = Field(default=10, ge=0)
    author: int = Field(default=0, ge=0)  # id on the site; 0: the site's setting
    fields: dict[str, str] = {}  # added to those of the site
    do_not_translate: tuple[str, ...] = ()  # these three are added to those of [translation]
    glossary: dict[Language, dict[str, str]] = {}
    fixes: dict[Language, dict[str, str]] = {}
    source_name: str = ""
    title: str = "{title} — {source}"
    share_line: bool = True
    backfill: int = Field(default=10, ge=0)
    content: Literal["full", "feed", "excerpt"] = "full"
    include: tuple[Regex, ...] = ()
    exclude: tuple[Regex, ...] = ()
    rules: tuple[RuleConfig, ...] = ()
    max_age: Duration = timedelta(0)  # 0: any age
    languages: tuple[Language, ...] = ()  # (): any
    min_chars: int = Field(default=0, ge=0)
    max_per_hour: int = Field(default=0, ge=0)  # 0: as many as come
    remove: tuple[Selector, ...] = ()
    remove_text: tuple[Regex, ...] = ()
    replace: dict[Regex, str] = {}  # what is found in the texts of an article = what stands there instead
    page: PageConfig | None = None
    rights: Literal["licensed", "open", "permission", "excerpt", "unknown"] = "unknown"

    @property
    def access(self) -> Access:
        """What goes into requests for the documents of this feed."""
        licensed = self.rights in ("licensed", "permission")
        return dataclasses.replace(self.access_to(self.url), licensed=licensed)

    @property
    def place(self) -> str:
        """Where entries are found: the address, and on a page the selectors. What was learnt of another is void."""
        if self.listing is None:
            return self.url
        selectors = hashlib.sha256(self.listing.model_dump_json().encode()).hexdigest()[:8]
        return f"{self.url}#{selectors}"

    @property
    def source(self) -> str:
        """The name that readers see."""
        return self.source_name or self.name

    @property
    def depth(self) -> Literal["full", "feed", "excerpt"]:
        """How much may be relayed: without a right to more, an excerpt and a link."""
        return "excerpt" if self.rights in ("excerpt", "unknown") else self.content

    @field_validator("replace")
    @classmethod
    def _replacements(cls, replace: dict[str, str]) -> dict[str, str]:
        for pattern, text in replace.items():
            try:
                re.sub(dialect.plain(pattern), text, "")
            except (re.error, IndexError) as error:
                raise ValueError(f'"{text}" cannot stand for "{pattern}" ({error})') from error
        return replace

    @field_validator("title")
    @classmethod
    def _title(cls, title: str) -> str:
        known_placeholders(title, "title", "source")
        if "{title}" not in title:
            raise ValueError("leaves the title out; it needs {title}")
        return title
