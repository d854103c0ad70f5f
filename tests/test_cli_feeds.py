"""The list of feeds, one address and one article as a person asks for them: feeds, why, preview."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from bot import config_file
from bot.cli import run
from bot.engines.store import DatabaseStore
from bot.engines.translators import ENGINES
from bot.model import FeedState, Post, RemotePost, Skip, Take
from bot.opml import parse
from bot.states import Change, Event
from tests.contracts.store import NOW, entry
from tests.servers import serve

CONFIG = """# mine, and only mine
[fetch]
allow_private_networks = true
[translation]
engines = ["local"]
[translation.local]
models_dir = "{models}"

[[sites]]
name = "monde"
url = "http://127.0.0.1:1"
username = "newsbot"
password_env = "BOT_PASSWORD"
language = "pt"

[[feeds]]   # the one
name = "world"
url = "{base}/world.xml"
language = "en"
sites = ["monde"]
rights = "open"
exclude = ["podcast"]"""  # without a newline at its end, as people leave it

FEED = """<rss version="2.0"><channel><title>The "Hallin" Times \\ Café</title><language>en_GB</language>
<item><guid>1</guid><title>The ice has gone</title><link>{base}/ice</link>
  <description>The harbour has opened again after eleven days of ice.</description>
  <pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Podcast: harbours</title><link>{base}/podcast</link></item>
