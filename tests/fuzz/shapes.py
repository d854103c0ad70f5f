"""The worst feeds that we know, each of any size: what costs a reader more than its length.

`benchmarks/hostile.py` measures them, `tests/stages/test_hostile_feeds.py` tells what becomes of each.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://x.example/</link>'
FOOT = b"</channel></rss>"
_ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom">'
_NEWS = b"<item><title>A story</title><guid>1</guid><link>https://x.example/1</link></item>"
_LONG_BASE = b"https://x.example/" + b"a/" * 1_900

Shape = Callable[[int], bytes]
"""A document of about so many bytes."""


def _filled(before: bytes, piece: bytes, after: bytes = b"") -> Shape:
    return lambda size: before + piece * (size // len(piece)) + after


def _numbered(before: bytes, piece: bytes, after: bytes = b"") -> Shape:
    """`piece` has one %d, which is another number each time."""

    def shape(size: int) -> bytes:
        count = size // (len(piece) + 3)
        return before + b"".join(piece % number for number in range(count)) + after

    return shape


def _in_item(piece: bytes, after: bytes = b"") -> Shape:
    make = _numbered if b"%d" in piece else _filled
    return make(HEAD + b"<item><title>A story</title><guid>1</guid>", piece, after + b"</item>" + FOOT)


def _ill(shape: Shape) -> Shape:
    """The same, but for its last byte: the strict parser has read all of it when it finds the fault."""
    return lambda size: shape(size)[:-1] + b"<"


def _attributes(before: bytes, after: bytes) -> Shape:
    return _numbered(before, b" a%d='x'", after)


def _nested(before: bytes, start: bytes, end: bytes, after: bytes) -> Shape:
    def shape(size: int) -> bytes:
        depth = size // (len(start) + len(end))
        return before + start * depth + b"word" + end * depth + after

    return shape


def _base64_content(size: int) -> bytes:
    data = base64.b64encode(Random(7).randbytes(size * 3 // 4))
    content = b'<content type="application/octet-stream" mode="base64">%s</content>' % data
    return _ATOM + b"<entry><id>1</id><title>A story</title>%s</entry></feed>" % content


def _mixed_encodings(size: int) -> bytes:
    """UTF-8, Windows-1252 and UTF-16 in one document."""
    parts = (
        "é".encode(),
        "é".encode("cp1252"),
        "é".encode("utf-16-le"),
        b"\xff\xfe",
        "И".encode("koi8-r"),
    )
    text = b"".join(Random(7).choices(parts, k=size // 2))
    return (
        HEAD + b"<item><guid>1</guid><title>A story</title><description>%s</description></item>" % text + FOOT
    )


def _many_entities(size: int) -> bytes:
    entities = b"".join(b"<!ENTITY e%d 'x'>" % number for number in range(size // 20))
    return b"<!DOCTYPE rss [" + entities + b"]>" + HEAD[21:] + _NEWS + FOOT


def _in_utf_32(size: int) -> bytes:
    whole = _in_item(b"<category>%d</category>")(size // 4)
    return b"\xff\xfe\0\0" + whole.decode().encode("utf-32-le")


_OF_MARKUP: dict[str, Shape] = {
    "tags without end": _filled(HEAD, b"<a>"),
    "tags without end, in an item": _in_item(b"<p>"),
    "end tags without beginning": _filled(HEAD + _NEWS, b"</a>", FOOT),
    "ends of others among blanks": _filled(
        _ATOM + b"<entry><id>1</id><content type='html'>", b"\n</description>", b"</content></entry></feed>"
    ),
    "items without end": _filled(HEAD, b"<item>"),
    "empty items": _filled(HEAD, b"<item/>", FOOT),
    "angle brackets": _filled(HEAD + b"<item><title>", b"<"),
    "quotes without end": _filled(HEAD + b"<item><title>", b"<a x='"),
    "a quote in each tag": _filled(HEAD, b"<a x='b\"></a>", FOOT),
    "short tags of SGML": _filled(HEAD, b"<a/b ", FOOT),
    "declarations": _filled(HEAD + _NEWS, b"<!a>", FOOT),
    "comments": _filled(HEAD + _NEWS, b"<!---->", FOOT),
    "comments without end": _filled(HEAD + _NEWS, b"<!--", FOOT),
    "instructions without end": _filled(HEAD + _NEWS, b"<?", FOOT),
    "CDATA without end": _filled(HEAD + _NEWS + b"<item><description>", b"<![CDATA["),
    "CDATA in pieces": _in_item(b"<![CDATA[x]]>"),
    "deep nesting": _nested(HEAD + b"<item>", b"<a>", b"</a>", b"</item>" + FOOT),
    "deep nesting in Atom's content": _nested(
        _ATOM + b"<entry><id>1</id><content type='xhtml'>", b"<div>", b"</div>", b"</content></entry></feed>"
    ),
    "deep nesting of content": _nested(
        _ATOM + b"<entry><id>1</id>", b"<content>", b"</content>", b"</entry></feed>"
    ),
    "deep nesting, escaped": _nested(
        HEAD + b"<item><guid>1</guid><description>",
        b"&lt;div&gt;",
        b"&lt;/div&gt;",
        b"</description></item>" + FOOT,
    ),
    "attributes of one tag": _attributes(HEAD + b"<item", b"/>" + FOOT),
    "words of one tag": _filled(HEAD + _NEWS + b"<item", b" word", b">" + FOOT),
    "unquoted attributes of one tag": _numbered(HEAD + _NEWS + b"<item", b" a%d=x", b">" + FOOT),
    "a hundred attributes a tag": _filled(
        HEAD + b"<item>", b"<a %s/>" % b"".join(b" a%d=''" % n for n in range(99)), b"</item>" + FOOT
    ),
    "an attribute of all": _filled(HEAD + b"<item><guid>1</guid><a b='", b"&amp;", b"'/></item>" + FOOT),
    "namespaces": _numbered(HEAD + _NEWS, b"<a xmlns:n%d='n'/>", FOOT),
    "namespaces in namespaces": _numbered(HEAD + _NEWS + b"<a", b" xmlns:n%d='n'", b"/>" + FOOT),
    "a prefix for each tag": _numbered(HEAD, b"<n%d:a>", FOOT),
    "languages": _numbered(HEAD, b"<a xml:lang='l%d'/>", FOOT),
    "bases in bases": _numbered(HEAD, b"<a xml:base='%d/'>", FOOT),
    "bases in bases that grow": _numbered(
        HEAD.replace(b"<rss", b"<rss xml:base='https://x.example/'"), b"<a xml:base='%d/'>", FOOT
    ),
    "a long base": _filled(HEAD.replace(b"<rss", b"<rss xml:base='%s'" % _LONG_BASE), b"<a/>", FOOT),
    "a long base for each tag": _filled(HEAD, b"<a xml:base='%s'/>" % _LONG_BASE[:1000], FOOT),
}
_OF_TEXT: dict[str, Shape] = {
    "a title": _filled(HEAD + b"<item><guid>1</guid><title>", b"word ", b"</title></item>" + FOOT),
    "a title of comments": _filled(
        HEAD + b"<item><guid>1</guid><title>", b"&lt;!--", b"</title></item>" + FOOT
    ),
    "titles of comments": _numbered(
        HEAD, b"<item><guid>%d</guid><title>" + b"&lt;!--" * 1_000 + b"</title></item>", FOOT
    ),
    "titles of scripts": _numbered(
        HEAD, b"<item><guid>%d</guid><title>" + b"&lt;script&gt;" * 700 + b"</title></item>", FOOT
    ),
    "texts of comments": _numbered(
        HEAD, b"<item><guid>%d</guid><description>" + b"&lt;!--" * 1_400 + b"</description></item>", FOOT
    ),
    "texts of scripts": _numbered(
        HEAD, b"<item><guid>%d</guid><description>" + b"&lt;script>" * 900 + b"</description></item>", FOOT
    ),
    "blanks": _in_item(b" "),
    "blanks as references": _in_item(b"&#10;"),
    "blanks before the root": _filled(b"<?xml version='1.0'?>", b"\n ", HEAD[21:] + _NEWS + FOOT),
    "ampersands": _in_item(b"&"),
    "ampersands, escaped": _in_item(b"&amp;"),
    "entities of HTML": _in_item(b"&nbsp;"),
    "entities that nobody knows": _in_item(b"&x;"),
    "references to characters": _in_item(b"&#65;"),
    "references to nothing": _in_item(b"&#0;"),
    "an address in each word": _filled(HEAD + b"<item><author>", b"a.", b"</author></item>" + FOOT),
    "digits for a date": _in_item(b"<pubDate>%d</pubDate>"),
    "dates": _in_item(b"<pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>"),
    "dates of no form": _in_item(b"<pubDate>2026 m 3 %d : 10 x</pubDate>"),
    "a date of all": _filled(HEAD + b"<item><guid>1</guid><pubDate>", b"1", b"</pubDate></item>" + FOOT),
    "base64": _base64_content,
    "mixed encodings": _mixed_encodings,
    "UTF-32": _in_utf_32,
    "noise": lambda size: Random(7).randbytes(size),
    "a DOCTYPE of entities": _many_entities,
    "a DOCTYPE without end": _filled(b"<!DOCTYPE rss [", b"<!ENTITY a 'b'>", HEAD[21:] + _NEWS + FOOT),
    "DOCTYPEs": _filled(b"", b"<!DOCTYPE a []>", HEAD[21:] + _NEWS + FOOT),
}
_OF_ENTRIES: dict[str, Shape] = {
    "entries": _numbered(HEAD, b"<item><title>%d</title></item>", FOOT),
    "whole entries": _numbered(
        HEAD,
        b"<item><title>%d</title><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate><description>Some words"
        b"</description><category>a</category></item>",
        FOOT,
    ),
    "categories": _in_item(b"<category>%d</category>"),
    "links": _in_item(b"<link>/%d</link>"),
    "enclosures": _in_item(b"<enclosure url='/%d.jpg' type='image/jpeg'/>"),
    "pictures": _in_item(
        b"<media:content xmlns:media='http://search.yahoo.com/mrss/' url='/%d.jpg' medium='image'/>"
    ),
    "authors": _in_item(b"<author>%d</author>"),
    "titles": _in_item(b"<title>%d</title>"),
    "descriptions": _in_item(b"<description>%d</description>"),
    "keywords": _in_item(
        b"<itunes:keywords xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>a,b,c%d</itunes:keywords>"
    ),
    "elements that nobody knows": _in_item(
        b"<e%d>x</e%d>".replace(b"%d>x", b"%d>x").replace(b"</e%d>", b"</e>")
    ),
    "addresses in a text": _numbered(
        HEAD + b"<item><link>%s</link><description>" % _LONG_BASE.replace(b"%", b"%%"),
        b"&lt;a href='%d'>",
        b"</description></item>" + FOOT,
    ),
    "short addresses in a text": _filled(
        HEAD + b"<item><link>https://x.example/</link><description><![CDATA[",
        b"<a href='1'>",
        b"]]></description></item>" + FOOT,
    ),
    "addresses in texts": _numbered(
        HEAD,
        b"<item><guid>%d</guid><link>" + _LONG_BASE + b"</link><description>"
        b"<![CDATA[" + b"<a href='1'>" * 300 + b"]]></description></item>",
        FOOT,
    ),
    "pictures on a long path": _numbered(
        HEAD + b"<item><link>%s</link>" % _LONG_BASE,
        b"<enclosure url='%d.jpg' type='image/a'/>",
        b"</item>" + FOOT,
    ),
    "places": _in_item(b"<geo:lat xmlns:geo='http://www.w3.org/2003/01/geo/wgs84_pos#'>%d</geo:lat>"),
}
_OF_OTHERS: dict[str, Shape] = {
    "JSON of empty items": lambda size: (
        b'{"version":"https://jsonfeed.org/version/1.1","items":[%s]}' % (b"{}," * (size // 3)).rstrip(b",")
    ),
    "JSON of items": lambda size: (
        b'{"version":"https://jsonfeed.org/version/1.1","items":[%s]}'
        % b",".join(b'{"id":%d,"title":"a"}' % n for n in range(size // 24))
    ),
    "JSON in JSON": _filled(b"", b"["),
    "JSON of numbers": lambda size: (
        b'{"version":"https://jsonfeed.org/version/1.1","items":[],"a":[%s1]}' % (b"1," * (size // 2))
    ),
    "JSON of a number": _filled(b'{"version":"https://jsonfeed.org/version/1.1","a":', b"1", b"}"),
    "a sitemap": _numbered(
        b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        b"xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'>",
        b"<url><loc>https://x.example/%d</loc><news:news><news:title>a</news:title></news:news></url>",
        b"</urlset>",
    ),
    "a sitemap of tags": _filled(b"<urlset>", b"<a/>", b"</urlset>"),
    "a sitemap of empty addresses": _filled(b"<urlset>", b"<url/>", b"</urlset>"),
    "a sitemap of tags that are none": _filled(b"<urlset>", b"<a ", b"</a></urlset>"),
    "a sitemap of addresses in addresses": _filled(b"<urlset>", b"<url>", b"</urlset>"),
    "a web page": _filled(b"<html><body>", b"<p>a", b""),
    "feeds that a page names": _filled(b"<html>", b"<link type=application/rss+xml ", b""),
}

FEEDS: Mapping[str, Shape] = MappingProxyType(
    {**_OF_MARKUP, **_OF_TEXT, **_OF_ENTRIES, **_OF_OTHERS}
    | {
        f"{name}, ill-formed at its end": _ill(shape)
        for name, shape in {**_OF_MARKUP, **_OF_TEXT, **_OF_ENTRIES}.items()
    }
)
"""By name: documents that are asked for as feeds."""

LISTINGS: Mapping[str, Shape] = MappingProxyType(
    {
        "links": _numbered(b"<html><body>", b"<a href=/%d>a</a>"),
        "links in boxes": _numbered(
            b"<html><body>", b"<div><h2>a</h2><time>today</time><a href=/%d>a</a></div>"
        ),
        "boxes without end": _filled(b"<html><body><a href=/1>a</a>", b"<div>"),
        "boxes without end, with links": _numbered(b"<html><body>", b"<div><a href=/%d>a</a>"),
        "boxes that are links": _filled(b"<html><body>", b"<a><b><i>"),
        "text": _filled(b"<html><body><a href=/1>a</a>", b"word "),
        "links on a long base": _numbered(b"<html><base href='%s'><body>" % _LONG_BASE, b"<a href=%d>a"),
        "attributes": _attributes(b"<html><body><a href=/1", b">a</a>"),
        "links of one address": _filled(b"<html><body>", b"<a href=/1>a</a>"),
    }
)
"""By name: pages that are read by selectors."""
