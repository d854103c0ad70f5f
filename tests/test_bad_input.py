"""Whatever the world does: one clear line, nothing lost, and the rest goes on."""

from __future__ import annotations

import pytest

from bot.states import State
from tests.servers.routes import misbehaving
from tests.servers.xmlrpc import DROP, HANG, XmlRpcServer, fault, page, status, value, xml

STORY = """<p>The harbour of Port Hallin has opened again after eleven days of ice, the council said.</p>
<p>About 310 people waited on the pier to greet the first boat of the morning.</p>"""


def one_story(base: str, link: str = "/story", extra: str = "") -> bytes:
    return (
        f'<rss version="2.0"><channel><title>S</title><item><guid>a</guid><title>The ice has gone</title>'
        f"<link>{base}{link}</link><description><![CDATA[{STORY}]]></description>{extra}</item></channel></rss>"
    ).encode()


def give(body: bytes, kind: str = "text/html"):
    return lambda handler: handler.reply(200, body, content_type=kind)


# --- feeds --------------------------------------------------------------------------------------


SLOW = {"/drip", "/drip-headers", "/hang"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/status/404", "404"),
        ("/status/500", "500"),
        ("/status/403", "403"),
        ("/page", "a web page, not a feed"),
        ("/empty", "empty"),
        ("/huge", "larger than"),
        ("/drip", "took longer than"),
        ("/drip-headers", "took longer than"),
        ("/hang", "took longer than"),
        ("/drop", ""),
        ("/gzip-bomb", "larger than"),
        ("/loop/a", "redirect"),
        ("/not-a-feed", "neither RSS nor Atom"),
    ],
)
def test_a_feed_that_cannot_be_read(newsroom, path, words):
    with misbehaving(**{"not-a-feed": give(b"\x00\x01 nonsense", "application/xml")}) as server:
        newsroom.feed["url"] = server.base_url + path
        newsroom.fetch |= {"timeout": "1s" if path in SLOW else "20s", "max_bytes": "1MB"}
        newsroom.write()
        code, report, err = newsroom.run_once()
    assert code == 1
    assert report["feeds"] == {"polled": 1, "unchanged": 0, "failed": 1}
    (error,) = report["errors"]
    assert (error["scope"], error["subject"]) == ("feed", "source")
    assert words in error["error"]
    assert "\n" not in error["error"]
    assert "Traceback" not in err
    assert len(err.splitlines()) == 1


def test_a_bad_feed_stops_no_other(newsroom):
    with misbehaving() as server:
        newsroom.feed["url"] = f"{server.base_url}/status/500"
        other = f'[[feeds]]\nname = "good"\nurl = "{server.base_url}/feed"\nlanguage = "en"\nsites = ["demo"]\nrights = "open"'
        newsroom.write(other)
        code, report, _ = newsroom.run_once()
    assert code == 1
    assert report["feeds"]["failed"] == 1
    assert report["items"]["new"] == 2


def test_a_feed_cut_off_gives_what_was_whole(newsroom):
    whole = one_story("http://127.0.0.1:1")
    cut = whole.replace(b"</channel></rss>", b"<item><title>Half a st")
    with misbehaving(**{"cut-feed": give(cut, "application/rss+xml")}) as server:
        newsroom.feed["url"] = f"{server.base_url}/cut-feed"
        newsroom.write()
        _, report, _ = newsroom.run_once()
    assert report["items"]["new"] == 1


# --- articles -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "state", "words"),
    [
        ("/status/404", State.FAILED, "404"),
        ("/status/410", State.FAILED, "410"),
        ("/status/500", State.QUEUED, "500"),
        ("/hang", State.QUEUED, "took longer than"),
        ("/drop", State.QUEUED, ""),
    ],
)
def test_a_page_that_cannot_be_had(newsroom, link, state, words):
    with misbehaving() as server:
        server.routes["/one"] = give(one_story(server.base_url, link), "application/rss+xml")
        newsroom.feed["url"] = f"{server.base_url}/one"
        newsroom.fetch["timeout"] = "1s"
        newsroom.write()
        code, report, err = newsroom.run_once()
    store = newsroom.store()
    (publication,) = store.publications()
    store.close()
    assert code == 1
    assert publication.state == state
    assert words in publication.reason
    assert report["errors"][0]["error"] == publication.reason
    assert "Traceback" not in err


# --- pictures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", ["/broken.jpg", "/huge.jpg", "/status/404", "/page", "/hang", "/empty"])
def test_a_bad_picture_holds_up_no_post(newsroom, picture):
    with misbehaving() as server, XmlRpcServer(WORKING) as wordpress:
        enclosure = f'<enclosure url="{server.base_url}{picture}" type="image/jpeg" length="1"/>'
        feed = one_story(server.base_url, "/story", enclosure)
        server.routes["/one"] = give(feed, "application/rss+xml")
        newsroom.feed |= {"url": f"{server.base_url}/one", "content": "feed"}
        newsroom.site["url"] = wordpress.url
        newsroom.fetch["timeout"] = "1s"
        newsroom.write()
        code, report, err = newsroom.run_once()
        assert wordpress.count("wp.uploadFile") == 0
    assert (code, report["items"]["published"]) == (0, 1)
    assert "picture left out" in err


