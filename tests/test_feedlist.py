"""Lists of feeds become tables of the config, and feeds are found where sites keep them."""

from __future__ import annotations

import tomllib

import pytest

from bot import feedlist
from bot.config import Config, FetchConfig
from bot.engines.http import HttpFetcher
from bot.opml import Outline
from tests.servers import serve

RSS = (
    "<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>a</title></item></channel></rss>"
)
NEWS = """<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://n.example/a</loc>
<news:news><news:publication><news:name>The Times</news:name></news:publication><news:title>a</news:title></news:news>
</url></urlset>"""
INDEX = "<sitemapindex><sitemap><loc>{base}/news.xml</loc></sitemap></sitemapindex>"


def imported(*urls: str) -> tuple[list[str], dict[str, str]]:
    """The addresses that are taken, and why the others are not."""
    result = feedlist.imported(Config(), [Outline(url) for url in urls], ["s"])
    feeds = tomllib.loads("".join(result.tables.values())).get("feeds", [])
    return [feed["url"] for feed in feeds], dict(result.left_out)


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ("https://x.example/rss", "https://x.example/rss"),
        ("feed:https://x.example/rss", "https://x.example/rss"),
        ("feed://x.example/rss", "http://x.example/rss"),
        ("Feed:http://x.example/rss", "http://x.example/rss"),
    ],
)
def test_addresses_as_readers_are_opened_by_them(told, taken):
    assert imported(told) == ([taken], {})


@pytest.mark.parametrize(
    "url",
    ["https://me:hunter2@x.example/rss", "feed://me:hunter2@x.example/rss", "https://hunter2@x.example/"],
)
def test_a_password_is_told_by_the_keys_to_use_and_never_shown(url):
    taken, ((shown, why),) = imported(url)[0], imported(url)[1].items()
    assert taken == []
    assert "user and password_env" in why
    assert "hunter2" not in shown + why


def test_each_that_is_left_out_is_named_with_the_reason():
    taken, left_out = imported(
        "https://x.example/rss", "http://www.x.example/rss/", "gopher://x.example", "rss"
    )
    assert taken == ["https://x.example/rss"]
    assert left_out["http://www.x.example/rss/"] == "is there already, as x.example"
    assert left_out["gopher://x.example"].startswith("not an address")
    assert left_out["rss"].startswith("not an address")


def text(body: str, kind: str = "text/html"):
    return lambda handler: handler.reply(
        200, body.replace("{base}", handler.server.base_url).encode(), content_type=kind
    )


def found(routes: dict, path: str) -> list[tuple[str, str]]:
    fetcher = HttpFetcher(FetchConfig(allow_private_networks=True, pause="0s"))
    with serve(routes) as server:
        feeds = feedlist.find(fetcher, f"{server.base_url}{path}")
        return [(each.url.removeprefix(server.base_url), each.title) for each in feeds]


@pytest.mark.parametrize("sitemap", ["/news.xml", "/index.xml"])
def test_news_sitemaps_that_robots_txt_names(sitemap):
    routes = {
        "/p": text("<html>x"),
        "/robots.txt": text(f"Sitemap: {{base}}{sitemap}\n", "text/plain"),
        "/news.xml": text(NEWS, "text/xml"),
        "/index.xml": text(INDEX, "text/xml"),
    }
    assert found(routes, "/p") == [("/news.xml", "The Times")]


def test_the_news_sitemaps_of_an_index():
    routes = {"/sitemap.xml": text(INDEX, "text/xml"), "/news.xml": text(NEWS, "text/xml")}
    assert found(routes, "/sitemap.xml") == [("/news.xml", "The Times")]
