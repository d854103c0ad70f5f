"""The WordPress client against servers that fail in every way there is."""

import gzip
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bot.config import SiteConfig
from bot.engines.wordpress import WordPress, discovery, wire
from bot.engines.wordpress.connection import Connection
from bot.engines.wordpress.terms import REMEMBERED_SECONDS, Terms
from bot.errors import PostOutcomeUnknown, SiteRefused, SiteUnavailable, SiteUnusable
from bot.model import Media
from tests.contracts.site import make_picture, make_post, new_key
from tests.servers.xmlrpc import (
    DROP,
    HANG,
    Reply,
    XmlRpcServer,
    fault,
    http,
    page,
    status,
    value,
    xml,
)

PASSWORD = "abcd efgh ijkl"
NOW = datetime.now(UTC)
LINK = {"post_id": "7", "link": "https://example.org/2026/a-post/"}


def configured(url: str, timeout: str = "10s") -> SiteConfig:
    table = {"name": "monde", "url": url, "username": "newsbot", "password_env": "P", "language": "fr"}
    return SiteConfig.model_validate(table | {"timeout": timeout}, context={"environ": {"P": PASSWORD}})


@pytest.fixture
def serve():
    """Start a server with this script and a client for it."""
    opened = []

    def start(script=None, *, path: str = "", timeout: str = "10s") -> tuple[WordPress, XmlRpcServer]:
        server = XmlRpcServer(script)
        opened.append(server.__enter__())
        site = WordPress(configured(server.url + path, timeout), "ops@example.org")
        opened.insert(0, site)
        return site, server

    yield start
    for each in opened:
        each.close() if isinstance(each, WordPress) else each.__exit__()


def listed(post_id: int, **more) -> dict[str, object]:
    stamp = more.pop("modified", NOW).strftime("%Y%m%dT%H:%M:%S")
    return {"post_id": str(post_id), "post_name": "x", "post_modified_gmt": stamp, "custom_fields": []} | more


def create(site: WordPress) -> object:
    return site.create(make_post(), [1], [2], None)


BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<methodResponse><params><param><value><string>&b;</string></value></param></params></methodResponse>"
)