# --- sites --------------------------------------------------------------------------------------

BLOGS = value(
    [{"blogid": "1", "isAdmin": False, "url": "http://x/", "blogName": "B", "xmlrpc": "http://x/xmlrpc.php"}]
)
WORKING = {
    "wp.getUsersBlogs": BLOGS,
    "wp.newPost": value("7"),
    "wp.getPost": value(
        {
            "post_id": "7",
            "link": "http://x/slug",
            "post_status": "publish",
            "post_title": "O gelo",
            "post_content": "<p>x</p>",
        }
    ),
    "wp.getPosts": value([]),
}
DOWN = "http://127.0.0.1:1"


def publish(newsroom, site_url: str):
    with misbehaving() as server:
        server.routes["/one"] = give(one_story(server.base_url), "application/rss+xml")
        newsroom.feed |= {"url": f"{server.base_url}/one", "content": "feed"}
        newsroom.site |= {"url": site_url, "timeout": "1s"}
        newsroom.write()
        return newsroom.run_once()


@pytest.mark.parametrize(
    ("script", "words", "state"),
    [
        ({"wp.newPost": fault(403, "Incorrect username or password."), "wp.getUsersBlogs": fault(403, "No.")},
         "password", State.READY),
        ({"wp.newPost": status(405, b"XML-RPC services are disabled on this site.")}, "XML-RPC", State.READY),
        ({"wp.newPost": status(413, b"too large")}, "no call of this size", State.QUEUED),
        ({"wp.newPost": fault(500, "Content, title, and excerpt are empty.")}, "empty", State.QUEUED),
        ({"wp.newPost": status(502, b"bad gateway")}, "502", State.PUBLISHING),
        ({"wp.newPost": DROP}, "", State.PUBLISHING),
        ({"wp.newPost": HANG}, "", State.PUBLISHING),
        ({"wp.newPost": page(b"<html>hello</html>")}, "", State.PUBLISHING),
    ],
    ids=["password", "xml-rpc off", "413", "fault", "502", "dropped", "time-out", "html"],
)  # fmt: skip
def test_a_site_that_does_not_take_a_post(newsroom, script, words, state):
    with XmlRpcServer({**WORKING, **script}) as wordpress:
        code, report, err = publish(newsroom, wordpress.url)
    store = newsroom.store()
    (publication,) = store.publications()
    store.close()
    assert code == 1
    assert publication.state == state
    assert words in publication.reason
    assert "demo" in publication.reason
    assert publication.post is not None
    assert report["errors"][0]["error"] == publication.reason
    assert "Traceback" not in err


def test_a_site_that_is_down_keeps_its_posts(newsroom):
    code, report, _ = publish(newsroom, DOWN)
    assert code == 1
    assert report["items"]["waiting"] == 1
    assert "refused" in report["errors"][0]["error"]


@pytest.mark.parametrize("junk", [b"\xef\xbb\xbf", b"<br />\n<b>Warning</b>: something in plugin.php\n"])
def test_junk_before_the_xml_is_forgiven(newsroom, junk):
    with XmlRpcServer({**WORKING, "wp.newPost": page(junk + xml("7"))}) as wordpress:
        code, report, _ = publish(newsroom, wordpress.url)
        assert wordpress.count("wp.newPost") == 1
    assert (code, report["items"]["published"]) == (0, 1)


def test_a_time_out_after_the_post_was_made_makes_no_second_one(newsroom):
    with XmlRpcServer({**WORKING, "wp.newPost": HANG}) as wordpress:
        publish(newsroom, wordpress.url)
        sent = wordpress.last("wp.newPost").params[3]
        key = next(each["value"] for each in sent["custom_fields"] if each["key"] == "relay_key")
        wordpress.script["wp.getPosts"] = [
            value(
                [
                    {
                        "post_id": "7",
                        "post_name": f"x-{key}",
                        "post_status": "publish",
                        "link": "http://x/7",
                        "post_modified_gmt": sent["post_date"]
                        if "post_date" in sent
                        else sent["post_date_gmt"],
                        "custom_fields": [{"id": "1", "key": "relay_key", "value": key}],
                    }
                ]
            )
        ]
        store = newsroom.store()
        (lost,) = store.publications()
        store.close()
        assert lost.state is State.PUBLISHING
        _, report, _ = run_when_due(newsroom)
        assert wordpress.count("wp.newPost") == 1
    assert (report["items"]["published"], report["posts"][0]["post_id"]) == (1, "7")


def run_when_due(newsroom):
    """The next round, after the pause is over: its end is put into the past."""
    store = newsroom.store()
    with store._engine.begin() as db:
        db.exec_driver_sql("UPDATE publications SET not_before = NULL")
    store.close()
    return newsroom.run_once()
