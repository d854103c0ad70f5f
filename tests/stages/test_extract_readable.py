"""Readability as the relay runs it finds what the library itself finds, to the letter."""

from __future__ import annotations

from contextlib import suppress

import pytest
import readability

from bot.errors import ItemUnusable
from bot.model import Fetched
from bot.stages.extract.prepared import Hints, Prepared
from bot.stages.extract.readable import Readable
from tests.golden import NAMES, PAGES

URL = "https://news.example/a/story.html"
STORY = "<p>The harbour of Port Hallin has opened again, after eleven days of ice, the council said.</p>" * 9


class Library(readability.Document):
    """The library's own steps, between our first and last one."""

    _parse = Readable._parse
    get_clean_html = Readable.get_clean_html


def assert_same(body: bytes):
    root = Prepared.read(Fetched(URL, body, "text/html"), Hints()).root
    assert Readable(root).summary(html_partial=True) == Library(root).summary(html_partial=True)


@pytest.mark.parametrize("name", NAMES)
def test_of_a_page(name):
    with suppress(ItemUnusable):  # no page at all
        assert_same((PAGES / f"{name}.html").read_bytes())


@pytest.mark.parametrize(
    "markup",
    [
        "<div>One line,<br>\n<br>\n and another <b>with</b> an <i>accent</i>.<p>A third.</p> A fourth <br></div>",
        "<div>\n \n<a href='/1'><img src='/1.jpg'></a> with <a href='/2'>words</a> behind <div>a box</div> it</div>",
        "<div class='Sidebar'>Beside the story, and long enough to be one.<article>Or in it?</article></div>",
        "<div class='comment'><code>kept, for it is code</code></div><pre><i class='comment'>kept</i></pre>",
        "<ul class='menu'><li><a href='/'>Home</a>\t\t of  the\t<a href='/1'>harbour\n \n news</a></li></ul>",
        "<table><tr><td>The harbour, 11 days<td>Ice,  \xa0 \xa0 of the bay<tr><td>1<td>2</table>",
        "<blockquote>Eleven days of ice, and nobody   came\n\n\nto break it.</blockquote><p></p><p> , </p>",
        "<div hidden>Not yet</div><p style='display: none'>Nor this, which is a sentence of the story.</p>",
    ],
)
def test_of_markup_that_its_slow_steps_are_about(markup):
    assert_same(f"<article>{STORY}<div>{markup}</div>{STORY}</article>".encode())


def test_of_a_page_of_which_the_first_try_leaves_nothing():
    assert_same(f"<div class='sidebar'>{STORY[:200]}</div>".encode())
