"""The command line as a person meets it: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from bot.cli import run
from bot.engines.store import DatabaseStore
from bot.engines.store.lock import DataLock
from bot.model import CleanArticle, FeedState, Finding, Post, RemotePost, SafeHtml, Skip, Take
from bot.states import Change, Event
from tests.contracts.store import NOW, entry

CONFIG = """
[[sites]]
name = "monde"
url = "http://127.0.0.1:1"
username = "newsbot"
password_env = "BOT_PASSWORD"
language = "fr"

[[feeds]]
name = "world"
url = "http://127.0.0.1:1/rss"
language = "en"
sites = ["monde"]
"""


@pytest.fixture
def bot(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("BOT_PASSWORD", "s3cret")
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(["--config", str(path), *arguments])
        out, err = capfd.readouterr()
        assert "s3cret" not in out + err
        return code, out, err

    call.path = path
    call.url = f"sqlite:///{tmp_path}/data/bot.db"
    return call


@pytest.fixture
def with_items(bot):
    store = DatabaseStore(bot.url)
    decisions = [Take(entry("aa11", "world")), Skip(entry("bb22", "world"), "excluded")]
    store.save_poll(FeedState("world", polled_at=NOW), decisions, ["monde"], NOW)
    post = Post("aa11", "Titre", "<p>x</p>", "", "titre-aa11", NOW, "publish")
    store.change(store.publication("aa11", "monde"), Change(Event.HELD, NOW, reason="digits: 1", post=post))
    store.close()
    return bot


def test_init_writes_a_config_that_check_accepts(bot, tmp_path, monkeypatch):
    bot.path.unlink()
    code, out, _ = bot("init")
    assert (code, "is written" in out) == (0, True)
    monkeypatch.setenv("BOT_MONDE_PASSWORD", "x")
    assert bot("check")[0] == 0


def test_init_never_overwrites(bot):
    code, _, err = bot("init")
    assert code == 2
    assert "is there already" in err
    assert bot.path.read_text() == CONFIG


def test_check_tells_every_fault_a_line_and_leaves_with_2(bot):
    bot.path.write_text(CONFIG.replace('language = "en"', 'language = "en"\nevery = "soon"\nbackfil = 3'))
    code, out, err = bot("check")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 2
    assert all(line.startswith(f"{bot.path}: feeds[0].") for line in err.splitlines())


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["run-once", "--limit", "-1"], ["items", "--state", "x"]]
)
def test_usage_leaves_with_2(bot, arguments):
    assert bot(*arguments)[0] == 2


def test_the_version_needs_no_command(bot):
    assert run(["--version"]) == 0


def test_an_unknown_feed_is_named_with_those_there_are(bot):
    code, _, err = bot("run-once", "--feed", "wrold")
    assert code == 2
    assert 'there is no feed "wrold"; there are: world' in err


def test_a_second_bot_leaves_with_3(bot, tmp_path):
    with DataLock(tmp_path / "data"):
        code, _, err = bot("run-once")
    assert code == 3
    assert "another bot works in this data folder" in err


def test_a_feed_that_is_down_leaves_with_1_and_one_line(bot):
    code, out, err = bot("run-once", "--json")
    report = json.loads(out)
    assert code == 1
    assert report["feeds"] == {"polled": 1, "unchanged": 0, "failed": 1}
    (error,) = report["errors"]
    assert (error["scope"], error["subject"]) == ("feed", "world")
    assert "127.0.0.1" in error["error"]
    assert len(err.splitlines()) == 1


def test_status_tells_what_was_polled_and_what_is_there(with_items):
    code, out, _ = with_items("status")
    assert code == 0
    assert "world: last polled 2026-03-01 12:30 UTC; 1 held, 1 skipped" in out
    assert json.loads(with_items("status", "--json")[1])[0]["items"] == {"held": 1, "skipped": 1}


def test_status_tells_what_is_wrong_with_a_feed(bot):
    store = DatabaseStore(bot.url)
    moved = "http://127.0.0.1:1/new"
    state = FeedState("world", "http://127.0.0.1:1/rss", failures=2, error="answered 500", moved_to=moved)
    store.save_feed_state(state)
    store.close()
    _, out, _ = bot("status")
    assert "    failed 2 times in a row: answered 500" in out
    assert f"has moved for good to {moved}" in out
    told = json.loads(bot("status", "--json")[1])[0]
    assert (told["moved_to"], len(told["notes"])) == (moved, 2)


def test_items_by_state_with_their_reason(with_items):
    _, out, _ = with_items("items", "--state", "skipped")
    assert out.splitlines() == ["bb22  skipped     monde  Title bb22", "    excluded"]
    rows = [json.loads(line) for line in with_items("items", "--json")[1].splitlines()]
    assert [(row["key"], row["state"], row["reason"]) for row in rows] == [
        ("aa11", "held", "digits: 1"),
        ("bb22", "skipped", "excluded"),
    ]


def test_show_needs_only_the_start_of_a_key(with_items):
    code, out, _ = with_items("show", "aa")
    assert code == 0
    assert "on monde: held" in out
    assert "Titre" in out
    code, _, err = with_items("show", "zz")
    assert (code, err) == (1, "zz: there is no such item; list them with: bot items\n")


def test_a_doubtful_translation_is_shown_beside_its_original(with_items):
    store = DatabaseStore(with_items.url)
    html = "<p>The harbour is open.</p><p>It was ice.</p>"
    article = CleanArticle("https://x", "The ice", SafeHtml(html), "feed")
    store.save_article(store.entry("aa11"), article, "rules")
    post = Post("aa11", "Glace", "<p>Label</p><p>Le port.</p><p>Glace.</p>", "", "s", NOW, "publish")
    finding = (Finding("digits", 0.5, "12 became 21"),)
    change = Change(Event.RETRIED, NOW)
    queued = store.change(store.publication("aa11", "monde"), change)
    store.change(queued, Change(Event.HELD, NOW, post=post, findings=finding))
    store.close()
    _, out, _ = with_items("show", "aa11")
    rows = [line.split() for line in out.splitlines()]
    assert ["The", "harbour", "is", "open.", "Le", "port."] in rows
    assert "12 became 21" in out


@pytest.mark.parametrize(
    ("command", "key", "state"),
    [("approve", "aa11", "ready"), ("reject", "aa11", "skipped"), ("retry", "bb22", "queued")],
)
def test_a_persons_word(with_items, command, key, state):
    assert with_items(command, key)[0] == 0
    rows = [json.loads(line) for line in with_items("items", "--json")[1].splitlines()]
    assert {row["key"]: row["state"] for row in rows}[key] == state


def test_a_word_that_does_not_fit(with_items):
    code, _, err = with_items("approve", "bb22")
    assert (code, err) == (1, "bb22: cannot be approved, it is skipped on monde\n")


def test_a_story_that_another_item_tells_by_now_is_not_retried_unless_both_are_wanted(bot):
    bot.path.write_text(CONFIG + CONFIG[CONFIG.index("[[feeds]]") :].replace("world", "paper"))
    store = DatabaseStore(bot.url)
    for key, feed in (("aa11", "world"), ("bb22", "paper"), ("cc33", "world")):
        title = "Rain" if key == "cc33" else "Ice releases Port Hallin"
        told = replace(entry(key, feed), title=title, link="https://x/one")
        store.save_poll(FeedState(feed, polled_at=NOW), [Take(told)], ["monde"], NOW)
    for key in ("aa11", "cc33"):
        store.change(store.publication(key, "monde"), Change(Event.FAILED, NOW, "gone"))
    store.close()
    code, out, err = bot("retry", "aa11")
    assert (code, out) == (1, "")
    assert err == (
        "aa11 on monde: not retried: paper tells the same story (bb22, queued); "
        "to publish both, say: bot retry aa11 --site monde --anyway\n"
    )
    assert bot("retry", "cc33")[0] == 0
    assert bot("retry", "aa11", "--site", "monde", "--anyway")[0] == 0
    assert bot("items", "--state", "failed")[1] == ""


def test_what_gave_way_is_retried_at_once_for_its_reason_told_that(bot):
    bot.path.write_text(CONFIG + CONFIG[CONFIG.index("[[feeds]]") :].replace("world", "paper"))
    store = DatabaseStore(bot.url)
    told = [
        replace(entry(key, feed), title="Ice releases Port Hallin", link="https://x/one")
        for key, feed in (("aa11", "world"), ("bb22", "paper"))
    ]
    store.save_poll(FeedState("world"), [Take(told[0])], ["monde"], NOW)
    reason = 'the same story as "Ice releases Port Hallin" of world (aa11)'
    store.save_poll(FeedState("paper"), [Skip(told[1], reason)], ["monde"], NOW)
    store.close()
    assert bot("retry", "bb22")[0] == 0


def test_a_second_post_has_to_be_asked_for_by_name(with_items):
    code, _, err = with_items("publish", "aa11")
    assert (code, "--again" in err) == (2, True)
    assert with_items("publish", "aa11", "--again")[0] == 1  # held: there is no first one yet


def test_what_is_not_published_cannot_be_retracted(with_items):
    code, _, err = with_items("retract", "aa11")
    assert (code, err) == (1, "aa11: nothing of it is published\n")


def test_a_rejected_update_leaves_its_post_as_it_is(with_items):
    store = DatabaseStore(with_items.url)
    for change in (
        Change(Event.APPROVED, NOW),
        Change(Event.BEGUN, NOW),
        Change(Event.PUBLISHED, NOW, remote=RemotePost("7", "https://x/7")),
        Change(Event.CHANGED, NOW),
        Change(Event.HELD, NOW, reason="digits"),
    ):
        store.change(store.publication("aa11", "monde"), change)
    store.close()
    with_items("reject", "aa11")
    assert "aa11  published" in with_items("items")[1]


def test_the_health_check_fails_where_no_service_runs(bot):
    assert bot("status", "--healthy")[0] == 1


def test_help_imports_no_heavy_library():
    """`bot --help` must answer at once (benchmarks/first_light.py has the figure)."""
    code = (
        "import sys; from bot.cli import run; run(['--help']); "
        "heavy = {'pydantic', 'sqlalchemy', 'lxml', 'requests', 'feedparser', 'PIL', 'apscheduler'}; "
        "sys.exit(' '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "run-once" in done.stdout