# What comes instead of an answer, what it means for a new post, for a call that may be repeated, and what is told.
FAILURES = {
    "dropped": (DROP, PostOutcomeUnknown, SiteUnavailable, "no whole answer came back"),
    "never answered": (HANG, PostOutcomeUnknown, SiteUnavailable, "timed out"),
    "headers drip": (Reply(http() * 50, "drip"), PostOutcomeUnknown, SiteUnavailable, "empty|not XML-RPC"),
    "endless headers": (
        Reply(b"HTTP/1.1 200 X\r\n" + b"a: b\r\n" * 99, "drip"),
        PostOutcomeUnknown,
        SiteUnavailable,
        "timed out",
    ),
    "body drips": (
        Reply(http(body=b"x" * 9999), "drip"),
        PostOutcomeUnknown,
        SiteUnavailable,
        "timed out",
    ),
    "status line cut": (Reply(b"HTTP/1.", "close"), PostOutcomeUnknown, SiteUnavailable, "no whole answer"),
    "body cut": (
        Reply(http(body=xml("7")[:60], says_bytes=200), "close"),
        PostOutcomeUnknown,
        SiteUnavailable,
        "no whole answer",
    ),
    "XML cut": (page(xml("7")[:60]), PostOutcomeUnknown, SiteUnavailable, "was cut off"),
    "nothing": (page(b""), PostOutcomeUnknown, SiteUnavailable, "an empty answer"),
    "a page": (
        page(b"<html><title>Just a moment...</title>"),
        PostOutcomeUnknown,
        SiteUnavailable,
        'a page came instead of XML-RPC: "Just a moment..."',
    ),
    "entities": (page(BILLION_LAUGHS), PostOutcomeUnknown, SiteUnavailable, "not XML-RPC"),
    "no gzip": (
        page(b"not gzip", Content_Encoding="gzip"),
        PostOutcomeUnknown,
        SiteUnavailable,
        "decompress",
    ),
    "values that are none": (
        page(b"<methodResponse><params><param><value><int>x</int></value></param></params></methodResponse>"),
        PostOutcomeUnknown,
        SiteUnavailable,
        "not XML-RPC",
    ),
    "something else": (
        value({"a": "b"}),
        PostOutcomeUnknown,
        SiteUnavailable,
        "something else than was asked",
    ),
    "False": (value(False), PostOutcomeUnknown, SiteUnavailable, "something else than was asked"),
    "500": (status(500, b"<title>Error</title>"), PostOutcomeUnknown, SiteUnavailable, '500 "Error"'),
    "502": (status(502), PostOutcomeUnknown, SiteUnavailable, "the server answered 502"),
    "503": (status(503, Retry_After="120"), PostOutcomeUnknown, SiteUnavailable, "the server answered 503"),
    "504": (status(504), PostOutcomeUnknown, SiteUnavailable, "the server answered 504"),
    "429": (status(429, Retry_After="120"), SiteUnavailable, SiteUnavailable, "the server answered 429"),
    "403 page": (
        status(403),
        PostOutcomeUnknown,
        SiteUnusable,
        "403.*host's firewall or the security plugin",
    ),
    "406 page": (status(406), PostOutcomeUnknown, SiteUnusable, "mod_security"),
    "401 page": (status(401), SiteUnusable, SiteUnusable, "asks for a login of its own"),
    "404 page": (status(404), SiteUnusable, SiteUnusable, "no WordPress answers at this address"),
    "405 page": (status(405), SiteUnusable, SiteUnusable, "XML-RPC services are disabled.*switch XML-RPC on"),
    "413 page": (status(413), SiteRefused, SiteRefused, "client_max_body_size"),
    "fault -32601": (fault(-32601, "no such"), SiteUnusable, SiteUnusable, "a security plugin takes XML-RPC"),
    "fault -32700": (fault(-32700, "parse error"), SiteRefused, SiteRefused, "parse error"),
    "fault 405": (fault(405, "disabled"), SiteUnusable, SiteUnusable, "XML-RPC services are disabled"),
    "fault 403": (fault(403, "Incorrect"), SiteUnusable, SiteUnusable, "refuses user name or password"),
    "fault 500": (
        fault(500, "<b>Vide</b> &amp;"),
        SiteRefused,
        SiteRefused,
        r"refused: Vide & \(fault 500\)",
    ),
}
SLOW = {"never answered", "endless headers", "body drips"}


@pytest.mark.parametrize("name", FAILURES)
def test_a_new_post_is_sent_once_whatever_happens(serve, name):
    reply, expected, _, told = FAILURES[name]
    script = {"wp.newPost": reply, "wp.getUsersBlogs": fault(403, "Incorrect")}
    site, server = serve(script, timeout="1s" if name in SLOW else "10s")
    with pytest.raises(expected, match=f"monde: .*{_flexible(told)}"):
        create(site)
    assert server.count("wp.newPost") == 1


@pytest.mark.parametrize("name", FAILURES)
def test_a_call_that_may_be_repeated_leaves_that_to_the_next_round(serve, name):
    reply, _, expected, told = FAILURES[name]
    script = {"wp.getPosts": reply, "wp.getUsersBlogs": fault(403, "Incorrect")}
    site, server = serve(script, timeout="1s" if name in SLOW else "10s")
    with pytest.raises(expected, match=f"monde: .*{_flexible(told)}") as caught:
        site.find(new_key())
    assert type(caught.value).scope == "site"
    assert server.count("wp.getPosts") == 1


def _flexible(told: str) -> str:
    return told.replace("...", re.escape("..."))


@pytest.mark.parametrize("name", ["429", "503"])
def test_what_the_server_wishes_is_passed_on(serve, name):
    site, _ = serve({"wp.getPosts": FAILURES[name][0]})
    with pytest.raises(SiteUnavailable) as caught:
        site.find(new_key())
    assert caught.value.retry_after_seconds == 120


@pytest.mark.parametrize(
    ("wish", "seconds"),
    [("soon", None), ("-5", None), ("9" * 30, 86_400), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("", None)],
)
def test_a_wish_of_any_form_is_bounded(serve, wish, seconds):
    site, _ = serve({"wp.getPosts": status(503, Retry_After=wish)})
    with pytest.raises(SiteUnavailable) as caught:
        site.find(new_key())
    assert caught.value.retry_after_seconds == seconds


# --- sent, or not ------------------------------------------------------------------------------------


