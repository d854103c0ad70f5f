"""What sites show in the place of an article is refused by its name; news that says the same words is not."""

from __future__ import annotations

import pytest

from bot.errors import ItemUnusable
from tests.stages.pages import BODY, SENTENCES, entry, found

TITLE = "Minister opens the northern bridge after years of delays"
SUMMARY = "The transport minister cut the ribbon on Monday, three years late and twice as dear as planned."


def named(title: str) -> str:
    return f"<title>{title}</title>"


NOTICES = [
    (
        "an error page",
        "Oops!",
        "We looked everywhere but this story seems to have wandered off. Try a search.",
    ),
    ("an error page", "This article has expired", "Agency stories are only on our site for 30 days."),
    ("an error page", "Home", "The content you requested could not be found. Go back to the home page."),
    ("a notice of maintenance", "We’ll be back soon", "We’re performing some maintenance at the moment."),
    ("a cookie notice", "Einwilligung", "Mit Werbung weiterlesen oder Pur-Abo: ohne Tracking."),
    (
        "a cookie notice",
        "Home",
        "Nous utilisons des cookies. Continuer sans accepter, ou accepter et fermer.",
    ),
    ("a check for robots", "Attention Required! | Cloudflare", "Sorry, you have been blocked. Ray ID 42."),
    ("a request to log in", "Log in", "Log in or create an account to save stories. Forgot your password?"),
    ("a demand to switch off an ad blocker", "Home", "Please disable your ad blocker and reload the page."),
    ("a block by country", "451: Unavailable due to legal reasons", "Access cannot be granted at this time."),
    ("a check of age", "Are you over 18?", "By entering, you affirm that you are at least 18."),
    ("a choice of edition", "Choose your edition", "We will remember your choice on this device."),
]


@pytest.mark.parametrize(("kind", "title", "text"), NOTICES)
def test_what_stands_in_the_place_of_an_article_is_called_by_its_name(kind, title, text):
    filling = "Our engineers, editors and readers all over the valley thank you. " * 3
    with pytest.raises(ItemUnusable, match=kind):
        found(f"<h1>{title}</h1><p>{text} {filling}</p>", head=named("The Valley Post"))


def test_a_consent_page_may_be_long():
    text = (
        "We use cookies and process personal data. We and our 239 partners, who follow the consent framework, store "
        "information on a device. Click ‘Accept all’, or reject all cookies. See our cookie policy, and withdraw your "
        "consent at any time. "
    )
    with pytest.raises(ItemUnusable, match="a cookie notice"):
        found(f"<p>{text}{'We measure what you look at, and where, and for how long. ' * 30}</p>")


NEWS = [
    ("Police chief dismissed", "The chief has been removed from his post, a day after the Senate began an inquiry."),
    ("Minister promises aid", "Our partners have confirmed 40 generators before the winter, the minister said."),
    ("Lake dries up", "The lake that was once the second largest of the country no longer exists, they said."),
    ("Robots outdo people", "Software solves a captcha faster than people do, a study of volunteers has found."),
    ("Observers turned away", "The fax held no more than 'access denied'. The team has waited since Friday."),
    ("Cookie rules fall", "Websites that store cookies will have to ask only once a year, under the draft."),
    ("Radar sees odd ships", "The navy noticed unusual activity around the cable and sent two boats."),
    ("Airport opens again", "A security check lasts an hour, and the lifts are under maintenance, it said."),
    ("Voters head to polls", '"I am 18 years old, and I vote," she said; you must be at least 18 to do so.'),
    ("404 people saved at sea", "The bridge under construction fell on Monday. 'We'll be back', they said."),
    ("Koalition einig", "Die Minister gaben ihre Zustimmung; 20 Partner hat der Verband, und 3000 Abonnenten."),
    ("Lo studio", "I casi registrati sono pochi per continuare la ricerca, e le prelazioni degli abbonati molte."),
]  # fmt: skip
MORE = (
    " Three boats left as they came near, and the ministry did not say more about it than that, on Tuesday."
)


@pytest.mark.parametrize(("title", "text"), NEWS)
def test_short_news_that_says_the_words_of_a_notice_is_news(title, text):
    body = f"<h1>{title}</h1><p>{text}{MORE}</p>"
    assert found(f"{body}<p>(Reporting by a lamplighter.){MORE}</p>", head=named(title)).rung == "readability"
    assert found(f"{body}<p>{MORE}</p>", head=named(title), entry=entry(title=title)).rung == "readability"


def test_two_doubtful_words_are_no_notice():
    text = "The mayor has been removed from office, for the council no longer exists, the governor said. "
    assert found(f"<p>{text}{SENTENCES}</p>", head=named("Mayor dismissed")).rung == "readability"


def test_one_plain_word_does_not_count_where_the_text_tells_what_the_feed_tells():
    text = "The page you are looking for stands on the northern bridge, says the minister, after years of delays."
    head = named(TITLE)
    assert found(f"<p>{text}{MORE}</p>", head=head, entry=entry(title=TITLE)).rung == "readability"
    with pytest.raises(ItemUnusable, match="an error page"):
        found(f"<p>{text}{MORE}</p>", head=head)


def test_a_title_that_the_feed_gives_too_is_no_heading_of_a_notice():
    assert found(head=named("Access denied"), entry=entry(title="Access denied")).rung == "readability"
    with pytest.raises(ItemUnusable, match="an error page"):
        found(head=named("Access denied"))


# --- the page of something else ------------------------------------------------------------------

ABOUT = entry(title=TITLE, summary_html=f"<p>{SUMMARY}</p>")


def test_a_page_without_a_word_of_what_the_feed_tells_is_another_one():
    article = found(BODY * 3, entry=ABOUT)
    assert article.rung == "summary"
    assert article.faults[0] == "readability: holds 0 of the 13 words by which the feed tells of it"


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Photos of the day"},  # says nothing
        {"title": TITLE, "language": "fr"},  # is in another language than the page
        {"title": "Министр открыл северный мост после долгих задержек"},  # in another script
        {"title": TITLE.replace("Minister", "Lamplighter of Osk, council and baker:")},
    ],
)
def test_where_the_feeds_words_say_nothing_about_the_text_the_page_is_believed(fields):
    assert found(BODY * 3, entry=entry(**fields)).rung == "readability"


def test_of_scripts_without_spaces_each_two_signs_are_a_word():
    text = (
        "地区议会周二在经过九个小时的辩论后批准了防洪计划。下游的农民表示，这些堤坝将保护约四千公顷的果园和稻田。"
        * 3
    )
    options = {"head": named("今日新闻"), "entry": entry(title="议会批准防洪计划")}
    assert found(f"<p>{text}</p>", **options).rung == "readability"
    with pytest.raises(ItemUnusable, match="by which the feed tells of it"):
        found(f"<p>{text}</p>", head=named("今日新闻"), entry=entry(title="总统访问邻国签署贸易协定"))


def test_a_front_page_in_the_place_of_the_article_is_not_taken():
    teasers = "".join(
        f"<section><h2><a href='/{number}'>Story {number}</a></h2><p>{number}. {SUMMARY} {SENTENCES}</p></section>"
        for number in range(8)
    )
    article = found(teasers, head=named("The Valley Post"), entry=ABOUT)
    assert article.rung == "summary"
    assert "a list of 8 other articles" in article.faults[-1]
    assert found(teasers, head=named(TITLE), entry=ABOUT).rung != "summary"  # a digest, as the feed says
