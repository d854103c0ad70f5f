from __future__ import annotations

import pytest

from bot.stages.clean import clean
from bot.stages.extract import extract
from tests.stages.pages import BODY, FEED, URL, found, page


def pictures(markup: str) -> str:
    return found(f"{BODY}{markup}{BODY}").html


@pytest.mark.parametrize(
    ("picture", "shown"),
    [
        ("<img src='/pixel.gif' data-lazy='/a.jpg'>", "/a.jpg"),
        ("<img src='/lazy-placeholder.png' data-lazyload='/a.jpg'>", "/a.jpg"),
        ("<img src='/pixel.gif' data-img='/a.jpg'>", "/a.jpg"),
        ("<img src='data:,' data-url='/a.jpg'>", "/a.jpg"),
        ("<img src='/b.jpg' data-url='/story.html'>", "/b.jpg"),
        ("<img data-src='/a-{width}.jpg' data-widths='[180,360,720,3000]'>", "/a-720.jpg"),
        ("<img data-src='/a_{width}x.jpg' src='/a_300x.jpg'>", "/a_1080x.jpg"),
        ("<img data-src='/a-{{size}}.jpg' src='/b.jpg'>", "/b.jpg"),
        ("<img data-src='/a.jpg?f={3F2504E0-4F89-41D3}' src='/b.jpg'>", "/a.jpg?f=%7B3F2504E0-4F89-41D3%7D"),
        ("<picture><source data-srcset='/a-400.webp 400w, /a.webp 1200w'><img src='/ph.svg'></picture>", "/a.webp"),
        ("<picture><source srcset='/a.jpg 1240w'><img src='/b.jpg' width='445'></picture>", "/a.jpg"),
        ("<picture><source srcset='/a.jpg 320w'><img src='/b.jpg' width='445'></picture>", "/b.jpg"),
        ("<figure><div class='progressive' data-src='/a.jpg'></div><figcaption>A lamp</figcaption></figure>", "/a.jpg"),
    ],
)  # fmt: skip
def test_a_picture_gets_the_address_that_a_reader_would_see(picture, shown):
    html = pictures(picture).replace("%7B", "{").replace("%7D", "}")
    assert f'src="https://news.example{shown}"'.replace("%7B", "{").replace("%7D", "}") in html


@pytest.mark.parametrize(
    "address", ["/a-{{size}}.jpg", "/a-${size}.jpg", "/a-%7B%7Bsize%7D%7D.jpg", "<%= src %>"]
)
def test_a_template_is_no_picture(address):
    assert "<img" not in pictures(f"<img src='{address}'>")


@pytest.mark.parametrize(
    "picture", ["<img src='/a-{{size}}.jpg'>", "<canvas></canvas>", "<img src='/t.gif' width='1'>"]
)
def test_a_caption_does_not_outlive_its_picture(picture):
    figure = f"<figure>{picture}<figcaption>Lamps of 1823, by night</figcaption></figure>"
    article = extract(page(f"{BODY}{figure}{BODY}"), "text/html", URL)
    assert "by night" not in clean(article, FEED).html
