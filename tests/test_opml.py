"""Lists of feeds as readers export them, and as somebody who means harm may write them."""

from __future__ import annotations

import pytest

from bot.errors import ItemUnusable
from bot.opml import MOST_FEEDS, Outline, parse, write

EXPORTED = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="News">
  <outline text="World &amp; all">
    <outline type="rss" text="The Times" title="The Hallin  Times" xmlUrl="https://x.example/feed"
             htmlUrl="https://x.example/" language="en-GB"/>
  </outline>
  <outline text="Café" XMLURL="https://y.example/rss"/>
</outline>
<outline text="twice" xmlUrl="https://x.example/feed"/>
<outline text="a link" type="link" url="https://z.example/"/>
</body></opml>"""


def test_feeds_come_with_their_folders_each_once():
    assert parse(EXPORTED.encode("latin-1"), "my.opml") == [
        Outline(
            "https://x.example/feed",
            "The Hallin Times",
            "en-GB",
            "https://x.example/",
            ("News", "World & all"),
        ),
        Outline("https://y.example/rss", "Café", folders=("News",)),
    ]


def test_what_was_written_is_read_again():
    feeds = [
        Outline("https://x.example/?a=1&b=2", 'Tom & "Jerry" <3', "pt-BR", "https://x.example/"),
        Outline("https://y.example/rss", "Новости"),
    ]
    assert parse(write(feeds, "R & Co <1>").encode(), "x") == feeds
    assert (
        parse(write([Outline("https://x.example/f", "bell \x07\ufffe")], "").encode(), "x")[0].title == "bell"
    )


BOMB = """<!DOCTYPE opml [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<opml><body><outline text="&b;" xmlUrl="https://x.example/"/></body></opml>"""
STRANGER = """<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>&a;</body></opml>"""


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"", "not well-formed XML"),
        (b"<opml><body><outline", "not well-formed XML"),
        (b"<html><body>Sign in</body></html>", "not OPML"),
        (BOMB.encode(), "declares entities"),
        (STRANGER.encode(), "declares entities"),
        (f'<?xml version="1.0" encoding="UTF-16"?>{BOMB}'.encode("utf-16"), "declares entities"),
        (b'<opml><body><outline text="a">' + b'<outline text="a">' * 5000, "nested deeper"),
        (
            b"<opml><body>" + b"".join(b'<outline xmlUrl="u%d"/>' % n for n in range(MOST_FEEDS + 1)),
            f"more than {MOST_FEEDS} feeds",
        ),
    ],
)
def test_what_is_no_list_of_feeds_is_told_in_a_line(document, problem):
    with pytest.raises(ItemUnusable, match=problem) as told:
        parse(document, "my.opml")
    assert str(told.value).startswith("my.opml: ")
    assert "\n" not in str(told.value)
