"""The WordPress client against servers that answer oddly, or have moved."""

from __future__ import annotations

import gzip

import pytest

from bot.engines.wordpress import discovery, wire
from bot.errors import PostOutcomeUnknown, SiteRefused, SiteUnavailable, SiteUnusable
from tests.engines.wordpress_served import PASSWORD, create, listed, serving
from tests.servers.xmlrpc import Reply, XmlRpcServer, fault, page, status, value, xml


@pytest.fixture
def serve():
    with serving() as start:
        yield start


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
