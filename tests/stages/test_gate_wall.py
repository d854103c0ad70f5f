"""The beginning of a paid article is not published as the whole of it."""

from __future__ import annotations

import json

import pytest

from bot.errors import ItemUnusable
from bot.model import Article
from bot.stages.extract import extract
from tests.stages.pages import BODY, SENTENCES, URL, entry, found

PAID = "the beginning of a paid article"
TITLE = "<title>The lamplighter stays</title>"
TEASER = "<p><a href='/b'>The baker of Osk is late for the third time</a></p>"
SHORT, LONG = ("".join(f"<p>{number}. {SENTENCES}</p>" for number in range(most)) for most in (4, 10))


def shown(below: str, *, text: str = BODY, head: str = TITLE) -> Article:
    """A page whose text is followed by `below`, in a box of its own."""
    body = f"<article><h1>The lamplighter stays</h1><div class='body'>{text}</div>{below}</article>"
    page = f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>"
    return extract(page.encode(), "text/html; charset=utf-8", URL)


def structured(*nodes: dict[str, object]) -> str:
    return f"{TITLE}<script type='application/ld+json'>{json.dumps({'@graph': nodes})}</script>"


REQUESTS = [
    "To read the rest of this story, choose a plan.",
    "Unlock this article: become a member to read this story.",
    "Create a free account to keep reading.",
    "You have reached your monthly limit of free articles.",
    "This post is for paid subscribers.",
    "Register now to read the full article.",
    "Register free to read on",
    "Cet article est réservé aux abonnés.",
    "Il vous reste 72 % de cet article à lire.",
    "Abonnez-vous pour lire la suite.",
    "Weiterlesen mit SZ-Plus",
    "Sie möchten diesen Artikel weiterlesen? Jetzt Abo abschließen.",
    "Dieser Artikel ist nur für Abonnenten.",
    "Suscríbete para seguir leyendo.",
    "Contenido exclusivo para suscriptores",
    "Abbonati per continuare a leggere.",
    "Questo contenuto è riservato agli abbonati.",
    "Continue lendo com acesso ilimitado. Assine agora.",
    "Conteúdo exclusivo para assinantes.",
    "Dit artikel is alleen voor abonnees. Word abonnee vanaf €1.",
    "Den här artikeln är för prenumeranter.",
    "Artiklen er kun for abonnenter.",
    "Logg inn for å lese hele saken.",
    "Pozostało 80% artykułu",
    "Dostęp tylko dla prenumeratorów.",
    "Pouze pro předplatitele",
    "Продолжение доступно по подписке",
    "Оформите подписку, чтобы читать дальше.",
    "Матеріал доступний лише передплатникам.",
    "Bu içerik sadece abonelere özeldir.",
    "هذا المحتوى متاح للمشتركين فقط.",
    "本文仅限会员阅读，订阅后继续阅读。",
    "この記事は有料会員限定です。",
    "구독하고 계속 읽기",
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_request_to_pay_below_the_text_makes_it_a_sample(request_):
    with pytest.raises(ItemUnusable, match=PAID):
        shown(f"<div class='o'><h3>{request_}</h3></div>")
    with pytest.raises(ItemUnusable, match=PAID):
        shown("", text=f"{BODY}<p>{request_}</p>")


@pytest.mark.parametrize(
    "below",
    [
        "<footer><p>Already a subscriber? Log in to continue reading our e-paper.</p></footer>",
        "<nav><a href='/abo'>Subscribe to read more</a></nav>",
        "<div hidden><p>Subscribe to continue reading.</p></div>",
        "<div style='display: none'><p>Subscribe to continue reading.</p></div>",
        "<div class='paywall d-none'><p>One more article for free!</p></div>",
        "<div class='paywall'></div>",  # scripts fill it, for some
        "<p><a href='/b'>Article réservé aux abonnés La vallée vote</a></p>",
        "<ul><li>Exclusive to subscribers</li></ul>",
        f"{TEASER}{TEASER}<h3>Only for subscribers</h3>",
        "<p>Subscribe to our newsletter.</p>",
        "<p>Voters may register, and the talks are to continue on Monday.</p>",
        "<p>The channel has already 3000 subscribers. The bar is for members.</p>",
    ],
)
def test_what_is_no_request_to_pay_for_this_text_does_not_count(below):
    assert shown(below).rung == "readability"


@pytest.mark.parametrize(
    "name", ["paywall", "regwall-box", "article_paywall", "piano-inline", "subscribe-wall"]
)
def test_a_box_below_the_text_that_is_named_a_wall_is_one(name):
    with pytest.raises(ItemUnusable, match=PAID):
        shown(f"<div class='{name}'><p>Osk needs you. From €1 a week.</p></div>")


def test_a_name_of_a_wall_around_the_whole_text_says_nothing():
    """Structured data names so what is paid for, and then it is shown."""
    assert found(f"<div class='paywall'>{BODY}</div>").rung == "readability"


@pytest.mark.parametrize(
    "head",
    [
        f"{TITLE}<meta property='article:content_tier' content='locked'>",
        structured({"@type": "WebPage", "isAccessibleForFree": False}, {"@type": "NewsArticle"}),
        structured(
            {"@type": "NewsArticle", "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False"}}
        ),
    ],
)
def test_what_the_page_says_of_itself_is_believed(head):
    with pytest.raises(ItemUnusable, match=PAID):
        found(head=head)
    assert found(LONG, head=head).rung == "readability"  # as newspapers with a meter mark all they have