</channel></rss>"""

ARTICLE = """<html lang="en"><head><title>The ice has gone</title></head><body><article><h1>The ice has gone</h1>
{paragraphs}<p>It ended with <a href="https://x.example/boat">a boat</a>.</p></article></body></html>""".format(
    paragraphs="<p>The harbour of Port Hallin has opened again after eleven days of ice, the council said.</p>"
    * 5
)


def answer(body: str, kind: str = "application/rss+xml"):
    return lambda handler: handler.reply(
        200, body.replace("{base}", handler.server.base_url).encode(), content_type=f"{kind}; charset=utf-8"
    )


def page(head: str):
    return answer(f"<html><head>{head}</head><body>Hello.</body></html>", "text/html")


def link(path: str) -> str:
    return f'<link rel="alternate" type="application/rss+xml" href="{path}">'


@pytest.fixture
def web():
    routes = {
        "/world.xml": answer(FEED),
        "/feed/": answer(FEED),
        "/titles": answer(re.sub("<description>.*?</description>", "", FEED, flags=re.DOTALL)),
        "/ice": answer(ARTICLE, "text/html"),
        "/one": page(link("/feed/") + link("/comments/feed/")),
        "/two": page(link("/feed/") + link("/world.xml") + link("/gone.xml")),
        "/silent": page(""),
        "/comments/feed/": answer(FEED),
    }
    with serve(routes) as server:
        yield server.base_url


@pytest.fixture
def bot(web, tmp_path, monkeypatch, capfd, models_dir):
    monkeypatch.setenv("BOT_PASSWORD", "s3cret")
    path = tmp_path / "config.toml"
    path.write_text(CONFIG.replace("{base}", web).replace("{models}", str(models_dir)))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["--config", str(path), *arguments])
        out, err = capfd.readouterr()
        assert "s3cret" not in out + err
        return code, out, err

    call.path, call.folder = path, tmp_path
    call.store = lambda: DatabaseStore(f"sqlite:///{tmp_path}/data/bot.db")
    return call


def loaded(bot):
    return config_file.load(bot.path, {"BOT_PASSWORD": "x"}, ENGINES)


class TestDiscover:
    def test_a_page_that_names_its_feeds(self, bot, web):
        code, out, _ = bot("feeds", "discover", f"{web}/two")
        assert code == 0
        assert out.splitlines() == [
            f"{web}/feed/",
            '    The "Hallin" Times \\ Café, en-GB: 2 entries, the newest of 2026-03-01',
            f"{web}/world.xml",
            '    The "Hallin" Times \\ Café, en-GB: 2 entries, the newest of 2026-03-01',
        ]

    def test_the_usual_places_and_the_feed_itself(self, bot, web):
        assert bot("feeds", "discover", f"{web}/silent")[1].splitlines()[0] == f"{web}/feed/"
        assert bot("feeds", "discover", f"{web}/world.xml")[1].splitlines()[0] == f"{web}/world.xml"

    def test_without_a_config(self, bot, web):
        bot.path.unlink()
        code, _, err = bot("feeds", "discover", f"{web}/one")
        assert (code, "set fetch.allow_private_networks" in err) == (1, True)

    def test_a_site_without_any(self, bot):
        with serve({"/silent": page("")}) as other:
            for command in ("discover", "add"):
                code, out, err = bot("feeds", command, f"{other.base_url}/silent")
                assert (code, out) == (1, "")
                assert (
                    err
                    == f"{other.base_url}/silent: no feed was found there; look up its address on the site\n"
                )

    def test_an_address_that_does_not_answer(self, bot, web):
        code, out, err = bot("feeds", "discover", f"{web}/nowhere")
        assert (code, out) == (1, "")
        assert "404" in err


class TestAdd:
    def test_leaves_every_byte_of_the_owner_as_it_was(self, bot, web):
        before = bot.path.read_text()
        code, out, _ = bot("feeds", "add", f"{web}/one")
        assert code == 0
        assert out.startswith(f'the-hallin-times-cafe is added to {bot.path}: The "Hallin" Times')
        after = bot.path.read_text()
        assert after.startswith(f"{before}\n\n[[feeds]]\n")
        feed = loaded(bot).feeds[-1]
        assert (feed.url, feed.language, feed.sites) == (f"{web}/feed/", "en-GB", ("monde",))
        assert feed.source == 'The "Hallin" Times \\ Café'
        assert feed.rights == "unknown"

    def test_of_bare_titles_says_that_nothing_would_come(self, bot, web):
        code, _, err = bot("feeds", "add", f"{web}/titles")
        assert (code, err.startswith("It holds no text: set rights of the-hallin-times-cafe")) == (0, True)
        assert "until then nothing, for it holds no text" in bot.path.read_text()

    def test_can_be_done_twice_with_names_that_differ(self, bot, web):
        bot("feeds", "add", f"{web}/feed/")
        assert bot("feeds", "add", f"{web}/comments/feed/", "--name", "talk")[0] == 0
        assert [feed.name for feed in loaded(bot).feeds] == ["world", "the-hallin-times-cafe", "talk"]

    @pytest.mark.parametrize(
        ("arguments", "code", "told"),
        [
            (["{web}/world.xml"], 2, "is there already, as world"),
            (["{web}/two"], 1, "has 2 feeds; name one of them"),
            (["{web}/feed/", "--site", "mond"], 2, 'there is no site "mond"; there are: monde'),
            (["{web}/feed/", "--name", "a b"], 2, "feeds[1].name"),
            (["{web}/feed/", "--name", "world"], 2, "stands twice"),
        ],
    )
    def test_writes_nothing_where_something_is_wrong(self, bot, web, arguments, code, told):
        before = bot.path.read_bytes()
        got, out, err = bot("feeds", "add", *(each.replace("{web}", web) for each in arguments))
        assert (got, out, bot.path.read_bytes()) == (code, "", before)
        assert told in err

    def test_a_site_must_be_named_where_there_are_several(self, bot, web):
        second = '\n\n[[sites]]\nname = "welt"\nurl = "http://127.0.0.1:2"\nusername = "u"\npassword_env = "BOT_PASSWORD"\nlanguage = "de"\n'
        bot.path.write_text(bot.path.read_text() + second)
        assert "there are: monde, welt" in bot("feeds", "add", f"{web}/feed/")[2]
        assert bot("feeds", "add", f"{web}/feed/", "--site", "welt", "--site", "monde")[0] == 0
        assert loaded(bot).feeds[-1].sites == ("welt", "monde")

    def test_line_ends_are_those_of_the_file(self, bot, web):
        bot.path.write_bytes(bot.path.read_bytes().replace(b"\n", b"\r\n"))
        assert bot("feeds", "add", f"{web}/feed/")[0] == 0
        written = bot.path.read_bytes()
        assert written.count(b"\n") == written.count(b"\r\n")
        assert len(loaded(bot).feeds) == 2


class TestOpml:
    LIST = """<opml version="2.0"><body><outline text="News &#10; [[feeds]]">
    <outline text="Новости" xmlUrl="https://y.example/rss" language="RU"/>
    <outline text="World again" xmlUrl="{web}/world.xml?utm_source=reader"/>
    <outline text="Y" xmlUrl="https://z.example/rss"/><outline text="Y" xmlUrl="https://z.example/atom"/>
    <outline text="Evil" xmlUrl="javascript:alert(1)"/><outline text="Login" xmlUrl="https://u:hunter2@z.example/"/>
    </outline></body></opml>"""

    def test_an_import_adds_what_is_new(self, bot, web):
        file = bot.folder / "list.opml"
        file.write_text(self.LIST.replace("{web}", web))
        code, out, err = bot("feeds", "import", str(file))
        assert (code, out.split()) == (0, ["y.example", "y", "y-2"])
        assert "left out: Evil (javascript:alert(1)): not an address; write it in full" in err
        assert err.endswith(f"\n3 added to {bot.path}, 3 left out\n")
        assert "hunter2" not in err
        feeds = {feed.name: feed for feed in loaded(bot).feeds}
        assert (feeds["y.example"].source, feeds["y.example"].language) == ("Новости", "ru")
        assert feeds["y"].language == "auto"
        assert "hunter2" not in bot.path.read_text()
        assert bot("feeds", "import", str(file))[1] == ""

    def test_an_export_is_read_by_others(self, bot, web):
        code, out, _ = bot("feeds", "export")
        assert code == 0
        assert [(each.url, each.title, each.language) for each in parse(out.encode(), "x")] == [
            (f"{web}/world.xml", "world", "en")
        ]

    def test_a_file_that_is_not_there(self, bot):
        assert bot("feeds", "import", "/nowhere.opml")[0] == 1


class TestTest:
    def test_tells_what_would_be_taken_and_stores_nothing(self, bot):
        for _ in range(2):
            code, out, err = bot("feeds", "test", "world")
            assert (code, out.splitlines()) == (
                0,
                ["skip  Podcast: harbours", '          matches exclude "podcast"', "take  The ice has gone"],
            )
            assert err.startswith("1 would be taken, 1 skipped")
        assert bot("items")[1] == ""

    def test_reads_the_articles_where_only_their_text_can_tell(self, bot):
        bot.path.write_text(f"{bot.path.read_text()}\nmin_chars = 5000\n")
        _, out, _ = bot("feeds", "test", "world")
        assert "skip  The ice has gone\n          its text has " in out

    def test_tries_the_selectors_of_its_pages(self, bot):
        bot.path.write_text(f'{bot.path.read_text()}\npage = {{ body = "article p", title = "h2" }}\n')
        _, out, _ = bot("feeds", "test", "world")
        assert out.splitlines()[2:] == [
            "take  The ice has gone",
            "          text from rules",
            '          rules: title "h2" finds nothing',
        ]

    def test_tells_what_would_only_fail(self, bot):
        bot.path.write_text(
            bot.path.read_text().replace('rights = "open"', "").replace('exclude = ["podcast"]', "")
        )
        _, out, err = bot("feeds", "test", "world")
        assert "skip  Podcast: harbours\n          the feed holds no text of it, and without rights" in out
        assert err.startswith("1 would be taken, 1 skipped")
        assert "only excerpts of the feed's own text are relayed: world" in bot("check")[2]

    def test_an_unknown_feed(self, bot):
        code, _, err = bot("feeds", "test", "wold")
        assert (code, 'there is no feed "wold"; there are: world' in err) == (2, True)


class TestExtract:
    def extract(self, bot, *arguments: str):
        code, out, err = bot("extract", *arguments, "--json")
        assert code == 0
        return json.loads(out), err

    def test_by_the_selectors_of_a_feed(self, bot, web):
        bot.path.write_text(f'{bot.path.read_text()}\npage = {{ body = "article p" }}\n')
        assert self.extract(bot, f"{web}/ice")[0]["rung"] == "readability"
        article, err = self.extract(bot, f"{web}/ice", "--feed", "world")
        assert (article["rung"], article["faults"], err) == ("rules", [], "")
        assert "a boat" in article["text"]

    def test_what_was_wrong_is_told(self, bot, web):
        bot.path.write_text(f'{bot.path.read_text()}\npage = {{ body = "h1" }}\n')
        article, err = self.extract(bot, f"{web}/ice", "--feed", "world")
        assert (article["rung"], article["faults"]) == ("readability", ["rules: only 16 characters of text"])
        assert err == "text from readability, for: rules: only 16 characters of text\n"
        code, _, err = bot("preview", f"{web}/ice", "--out", str(bot.folder / "p.html"))
        assert (code, "rules: only 16 characters of text" in err) == (0, True)
        assert "rules: only 16 characters of text" in (bot.folder / "p.html").read_text()

    def test_all_pages_of_an_article(self, bot):
        first = ARTICLE.replace("</article>", "</article><a class=next href=/2>2</a>")
        routes = {
            "/1": answer(first, "text/html"),
            "/2": answer(ARTICLE.replace("It ended", "Then it ended"), "text/html"),
        }
        bot.path.write_text(f'{bot.path.read_text()}\npage = {{ next_page = "a.next" }}\n')
        with serve(routes) as other:
            text = self.extract(bot, f"{other.base_url}/1", "--feed", "world")[0]["text"]
        assert "It ended" in text
        assert "Then it ended" in text

    def test_an_unknown_feed(self, bot, web):
        code, _, err = bot("extract", f"{web}/ice", "--feed", "wold")
        assert (code, 'there is no feed "wold"; there are: world' in err) == (2, True)


class TestWhy:
    @pytest.fixture
    def store(self, bot):
        store = bot.store()
        yield store
        store.close()

    def test_an_article_that_was_published(self, bot, store):
        store.save_poll(FeedState("world"), [Take(entry("k1", "world"))], ["monde"], NOW)
        post = Post("k1", "T", "<p>x</p>", "", "t-k1", NOW, "publish")
        for change in (
            Change(Event.PREPARED, NOW, post=post),
            Change(Event.BEGUN, NOW),
            Change(Event.PUBLISHED, NOW, remote=RemotePost("7", "https://monde.example/7")),
        ):
            store.change(store.publication("k1", "monde"), change)
        code, out, _ = bot("why", "http://x/k1/?utm_source=mail#top")
        assert code == 0
        told = [line.split(maxsplit=1) for line in out.splitlines() if line]
        for line in (
            ["k1", "Title k1"],
            ["feed", "world"],
            ["seen", "2026-03-01 12:30 UTC"],
            ["on", "monde: published"],
            ["published", "2026-03-01 12:30 UTC"],
            ["post", "7  https://monde.example/7"],
        ):
            assert line in told

    def test_an_article_that_was_skipped(self, bot, store):
        decisions = [Skip(entry("k1", "world"), 'matches exclude "podcast"')]
        store.save_poll(FeedState("world"), decisions, ["monde"], NOW)
        assert 'because     matches exclude "podcast"' in bot("why", "https://x/k1")[1]

    def test_an_article_that_was_never_seen(self, bot, store, web):
        told = entry("k1", "world")
        store.save_poll(FeedState("world", polled_at=NOW), [Take(told)], ["monde"], NOW)
        code, out, _ = bot("why", "https://x/k2")
        assert (code, "never seen" in out) == (1, True)
        assert "could come from world: 1 items from that host, last polled 2026-03-01 12:30 UTC" in out
        assert "could come from world: 0 items" in bot("why", f"{web}/other")[1]
        assert "no feed of the config comes from there" in bot("why", "https://nowhere.example/a")[1]

    @pytest.mark.parametrize("url", ["", "nonsense", "http://[::1", "%_"])
    def test_what_is_no_address(self, bot, url):
        assert bot("why", "--", url)[0] == 1


class TestPreview:
    def test_shows_the_post_beside_the_original(self, bot, web):
        out = bot.folder / "look" / "ice.html"
        code, printed, _ = bot("preview", f"{web}/ice", "--out", str(out))
        assert (code, printed) == (0, f"{out}\n")
        shown = out.read_text()
        assert "The ice has gone" in shown
        assert "gelo" in shown
        assert shown.count('href="https://x.example/boat"') == 2
        assert "relaypress-disclaimer" in shown
        assert "default-src 'none'" in shown
        assert bot("items")[1] == ""

    def test_takes_a_file_and_finds_a_place_by_itself(self, bot):
        file = bot.folder / "ice.html"
        file.write_text(ARTICLE.replace("<p>It ended", "<script>alert(1)</script><p>It ended"))
        code, printed, err = bot("preview", str(file), "--url", "https://y.example/ice")
        assert (code, err) == (0, "")
        shown = Path(printed.strip()).read_text()
        assert "y.example" in shown
        assert "<script" not in shown

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [(["{web}/gone"], 1), (["/nowhere.html"], 1), (["{web}/ice", "--site", "x"], 2)],
    )
    def test_what_cannot_be_shown_is_told(self, bot, web, arguments, code):
        got, out, err = bot("preview", *(each.replace("{web}", web) for each in arguments))
        assert (got, out, len(err.splitlines())) == (code, "", 1)


def test_the_added_table_is_toml_whatever_a_title_holds(bot):
    from bot.feedlist import table
    from bot.opml import Outline

    title = 'a"b\\c\n[x]\x7f\u2028\x00 # "'
    read = tomllib.loads(
        table(Outline("https://x.example/?a=\"'", title, 'en"', folders=(title,)), "n", ["s"])
    )
    assert read["feeds"][0]["source_name"] == title.replace("\x7f", "")
    assert read["feeds"][0]["language"] == "auto"