def test_a_post_whose_connection_is_dropped_is_not_sent_again(serve):
    site, server = serve({"wp.getPosts": value([]), "wp.newPost": DROP})
    site.find(new_key())
    with pytest.raises(PostOutcomeUnknown):
        create(site)
    assert server.count("wp.newPost") == 1


def test_no_call_can_take_the_answer_of_another_for_its_own(serve):
    """A second copy of an answer, as some proxies send it, would lie on a connection that is kept."""
    site, server = serve({"wp.getPost": value(LINK), "wp.newPost": value("7"), "wp.getPosts": value([])})
    create(site)
    create(site)
    site.find(new_key())
    assert server.connections == len(server.calls)


def test_a_connection_that_the_server_closed_meanwhile_is_replaced(serve):
    site, server = serve({"wp.getPosts": Reply(http(body=xml([])), "close"), "wp.newPost": value("7")})
    site.find(new_key())
    for thread in server._threads[1:]:
        thread.join(10)  # its connection is closed now
    assert create(site).id == "7"
    assert server.count("wp.newPost") == 1


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1:1", "cannot be reached: Connection refused"),
        ("http://nowhere.invalid", "cannot be reached: .*(?i:name|resolution)"),
        ("https://{}", "cannot be reached: .*TLS"),
    ],
)
def test_a_post_that_never_left_is_surely_not_made(serve, url, told):
    _, server = serve()
    site = WordPress(configured(url.format(server.url.removeprefix("http://"))))
    with pytest.raises(SiteUnavailable, match=told):
        create(site)
    site.close()
    assert server.count("wp.newPost") == 0


def test_making_a_client_calls_nobody_and_all_threads_share_one(serve):
    site, server = serve({"wp.newPost": value("7")})
    assert server.connections == 0
    with ThreadPoolExecutor(8) as pool:
        assert {made.id for made in pool.map(lambda _: create(site), range(24))} == {"7"}
    assert server.count("mt.supportedMethods") == 1
    assert server.count("wp.newPost") == 24


def test_threads_get_their_own_answers(serve):
    class Echo(XmlRpcServer):
        def _reply(self, method):
            if method != "wp.getPosts" or "s" not in (wanted := self.calls[-1].params[3]):
                return super()._reply(method)
            return value([listed(wanted["s"], custom_fields=[{"key": "relay_key", "value": wanted["s"]}])])

    with Echo({"wp.getPosts": value([])}) as server:
        site = WordPress(configured(server.url))
        keys = [str(n) for n in range(1, 41)]
        with ThreadPoolExecutor(8) as pool:
            assert [found.id for found in pool.map(site.find, keys)] == keys
        site.close()


def test_the_bot_says_who_it_is_and_keeps_no_cookies(serve):
    site, server = serve({"wp.getPosts": Reply(http(body=xml([]), Set_Cookie="a=b"))})
    site.find(new_key())
    site.find(new_key())
    headers = server.last("wp.getPosts").headers
    assert re.fullmatch(r"Relaypress/[\d.]+ \(\+ops@example\.org\)", headers["user-agent"])
    assert "cookie" not in headers


# --- answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbf", b""),
        (b"<br />\n<b>Warning</b>: Undefined array key in /x.php on line 3<br />\n", b"\n"),
        (b"\n\n", b"<!-- cached by x -->"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>', b"<p>Fatal error</p>"),
    ],
)
def test_junk_around_a_whole_answer_is_forgiven(serve, before, after):
    site, _ = serve({"wp.newPost": page(before + xml("7") + after)})
    assert create(site).id == "7"


def test_control_characters_in_an_answer_are_forgiven(serve):
    post = listed(7, post_title="a\x0bb", custom_fields=[{"key": "relay_key", "value": "k"}])
    site, _ = serve({"wp.getPosts": page(xml([post]))})
    assert site.find("k").title == "ab"


def test_an_answer_may_come_gzipped(serve):
    site, server = serve({"wp.newPost": page(gzip.compress(xml("7")), Content_Encoding="gzip")})
    assert create(site).id == "7"
    assert server.last("wp.newPost").headers["accept-encoding"] == "gzip"
    assert "content-encoding" not in server.last("wp.newPost").headers  # WordPress cannot read it


