"""A page's bytes become a tree of nothing but characters."""

from __future__ import annotations

from bot.stages.extract import page

NO_CHARACTERS = [*(set(range(32)) - {9, 10, 13}), 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xFFFE, 0xFFFF]


def test_what_is_no_character_leaves_nothing_behind_however_it_is_written():
    ways = ("&#{0};", "&#0{0};", "&#{0}", "&#x{0:x};", "&#X0{0:X};", "&#x{0:x}")
    written = "".join(f"<i>{way.format(number)}</i>" for number in NO_CHARACTERS for way in ways)
    bare = "".join(map(chr, NO_CHARACTERS))
    assert page.parse(f"<p>{written}{bare}</p>", "").text_content().strip() == ""


def test_other_references_are_read():
    root = page.parse("<p>&#8217;&#x2019;&#39;&#x27;&#55;&#65;&#x1F600;&#65533;</p>", "")
    assert root.text_content().strip() == "’’''7A😀\ufffd"
