"""Where an article stands on the pages of one feed: the table `page` of [[feeds]]."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from bot.config_types import Section, Selector


class PageConfig(Section):
    """[feeds.page]: CSS selectors that go before what the bot would find by itself."""

    body: Selector = ""  # several elements are taken in the page's order
    title: Selector = ""
    lead: Selector = ""
    author: Selector = ""
    date: Selector = ""
    picture: Selector = ""
    next_page: Selector = ""

    @property
    def facts(self) -> dict[str, str]:
        """The selectors of what stands beside the body, by their keys."""
        keys = ("title", "lead", "author", "date", "picture")
        return {key: getattr(self, key) for key in keys if getattr(self, key)}

    @model_validator(mode="after")
    def _selects_something(self) -> Self:
        if not (self.body or self.next_page or self.facts):
            raise ValueError('selects nothing; give it a selector, for instance body = "div.article-text"')
        return self
