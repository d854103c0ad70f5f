"""Reading: further pages, selectors of the config, and pages that show another article."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from bot.config import FeedConfig
from bot.engines.store import DatabaseStore
from bot.errors import FetchGone, FetchRefused, FetchTooSoon, FetchUnavailable, ItemUnusable
from bot.model import Entry, FeedState, Fetched, Take
from bot.reading import MOST_PAGES, Reader
from bot.states import Change, Event, State
from tests.fakes.web import FakeFetcher
from tests.world import FEED, config

SITE = "https://news.example"
SENTENCES = (
    "The lamplighter of Osk has been asked to stay on for another year, although the lamps light themselves. "
    "He walks his round at dusk, as before, and greets them one by one. The council pays for the shoes. "
    "People set their clocks by him, and he, he says, sets his by the baker, who is usually late. "
)
OTHER_SENTENCES = (
    "Bread came to Port Hallin with the first boat of the spring, and with it eleven bags of letters. About 300 "
    "people stood on the pier to greet the crew, which slept through most of the speeches that were held for it. "
)
SHOWN = f"<p>{SENTENCES}</p>"


def page(text: str = SHOWN, *, title: str = "A headline", more: str = "") -> bytes:
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article>{more}</body></html>".encode()


def entry(key: str, title: str = "", **fields) -> Entry:
    known = {"guid": key, "link": f"{SITE}/{key}", "title": title or f"Headline {key * 3}"}
    return Entry(key=key, feed="news", **{**known, **fields})


def source(**keys) -> FeedConfig:
    required = {"name": "news", "url": f"{SITE}/feed", "language": "en", "sites": ("s",), "rights": "open"}
    return FeedConfig.model_validate({**required, **keys})


class Desk:
    """A reader over a real store and pages that a test may turn."""

    def __init__(self, url: str, clock) -> None:
        self.store, self.pages, self.told = DatabaseStore(url), FakeFetcher(), []
        self.reader = Reader(self.pages, self.store, clock)

    def article(self, entry: Entry, feed: FeedConfig | None = None, **options):
        feed = feed or source()
        if not self.store.fingerprints([entry.key]):
            self.store.save_poll(FeedState("news"), [Take(entry)], ["s"], self.reader._clock.now())
        with structlog.testing.capture_logs() as logs:
            try:
                return self.reader.article(entry, feed, **options)
            finally:
                self.told = [line for line in logs if line["log_level"] == "warning"]


@pytest.fixture
def desk(tmp_path, clock):
    desk = Desk(f"sqlite:///{tmp_path}/bot.db", clock)
    yield desk
    desk.store.close()


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


# --- the page of another article ----------------------------------------------------------------

ICE = entry("a", "The ice has gone from the harbour")
BOAT = entry("b", "First boat of the year brings bread")
HELD = "<p>First boat of the year, as the feed tells it.</p>"


@pytest.fixture
def everywhere(desk):
    """A site that shows one page under every address."""
    for key in "abc":
        desk.pages.answers[f"{SITE}/{key}"] = page(title="Welcome")
    return desk


def test_a_page_that_shows_the_text_of_another_is_not_taken(everywhere):
    assert everywhere.article(ICE).rung == "readability"
    told = f'shows the same text as the page of "{ICE.title}" ({SITE}/a)'
    with pytest.raises(ItemUnusable) as caught:
        everywhere.article(BOAT)
    assert caught.value.problem == told
    assert caught.value.remedy == "look at both; if the text is right, take it with: bot retry b"
    assert everywhere.told[0]["fault"] == told
    assert everywhere.store.article("b") is None


def test_the_feeds_own_text_is_taken_instead(everywhere):
    everywhere.article(ICE)
    article = everywhere.article(entry("b", BOAT.title, content_html=HELD))
    assert (article.rung, article.html) == ("feed", HELD)
    assert article.faults == (f'readability: shows the same text as the page of "{ICE.title}" ({SITE}/a)',)
    with pytest.raises(ItemUnusable):
        everywhere.article(entry("c", "A fire at the old mill"))


def test_a_persons_word_goes_before_the_rule(everywhere):
    everywhere.article(ICE)
    assert everywhere.article(BOAT, trusted=True).rung == "readability"


def test_the_first_text_is_not_refused_when_it_is_read_again(everywhere):
    everywhere.article(ICE)
    everywhere.store.save_poll(
        FeedState("news"),
        [],
        ["s"],
        everywhere.reader._clock.now(),
        [entry("a", ICE.title, summary_html="x")],
    )
    assert everywhere.store.article("a") is None
    assert everywhere.article(ICE).rung == "readability"


def test_what_is_only_tried_is_compared_and_not_remembered(everywhere):
    assert everywhere.reader.read(ICE, source()).rung == "readability"
    assert everywhere.store.imprints("news.example") == []
    everywhere.article(ICE)
    with pytest.raises(ItemUnusable, match="the same text"):
        everywhere.reader.read(BOAT, source())


def test_other_hosts_and_the_texts_of_feeds_are_not_compared(desk):
    for address in (f"{SITE}/a", "https://other.example/b"):
        desk.pages.answers[address] = page(title="Welcome")
    desk.article(ICE)
    assert desk.article(entry("b", BOAT.title, link="https://other.example/b")).rung == "readability"
    feed = source(content="feed")
    for key, title in (("c", "A fire at the old mill"), ("d", "Rain")):
        assert desk.article(entry(key, title, content_html=SHOWN), feed).rung == "feed"


def test_stories_of_their_own_are_taken(desk):
    desk.pages.answers |= {
        f"{SITE}/a": page(title=ICE.title),
        f"{SITE}/b": page(f"<p>{OTHER_SENTENCES}</p>", title=BOAT.title),
    }
    assert [desk.article(each).rung for each in (ICE, BOAT)] == ["readability", "readability"]


def test_a_page_gone_astray_does_not_cost_the_story_that_it_showed(desk):
    desk.pages.answers |= dict.fromkeys((f"{SITE}/a", f"{SITE}/b"), page(title=BOAT.title))
    desk.article(ICE)  # for a moment the site showed its newest story everywhere
    assert desk.told == []
    assert desk.article(BOAT).rung == "readability"
    (told,) = desk.told  # what stands under the other one is wrong, and may be published
    assert told["wrong"] == f'"{ICE.title}" ({SITE}/a)'
    assert told["remedy"] == "look at it: bot show a"


@pytest.mark.parametrize("titles", [("", ""), ("", BOAT.title), ("Update", "Update on the boat of the year")])
def test_items_with_hardly_a_title_do_not_share_one_page(everywhere, titles):
    one, other = (
        Entry(key, "news", key, f"{SITE}/{key}", title) for key, title in zip("ab", titles, strict=True)
    )
    everywhere.article(one)
    with pytest.raises(ItemUnusable, match=rf"{titles[0] or 'page of a'}.* \({SITE}/a\)"):
        everywhere.article(other)


def test_of_pages_that_are_read_at_once_one_is_the_first(everywhere):
    items = [
        entry(f"k{n}", f"{word} {word[::-1]}", link=f"{SITE}/a?{n}")
        for n, word in enumerate(("Ice", "Boat", "Lamp", "Mill"))
    ]
    everywhere.store.save_poll(
        FeedState("news"), [Take(each) for each in items], ["s"], everywhere.reader._clock.now()
    )
    everywhere.pages.answers |= {each.link: page(title="Welcome") for each in items}

    def taken(each: Entry) -> bool:
        try:
            return everywhere.reader.article(each, source()).rung == "readability"
        except ItemUnusable:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(taken, items)) == 1


def test_an_item_that_shows_anothers_text_fails_until_a_person_wants_it(world):
    items = "".join(
        f"<item><guid>{key}</guid><title>{title}</title><link>{SITE}/{key}</link></item>"
        for key, title in (("a", "The ice has gone"), ("b", "Bread comes by boat"))
    )
    world.feeds.answers[FEED] = (
        f"<rss version='2.0'><channel><title>S</title>{items}</channel></rss>".encode()
    )
    world.pages.answers |= {f"{SITE}/{key}": page(title="Welcome") for key in "ab"}
    world.config = config(feed={"content": "full"})
    world.poll()
    first, second = world.work()
    assert (first.state, second.state) == (State.PUBLISHED, State.FAILED)
    assert "shows the same text as the page of" in second.reason
    world.store.change(second, Change(Event.RETRIED, world.clock.now()))
    assert [each.state for each in world.work()] == [State.PUBLISHED]
