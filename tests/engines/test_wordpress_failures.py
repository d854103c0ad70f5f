"""The WordPress client against servers that fail in every way there is: is a post sent, or not?"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.engines.wordpress import WordPress
from bot.errors import PostOutcomeUnknown, SiteRefused, SiteUnavailable, SiteUnusable
from tests.contracts.site import new_key
from tests.engines.wordpress_served import LINK, configured, create, listed, serving
from tests.servers.xmlrpc import DROP, HANG, Reply, XmlRpcServer, fault, http, page, status, value, xml


@pytest.fixture
def serve():
    with serving() as start:
        yield start


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
