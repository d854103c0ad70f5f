"""Nothing of an article is lost on the way from its page, and nothing beside it taken for a part of it.

Each case is the shape of a real page that was read wrongly once, in words of our own.
"""

from __future__ import annotations

import pytest

from bot.errors import ItemUnusable
from bot.stages.clean import clean
from bot.stages.extract import extract
from bot.stages.extract.coverage import Prose
from bot.stages.extract.page import parse
from bot.stages.sanitise import to_article
from tests.stages.pages import FEED, SENTENCES, URL, found, page

PROSE = [
    f"<p>{number}. {SENTENCES}</p>" for number in ("One", "Two", "Three", "Four", "Five", "Six", "Seven")
]

LEAD_PICTURE = "<p><img src='https://osk.example/lead.jpg' width='900' height='600'></p>"


def relayed(body: str, **options) -> str:
    """The body as it is relayed."""
    return to_article(clean(found(body, **options), FEED)).html


def numbers(html: str) -> list[str]:
    return [
        word for word in ("One", "Two", "Three", "Four", "Five", "Six", "Seven") if f"{word}. The" in html
    ]


# --- boxes --------------------------------------------------------------------------------------


def test_an_article_that_goes_on_in_boxes_of_other_kinds_is_found_whole():
    rest = "".join(f"<section class='slice'><div><div>{each}</div></div></section>" for each in PROSE[2:])
    body = f"<div class='text'>{PROSE[0]}{PROSE[1]}</div><div class='slices'>{rest}</div>"
    assert numbers(relayed(body)) == ["One", "Two", "Three", "Four", "Five", "Six", "Seven"]


def test_a_box_of_the_editors_does_not_pass_for_the_article():
    lock = "<p>This post is locked, and others have been editing it since, so please wait.</p>" * 4
    text = "".join(f"<section><div><div>{each}</div></div></section>" for each in PROSE)
    html = relayed(f"<div class='content'>{lock}</div></article><div>{text}</div><article>")
    assert numbers(html) == ["One", "Two", "Three", "Four", "Five", "Six", "Seven"]


@pytest.mark.parametrize("beside", ["sidebar", "comments"])
def test_what_others_write_beside_a_short_article_is_none_of_it(beside):
    others = "".join(each.replace("The lamplighter", "The baker") for each in PROSE)
    html = relayed(f"{PROSE[0]}{PROSE[1]}</article><div class='{beside}'>{others}</div><article>")
    assert (numbers(html), "The baker" in html) == (["One", "Two"], False)


def test_the_comments_are_none_of_the_article_however_long():
    comments = "".join(f"<div class='comment'><p>I do not think so, {SENTENCES}</p></div>" for _ in range(9))
    html = relayed(f"{''.join(PROSE[:2])}</article><div id='comments'>{comments}</div><article>")
    assert (numbers(html), "I do not think so" in html) == (["One", "Two"], False)


def test_what_follows_a_player_that_is_never_closed_stays():
    html = relayed(f"<div>{PROSE[0]}<embed src='/old.swf'>{PROSE[1]}{PROSE[2]}</div>")
    assert numbers(html) == ["One", "Two", "Three"]
    assert "old.swf" not in html


def test_a_word_may_be_broken_anywhere_and_stays_one():
    html = relayed(f"{PROSE[0]}<p>{'lamp<wbr>lighter<WBR/> ' * 400}</p>{PROSE[1]}")
    assert "lamplighter " * 399 in html
    assert numbers(html) == ["One", "Two"]


def test_what_was_nested_in_a_player_keeps_its_order():
    html = relayed(f"<div>{PROSE[0]}<p>before <embed src='/x'>in <b>the</b> midst</p> {PROSE[1]}</div>")
    assert "before in <b>the</b> midst" in html


def test_a_heading_with_a_picture_in_it_is_one_heading():
    html = relayed(
        f"{LEAD_PICTURE}{PROSE[0]}<h2><img src='https://osk.example/oil.jpg'> Oil</h2>{PROSE[1]}{PROSE[2]}"
    )
    assert (html.count("oil.jpg"), html.count("Oil</h2>")) == (1, 1)
    assert "x</p>" not in html  # a placeholder


def test_a_heading_that_leads_to_another_article_of_the_site_stays_away():
    html = relayed(f"<div>{PROSE[0]}<h3><a href='/other'>Baker of next town quits</a></h3>{PROSE[1]}</div>")
    assert "Baker of next town" not in html


def test_headings_that_are_links_stay_between_the_paragraphs_of_one_box():
    html = relayed(
        f"<div>{PROSE[0]}<h2><a href='https://osk.example/lamp'>Is a lamp safe?</a></h2>{PROSE[1]}"
        f"<h2><a href='https://osk.example/oil'>Oil</a></h2>{PROSE[2]}</div>"
    )
    assert '<h2><a href="https://osk.example/lamp"' in html
    assert '<h2><a href="https://osk.example/oil"' in html