def test_an_answer_that_is_too_large_is_given_up(serve, monkeypatch):
    monkeypatch.setattr(wire, "MAX_ANSWER_BYTES", 100_000)
    bomb = gzip.compress(b"x" * 50_000_000)
    site, _ = serve({"wp.newPost": page(bomb, Content_Encoding="gzip")})
    with pytest.raises(PostOutcomeUnknown, match="larger than 100,000 bytes"):
        create(site)


def test_a_password_that_the_site_echoes_is_not_shown(serve):
    site, _ = serve({"wp.newPost": fault(500, f"bad: {PASSWORD}")})
    with pytest.raises(SiteRefused) as caught:
        create(site)
    assert PASSWORD not in str(caught.value)
    assert "bad: ***" in str(caught.value)


def test_a_fault_403_with_a_right_password_is_about_the_post(serve):
    script = {"wp.newPost": fault(403, "Invalid term ID."), "wp.getUsersBlogs": value([])}
    site, _ = serve(script)
    with pytest.raises(SiteRefused, match=r"Invalid term ID.*looked up anew"):
        create(site)


def test_an_account_that_may_not_publish_makes_the_posts_wait(serve):
    site, _ = serve({"wp.newPost": fault(401, "not allowed")})
    with pytest.raises(SiteUnusable, match="give the bot's account the role author"):
        create(site)


def test_a_method_that_was_taken_away_is_told_and_may_come_back(serve):
    few, all_of_them = value(["wp.getPosts"]), value(["wp.newPost", "wp.getPost"])
    site, server = serve({"mt.supportedMethods": [few, all_of_them], "wp.newPost": value("7")})
    with pytest.raises(SiteUnusable, match=r"XML-RPC method that is needed: wp\.newPost"):
        create(site)
    assert create(site).id == "7"
    assert server.count("mt.supportedMethods") == 2


# --- where the site is -------------------------------------------------------------------------------


def moved(server: XmlRpcServer, path: str = "/xmlrpc.php", code: int = 301) -> Reply:
    return status(code, Location=server.url + path)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_site_that_has_moved_on_its_host_is_followed(serve, code):
    _, new = serve({"wp.newPost": value("7")})
    site, old = serve({"mt.supportedMethods": moved(new, code=code)})
    assert create(site).id == "7"
    assert [call.method for call in old.calls] == ["mt.supportedMethods"]


def test_a_site_that_moves_while_the_bot_runs_is_followed_at_the_next_call(serve):
    _, new = serve({"wp.newPost": value("7")})
    methods = value(["wp.newPost", "wp.getPost"])
    site, old = serve({"mt.supportedMethods": [methods, moved(new)], "wp.newPost": moved(new)})
    with pytest.raises(SiteUnavailable, match=f"moved to {new.url}"):
        create(site)
    assert new.count("wp.newPost") == 0
    assert create(site).id == "7"
    assert old.count("wp.newPost") == 1


@pytest.mark.parametrize(
    ("location", "told"),
    [
        (
            "https://elsewhere.example/xmlrpc.php",
            "has moved to https://elsewhere.example/xmlrpc.php; if that is right",
        ),
        ("/wp-login.php", "sends XML-RPC calls away, to .*/wp-login.php"),
        ("/xmlrpc.php", "go round in a circle"),
    ],
)
def test_a_redirect_that_is_not_to_be_followed_is_told(serve, location, told):
    site, server = serve({"mt.supportedMethods": status(301, Location=location)})
    with pytest.raises(SiteUnusable, match=told):
        create(site)
    assert not any(PASSWORD.encode() in call.body for call in server.calls)


def test_an_address_elsewhere_is_found_by_what_the_home_page_advertises(serve):
    site, server = serve(
        {"mt.supportedMethods": [status(404), value(["wp.newPost"])], "wp.newPost": value("7")}
    )
    home = f'<head><link rel="EditURI" type="application/rsd+xml" href="{server.url}/wp/xmlrpc.php?rsd" />'
    rsd = f'<rsd><api name="WordPress" blogID="1" preferred="true" apiLink="{server.url}/wp/xmlrpc.php" /></rsd>'
    server.script["GET"] = [page(home.encode()), page(rsd.encode())]
    assert create(site).id == "7"
    assert server.last("wp.newPost").path == "/wp/xmlrpc.php"


def test_an_advertised_address_on_another_host_is_not_given_the_password(serve):
    home = b'<link rel="EditURI" href="https://elsewhere.example/xmlrpc.php?rsd">'
    site, _ = serve({"mt.supportedMethods": status(404), "GET": page(home)})
    with pytest.raises(SiteUnusable, match="has moved to https://elsewhere"):
        create(site)


