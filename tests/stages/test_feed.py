"""The feed stage: every kind of feed, every kind of fault, every kind of malice."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest

from bot.errors import FeedUnreadable
from bot.model import Picture
from bot.stages.feed import MOST_ENTRIES, entry_key, normalise_link, parse

FEEDS = Path(__file__).parent.parent / "data" / "feeds"
HEAD = b'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://x.example/</link>'
FOOT = b"</channel></rss>"
GENEROUS_SECONDS = 30.0  # of processor time; unbounded, these inputs would take minutes to days


def read(name: str, url: str = "https://harbour.example/feed", content_type: str = "application/rss+xml"):
    return parse((FEEDS / name).read_bytes(), content_type, "gazette", url)


def parsed(body: bytes | str, content_type: str = "application/rss+xml", url: str = "https://x.example/feed"):
    return parse(body.encode() if isinstance(body, str) else body, content_type, "f", url)


def rss(*items: bytes) -> bytes:
    return HEAD + b"".join(b"<item>%s</item>" % item for item in items) + FOOT


def entry(item: bytes):
    (one,) = parsed(rss(item)).entries
    return one


class TestKinds:
    def test_rss_091(self):
        feed = read("rss091.xml")
        assert (feed.title, feed.language, feed.warning) == ("Harbour Gazette", "en-gb", "")
        assert [e.title for e in feed.entries] == ["Ferry returns after refit", "New pier opens"]
        assert feed.entries[0].link == "https://harbour.example/ferry-returns"
        assert feed.entries[0].summary_html == "The ferry is back in service."

    def test_rss_092(self):
        (storm,) = read("rss092.xml").entries
        assert storm.summary_html == '<p>Nets were <a href="https://harbour.example/lost">lost</a>.</p>'
        assert storm.categories == ("Weather",)
        assert storm.pictures == (Picture("https://harbour.example/storm.jpg"),)

    def test_rss_10(self):
        feed = read("rss10.rdf", content_type="application/rdf+xml")
        (hafen,) = feed.entries
        assert (feed.language, feed.ttl_seconds) == ("de", 0)
        assert hafen.title == "Der Hafen wächst"
        assert hafen.author == "Änne Müller"
        assert hafen.content_html == "<p>Der <b>Hafen</b> wächst.</p>"
        assert hafen.summary_html == "Kurz gesagt."
        assert hafen.published == datetime(2026, 3, 2, 9, tzinfo=UTC)
        assert hafen.guid == "https://harbour.example/hafen"

    def test_rss_20(self):
        feed = read("rss20.xml")
        cable, bare = feed.entries
        assert (feed.title, feed.language, feed.ttl_seconds) == ("Harbour & Quay Gazette", "en-GB", 2700)
        assert cable.title == 'AT&T lays a cable: at last — "done"'
        assert cable.published == datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
        assert cable.author == "Jane Doe"
        assert cable.categories == ("Technology", "Sea & Shore")
        assert cable.summary_html == "A cable has been laid."
        assert '<a href="https://harbour.example/map">' in cable.content_html
        assert '<img src="https://harbour.example/img/cable.jpg" alt="">' in cable.content_html
        assert '<a href="#top">' in cable.content_html
        assert [(p.url, p.width, p.caption, p.credit) for p in cable.pictures] == [
            ("https://harbour.example/cable.jpg", 800, "The cable & its ship", "Joe Lens"),
            ("https://harbour.example/cable-small.jpg", 80, "The cable & its ship", "Joe Lens"),
        ]
        assert bare.link == bare.guid == "https://harbour.example/only-a-guid"
        assert bare.author == "Joe Lens"
        assert bare.published is None

    def test_atom(self):
        feed = read("atom10.xml", "https://quai.example/atom.xml", "application/atom+xml")
        bac, english = feed.entries
        assert (feed.title, feed.language) == ("La Gazette <du> quai", "fr")
        assert bac.title == "Le bac est de retour"
        assert bac.link == "https://quai.example/blog/bac.html"
        assert bac.author == "Zoé Marin, Luc Port"
        assert bac.categories == ("La mer",)
        assert bac.summary_html == "1 &lt; 2 &amp; vrai"
        assert "<p>Il est<br>de" in bac.content_html
        assert 'href="https://quai.example/retour"' in bac.content_html
        assert bac.pictures == (Picture("https://quai.example/blog/bac.png"),)
        assert (bac.published, bac.updated) == (
            datetime(2026, 3, 1, 7, tzinfo=UTC),
            datetime(2026, 3, 2, 8, tzinfo=UTC),
        )
        assert (english.language, english.link) == ("en", "https://other.example/x/y")
        assert english.content_html == '<img src="https://other.example/x/z.jpg">'


class TestEncodings:
    TITLE = "Café – “noir” à 5 €"

    @pytest.mark.parametrize("declared", [True, False])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_text_survives(self, encoding, declared):
        name = encoding.removesuffix("-sig")
        declaration = f'<?xml version="1.0" encoding="{name}"?>' if declared else ""
        body = f"{declaration}<rss version='2.0'><channel><item><title>{self.TITLE}</title></item></channel></rss>"
        assert parsed(body.encode(encoding)).entries[0].title == self.TITLE

    def test_windows_text_that_claims_to_be_latin_1(self):
        body = '<?xml version="1.0" encoding="iso-8859-1"?>' + HEAD.decode()[21:]
        body += f"<item><title>{self.TITLE}</title></item></channel></rss>"
        assert parsed(body.encode("cp1252")).entries[0].title == self.TITLE

    def test_utf_8_that_claims_to_be_latin_1(self):
        body = rss(f"<title>{self.TITLE}</title>".encode())
        assert parsed(body, "text/xml; charset=iso-8859-1").entries[0].title == self.TITLE

    def test_an_encoding_that_only_the_header_tells(self):
        body = rss("<title>Привет</title>".encode("koi8-r"))
        assert parsed(body, "text/xml; charset=koi8-r").entries[0].title == "Привет"

    def test_forbidden_characters_are_left_out(self):
        assert (
            entry(b"<title>a\x00\x0bb&#0;&#x1F;c&#xD800;d&#99999999999;e</title>").title
            == "ab\ufffd\ufffdc\ufffdd\ufffde"
        )


class TestForgiveness:
    def test_unescaped_ampersands_and_undeclared_entities(self):
        feed = read("unescaped.xml")
        first, second = feed.entries
        assert "not well-formed XML (line 2" in feed.warning
        assert feed.title == "R&D News"
        assert first.title == "AT&T & Verizon merge…"
        assert first.link == "https://rd.example/a?x=1&y=2"
        assert first.summary_html == "Café & bar"
        assert second.title == "Second"

    def test_text_before_the_root(self):
        feed = parsed(b"<br />\nWarning: something in /var/www/x.php\n" + rss(b"<title>a</title>"))
        assert [e.title for e in feed.entries] == ["a"]
        assert "text before its root" in feed.warning

    def test_blank_lines_before_the_declaration(self):
        assert parsed(b"\n\n  " + rss(b"<title>a</title>")).entries[0].title == "a"

    def test_a_document_that_breaks_off_gives_its_whole_entries(self):
        body = rss(*(b"<title>Story %d</title><link>https://x.example/%d</link>" % (n, n) for n in range(20)))
        whole = parsed(body).entries
        for end in range(len(HEAD) + 100, len(body) - len(FOOT), 13):
            feed = parsed(body[:end])
            assert feed.entries == whole[: len(feed.entries)]
            assert len(feed.entries) == body[:end].count(b"</item>")
            assert feed.cut_off
            assert "breaks off" in feed.warning

    def test_a_feed_without_entries_is_a_feed(self):
        feed = parsed(HEAD + FOOT)
        assert (feed.title, feed.entries, feed.warning) == ("T", (), "")

    def test_relative_links(self):
        first, second, third = read("relative.xml", "https://r.example/rss/feed.xml").entries
        assert first.link == "https://r.example/a.html"
        assert "href='https://r.example/b.html'" in first.summary_html
        assert 'src="https://cdn.example/c.jpg"' in first.summary_html
        assert second.link == "https://r.example/news/story/1"
        assert second.guid == "story/1"
        assert third.link == ""

    @pytest.mark.parametrize(
        ("title", "shown"),
        [
            (b"5 &lt; 6 and 7 &gt; 3", "5 < 6 and 7 > 3"),
            (b"<![CDATA[A <b>bold</b> claim]]>", "A bold claim"),
            (b"  many \n\t blanks&#160; ", "many blanks"),
            (b"Tom &amp;amp; Jerry", "Tom & Jerry"),
            (b"&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ],
    )
    def test_titles_are_plain(self, title, shown):
        assert entry(b"<title>" + title + b"</title>").title == shown

    @pytest.mark.parametrize(
        "date", ["", "yesterday", "0001-01-01", "9999-12-31T23:59:59Z", "Mon, 99 Foo 2026"]
    )
    def test_absurd_dates_are_none(self, date):
        assert entry(f"<pubDate>{date}</pubDate><title>a</title>".encode()).published is None


class TestUnreadable:
    @staticmethod
    def told(body: bytes, content_type: str = "text/html") -> str:
        with pytest.raises(FeedUnreadable) as caught:
            parse(body, content_type, "gazette", "https://x.example/news/")
        assert "\n" not in str(caught.value)
        return str(caught.value)

    def test_a_web_page_that_names_its_feed(self):
        page = b'<!DOCTYPE html>\n<html><head><link href="/feed?a=1&amp;b=2" type="application/rss+xml" rel=alternate>'
        assert self.told(page) == (
            "gazette: a web page, not a feed; it names https://x.example/feed?a=1&b=2 as its feed"
        )

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            (b"", "empty"),
            (b" \n ", "empty"),
            (b"<html><body>Sorry</body></html>", "a web page, not a feed"),
            (b'{"version": 3}', "JSON, but no JSON Feed"),
            (b"<?xml version='1.0'?><sitemap/>", "its root is <sitemap>"),
            (b"Service unavailable", "neither RSS nor Atom"),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "neither RSS nor Atom"),
            (HEAD + b"<item><title>half", "breaks off before its first entry ends"),
            (HEAD, "breaks off before its first entry ends"),
        ],
    )
    def test_each_is_told_in_words(self, body, words):
        assert words in self.told(body)


class TestKeys:
    def test_guids(self):
        feed = read("guids.xml", "https://g.example/feed")
        assert [e.title for e in feed.entries] == [
            "One",
            "No guid",
            "No guid and no link",
            "All the same A",
            "All the same B",
            "All the same C",
        ]
        assert len({e.key for e in feed.entries}) == 6
        assert all(len(e.key) == 20 for e in feed.entries)

    @pytest.mark.parametrize(
        "other",
        [
            "http://site.example/story",
            "https://www.site.example/story/",
            "HTTPS://Site.Example:443/story",
            "https://site.example/story?utm_source=rss&utm_medium=feed",
            "https://site.example/story?fbclid=1&gclid=2",
            "https://site.example/story#0",
            "https://site.example/story#at_medium=RSS",
            " https://site.example/story ",
        ],
    )
    def test_addresses_of_one_story_are_one(self, other):
        assert normalise_link(other) == normalise_link("https://site.example/story")

    @pytest.mark.parametrize(
        "other",
        [
            "https://site.example/Story",
            "https://site.example/story/2",
            "https://site.example/story?id=1",
            "https://site.example:8080/story",
            "https://blog.site.example/story",
            "https://site.example/story#v1.2",
            "https://site.example/story?id=",
        ],
    )
    def test_addresses_of_other_stories_are_others(self, other):
        assert normalise_link(other) != normalise_link("https://site.example/story")

    def test_parameters_in_any_order_and_escapes_in_any_spelling(self):
        assert normalise_link("http://x.example/é?b=2&a=1") == normalise_link(
            "http://x.example/%c3%a9?a=1&b=2"
        )

    def test_a_web_address_as_guid_is_the_same_in_every_feed(self):
        keys = {
            entry_key(feed, guid, link, title, None)
            for feed, guid, link, title in [
                ("a", "https://x.example/?p=7", "https://x.example/story", "A"),
                ("b", "http://www.x.example/?p=7", "https://x.example/renamed", "B"),
            ]
        }
        assert len(keys) == 1

    def test_any_other_guid_belongs_to_its_feed(self):
        assert entry_key("a", "7", "", "", None) != entry_key("b", "7", "", "", None)
        assert entry_key("a", "7", "x", "A", None) == entry_key("a", "7", "y", "B", datetime.now(UTC))

    def test_without_guid_and_link_title_and_date_decide(self):
        day = datetime(2026, 3, 2, tzinfo=UTC)
        keys = {entry_key("a", "", "", title, date) for title in "xy" for date in (None, day)}
        assert len(keys) == 4

    def test_the_key_does_not_depend_on_where_the_feed_came_from(self):
        body = rss(b"<title>a</title><guid>12345</guid>", b"<title>b</title><link>https://x.example/b</link>")
        here, there = (
            parsed(body, url=f"https://{host}/feed").entries for host in ("x.example", "moved.example")
        )
        assert [e.key for e in here] == [e.key for e in there]

    def test_a_long_guid_counts_to_its_end(self):
        long = b"<guid isPermaLink='false'>" + b"x" * 5000
        first, second = parsed(rss(long + b"1</guid>", long + b"2</guid>")).entries
        assert first.key != second.key
        assert len(first.guid) <= 2000

    def test_keys_are_stable_for_ever(self):
        """Stored in databases: a change of these would post everything again."""
        assert entry_key("f", "https://x.example/a", "", "", None) == "e97e383f9c5a1e6fcffe"
        assert entry_key("f", "7", "", "", None) == "2c7b5899c0248520152d"


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

    def test_a_hundred_thousand_entries(self):
        entries = self.bounded(rss(*(b"<title>%d</title>" % n for n in range(100_000))))
        assert len(entries) == MOST_ENTRIES

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
