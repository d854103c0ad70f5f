"""The feed stage: every kind of feed, every encoding, every kind of fault."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from bot.errors import FeedUnreadable
from bot.model import Picture
from bot.stages.feed import parse
from tests.stages.feeds import FOOT, HEAD, entry, parsed, read, rss


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

    def test_words_of_a_title_are_whole(self):
        title = "\ufeffRe\u00adgio&#173;nal coun\u200bcil&#8203; \u0e01\u200b\u0e02"
        assert (
            parsed(rss(f"<title>{title}</title>".encode())).entries[0].title
            == "Regional council \u0e01\u200b\u0e02"
        )

    @pytest.mark.parametrize(
        ("declared", "header", "title"),
        [
            ("windows-1251", "text/xml; charset=us-ascii", "Привет"),
            ("windows-1251", "text/xml; charset=iso-8859-1", "Привет"),
            ("windows-1251", "application/xml; charset=utf-8", "Привет"),
            ("euc-jp", "text/xml; charset=us-ascii", "日本語"),
            ("gb2312", "text/xml; charset=iso-8859-1", "中文新闻"),
            ("iso-8859-2", "application/rss+xml; charset=iso-8859-1", "Łódź"),
            ("koi8-r", "text/html; charset=windows-1251", "Привет"),
        ],
    )
    def test_a_declaration_that_fits_goes_before_a_header(self, declared, header, title):
        body = f'<?xml version="1.0" encoding="{declared}"?>' + HEAD.decode()[21:]
        body += f"<item><title>{title}</title></item></channel></rss>"
        assert parsed(body.encode(declared), header).entries[0].title == title

    def test_a_header_goes_before_a_declaration_that_says_nothing_or_does_not_fit(self):
        for declared in ("iso-8859-1", "us-ascii", "utf-8", "utf-16"):
            body = f'<?xml version="1.0" encoding="{declared}"?>' + HEAD.decode()[21:]
            body += "<item><title>Привет</title></item></channel></rss>"
            body += " " * (len(body) % 2)  # any bytes of an even number are UTF-16
            assert parsed(body.encode("koi8-r"), "text/xml; charset=koi8-r").entries[0].title == "Привет"

    def test_forbidden_characters_are_left_out(self):
        assert (
            entry(b"<title>a\x00\x0bb&#0;&#x1F;c&#xD800;d&#99999999999;e</title>").title
            == "ab\ufffd\ufffdc\ufffdd\ufffde"
        )


class TestPacked:
    """A gzip file that no header calls so: news-sitemap.xml.gz is one."""

    PACKED = gzip.compress(rss(b"<title>a</title>"), mtime=0)

    def test_it_is_unpacked(self):
        assert parsed(self.PACKED, "application/x-gzip").entries[0].title == "a"

    @pytest.mark.parametrize("behind", [b"", b"\n", b"\0" * 512, b"junk", gzip.compress(b"")])
    def test_members(self, behind):
        body = rss(*(b"<title>%d</title>" % n for n in range(50)))
        cut = body.index(b"<item><title>25<")
        feed = parsed(gzip.compress(body[:cut]) + gzip.compress(body[cut:]) + behind)
        assert [each.title for each in feed.entries] == [str(n) for n in range(50)]
        assert feed.warning == ""

    def test_members_without_number(self):
        assert parsed(gzip.compress(b"") * 50_000 + self.PACKED).entries[0].title == "a"

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            pytest.param(PACKED[:-12], "a gzip file that breaks off", id="breaks off"),
            pytest.param(PACKED[:10] + b"\xff" * 20, "a damaged gzip file", id="damaged"),
            pytest.param(gzip.compress(b" " * 10_000_001), "a gzip file of more than 10MB", id="bomb"),
            pytest.param(
                gzip.compress(b" " * 6_000_000) * 2, "a gzip file of more than 10MB", id="bomb in two members"
            ),
            pytest.param(PACKED + PACKED[:-12], "a gzip file that breaks off", id="second breaks off"),
            pytest.param(PACKED + PACKED[:10] + b"\xff" * 20, "a damaged gzip file", id="second damaged"),
            pytest.param(PACKED + b"\x1f\x8b\xff" * 9, "a damaged gzip file", id="second unknown"),
        ],
    )
    def test_what_cannot_be_unpacked_whole_is_told(self, body, words):
        with pytest.raises(FeedUnreadable, match=f"f: {words}"):
            parsed(body)


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

    @pytest.mark.parametrize("scheme", [b"https", b"http"])  # that of the feed, and the other
    def test_a_link_over_several_lines_is_one_address_and_its_key_stays(self, scheme):
        plain, broken = (
            entry(b"<title>A</title><link>%s://y.example/a?b=1%scd=2</link>" % (scheme, between))
            for between in (b"", b"\n\t\r\n")
        )
        assert (broken.link, broken.key) == (f"{scheme.decode()}://y.example/a?b=1cd=2", plain.key)

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