class TestTheOpening:
    OPENING = f"Nobody in Osk has slept for three nights, and it is the lamps that are to blame. {SENTENCES}"
    HEAD = f"<title>The lamplighter stays</title><meta name='description' content='{OPENING}'>"

    def test_a_first_paragraph_in_a_box_of_its_own_stays_also_where_it_is_the_description(self):
        intro = f"<div class='intro-box'><h1>The lamplighter stays</h1><p>{self.OPENING}</p></div>"
        html = relayed(f"{intro}<div><div>{''.join(PROSE)}</div></div>", head=self.HEAD)
        assert html.index("Nobody in Osk") < html.index("One. The")
        assert html.count("Nobody in Osk") == 1

    def test_a_standfirst_is_the_lead_and_not_said_twice(self):
        intro = f"<header><h1>The lamplighter stays</h1><p class='standfirst'>{self.OPENING}</p></header>"
        article = found(f"{intro}<div><div>{''.join(PROSE)}</div></div>", head=self.HEAD)
        assert article.lead.startswith("Nobody in Osk")

    @pytest.mark.parametrize("shape", ["h2", "div", "blockquote"])
    def test_it_is_not_put_back_where_the_text_has_it_in_another_shape(self, shape):
        text = f"<div><h1>T</h1><p>{self.OPENING}</p></div>{PROSE[0]}"
        prose = Prose.of(parse(f"<div>{text}</div>", URL), self.OPENING)
        body = parse(f"<{shape}>“{self.OPENING}”</{shape}>{PROSE[0]}", URL).body
        prose.put_back_opening(body)
        assert body.text_content().count("Nobody in Osk") == 1

    def test_what_a_site_says_of_itself_above_the_headline_opens_nothing(self):
        site = f"<div class='about'><p>{self.OPENING}</p></div>"
        html = relayed(
            f"{site}<div><div><h1>The lamplighter stays</h1>{''.join(PROSE)}</div></div>", head=self.HEAD
        )
        assert "Nobody in Osk" not in html


def test_a_heading_in_the_midst_stays_as_it_is_where_it_is_the_only_one_of_its_rank():
    html = relayed(
        f"<h2>The lamplighter stays</h2>{''.join(PROSE[:3])}<h1>What happens next</h1>{PROSE[3]}{PROSE[4]}"
    )
    assert "What happens next</h" in html


def test_the_headline_is_known_also_where_the_head_says_it_in_other_words():
    html = relayed(
        f"<h1>Why one man in Osk still walks at dusk</h1>{''.join(PROSE)}",
        head="<title>Lamps: Osk’s last lamplighter stays on</title>",
    )
    assert html.startswith("<p>One. The")


# --- forms and heaps ----------------------------------------------------------------------------


def test_a_form_to_fill_in_goes_with_its_words():
    form = f"<form><p>You have read three free articles. {SENTENCES}</p><input type='email'><button>Go</button></form>"
    html = relayed(f"{''.join(PROSE[:3])}{form}")
    assert "free articles" not in html


@pytest.mark.parametrize("form", ["<form><input type='email'>", "<form id='aspnetForm'><input name='q'>"])
def test_a_form_that_is_never_closed_swallows_nothing(form):
    assert numbers(relayed(f"{form}<h1>The lamplighter stays</h1>{''.join(PROSE)}"))[-1] == "Seven"


@pytest.mark.parametrize("choice", ["<select><option>fr", "<select><option>fr<option>de</select>"])
def test_a_choice_of_languages_is_no_text_and_swallows_none(choice):
    html = relayed(f"{choice}{''.join(PROSE)}")
    assert (numbers(html)[-1], "<option" in html) == ("Seven", False)


def test_what_a_wall_says_in_a_form_is_heard():
    wall = "<form><p>Verify you are human: we are checking your browser. Type the captcha.</p><input type='text'></form>"
    bland = "<p>Osk Post is read in the whole valley, on paper and on screens, by people who like lamps, and by others who do not.</p>"
    with pytest.raises(ItemUnusable):
        found(f"<h1>Just a moment</h1>{bland}{wall}", head="<title>Just a moment</title>")


@pytest.mark.parametrize(
    "menu",
    [
        "<div>" + "<br>\n".join(f"Menu entry {number}" for number in range(9)) + f"<br>\n{'By reading on you agree. ' * 5}</div>",
        "<ul>" + "".join(f"<li>Menu item no {number}</li>" for number in range(45)) + f"</ul><p>{SENTENCES}</p>",
    ],
)  # fmt: skip
def test_a_menu_with_a_line_of_text_is_a_heap(menu):
    with pytest.raises(ItemUnusable, match="heap of short lines"):
        found(menu)


def test_a_page_that_is_one_form_as_a_whole_is_read():
    html = relayed(f"<form><input type='text'><h1>The lamplighter stays</h1>{''.join(PROSE)}</form>")
    assert numbers(html)[-1] == "Seven"


def test_a_story_with_a_long_list_of_names_under_it_is_no_heap():
    towns = "".join(f"<li>Town {number}: {number * 3}</li>" for number in range(90))
    html = relayed(f"{''.join(PROSE)}<ul>{towns}</ul>")
    assert (numbers(html)[0], "Town 89" in html) == ("One", True)


