"""Where a page keeps its feeds."""

from __future__ import annotations

import pytest

from bot.stages.discover import MOST_FEEDS, advertised, common, completed, in_robots, sitemaps

URL = "https://x.example/news/today"


def page(head: str = "", body: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def test_the_feeds_that_a_page_names_those_of_comments_last():
    head = """<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
    <link rel="ALTERNATE home" type=" Application/Atom+xml" href="atom.xml?a=1&amp;b=2">
    <link rel="alternate" type="application/rss+xml" href="https://cdn.example/feed">
    <link rel="alternate" type="application/rss+xml" href="https://cdn.example/feed">
    <link rel="alternate" hreflang="fr" href="/fr/"><link rel="stylesheet" href="/feed">"""
    assert advertised(page(head, '<a href="/other.rss">RSS</a>'), URL) == [
        "https://x.example/news/atom.xml?a=1&b=2",
        "https://cdn.example/feed",
        "https://x.example/comments/feed/",
    ]


def test_links_that_look_like_feeds_where_it_names_none():
    body = """<a href="/feed/">RSS</a><a href="/sport.rss">Sport</a><a href="/index.xml">All</a>
    <a href="/feedback">Write to us</a><a href="/newsfeed-rules">Rules</a><a href="mailto:a@x.example">Mail</a>"""
    assert [address.removeprefix("https://x.example") for address in advertised(page(body=body), URL)] == [
        "/feed/",
        "/sport.rss",
        "/index.xml",
    ]


def test_a_site_that_names_its_feed_by_a_parameter():
    body = '<a href="/?p=7&amp;feed=no">No</a><a href="/?feed=rss2">RSS</a><a href="/?cat=1&amp;feed=atom">Atom</a>'
    assert advertised(page(body=body), URL) == [
        "https://x.example/?feed=rss2",
        "https://x.example/?cat=1&feed=atom",
    ]


def test_a_base_as_long_as_a_book_is_not_heard():
    links = "".join(f'<a href="feed/{n}.rss">x</a>' for n in range(20_000))
    body = page(f'<base href="https://y.example/{"a/" * 200_000}">', links)
    assert advertised(body, URL)[0] == "https://x.example/news/feed/0.rss"


def test_a_base_is_heard():
    head = '<base href="https://y.example/a/"><link rel=alternate type="application/rss+xml" href="feed">'
    assert advertised(page(head), URL) == ["https://y.example/a/feed"]


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "file:///etc/passwd", "http://[::1", "", "data:text/xml,<rss/>"]
)
def test_what_is_no_web_address_is_left_out(href):
    assert advertised(page(f'<link rel="alternate" type="application/rss+xml" href="{href}">'), URL) == []


@pytest.mark.parametrize("body", [b"", b"\x00\xff\xfe", b"%PDF-1.7", b"<" * 100_000, page("<link>" * 1000)])
def test_any_page_will_do(body):
    assert advertised(body, URL) == []


def test_not_more_than_anybody_would_read():
    links = "".join(f'<a href="/{n}.rss">x</a>' for n in range(1000))
    assert len(advertised(page(body=links), URL)) == MOST_FEEDS


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="alternate" type="text/xml" href="/r">',
        '<link rel="alternate" type="application/json; charset=utf-8" href="/r">',
        '<link rel="feed" href="/r">',
        '<a href="/r">RSS</a>',
        '<a href="/r"><img src="rss.png" alt=""> Atom feed</a>',
        '<a href="/r" title="RSS"><i></i></a>',
    ],
)
def test_what_pages_call_a_feed_in_other_ways(tag):
    assert advertised(page(tag), URL) == ["https://x.example/r"]


def test_a_surer_word_goes_before_one_that_may_mean_anything():
    head = """<link rel="alternate" type="application/json" href="/wp-json/1">
    <link rel="alternate" type="text/xml+oembed" href="/embed"><link rel=alternate type="application/rss+xml" href="/f">"""
    assert advertised(page(head, '<a href="/x">RSS</a>'), URL) == ["https://x.example/f"]


def test_sitemaps():
    robots = b"User-agent: *\nDisallow: /x\nSitemap: https://x.example/all.xml\r\nsitemap:https://x.example/news.xml #n"
    assert in_robots(robots) == ["https://x.example/news.xml", "https://x.example/all.xml"]
    assert sitemaps(
        b"<sitemapindex><sitemap><loc> https://x.example/1?a&amp;b </loc></sitemap></sitemapindex>"
    ) == ["https://x.example/1?a&b"]
    assert sitemaps(b"<urlset><url><loc>https://x.example/1</loc></url></urlset>") == []


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("x.example/news", "https://x.example/news"),
        ("x.example:8080/news", "https://x.example:8080/news"),
        ("http://x.example", "http://x.example"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_an_address_as_people_type_it(typed, whole):
    assert completed(typed) == whole


def test_the_usual_places_start_with_the_section_that_was_asked_for():
    assert common(URL)[:2] == ["https://x.example/news/today/feed/", "https://x.example/feed/"]
    assert common("https://x.example")[0] == "https://x.example/feed/"
    assert "https://x.example/feed" in common(URL)  # some servers do not know it with a slash