@pytest.mark.parametrize(
    "head",
    [
        f"{TITLE}<meta property='article:content_tier' content='metered'>",
        structured(
            {"@type": "WebPage", "isAccessibleForFree": False},
            {"@type": "NewsArticle", "isAccessibleForFree": True},
        ),
    ],
)
def test_what_is_not_locked_is_taken(head):
    assert found(head=head).rung == "readability"


def test_a_longer_text_is_a_sample_by_two_signs():
    request = "<h3>Subscribe to continue reading</h3><p>From €1 a week.</p>"
    assert shown(f"<div class='o'>{request}</div>", text=LONG).rung == "readability"
    with pytest.raises(ItemUnusable, match=PAID):
        shown(f"<div class='regwall'>{request}</div>", text=LONG)


def test_a_text_that_breaks_off_is_a_sample_where_something_else_says_so():
    cut = f"{SHORT}<p>The council then said that the lamps would be</p>"
    assert found(cut).rung == "readability"
    with pytest.raises(ItemUnusable, match=PAID):
        shown("<div class='fade'></div>", text=cut)
    with pytest.raises(ItemUnusable, match=PAID):
        shown("", text=cut, head=structured({"@type": "NewsArticle", "wordCount": 1200}))
    assert shown("<div class='fade'></div>").rung == "readability"


def test_a_text_that_goes_on_for_machines_is_not_whole():
    """Nor is that text taken: who locks an article away from readers has not given it to us."""
    told = f"{SENTENCES} {SENTENCES} {'More of the lamps of Osk. ' * 200}"
    head = structured({"@type": "NewsArticle", "articleBody": told})
    with pytest.raises(ItemUnusable, match="shorter than the text that the page holds for machines"):
        found(head=head)
    other = structured({"@type": "NewsArticle", "articleBody": f"Another story. {told}"})
    assert (
        found(f"<p>{SENTENCES}</p>", head=other.replace("lamplighter of Osk", "baker")).rung == "readability"
    )


# --- where the link led --------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", "/", "/en/", "/de-CH", "/index.html"])
def test_a_link_that_ends_at_the_start_page_leads_to_no_article(end):
    link = "https://www.news.example/2025/bridge"
    page = f"<html><head>{TITLE}</head><body>{BODY}</body></html>".encode()
    with pytest.raises(ItemUnusable, match="its link leads to the start page of the site"):
        extract(page, "text/html", f"https://news.example{end}", entry(link=link))


@pytest.mark.parametrize(
    ("link", "end"),
    [
        ("https://news.example/", "https://news.example/"),  # a site of one page
        ("https://news.example/2025/bridge", "https://news.example/?p=12"),
        ("https://short.example/abc", "https://the-report.example/"),
        ("https://news.example/2025/bridge", "https://news.example/bridge"),
    ],
)
def test_a_link_that_ends_elsewhere_may_lead_to_one(link, end):
    page = f"<html><head>{TITLE}</head><body>{BODY}</body></html>".encode()
    assert extract(page, "text/html", end, entry(link=link)).rung == "readability"