def test_a_small_text_outweighs_the_pictures_in_the_foot():
    foot = "<div class='site-footer'><div class='copyright'><p><img src='/logo.png'></p><p><img src='/seal.png'></p><p>Osk Post. No reproduction without permission.</p></div></div>"
    html = relayed(f"<div><p>{SENTENCES}</p></div></article>{foot}<article>")
    assert "stay on for another year" in html
    assert "No reproduction" not in html


# --- captions -----------------------------------------------------------------------------------


class TestCaptions:
    def test_a_caption_that_stands_near_its_picture_goes_under_it_once(self):
        picture = (
            "<div class='bucket'><div class='wrap'><img src='https://osk.example/a.jpg' alt='A lamp'>"
            "</div><div class='credit-caption'>"
            "<div class='caption'><p>Ada Osk at dusk. <b class='credit'>Tull/OP</b>"
            "<b class='hide-caption'>hide caption</b></p></div><b class='toggle-caption'>toggle caption</b>"
            "<span class='credit'>Tull/OP</span></div></div>"
        )
        html = relayed(f"{LEAD_PICTURE}{PROSE[0]}{PROSE[1]}{picture}{PROSE[2]}")
        assert "<figcaption><p>Ada Osk at dusk. <b>Tull/OP</b></p>" in html
        assert (html.count("Ada Osk"), "toggle" in html, "hide caption" in html) == (1, False, False)

    @pytest.mark.parametrize(
        "figure",
        [
            "<div class='wp-caption'><img src='https://osk.example/a.jpg'><p class='wp-caption-text'>Photo: R. Tull</p></div>",
            "<figure><img src='https://osk.example/a.jpg'><figcaption><p>Photo: R. Tull</p></figcaption></figure>",
            "<div><img src='https://osk.example/a.jpg'><p>Photo: <a href='https://tull.example/'>R. Tull</a></p></div>",
        ],
    )
    def test_a_credit_is_never_lost(self, figure):
        html = relayed(f"{LEAD_PICTURE}{PROSE[0]}{figure}{PROSE[1]}{PROSE[2]}")
        caption = html.partition("<figcaption>")[2].partition("</figcaption>")[0]
        assert "R. Tull" in caption
        assert ("tull.example" in figure) == ("tull.example" in caption)

    def test_of_several_pictures_nobody_can_tell_whose_caption_it_is(self):
        pictures = "<div><p class='caption'>Left</p><img src='https://osk.example/a.jpg'><p class='caption'>Right</p><img src='https://osk.example/b.jpg'></div>"
        html = relayed(f"{LEAD_PICTURE}{PROSE[0]}{pictures}{PROSE[1]}{PROSE[2]}")
        assert "<figcaption>" not in html

    def test_what_is_called_a_show_is_no_button(self):
        html = relayed(
            f"{LEAD_PICTURE}{PROSE[0]}<div class='slide-show-caption'>Boats and lamps at dusk</div>{PROSE[1]}"
        )
        assert "Boats and lamps" in html

    @pytest.mark.parametrize("credit", ["(Image credit: R. Tull)", "Photo: R. Tull/OP", "Foto: R. Tull"])
    def test_a_credit_below_a_picture_stays_with_it(self, credit):
        html = relayed(
            f"{LEAD_PICTURE}{PROSE[0]}<div><img src='https://osk.example/a.jpg'><p>{credit}</p></div>{PROSE[1]}{PROSE[2]}"
        )
        assert f"<figcaption>{credit}</figcaption></figure>" in html
        assert f"<p>{credit}</p>" not in html

    def test_a_text_under_a_picture_that_is_only_called_caption_stays_a_text(self):
        slides = "".join(
            f"<div class='slide'><img src='https://osk.example/{number}.jpg'><div class='caption'>{each}</div></div>"
            for number, each in enumerate(PROSE)
        )
        assert len(numbers(relayed(f"{LEAD_PICTURE}{slides}"))) == 7

    def test_a_sentence_about_a_photo_is_none(self):
        html = relayed(
            f"{PROSE[0]}<p>Photo: that is how they say light in Osk, and {SENTENCES}</p>{PROSE[1]}"
        )
        assert "<p>Photo: that is how" in html


# --- by-line ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "author", "day"),
    [
        ("<p class='byline'>By Ada Osk</p><time datetime='2026-03-02'>2 March</time>", "Ada Osk", "2026-03-02"),
        ("<span class='post-author'>Ada Osk</span> <span class='post-date'>2026-03-02</span>", "Ada Osk", "2026-03-02"),
        ("<p>Osk, 2026-03-02</p>", "", "2026-03-02"),
    ],
)  # fmt: skip
def test_author_and_date_are_read_off_the_page(line, author, day):
    article = extract(page(f"<h1>The lamplighter stays</h1>{line}{''.join(PROSE)}"), "text/html", URL)
    assert article.author == author
    assert article.published is not None
    assert article.published.date().isoformat() == day
