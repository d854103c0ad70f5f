"""What a page says of text and data mining, however it is written."""

from __future__ import annotations

import codecs
import tracemalloc
from time import monotonic

import pytest

from bot.engines.http.meta import told_by

RESERVED = '<meta name="tdm-reservation" content="1">'
PATIENT_SECONDS = 20.0  # far more than a page takes, far less than a hang


@pytest.mark.parametrize(
    ("page", "value"),
    [
        (b'<meta name="tdm-reservation" content="1">', "1"),
        (b"<meta content='0' name='TDM-Reservation'/>", "0"),
        (b'<meta name="tdm-reservation" content="2">', ""),
        (b'<meta name="tdm-reservation-policy" content="1">', ""),
        (b'<meta name="tdm&#45;reservation" content="1">', "1"),
        (b'<meta name="&#x74;&#100;m-reservation" content="&#49;">', "1"),
        (b'<meta name="tdm-reservation"><meta name="tdm-reservation" content="1">', "1"),
        (b"<svg><script/>&lt;</svg><script>'<meta name=tdm-reservation content=0>'</script>", ""),
        (b'<!-- <meta name="tdm-reservation" content="1"> -->', ""),
        (b'<meta name="description" content="1 tdm-reservation">', ""),
        (b'&lt;meta name="tdm-reservation" content="1"&gt;', ""),
        (b"<!--" * 500_000 + b"tdm-reservation", ""),
        (b"<meta " * 500_000 + b"tdm-reservation", ""),
    ],
)
def test_what_pages_say(page, value):
    assert told_by(page) == value


@pytest.mark.parametrize(
    "before",
    [
        "<!-->",
        "<!--->",
        "<!---->",
        "<!-- x --!>",
        "<!--><p>seen</p>",
        "<!-- <!-- -->",
        "<script>document.write('<!--')</script>",
        "<style>/* <!-- */</style>",
        "<title><!-- in a title</title>",
        '<body data-note="<!--">',
        "<p title='<script>'>",
        "<!DOCTYPE html>",
        "</p x='<!--'>",
        "<a href=x'y>",
        '<link href=/s?q=">',
        '<a href=x"=">',
        '<a="x>',
        "<svg><style/></svg>",
        "<svg><title/></svg>",
        '<svg><script href="a.js" /></svg>',
        '<script src="a.js"/>',  # XHTML
        '<p title="a>b">',
    ],
)
def test_what_browsers_see_is_seen(before):
    assert told_by(f"<html><head>{before}{RESERVED}</head>".encode()) == "1"


@pytest.mark.parametrize(
    "page",
    [
        f"<!-- {RESERVED} -->",
        f"<!-- {RESERVED}",
        f"<!-- > {RESERVED} -->",
        f"<script>const tag = '{RESERVED}'</script>",
        f"<textarea>{RESERVED}</textarea>",
        f"<title>{RESERVED}",
        f"<p title='{RESERVED}'>",
        "<metal name='tdm-reservation' content='1'>",
        "<meta data-name='tdm-reservation' content='1'>",
        "<meta name='tdm-reservation' data-content='1'>",
    ],
)
def test_what_browsers_do_not_see_counts_for_nothing(page):
    assert told_by(page.encode()) == ""


@pytest.mark.parametrize(
    "tag",
    [
        '<meta title="a>b" name="tdm-reservation" content="1">',
        '<meta title=" <b> " name="tdm-reservation" content="1">',
        '<META CONTENT="1"NAME="TDM-Reservation">',
        "<meta/name=tdm-reservation/content=1>".replace("n/c", "n c"),
        "<meta name = tdm-reservation content = 1/>",
        "<meta\nname='tdm-reservation'\ncontent=' 1 '\n/>",
        '<meta it\'s name="tdm-reservation" content="1">',
        '<meta name="tdm-reservation" content="1" content="0">',
    ],
)
def test_a_tag_is_read_as_browsers_read_it(tag):
    assert told_by(tag.encode()) == "1"


@pytest.mark.parametrize(
    ("page", "content_type"),
    [
        (codecs.BOM_UTF16_LE + RESERVED.encode("utf-16-le"), "text/html"),
        (codecs.BOM_UTF16_BE + RESERVED.encode("utf-16-be"), "text/html"),
        (f"\n {RESERVED}".encode("utf-16-le"), ""),
        (RESERVED.encode("utf-16-be"), ""),
        (f"㰾㸼 {RESERVED}".encode("utf-16-le"), 'text/html; charset="UTF-16"'),
        (f"㰾㸼 {RESERVED}".encode("utf-16-be"), "text/html; charset=utf-16be"),
        (RESERVED.encode("utf-16-le") + b"<", "text/html"),  # half a character at its end
        (RESERVED.encode(), "text/html; charset=utf-16"),  # a header that is wrong
    ],
)
def test_a_page_in_utf_16_says_it_too(page, content_type):
    assert told_by(page, content_type) == "1"


def test_a_tag_of_ten_megabytes_takes_little_room():
    page = b"<meta tdm-reservation " + b"a " * 5_000_000
    tracemalloc.start()
    try:
        assert told_by(page) == ""
        assert tracemalloc.get_traced_memory()[1] < 3 * len(page)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "piece",
    [
        "<meta ",
        "<meta a=",
        "<meta a='",
        "<!--",
        "<script>",
        "<",
        "</a ",
        "<p =",
        "<meta>",
        "a",
        "<meta a a=1",
        "<meta tdm-reservation>",
        "<meta &#",
        "<script/",
        "<script/>",
    ],
)
def test_ten_megabytes_of_anything_take_no_hours(piece):
    page = piece.encode() * (10_000_000 // len(piece)) + b"tdm-reservation"
    begun = monotonic()
    assert told_by(page) == ""
    assert monotonic() - begun < PATIENT_SECONDS
