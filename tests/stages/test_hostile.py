"""What fuzzing found (benchmarks/fuzz.py), each once more and for ever."""

from __future__ import annotations

from contextlib import suppress
from time import process_time

import pytest

from bot.characters import codec, guessed_encoding
from bot.errors import ItemUnusable
from bot.stages import align, discover, extract, sanitise, terms, typography
from bot.stages.extract import page, whole
from bot.stages.extract.metadata import Facts
from bot.stages.feed import parse
from bot.stages.markers import Line, write
from bot.stages.segment import segment

GENEROUS_SECONDS = 30.0  # of processor time; unbounded, these inputs take minutes to days
STORY = "<p>The harbour of Port Hallin has opened again after eleven days of ice, the council said.</p>" * 9
NOT_OF_DOCUMENTS = (
    "idna",
    "punycode",
    "undefined",
    "unicode_escape",
    "utf-7",
    "rot13",
    "hex",
    "\xff",
    "x" * 9999,
)


@pytest.fixture
def bounded():
    began = process_time()
    yield
    assert process_time() - began < GENEROUS_SECONDS


# --- encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", NOT_OF_DOCUMENTS)
def test_a_charset_that_no_document_has_is_not_believed(charset):
    rss = "<rss version='2.0'><channel><item><title>Ærø</title></item></channel></rss>".encode("cp1252")
    html = f"<html><head><title>Ærø</title></head><body>{STORY}</body></html>".encode("cp1252")
    (entry,) = parse(rss, f"text/xml; charset={charset}", "f", "https://x.example/feed").entries
    article = extract.extract(html, f"text/html; charset={charset}", "https://x.example/a")
    assert (entry.title, article.title) == ("Ærø", "Ærø")


def test_codecs():
    assert [codec(label) for label in (" UTF8 ", "latin-1", "Shift_JIS")] == [
        "utf-8",
        "iso8859-1",
        "shift_jis",
    ]
    assert not any(map(codec, [*NOT_OF_DOCUMENTS, "", "no-such", "../os", "utf-8\n\nx"]))


def test_an_encoding_is_guessed_beside_a_word_of_any_length(bounded):
    assert guessed_encoding(b"x" * 400_000 + "Свежая рыба и горячий хлеб. ".encode("koi8-r") * 20) == "KOI8-R"


def test_an_address_of_many_lines_makes_a_message_of_one():
    error = ItemUnusable("https://x.example/?a\n\n\nb=1", "answered\n404", remedy="look at it")
    assert str(error) == "https://x.example/?a b=1: answered 404; look at it"


# --- feeds --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"])
def test_a_feed_without_byte_order_mark(encoding):
    rss = "<rss version='2.0'><channel><item><title>Ærø</title></item></channel></rss>"
    assert [entry.title for entry in parse(rss.encode(encoding), "", "f", "https://x.example/").entries] == [
        "Ærø"
    ]


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140"])
def test_a_feed_in_ebcdic(encoding):
    rss = f"<?xml version='1.0' encoding='{encoding}'?><rss><channel><item><title>A</title></item></channel></rss>"
    assert [entry.title for entry in parse(rss.encode(encoding), "", "f", "https://x.example/").entries] == [
        "A"
    ]


def test_attributes_of_cdf_lose_no_entry():
    rss = b'<rss version="2.0"><channel><item lastmod="2026-03-02"><guid>1</guid></item></channel></rss>'
    assert [entry.guid for entry in parse(rss, "", "f", "https://x.example/").entries] == ["1"]


def test_a_base_without_end(bounded):
    item = b"<item><title>A</title><link>/a</link></item>"
    rss = b'<rss xml:base="http://x.example/%s"><channel>%s</channel></rss>' % (b"../" * 400_000, item * 300)
    (entry,) = parse(rss, "", "f", "https://x.example/").entries
    assert entry.link == "https://x.example/a"


def test_a_feed_in_disorder_that_has_no_entries_yet_is_a_feed():
    feed = parse(
        b"<rss><channel><title>AT&T &mdash; news</title></channel></rss>", "", "f", "https://x.example/"
    )
    assert (feed.title, feed.entries) == ("AT&T — news", ())
    assert feed.warning.startswith("not well-formed XML")


def test_entries_that_are_nothing_but_text_are_told_apart_by_it():
    rss = b"<rss><channel>%s</channel></rss>"
    items = [b"<item><description>%s</description></item>" % text for text in (b"One.", b"Two.", b"Two.")]
    keys = [entry.key for entry in parse(rss % b"".join(items), "", "f", "https://x.example/").entries]
    turned = parse(rss % b"".join(reversed(items)), "", "f", "https://x.example/").entries
    assert len(set(keys)) == len(keys) == 2
    assert [entry.key for entry in turned] == keys[::-1]


# --- pages --------------------------------------------------------------------------------------


def test_a_page_whose_base_is_no_address_has_feeds_all_the_same():
    html = b'<base href="http://["><link rel="alternate" type="application/rss+xml" href="/feed">'
    assert discover.advertised(html, "https://x.example/a") == ["https://x.example/feed"]