@pytest.mark.parametrize(
    ("address", "location", "followed"),
    [
        ("http://x.org/xmlrpc.php", "https://x.org/xmlrpc.php", True),
        ("http://x.org/xmlrpc.php", "https://www.x.org/xmlrpc.php", True),
        ("https://www.x.org/xmlrpc.php", "https://x.org/xmlrpc.php", True),
        ("https://x.org/xmlrpc.php", "http://x.org/xmlrpc.php", False),
        ("https://x.org/xmlrpc.php", "https://x.org.evil.example/xmlrpc.php", False),
        ("https://x.org/xmlrpc.php", "//evil.example/xmlrpc.php", False),
        ("https://x.org/xmlrpc.php", "ftp://x.org/xmlrpc.php", False),
    ],
)
def test_the_password_follows_only_to_the_same_host_and_never_out_of_tls(address, location, followed):
    answered = wire.Answered(301, "", location, None)
    if followed:
        assert discovery.next_address("monde", address, answered) == location
    else:
        with pytest.raises(SiteUnusable, match=r"monde: the site has moved to .*write it into url"):
            discovery.next_address("monde", address, answered)


# --- looking up --------------------------------------------------------------------------------------


def test_the_listing_is_read_back_to_the_date_and_no_further(serve):
    new = [listed(n) for n in range(100)]
    old = [listed(n, modified=NOW - timedelta(days=9)) for n in range(100)]
    site, server = serve({"wp.getPosts": [value(new), value(old), value([])]})
    assert site.find("k", since=NOW - timedelta(days=1)) is None
    asked = [call.params[3] for call in server.calls if call.method == "wp.getPosts"]
    assert [query.get("offset") for query in asked] == [0, 100, None]
    assert asked[-1]["s"] == "k"


def test_a_listing_that_never_ends_is_bounded(serve):
    site, server = serve({"wp.getPosts": value([listed(1)])})
    assert site.find("k", since=NOW - timedelta(days=1)) is None
    assert server.count("wp.getPosts") == 11


@pytest.mark.parametrize(
    ("slug", "is_it"),
    [
        ("un-titre-k1", True),
        ("k1", True),
        ("un-titre-k1-2", True),
        ("un-titre-k1__trashed", True),
        ("un-titre-k1__trashed-2", True),
        ("un-titre-k12", False),
        ("un-titre-ak1", False),
        ("un-k1-titre", False),
    ],
)
def test_a_slug_tells_the_key(serve, slug, is_it):
    site, _ = serve({"wp.getPosts": [value([listed(7, post_name=slug)]), value([])]})
    assert (site.find("k1") is not None) == is_it


def test_a_post_outside_the_trash_comes_first(serve):
    mark = [{"key": "relay_key", "value": "k"}]
    binned, kept = (
        listed(n, post_status=state, custom_fields=mark) for n, state in ((9, "trash"), (7, "publish"))
    )
    site, _ = serve({"wp.getPosts": value([binned, kept])})
    assert site.find("k").id == "7"


def test_a_date_that_is_none_does_not_hide_a_post(serve):
    post = listed(7, custom_fields=[{"key": "relay_key", "value": "k"}])
    post["post_modified_gmt"] = "-00011130T00:00:00"
    site, _ = serve({"wp.getPosts": value([post])})
    assert site.find("k", since=NOW).id == "7"


# --- after the post, and beside it ---------------------------------------------------------------------


@pytest.mark.parametrize("answer", [DROP, status(500), fault(404, "gone"), value("x")])
def test_a_post_that_is_made_stays_made_when_its_address_cannot_be_read(serve, answer):
    site, server = serve({"wp.newPost": value("7"), "wp.getPost": answer})
    made = create(site)
    assert (made.id, made.url) == ("7", f"{server.url}/?p=7")


def test_the_address_is_asked_for_where_it_is_more_than_home_page_and_slug(serve):
    site, server = serve({"wp.newPost": value("7"), "wp.getPost": value(LINK)})
    assert [create(site).url for _ in range(2)] == [LINK["link"]] * 2
    assert server.count("wp.getPost") == 2


