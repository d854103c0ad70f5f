from bot.model import CleanArticle, Entry, SafeHtml
from bot.stages.classify import classify
from tests.stages.test_compose import feed

ARTICLE = CleanArticle("https://x", "The ferry", SafeHtml("<p>About the <b>harbour</b> tax.</p>"), "feed")


def entry(*categories: str) -> Entry:
    return Entry("k", "f", "g", "https://x", "T", categories=categories)


def test_the_feeds_own_come_first_then_mapped_ones_then_found_ones():
    rules = feed(
        categories=["Monde/Europe", 12],
        category_map={"Sport": "Sports", "eco": "Économie"},
        category_keywords={"Mer": ["harbou?r", "ship"], "Ciel": ["plane"], "Sports": ["ferry"]},
    )
    categories, _ = classify(entry("SPORT ", "Weather"), ARTICLE, rules)
    assert categories == ("Monde/Europe", "#12", "Sports", "Mer")


def test_names_that_wordpress_cannot_tell_apart_are_one():
    categories, tags = classify(
        entry("news", "Ferries"), ARTICLE, feed(categories=["News", "NEWS "], tags=["News"], source_tags=True)
    )
    assert categories == ("News",)
    assert tags == ("News", "Ferries")


def test_tags_have_a_limit_and_the_sources_own_only_when_asked_for():
    assert classify(entry("A", "B"), ARTICLE, feed(tags=["x"]))[1] == ("x",)
    many = feed(tags=["x"], source_tags=True, max_tags=2)
    assert classify(entry("A", "B"), ARTICLE, many)[1] == ("x", "A")
