"""What the WordPress client looks up: posts by their key, their address, uploads, terms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.engines.wordpress.connection import Connection
from bot.engines.wordpress.terms import REMEMBERED_SECONDS, Terms
from bot.errors import SiteRefused, SiteUnavailable
from bot.model import Media
from tests.contracts.site import make_picture, make_post
from tests.engines.wordpress_served import LINK, NOW, configured, create, listed, serving
from tests.servers.xmlrpc import DROP, XmlRpcServer, fault, status, value


@pytest.fixture
def serve():
    with serving() as start:
        yield start


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
