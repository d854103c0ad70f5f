"""`bot run-once --dry-run`: what a round would do, item for item, and nothing else."""

from __future__ import annotations

import json

import pytest

from tests.desk import SENTENCES
from tests.servers.routes import misbehaving
from tests.test_bad_input import give

GERMAN = (
    "Der Hafen ist seit Montag wieder offen, und die Fischer sind zufrieden. Der Rat der Stadt bezahlt die Schuhe des "
    "Laternenanzünders auch im nächsten Jahr, obwohl die Laternen sich selbst anzünden und niemand mehr darauf wartet."
)
STORIES = {"good": SENTENCES, "short": "A short notice.", "foreign": GERMAN}


def feed(base_url: str) -> bytes:
    items = "".join(
        f"<item><guid>{name}</guid><title>The {name} story of the harbour</title><link>{base_url}/{name}</link>"
        f"<description><![CDATA[<p>{text}</p>]]></description></item>"
        for name, text in STORIES.items()
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


@pytest.fixture
def rehearsed(newsroom):
    with misbehaving() as server:
        server.routes["/feed"] = give(feed(server.base_url), "application/rss+xml")
        newsroom.feed |= {"url": f"{server.base_url}/feed", "content": "feed", "min_chars": 60}
        newsroom.feed |= {"rights": "open"}
        newsroom.write()
        yield newsroom


def test_each_item_is_told_with_what_would_become_of_it(rehearsed):
    code, told, _ = rehearsed.run_once("--dry-run", "--out", str(rehearsed.folder / "pages"))
    found = {each["link"].rpartition("/")[2]: each for each in told["items"]}
    assert code == 0
    assert {name: each["would"] for name, each in found.items()} == {
        "good": "publish",
        "short": "skip",
        "foreign": "hold",
    }
    assert "min_chars" in found["short"]["reason"]
    assert sum(finding["weight"] for finding in found["foreign"]["findings"]) >= 1
    pages = {each["path"] for each in told["items"] if each["path"]}
    assert {str(page) for page in (rehearsed.folder / "pages").iterdir()} == pages
    assert len(pages) == 2


def test_a_person_is_told_what_would_be_held_and_skipped(rehearsed):
    done = rehearsed.bot("run-once", "--dry-run")
    assert done.returncode == 0
    assert done.stdout.count(": would publish: ") == done.stdout.count(": would hold: ") == 1
    assert "would skip: its text has" in done.stderr


def test_the_object_is_json_where_nothing_would_be_done(rehearsed):
    rehearsed.feed["exclude"] = ["harbour"]
    rehearsed.write()
    assert json.loads(rehearsed.bot("run-once", "--dry-run", "--json").stdout) == {"items": []}
