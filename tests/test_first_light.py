"""From a feed to posts on a real WordPress, every part real: the promise of `make demo`."""

from __future__ import annotations

import json
import urllib.request

import bs4
import pytest

from bot import locale

pytestmark = pytest.mark.wordpress


@pytest.fixture
def relayed(newsroom, wordpress, sample_site):
    newsroom.site |= {"url": wordpress.url, "username": wordpress.editor.username}
    newsroom.feed |= {
        "url": sample_site,
        "source_name": "Tidewater Courier",
        "categories": ["Notícias do mundo"],
        "tags": ["Courier", "R&D"],
    }
    newsroom.password = wordpress.editor.app_password
    newsroom.write()
    done = newsroom.bot("run-once", "--json")
    assert done.returncode == 0, done.stderr
    newsroom.report = json.loads(done.stdout)
    return newsroom


def read(url: str) -> bs4.BeautifulSoup:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return bs4.BeautifulSoup(answer.read(), "lxml")


def source_of(page: bs4.BeautifulSoup) -> str:
    """The file that a post says it comes from."""
    return page.select_one(".relaypress-source a")["href"].rpartition("/")[2]


def test_every_item_becomes_one_post_that_reads_as_news(relayed, wordpress):
    report = relayed.report
    assert report["items"]["new"] == report["items"]["published"] == 8, report
    assert report["errors"] == []
    pages = {source_of(page): (post, page) for post in report["posts"] for page in [read(post["url"])]}
    ferry, page = pages["port-hallin-electric-ferries.html"]
    assert page.select_one("h1").get_text().endswith(" — Tidewater Courier")
    content = page.select_one("div.relaypress")
    assert (content["lang"], content["dir"]) == ("pt", "ltr")
    paragraphs = [p.get_text() for p in content.find_all("p")]
    assert paragraphs[0] == "Tradução automática do inglês — Tidewater Courier"
    assert paragraphs[-1] == locale.find("pt").disclaimer
    assert content.select_one(".relaypress-source a")["href"].endswith("ferries.html")
    assert len(content.select("table tr")) == 5
    assert len(content.select("ul li")) == 3
    assert content.select_one("blockquote cite")
    assert "youtube.com/watch?v=qZ7HaLLin0x" in str(content)
    assert "READ MORE" not in content.get_text().upper()
    picture = page.select_one("img.wp-post-image")
    assert picture["src"].startswith(f"{wordpress.url}/wp-content/uploads/")
    assert page.select_one('a[href*="/category/"]').get_text() == "Notícias do mundo"

    facts = wordpress.php(
        f"echo json_encode([get_post({ferry['post_id']}), get_post_meta({ferry['post_id']})]);"
    )
    post, meta = json.loads(facts)
    assert post["post_date_gmt"] == "2025-03-18 08:30:00"
    assert post["post_excerpt"]
    assert meta["relay_engine"] == ["local"]
    assert meta["relay_source_language"] == ["en"]
    assert meta["relay_key"][0].startswith(ferry["key"])

    again = relayed.bot("run-once", "--json")
    second = json.loads(again.stdout)
    assert again.returncode == 0
    assert second["feeds"]["unchanged"] == 1
    assert second["items"]["published"] == second["items"]["new"] == 0


def test_a_fresh_database_never_floods_the_site(relayed, newsroom):
    """The memory is lost and the feed is polled for the first time again: backfill bounds what comes."""
    (newsroom.folder / "data" / "bot.db").unlink()
    newsroom.feed["backfill"] = 0
    newsroom.write()
    done = newsroom.bot("run-once", "--json")
    assert json.loads(done.stdout)["items"]["published"] == 0


def test_a_dry_run_writes_pages_and_touches_nothing(newsroom, sample_site):
    newsroom.feed["url"] = sample_site
    newsroom.write()
    done = newsroom.bot("run-once", "--dry-run", "--out", "pages", "--limit", "2")
    assert done.returncode == 0, done.stderr
    pages = list((newsroom.folder / "pages").iterdir())
    assert len(pages) == 2
    assert all(locale.find("pt").disclaimer in page.read_text() for page in pages)
    store = newsroom.store()
    assert store.publications() == []
    assert store.feed_state("source").polled_at is None
    store.close()


def test_a_limit_leaves_the_rest_for_the_next_round(newsroom, wordpress, sample_site):
    newsroom.site |= {"url": wordpress.url, "username": wordpress.editor.username}
    newsroom.password = wordpress.editor.app_password
    newsroom.feed |= {"url": sample_site, "name": "limited"}
    newsroom.write()
    first = json.loads(newsroom.bot("run-once", "--json", "--limit", "1").stdout)
    assert (first["items"]["published"], first["items"]["waiting"]) == (1, 7)
