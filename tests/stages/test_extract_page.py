"""A page's bytes become a tree of nothing but characters."""

from __future__ import annotations

import pytest

from bot.errors import ItemUnusable
from bot.stages.extract import page
from bot.stages.extract.programs import without_programs

NO_CHARACTERS = [*(set(range(32)) - {9, 10, 13}), 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xFFFE, 0xFFFF]


def test_what_is_no_character_leaves_nothing_behind_however_it_is_written():
    ways = ("&#{0};", "&#0{0};", "&#{0}", "&#x{0:x};", "&#X0{0:X};", "&#x{0:x}")
    written = "".join(f"<i>{way.format(number)}</i>" for number in NO_CHARACTERS for way in ways)
    bare = "".join(map(chr, NO_CHARACTERS))
    assert page.parse(f"<p>{written}{bare}</p>", "").text_content().strip() == ""


def test_other_references_are_read():
    root = page.parse("<p>&#8217;&#x2019;&#39;&#x27;&#55;&#65;&#x1F600;&#65533;</p>", "")
    assert root.text_content().strip() == "’’''7A😀\ufffd"


PARAGRAPH = "<p>The ferry was late again.</p>"
CODE = "<script>let a = '<p>none</p>';</script>"


@pytest.mark.parametrize(
    "before",
    [
        "<!-- <script> -->",
        "<!--><!--->",
        "<!-- a --!>",
        "<![CDATA[ <script> ]]>",
        '<img alt="the <script> element">',
        "<img alt='the <style> element'>",
        '<a href="/a"title="<script>">A</a>',
        "</i title='<script>'>",
        "<title>About <script></title>",
        "<textarea><style></textarea>",
        "<iframe><script></iframe>",
        "<script/>",
        "<scripting>a</scripting>",
        "<script><!-- <script> </script> --></script>",
        "<style>a::after { content: '<script>' }</style>",
        "<SCRIPT>a</Script >",
        "<script>a</scripted></script>",
        "<svg><style>a</style></svg>",
        "<? <script> ?>",
        "</ <style>>",
        "1 <2 <",
    ],
)
def test_what_is_no_program_stays(before):
    html = f"<html><body><div>{before}{PARAGRAPH}{CODE}{PARAGRAPH}{CODE}{PARAGRAPH}".encode()
    root = page.read(html, "text/html", "")
    assert [each.text_content() for each in root.iter("p")] == ["The ferry was late again."] * 3


def test_of_programs_only_their_data_is_kept():
    kept = b'<script type="application/ld&#43;json">{"a": 1}</script>'
    html = b"<style>b { }</style><SCRIPT src=x>let a = 1</SCRIPT><script>b</script>" + kept
    assert without_programs(html) == b"<style></style><SCRIPT src=x></SCRIPT><script></script>" + kept


@pytest.mark.parametrize(
    "html", [b"<script>never closed <p>", b"<script><!-- <script></script> -->a</script>"]
)
def test_what_is_read_differently_stays(html):
    assert without_programs(html) == html


def test_characters_of_other_encodings_are_no_tags():
    start, end = "\u733c\u7263\u7069\u2074\u4e3e", "\u2f3c\u6373\u6972\u7470\u4e3e"
    html = f"\ufeff<p>{start}</p>{PARAGRAPH}{end}".encode("utf-16-le")
    assert b"<script >" in html
    assert b"</script>" in html
    assert "ferry" in page.read(html, "text/html", "").text_content()
    html = b"<p>\x1b$B<script>\x1b(B</p>" + PARAGRAPH.encode() + b"\x1b$B</script/>\x1b(B"
    assert "ferry" in page.read(html, "text/html; charset=iso-2022-jp", "").text_content()


@pytest.mark.parametrize("attribute", [" a", "/a", ' a=">"', 'a="x"', "\na = 'x'"])
def test_a_tag_of_thousands_of_attributes_is_refused(attribute):
    with pytest.raises(ItemUnusable, match="has an element with more than 2000 attributes"):
        page.read(f"<p>a</p><p x=''{attribute * 12_000}>{PARAGRAPH}".encode(), "text/html", "")
    page.read(f"<p>a</p><p x=''{attribute * 1_000}>{PARAGRAPH * 1_000}".encode(), "text/html", "")
