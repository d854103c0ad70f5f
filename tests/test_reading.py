"""Reading: further pages, selectors of the config, pages that do not answer."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from bot.errors import FetchGone, FetchRefused, FetchTooSoon, FetchUnavailable, ItemUnusable
from bot.model import Fetched
from bot.reading import MOST_PAGES, Locks
from tests.desk import OTHER_SENTENCES, SENTENCES, SHOWN, SITE, entry, page, source

# --- selectors ----------------------------------------------------------------------------------


def test_the_selectors_of_a_feed_find_its_article(desk):
    desk.pages.answers[f"{SITE}/a"] = page(f"{SHOWN}<p class='date'>il y a 2 heures</p>", title="Seen")
    feed = source(language="fr", page={"body": "article p:not(.date)", "date": ".date"})
    article = desk.article(entry("a"), feed)
    assert (article.rung, article.faults, desk.told) == ("rules", (), [])
    assert article.published == desk.reader._clock.now().replace(hour=10)


def test_the_owner_hears_of_a_selector_that_finds_nothing(desk):
    desk.pages.answers[f"{SITE}/a"] = page()
    article = desk.article(entry("a"), source(page={"body": "div.story", "lead": ".intro"}))
    assert article.rung == "readability"
    assert [(line["page"], line["fault"]) for line in desk.told] == [
        (f"{SITE}/a", 'rules: lead ".intro" finds nothing'),
        (f"{SITE}/a", 'rules: body "div.story" finds nothing'),
    ]
    assert desk.store.article("a").faults == article.faults  # `bot why` tells it too


# --- further pages ------------------------------------------------------------------------------

PARTED = source(page={"body": "article", "next_page": "a.next"})


def to(address: str) -> str:
    return f"<a class='next' href='{address}'>Next</a>"


def test_an_article_in_pages_is_read_whole(desk):
    desk.pages.answers |= {
        f"{SITE}/a": page(more=to("/a?p=2")),
        f"{SITE}/a?p=2": page("<p>Second. " + OTHER_SENTENCES, more=to("/a?p=3")),
        f"{SITE}/a?p=3": page("<p>Third. " + SENTENCES[::-1], more=to("/a")),  # round again
    }
    html = desk.article(entry("a"), PARTED).html
    assert html.index("lamplighter") < html.index("Second.") < html.index("Third.")
    assert [address for address, *_ in desk.pages.asked] == [f"{SITE}/a{end}" for end in ("", "?p=2", "?p=3")]
    assert [access.continues for access in desk.pages.access] == [False, True, True]


@pytest.mark.parametrize("back", [page(more=to("/a?p=2")), Fetched(f"{SITE}/a", b"<html>", "text/html")])
def test_where_the_last_page_leads_back_that_is_the_end(desk, back):
    desk.pages.answers |= {
        f"{SITE}/a": page(more=to("/a?p=2")),
        f"{SITE}/a?p=2": page("<p>Second. " + OTHER_SENTENCES, more=to("/a?p=start")),
        f"{SITE}/a?p=start": back,
    }
    article = desk.article(entry("a"), PARTED)
    assert (article.rung, article.faults) == ("rules", ())
    assert article.html.count("The lamplighter") == article.html.count("Second.") == 1
    assert len(desk.pages.asked) == 3


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (page(more=to("/a?p=2")), "shows only that page again; its pages may need scripts"),
        (Fetched(f"{SITE}/a", page(), "text/html"), "shows only that page again; its pages may need scripts"),
        (page(more=to("/a?p=2") + "<!-- 4711 -->"), "rules: page 2: repeats the first"),
    ],
)
def test_a_site_that_shows_the_first_page_whatever_is_asked_gives_no_part_of_an_article(desk, second, told):
    desk.pages.answers |= {f"{SITE}/a": page(more=to("/a?p=2")), f"{SITE}/a?p=2": second}
    article = desk.article(entry("a", content_html="<p>As the feed tells it.</p>"), PARTED)
    assert (article.rung, article.html) == ("feed", "<p>As the feed tells it.</p>")
    assert told in article.faults[0]
    with pytest.raises(ItemUnusable):
        desk.article(entry("b", link=f"{SITE}/a"), PARTED)


def numbered(here: int, start: str = "/a") -> str:
    """A row of the numbers of three pages, without a link at the one that is shown."""
    links = (
        f"<a href='{f'/a?p={n}' if n > 1 else start}'>No. {n}</a>" if n != here else f"<b>No. {n}</b>"
        for n in (1, 2, 3)
    )
    return f"<div class='pg'>{' '.join(links)}</div>"


def steps(here: int) -> str:
    """A link back and a link on, of one class."""
    back = {1: "#", 2: "/a", 3: "/a?p=2"}[here]
    on = f"<a class='step' href='/a?p={here + 1}'>On</a>" if here < 3 else ""
    return f"<a class='step' href='{back}'>Back</a>{on}"


@pytest.mark.parametrize(
    ("selector", "links", "asked"),
    [
        (".pg a", [numbered(n) for n in (1, 2, 3)], 3),
        (".pg", [numbered(n) for n in (1, 2, 3)], 3),
        (".pg a", [numbered(n, start="/a?p=1") for n in (1, 2, 3)], 4),  # the first has two addresses
        (".step", [steps(n) for n in (1, 2, 3)], 3),
        ("a.next", [f"<a class='next' href='javascript:void(0)'>On</a>{to(f'/a?p={n}')}" for n in (2, 3, 1)], 4),
    ],
)  # fmt: skip
def test_of_the_links_selected_the_first_new_one_leads_on(desk, selector, links, asked):
    texts = ("<p>First. " + SENTENCES, "<p>Second. " + OTHER_SENTENCES, "<p>Third. " + SENTENCES[::-1])
    for n, (text, more) in enumerate(zip(texts, links, strict=True), 1):
        desk.pages.answers[f"{SITE}/a?p={n}"] = page(text, more=more)
    desk.pages.answers[f"{SITE}/a"] = desk.pages.answers[f"{SITE}/a?p=1"]
    article = desk.article(entry("a"), source(page={"body": "article", "next_page": selector}))
    assert (article.rung, article.faults) == ("rules", ())
    places = [article.html.index(mark) for mark in ("First.", "Second.", "Third.")]
    assert places == sorted(places)
    assert len(desk.pages.asked) == asked


def test_while_a_page_does_not_answer_the_article_waits(desk):
    desk.pages.answers |= {
        f"{SITE}/a": page(more=to("/2")),
        f"{SITE}/2": FetchUnavailable(f"{SITE}/2", "answered 503"),
    }
    with pytest.raises(FetchUnavailable, match="503"):
        desk.article(entry("a"), PARTED)
    assert desk.store.article("a") is None
    desk.pages.answers[f"{SITE}/2"] = page(f"<p>Second. {OTHER_SENTENCES}")
    assert "Second." in desk.article(entry("a"), PARTED).html


@pytest.mark.parametrize(
    ("address", "answer", "told"),
    [
        (
            "/2",
            FetchGone(f"{SITE}/2", "answered 404 Not Found"),
            f"{SITE}/2: is a page of {SITE}/a and answered 404",
        ),
        ("/2", FetchRefused(f"{SITE}/2", "robots.txt forbids it"), f"{SITE}/2: robots.txt forbids it"),
        ("//other.example/2", page(), "lies on another host; see that page.next_page"),
        ("/2", Fetched("https://login.example/", page(), "text/html"), "leads to another host"),
    ],
)
def test_where_a_page_can_never_be_had_the_feeds_own_text_is_taken(desk, address, answer, told):
    desk.pages.answers |= {f"{SITE}/a": page(more=to(address)), f"{SITE}/2": answer}
    article = desk.article(entry("a", content_html="<p>As the feed tells it.</p>"), PARTED)
    assert (article.rung, article.html) == ("feed", "<p>As the feed tells it.</p>")
    assert told in article.faults[0]
    assert told in desk.told[0]["error"]
    assert all(address.startswith(SITE) for address, *_ in desk.pages.asked)


def test_pages_without_end_are_bounded_and_never_published_in_part(desk):
    for n in range(100):
        address = f"{SITE}/a?p={n}" if n else f"{SITE}/a"
        desk.pages.answers[address] = page(f"<p>Part {n}. {SENTENCES}", more=to(f"/a?p={n + 1}"))
    with pytest.raises(ItemUnusable, match="the feed holds no text"):
        desk.article(entry("a"), PARTED)
    assert f"leads to more than {MOST_PAGES} pages" in desk.told[0]["error"]
    assert len(desk.pages.asked) == MOST_PAGES


def test_links_that_all_lead_to_the_first_page_are_not_all_followed(desk):
    first = Fetched(f"{SITE}/a", page(), "text/html")
    desk.pages.answers |= {f"{SITE}/a?p={n}": first for n in range(100)}
    desk.pages.answers[f"{SITE}/a"] = page(more="".join(to(f"/a?p={n}") for n in range(100)))
    article = desk.article(entry("a", content_html="<p>As the feed tells it.</p>"), PARTED)
    assert (article.rung, len(desk.pages.asked)) == ("feed", MOST_PAGES)


def test_an_article_whose_first_page_is_gone_is_withdrawn(desk):
    with pytest.raises(FetchGone):
        desk.article(entry("a", content_html="<p>As the feed tells it.</p>"), PARTED)


# --- a page that does not answer ----------------------------------------------------------------

DOWN = FetchUnavailable(f"{SITE}/a", "answered 503 Service Unavailable", status=503)
TELLS = "<p>As the feed tells it.</p>"


def test_a_page_that_never_answers_leaves_the_feeds_own_text(desk):
    desk.pages.answers[f"{SITE}/a"] = DOWN
    with pytest.raises(FetchUnavailable):
        desk.article(entry("a", content_html=TELLS))
    article = desk.article(entry("a", content_html=TELLS), patient=False)
    assert (article.rung, article.html, article.faults) == ("feed", TELLS, (str(DOWN),))
    assert [line["error"] for line in desk.told] == [str(DOWN)]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (DOWN, ""),
        (FetchTooSoon(f"{SITE}/a", "is asked too often", retry_after_seconds=9), TELLS),
        (FetchGone(f"{SITE}/a", "answered 404 Not Found"), TELLS),
    ],
)
def test_the_last_attempt_fails_without_a_text_or_where_nothing_was_asked_or_is_left(desk, answer, text):
    desk.pages.answers[f"{SITE}/a"] = answer
    with pytest.raises(type(answer)) as caught:
        desk.article(entry("a", content_html=text), patient=False)
    assert caught.value is answer
    assert desk.store.article("a") is None


# --- read at once -------------------------------------------------------------------------------


def test_no_two_things_share_a_lock_and_none_is_kept_for_ever():
    locks = Locks()
    with ExitStack() as held:
        for number in range(300):
            held.enter_context(locks.of("item", str(number)))  # would wait for ever where two shared one
        assert not locks.of("item", "7").acquire(blocking=False)
    assert locks.of("item", "7").acquire(blocking=False)
    assert not locks._locks