def test_the_address_is_asked_for_once_where_it_is_home_page_and_slug(serve):
    site, server = serve({"wp.newPost": value("7")})
    first, second = make_post(), make_post()
    server.script["wp.getPost"] = [value({"link": f"{server.url}/{first.slug}/"})]
    assert site.create(first, [], [], None).url == f"{server.url}/{first.slug}/"
    assert site.create(second, [], [], None).url == f"{server.url}/{second.slug}/"
    assert server.count("wp.getPost") == 1


def test_a_post_carries_its_key_even_where_nobody_set_the_field(serve):
    site, server = serve({"wp.newPost": value("7")})
    site.create(make_post("k1", fields=()), [], [], Media("5", "u"))
    sent = server.last("wp.newPost").params[3]
    assert sent["custom_fields"] == [{"key": "relay_key", "value": "k1"}]
    assert sent["post_thumbnail"] == "5"
    assert not [name for name in ("terms", "terms_names", "comment_status", "ping_status") if sent.get(name)]


ATTACHMENT = {"attachment_id": "5", "link": "https://x/p-1.png", "id": "5", "url": "https://x/p-1.png"}


def test_an_upload_whose_answer_is_lost_is_looked_up_and_not_sent_again(serve):
    picture = make_picture()
    title = {"post_id": "5", "post_title": f"picture-{picture.sha256[:12]}.png"}
    script = {
        "wp.getPosts": [value([]), value([title])],
        "wp.uploadFile": DROP,
        "wp.getMediaItem": value(ATTACHMENT),
    }
    site, server = serve(script)
    assert site.upload(picture, "", "") == Media("5", "https://x/p-1.png")
    assert server.count("wp.uploadFile") == 1


def test_an_upload_that_is_not_there_is_left_to_the_next_round(serve):
    site, server = serve({"wp.getPosts": value([]), "wp.uploadFile": DROP})
    with pytest.raises(SiteUnavailable):
        site.upload(make_picture(), "", "")
    assert server.count("wp.uploadFile") == 1


def test_a_caption_that_cannot_be_set_does_not_lose_the_picture(serve):
    script = {"wp.getPosts": value([]), "wp.uploadFile": value(ATTACHMENT), "wp.editPost": status(500)}
    site, _ = serve(script)
    assert site.upload(make_picture(), "alt", "caption").id == "5"


def test_a_term_whose_answer_is_lost_is_looked_up(serve):
    there = {"term_id": "3", "name": "AT&amp;T", "parent": "0"}
    site, server = serve({"wp.getTerms": [value([]), value([there])], "wp.newTerm": DROP})
    assert site.resolve_terms([], ["AT&T"]) == ([], [3])
    assert server.count("wp.newTerm") == 1


def test_a_term_that_somebody_else_made_meanwhile_is_taken(serve):
    there = {"term_id": "3", "name": "News", "parent": "0"}
    script = {"wp.getTerms": [value([]), value([there])], "wp.newTerm": fault(500, "existe déjà")}
    site, _ = serve(script)
    assert site.resolve_terms(["News"], []) == ([3], [])


def test_a_term_that_wordpress_refuses_is_told(serve):
    site, _ = serve({"wp.getTerms": value([]), "wp.newTerm": fault(500, "Could not insert term")})
    with pytest.raises(SiteRefused, match="Could not insert term"):
        site.resolve_terms(["News"], [])


def test_known_terms_are_not_asked_for_again_for_an_hour():
    there = {"term_id": "3", "name": "News", "parent": "0"}
    time = [0.0]
    with XmlRpcServer({"wp.getTerms": value([there])}) as server:
        connection = Connection(configured(server.url), "")
        terms = Terms(connection, clock=lambda: time[0])
        counted = []
        for now in (0, REMEMBERED_SECONDS - 1, REMEMBERED_SECONDS, REMEMBERED_SECONDS + 1):
            time[0] = now
            assert terms.resolve(["news"], ["NEWS"]) == ([3], [3])
            counted.append(server.count("wp.getTerms"))
        connection.close()
    assert counted == [2, 2, 4, 4]


def test_of_several_categories_the_one_at_the_top_is_taken(serve):
    names = [
        {"term_id": n, "name": "Europe", "parent": above} for n, above in (("3", "9"), ("8", "0"), ("9", "0"))
    ]
    site, _ = serve({"wp.getTerms": value(names)})
    assert site.resolve_terms(["Europe"], []) == ([8], [])
