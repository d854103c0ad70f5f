"""The part of the contract of ports.Store that is about the articles of items."""

from __future__ import annotations

from dataclasses import replace

from bot.model import CleanArticle, FeedState, SafeHtml, Skip, Take
from tests.contracts.store import NOW, entry

ARTICLE = CleanArticle("https://x", "T", SafeHtml("<p>é</p>"), "feed", published=NOW)
SHORTER = replace(ARTICLE, html=SafeHtml("<p>e</p>"))


class ArticleContract:
    """Subclass it beside StoreContract."""

    def test_an_article_is_kept(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        assert store.article("k1") is None
        store.save_article(entry("k1"), ARTICLE, "rules")
        assert store.article("k1") == store.article("k1", "rules") == ARTICLE

    def test_an_article_is_kept_for_each_set_of_rules(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        store.save_article(entry("k1"), ARTICLE, "full")
        assert store.article("k1", "excerpt") is None
        store.save_article(entry("k1"), SHORTER, "excerpt")
        assert [store.article("k1", rules) for rules in ("full", "excerpt")] == [ARTICLE, SHORTER]
        assert store.article("k1") == SHORTER
        store.save_article(entry("k1"), ARTICLE, "full")
        assert store.article("k1") == ARTICLE

    def test_the_article_of_what_an_item_said_before_is_not_kept(self, store):
        store.save_poll(FeedState("f"), [Take(entry("k1"))], ["s"], NOW)
        read = store.entry("k1")
        store.save_poll(FeedState("f"), [], ["s"], NOW, [replace(read, title="Corrected")])
        store.save_article(read, ARTICLE, "rules")
        assert store.article("k1") is None
        store.save_article(store.entry("k1"), ARTICLE, "rules")
        assert store.article("k1") == ARTICLE

    def test_the_article_of_an_item_that_another_feed_has_taken_over_is_not_kept(self, store):
        store.save_poll(FeedState("f"), [Skip(entry("k1"), "too old")], ["s"], NOW)
        read = store.entry("k1")
        store.save_poll(FeedState("g"), [Take(entry("k1", "g"))], ["s"], NOW)
        store.save_article(read, ARTICLE, "rules")
        assert store.article("k1") is None