@pytest.mark.parametrize("blank", ["\xa0", "&nbsp;", "\n", " \n"])
def test_a_desert_of_blanks_is_crossed(bounded, blank):
    html = sanitise.sanitise(f"<p>One{blank * 200_000}two</p>")
    assert sanitise.sanitise(html) == html
    assert len(html) < 1_000
    assert html.startswith("<p>One")
    assert html.endswith("two</p>")


def test_what_parted_two_deserts_may_go():
    html = sanitise.sanitise(f"<p>One{' ' * 60}<!-- here --><x>{'&nbsp;' * 60}two</x></p>")
    assert sanitise.sanitise(html) == html


@pytest.mark.parametrize(
    "markup",
    ["<li></table><p><table><td><h2><a href='https://x.example/'>", "</a>w </table><h2><table></a></h2><li>"],
)
def test_much_markup_is_sanitised_once_for_all(markup):
    html = sanitise.sanitise(markup * 3_000)
    assert sanitise.sanitise(html) == html


@pytest.mark.parametrize("box", ["<div>", "<div></b>", "<b><div></b></i>", "<blockquote><p>"])
def test_elements_in_elements_without_end(bounded, box):
    assert "word" in sanitise.sanitise("<p>word</p>" + box * 60_000)


def test_a_page_of_blanks_that_are_no_blanks_is_no_article(bounded):
    blanks = "Â\xa0" * 200_000
    html = f"<html><head><title>T</title></head><body>{STORY}<p>{blanks}</p></body></html>"
    with pytest.raises(ItemUnusable, match="too large"):
        extract.extract(html.encode(), "text/html", "https://x.example/a")


@pytest.mark.parametrize(
    "crowd",
    [
        "<div>" + "<img src=/a.jpg>" * 30_000 + "<p class=caption>Dusk</p>" * 200 + "</div>",
        "".join(f"<div><b class=photo-credit>{number}</b></div>" for number in range(5_000)),
        "<hr>" * 60_000,
        "<h2>Dusk</h2>" * 20_000,
        "<p>" * 500_000,
    ],
)
def test_a_page_of_one_element_without_end(bounded, crowd):
    html = f"<html><head><title>T</title></head><body>{STORY}{crowd}</body></html>"
    with suppress(ItemUnusable):
        assert "Port Hallin" in extract.extract(html.encode(), "text/html", "https://x.example/a").html


def test_an_extractor_that_takes_the_address_of_a_picture_takes_the_picture():
    body = page.parse('<p>Words. <img alt="x"></p><p><img src="https://x.example/a.jpg"></p>', "").body
    article = whole.article("https://x.example/a", "trafilatura", body, Facts(title="T"), None)
    assert article.picture.url == "https://x.example/a.jpg"


@pytest.mark.parametrize(
    "markup",
    [
        f"<script>{'<!--' * 400_000}</script>",
        f"<script>{'<!-- <script>' * 100_000}</script>",
        "<script></script>" * 100_000,
        "<script>" * 200_000,
        "<!--" * 400_000,
        "<!-" * 400_000,
        "</script" * 200_000,
        "<script a" * 200_000,
        "<script a='" * 200_000,
        f"<script{' a' * 800_000}",
        f"<p{' a=' * 500_000}",
        f"<p>{'<' * 1_500_000}",
        f"<p>{'</' * 800_000}",
        f"<p>{'<?' * 800_000}",
        f"<style>{'</styl' * 300_000}",
    ],
    ids=lambda markup: markup[:20],
)
def test_tags_are_told_apart_in_one_go(bounded, markup):
    for spoilt in (f"{STORY}{markup}".encode(), f"{STORY}{markup}".encode() + b"\xff\xe9"):
        with suppress(ItemUnusable):
            page.read(spoilt, "text/html", "https://x.example/a")


# --- texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["-" * 400_000, "+.-" * 100_000, "x@" + "-" * 400_000])
def test_a_line_that_might_become_an_address(bounded, text):
    (found,) = segment(f"<p>word {text}</p>").segments
    assert terms.protect(found, terms.Terms.of((), {})).items


@pytest.mark.parametrize("language", ["fr", "es", "de", "zh", "ar"])
@pytest.mark.parametrize(
    "text", ["a" + "\xa0" * 100_000, "“" * 60_000 + "”" * 60_000, "\xa0\u202f" * 50_000 + "a"]
)
def test_a_line_of_one_sign_is_set(bounded, language, text):
    assert typography.typeset((text,), language)


def test_spanish_marks_are_set_as_before():
    assert typography.typeset(("Hola. Que tal? Bien… muy bien!",), "es") == (
        "Hola. ¿Que tal? Bien… ¡muy bien!",
    )


def test_a_line_of_dots_is_parted_in_a_few_places(bounded):
    asked = [write(Line((text,))) for text in ("One line of some words.", "Another.")]
    tried = []

    def cost(_asked, text):
        tried.append(text)
        return 1.0

    assert align.align(asked, ["x. " * 3_000], cost) == [None, None]
    assert len(tried) < 200
