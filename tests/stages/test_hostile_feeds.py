"""The feed stage and every kind of malice."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime
from time import process_time

import pytest

from bot.config import ListingConfig
from bot.errors import FeedUnreadable
from bot.model import ParsedFeed
from bot.stages.feed import MOST_ENTRIES, document, parse
from bot.stages.feed.parsers import MOST_ELEMENTS, forgivingly
from tests.fuzz import shapes
from tests.stages.feeds import FEEDS, FOOT, HEAD, entry, parsed, rss

SELECTORS = ListingConfig(link="a", title="h2", date="time")
GENEROUS_SECONDS = 30.0  # of processor time; unbounded, these inputs would take minutes to days

LONG_TEXTS = {
    "a gallery": b"<div data-items='[%s]'></div>"
    % b",".join([b'{"u":"https://x.example/p.jpg?w=1&h=2&q=3&f=4"}'] * 251),
    "a script": b"<script>if(a<b){%s}</script>" % (b"a=b;" * 2000),
    "a picture within, unquoted": b"<img src=data:image/png;base64,%s>" % (b"A" * 60_000),
    "a picture within": b'<img src="data:image/png;base64,%s==">' % (b"A" * 300_000),
    "a bracket before words": b"a <b%s" % (b" word" * 10_000),
    "a query of many fields": b'<a href="https://x.example/?%s">a</a>'
    % b"&".join(b"a%d=b" % n for n in range(1200)),
    "a path, unquoted": b"<svg><path d=M%s></svg>" % (b" 1 2" * 20_000),
}


def fill(piece: bytes, size: int = 500_000) -> bytes:
    return piece * (size // len(piece))


class TestMalice:
    @staticmethod
    def bounded(body: bytes):
        """The entries, or none; in bounded time."""
        begun = process_time()
        try:
            return parsed(body).entries
        except FeedUnreadable:
            return ()
        finally:
            assert process_time() - begun < GENEROUS_SECONDS

    @pytest.mark.parametrize(
        "declared_as", [b"'%s'", b"SYSTEM 'file:///etc/passwd'", b"SYSTEM 'http://127.0.0.1:1/'"]
    )
    def test_entities_are_neither_expanded_nor_fetched(self, declared_as):
        value = declared_as % (b"boo" * 1000) if b"%" in declared_as else declared_as
        body = b"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY e " + value + b">]>"
        body += b"<rss version='2.0'><channel><item><title>[&e;]</title></item></channel></rss>"
        assert parsed(body).entries[0].title == "[&e;]"

    def test_a_billion_laughs(self):
        laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
        body = b'<?xml version="1.0"?>\n<!DOCTYPE rss [<!ENTITY l0 "lol">' + laughs + b"]>"
        body += b"<rss version='2.0'><channel><item><title>&l9;</title></item></channel></rss>"
        assert [e.title for e in self.bounded(body)] == ["&l9;"]

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(HEAD + fill(b"<a>"), id="deep nesting"),
            pytest.param(HEAD + b"<item><title>" + fill(b"<"), id="angle brackets"),
            pytest.param(HEAD + b"<item><title>" + fill(b"<a x='"), id="quotes"),
            pytest.param(HEAD + b"<item><author>" + fill(b"a.") + b"</author></item>" + FOOT, id="author"),
            pytest.param(
                HEAD + b"<item " + b" ".join(b"a%d=''" % n for n in range(200_000)) + b"/>" + FOOT,
                id="attributes",
            ),
            pytest.param(
                HEAD
                + b"<item>"
                + b"".join(b"<category>%d</category>" % n for n in range(100_000))
                + b"</item>"
                + FOOT,
                id="categories",
            ),
            pytest.param(
                b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><content type='xhtml'>"
                + fill(b"&#10;")
                + b"<div/></content></entry></feed>",
                id="blanks",
            ),
            pytest.param(b"<!DOCTYPE " + fill(b"\n") + b"<rss>", id="doctype"),
            pytest.param(b"<?xml version='1.0'?>" + fill(b"\n ") + b"<rss>", id="blanks before the root"),
            pytest.param(random.Random(7).randbytes(500_000), id="noise"),
        ],
    )
    def test_time_is_bounded(self, body):
        self.bounded(body)

    def test_of_very_many_entries_the_newest_are_taken(self):
        days = [datetime(2026, 1 + n % 12, 1 + n % 28, n % 24, tzinfo=UTC) for n in range(5000)]
        items = (
            b"<title>%d</title><pubDate>%s</pubDate>" % (n, day.isoformat().encode())
            for n, day in enumerate(days)
        )
        feed = parsed(rss(*items))
        assert len(feed.entries) == MOST_ENTRIES
        assert "newest 2000" in feed.warning
        assert min(e.published for e in feed.entries) >= sorted(days, reverse=True)[MOST_ENTRIES]
        numbers = [int(e.title) for e in feed.entries]
        assert numbers == sorted(numbers)

    def test_of_a_hundred_thousand_entries_the_first_are_read_and_that_is_told(self):
        feed = parsed(rss(*(b"<title>%d</title>" % n for n in range(100_000))))
        assert feed.warning.startswith("more than 150000 elements; the rest was left unread; very long")
        assert [each.title for each in feed.entries] == [str(n) for n in range(MOST_ENTRIES)]

    def test_long_texts_are_cut_and_long_markup_left_out(self):
        long = b"x" * 10_000_000
        big = entry(
            b"<title>%s</title><description>%s</description><category>%s</category>" % (long, long, long)
        )
        assert len(big.title) == 500
        assert big.title.endswith("…")
        assert len(big.categories[0]) == 100
        assert big.summary_html == ""

    def test_elements_named_as_feedparsers_own_fields_do_no_harm(self):
        names = (
            "links authors tags content media_content media_thumbnail media_credit image published_parsed "
        )
        names += "title_detail summary_detail language updated_parsed contributors source"
        for name in names.split():
            for text in ("x", "<b>y</b>", ""):
                item = f"<{name} a='b'>{text}</{name}><{name}>{text}</{name}><title>T</title><link>/l</link>"
                assert [e.title for e in self.bounded(rss(item.encode()))] == ["T"], name

    def test_no_damage_raises_anything_but_ours(self):
        chance = random.Random(2026)
        names = ["rss20.xml", "atom10.xml", "rss10.rdf", "unescaped.xml"]
        pieces = [
            b"<",
            b">",
            b"&",
            b"&#",
            b"]]>",
            b"<![CDATA[",
            b"\xff",
            b"xml:base='http://[' ",
            b"'",
            b'"',
            b"<item>",
            b"</",
        ]
        for name, _ in itertools.product(names, range(100)):
            body = bytearray((FEEDS / name).read_bytes())
            for _ in range(chance.randrange(1, 6)):
                at = chance.randrange(len(body))
                body[at : at + chance.randrange(12)] = chance.choice(pieces)
            for e in self.bounded(bytes(body)):
                assert e.key


def answered(
    shape, size: int = 30_000, selectors: ListingConfig | None = None
) -> ParsedFeed | FeedUnreadable:
    try:
        return parse(shape(size), "", "f", "https://x.example/feed", selectors, "en")
    except FeedUnreadable as error:
        return error


class TestShapes:
    """Each of tests/fuzz/shapes.py; benchmarks/hostile.py measures the same, larger."""

    @pytest.mark.parametrize("name", shapes.FEEDS)
    def test_a_feed_is_read_or_refused_in_one_line(self, name):
        self.read_or_refused(answered(shapes.FEEDS[name]))

    @pytest.mark.parametrize("name", shapes.LISTINGS)
    def test_a_page_is_read_or_refused_in_one_line(self, name):
        self.read_or_refused(answered(shapes.LISTINGS[name], selectors=SELECTORS))

    @staticmethod
    def read_or_refused(answer: ParsedFeed | FeedUnreadable) -> None:
        if isinstance(answer, FeedUnreadable):
            assert answer.problem
            assert "\n" not in str(answer)
            return
        assert len(answer.entries) <= MOST_ENTRIES
        assert len({each.key for each in answer.entries}) == len(answer.entries)
        assert "\n" not in answer.warning

    @pytest.mark.parametrize(
        "name",
        [
            "texts of comments",
            "texts of scripts",
            "addresses in a text",
            "pictures on a long path",
            "bases in bases that grow",
            "ends of others among blanks",
        ],
    )
    def test_what_once_took_more_than_its_length(self, name):
        begun = process_time()
        answered(shapes.FEEDS[name], 1_000_000)
        assert process_time() - begun < GENEROUS_SECONDS

    @pytest.mark.parametrize("name", ["boxes without end, with links", "boxes that are links"])
    def test_pages_that_once_took_more_than_their_length(self, name):
        begun = process_time()
        answered(
            shapes.LISTINGS[name],
            1_000_000,
            ListingConfig(link="article a, a", title="main h2", date="main time"),
        )
        assert process_time() - begun < GENEROUS_SECONDS


class TestBounds:
    """What is over a bound is told, and what is below it is taken."""

    def test_all_readings_of_a_document_have_one_number_of_elements_to_spend(self, monkeypatch):
        spent = []
        for name in ("strictly", "forgivingly"):
            monkeypatch.setattr(document, name, counting(getattr(document, name), spent))
        feed = parsed(rss(*(b"<title>A&B %d</title>" % n for n in range(50_000)))[:-1])
        assert len(feed.entries) == MOST_ENTRIES
        assert 100_000 < sum(spent) <= MOST_ELEMENTS + len(spent)

    def test_what_was_read_before_a_fault_is_taken_where_it_is_too_much_to_be_read_again(self):
        body = rss(*(b"<title>%d</title><guid>%d</guid>" % (n, n) for n in range(25_000)))
        feed = parsed(body[:-1])
        assert len(feed.entries) == MOST_ENTRIES
        assert feed.warning.startswith(
            "not well-formed XML (line 2: unclosed token); the rest was left unread"
        )

    def test_behind_a_fault_a_feed_of_any_usual_size_is_read_to_its_end(self):
        items = [b"<title>%d</title><guid>%d</guid><link>/%d</link>" % (n, n, n) for n in range(1900)]
        feed = parsed(rss(b"<title>x</b></title>", *items))
        assert [each.title for each in feed.entries[1:]] == [str(n) for n in range(1900)]
        assert "left unread" not in feed.warning

    def test_a_tag_of_thousands_of_attributes(self):
        monster = b"<item%s/>" % b"".join(b" a%d=''" % n for n in range(5000))
        feed = parsed(HEAD + b"<item><title>a</title></item>" + monster + FOOT)
        assert [each.title for each in feed.entries] == ["a"]
        assert feed.warning == "an element with 5000 attributes; the rest was left unread"

    @pytest.mark.parametrize("text", LONG_TEXTS)
    @pytest.mark.parametrize("ill_formed", [b"", b"</b>"])
    def test_a_text_however_strange_loses_no_entry(self, text, ill_formed):
        items = [b"<title>%d</title><guid>%d</guid>" % (n, n) for n in range(20)]
        items[5] += b"<description><![CDATA[%s]]></description>" % LONG_TEXTS[text]
        feed = parsed(rss(*items[:19], items[19] + ill_formed))
        assert [each.title for each in feed.entries] == [str(n) for n in range(20)]
        assert feed.entries[5].summary_html == LONG_TEXTS[text].decode()

    def test_elements_of_texts_in_xhtml(self):
        text = b"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>%s</div></content>"
        entries = (
            b"<entry><id>%d</id>%s</entry>" % (n, text % (b"<p><b>a</b></p>" * 500)) for n in range(100)
        )
        feed = parsed(b"<feed xmlns='http://www.w3.org/2005/Atom'>%s</feed>" % b"".join(entries))
        assert [each.guid for each in feed.entries] == [str(n) for n in range(100)]
        assert feed.warning == ""

    def test_a_large_feed_that_is_ill_formed_near_its_end(self):
        items = [b"<guid>%d</guid>" % n + b"<category>c</category>" * 23 for n in range(1500)]
        items[1490] += b"</b>"
        feed = parsed(rss(*items))
        assert [each.guid for each in feed.entries] == [str(n) for n in range(1500)]
        assert "left unread" not in feed.warning

    def test_signs_for_the_parser_that_forgives(self):
        feed = parsed(rss(b"<title>a</title>", b"<title>b</title>" + b"</b>" * 300_000))
        assert [each.title for each in feed.entries] == ["a"]
        assert "only its first 0.8MB were read" in feed.warning

    def test_a_text_does_not_grow_without_end_by_its_addresses(self):
        link = b"<link>https://x.example/%s</link>" % (b"a/" * 1900)
        text = b"<a href='1'>x</a>" * 5000
        big = entry(link + b"<description><![CDATA[%s]]></description>" % text)
        assert big.summary_html.count(">x</a>") == 5000
        assert len(big.summary_html) < 6 * len(text)
        few = entry(link + b"<description><![CDATA[<a href='1'>x</a>]]></description>")
        assert few.summary_html == f"<a href='{few.link}1'>x</a>"

    def test_a_base_does_not_grow_without_end(self):
        inner = b"<item><title>T</title><link>b</link></item>"
        for depth, where in ((3, "https://x.example/dir/dir/dir/b"), (300, None)):
            body = b"<a xml:base='dir/'>" * depth + inner + b"</a>" * depth
            root = b"<rss xml:base='https://x.example/'><channel>%s</channel></rss>"
            (told,) = parsed(root % body).entries
            assert told.link == where or len(told.link) < 600

    def test_pictures_and_authors_of_one_entry(self):
        pictures = b"".join(b"<enclosure url='/%d.jpg' type='image/jpeg'/>" % n for n in range(5000))
        authors = b"".join(b"<author>Somebody %d</author>" % n for n in range(5000))
        big = entry(b"<title>T</title>" + pictures + authors)
        assert [each.url for each in big.pictures] == [f"https://x.example/{n}.jpg" for n in range(20)]
        assert big.author.startswith("Somebody 0, Somebody 1, ")
        assert len(big.author) <= 200

    def test_a_comment_without_end_hides_what_follows_as_in_a_browser(self):
        told = entry(b"<description>&lt;b>Some words.&lt;/b> &lt;!-- and no more</description>")
        assert told.title == "Some words."

    def test_items_of_json(self):
        items = ",".join(f'{{"id":{n}}}' for n in range(25_000))
        feed = parsed(b'{"version":"https://jsonfeed.org/version/1","items":[%s]}' % items.encode())
        assert feed.warning.startswith("more than 20000 items; the rest was left unread; very long")

    def test_a_guid_of_many_links_is_no_identity_however_long_the_feed(self):
        items = (b"<guid isPermaLink='false'>same</guid><link>/%d</link>" % n for n in range(3000))
        assert len(parsed(rss(*items)).entries) == MOST_ENTRIES

    @pytest.mark.parametrize("nothing", [b"<urlset ", b"<urlset><", b"<urlset>\0", b"<urlset", b"<urlset></"])
    def test_a_sitemap_of_nothing(self, nothing):
        with pytest.raises(FeedUnreadable):
            parsed(nothing)

    def test_addresses_of_a_sitemap(self):
        url = b"<url><loc>https://x.example/%d</loc><n:news xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'/></url>"
        body = b"<urlset>%s</urlset>" % b"".join(url % n for n in range(50_001))
        feed = parsed(body)
        assert feed.warning.startswith("more than 50000 addresses; the rest was left unread; very long")
        assert len(feed.entries) == MOST_ENTRIES

    def test_a_listing_tells_what_it_left_unread(self):
        page = b"<html><body>%s</body></html>" % b"".join(b"<a href=/%d>a</a>" % n for n in range(1001))
        assert parse(page, "", "f", "https://x.example/", SELECTORS).warning == (
            "a page larger than any: left unread were its links after the first 1000"
        )
        deep = b"<div>" * 300 + b"<h2>T</h2><a href=/1>a story</a>"
        feed = parse(deep, "", "f", "https://x.example/", SELECTORS)
        assert [each.title for each in feed.entries] == ["a story"]
        assert "elements within 200 others" in feed.warning
        with pytest.raises(FeedUnreadable, match=r"finds no link on the page \(a page larger than any"):
            parse(b"<b>" * 70_000 + b"<a href=/1>a</a>", "", "f", "https://x.example/", SELECTORS)


def counting(read, spent: list[int]):
    def reading(*arguments):
        result = read(*arguments)
        spent.append(result.elements * (2 if read is forgivingly else 1))
        return result

    return reading
