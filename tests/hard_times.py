"""Hard times for a bot on a real WordPress: killed again and again, or behind a bad network; then the count.

Shared by tests/test_kill.py (short) and benchmarks/crash.py (the whole promise).
"""

from __future__ import annotations

import dataclasses
import io
import json
import math
import random
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from PIL import Image

from bot import app, config_file
from bot.config import Config
from bot.engines.translators import ENGINES
from bot.pipeline import Pipeline
from bot.rounds import Round
from bot.states import OPEN_STATES, Publication, RetryPolicy, State
from tests.article_maker import ArticleMaker
from tests.fakes.clock import FakeClock
from tests.newsroom import Newsroom
from tests.servers import Handler, Server
from tests.servers.chaos import ChaosProxy

FEEDS = 4  # posts of one feed keep their order on a site: several feeds make several calls at once
PICTURE_EVERY = 5
AT_ONCE = 2  # posts that are worked on at once (publish.concurrency)
NEWEST = datetime.now(UTC) - timedelta(days=1)
PAUSE = timedelta(minutes=2)


class Newspaper:
    """Feeds that hold `visible` of `total` stories, the text in the feed, every fifth with a picture."""

    def __init__(self, server: Server, total: int, *, pictures: bool = True) -> None:
        self.run = uuid.uuid4().hex[:12]
        self.total, self.visible, self._pictures = total, total, pictures
        self._base = f"{server.base_url}/{self.run}"
        self._stories = [self._story(n) for n in range(total)]
        server.routes |= {f"/{self.run}/": self._serve}
        self.feeds = [f"{self._base}/feed/{n}" for n in range(FEEDS)]

    def _story(self, n: int) -> str:
        made = ArticleMaker(n)
        text = "".join(f"<p>{made.sentence(marks=0)} {made.sentence(marks=0)}</p>" for _ in range(3))
        picture = f"{self._base}/picture/{n}.jpg"
        pictured = self._pictures and n % PICTURE_EVERY == 0
        enclosure = f'<enclosure url="{picture}" type="image/jpeg" length="1"/>' if pictured else ""
        date = format_datetime(NEWEST + timedelta(minutes=n - self.total))
        return (
            f"<item><title>{escape(made.title)}</title><link>{self._base}/story/{n}</link><pubDate>{date}</pubDate>"
            f"{enclosure}<description>{escape(text)}</description></item>"
        )

    def _serve(self, handler: Handler) -> None:
        kind, name = handler.path.split("/")[2:4]
        if kind == "picture":
            handler.reply(200, _picture(int(name.split(".")[0])), content_type="image/jpeg")
            return
        items = self._stories[int(name) : self.visible : FEEDS]
        body = f'<rss version="2.0"><channel><title>S</title>{"".join(reversed(items))}</channel></rss>'
        handler.reply(200, body.encode(), content_type="application/rss+xml")


def _picture(n: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (64, 48), (n * 7 % 256, n // 256, n % 256)).save(stream, "JPEG")
    return stream.getvalue()


def prepare(newsroom: Newsroom, newspaper: Newspaper, site_url: str, username: str, password: str) -> None:
    """The bot's config: all feeds of `newspaper` to one site. A doubtful translation becomes a draft."""
    newsroom.password = password
    newsroom.site |= {"url": site_url, "username": username, "on_doubt": "draft"}
    newsroom.fetch |= {"timeout": "20s", "respect_robots": False}
    newsroom.publish |= {"confirm_after": "1s", "concurrency": AT_ONCE}
    common = {"backfill": newspaper.total, "content": "feed", "categories": [f"Mundo {newspaper.run}"]}
    first, *others = [
        {**newsroom.feed, **common, "name": f"f{n}", "url": url} for n, url in enumerate(newspaper.feeds)
    ]
    newsroom.feed = first
    tables = [
        "\n".join(
            [
                "[[feeds]]",
                'sites = ["demo"]',
                *(f"{key} = {json.dumps(value)}" for key, value in feed.items()),
            ]
        )
        for feed in others
    ]
    newsroom.write("\n".join(tables))


def loaded(newsroom: Newsroom) -> Config:
    """The config, with the password of this newsroom and not of the environment."""
    return config_file.load(newsroom.path, newsroom.environ(), ENGINES)


# --- kill -9 --------------------------------------------------------------------------------------


@dataclass
class Lives:
    """What happened: `killed_in` counts the publications that were open at a kill, by state."""

    kills: int = 0
    ended: int = 0
    killed_in: Counter[State] = field(default_factory=Counter)


def kill_again_and_again(newsroom: Newsroom, newspaper: Newspaper, kills: int, rng: random.Random) -> Lives:
    """Let the bot live until it was killed `kills` times, a few new stories in the feeds each time."""
    lives = Lives()
    while lives.kills < kills:
        newspaper.visible = math.ceil(newspaper.total * (lives.kills + 1) / kills)
        process = newsroom.start("run-once")
        if _killed(process, rng):
            lives.kills += 1
            lives.killed_in.update(each.state for each in _open(newsroom))
        else:
            lives.ended += 1
    return lives


def _killed(process: subprocess.Popen[str], rng: random.Random) -> bool:
    """Kill the bot at a random moment of its life; False where it came to its end before."""
    with process:
        moment = rng.random()
        if moment < 0.25:  # while it starts, polls
            seconds = rng.uniform(0, 2)
        elif moment < 0.6:  # while it translates, publishes
            _read_until(process, "event=polled", FEEDS)
            seconds = rng.uniform(0, 0.6)
        else:  # about a post
            _read_until(process, "event=published", rng.randint(1, 3))
            seconds = rng.uniform(0, 0.15)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return False
        process.kill()
    return True


def _read_until(process: subprocess.Popen[str], words: str, times: int) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        times -= words in line
        if times <= 0:
            return


def _open(newsroom: Newsroom) -> list[Publication]:
    store = newsroom.store()
    try:
        return store.publications(states=OPEN_STATES)
    finally:
        store.close()


def finish(newsroom: Newsroom, patience_seconds: float = 300) -> None:
    """Lives that nobody ends, until the bot says that nothing is waiting."""
    deadline = time.monotonic() + patience_seconds
    while True:
        done = newsroom.bot("run-once", "--json")
        assert done.stdout, done.stderr
        if json.loads(done.stdout)["items"]["waiting"] == 0:
            return
        assert time.monotonic() < deadline, done.stdout
        threading.Event().wait(_seconds_to_next(newsroom))


def _seconds_to_next(newsroom: Newsroom) -> float:
    now = datetime.now(UTC)
    return max(0.0, min(((each.not_before or now) - now).total_seconds() for each in _open(newsroom)))


# --- a bad network --------------------------------------------------------------------------------


class Unwatched:
    """ports.Progress for nobody."""

    def begin(self, what: str, total: int) -> None: ...

    def step(self, what: str) -> None: ...


def relay_through(proxy: ChaosProxy, newsroom: Newsroom, most_rounds: int = 200) -> int:
    """Rounds through a bad network until nothing is open; gives how many there were.

    The real engines, but a clock of ours: between two rounds the server ends what it works on, and time
    passes every pause. That is what publish.confirm_after promises, however slow this machine is.
    """
    clock = FakeClock(datetime.now(UTC))
    config = loaded(newsroom)
    with app.opened_store(config) as store:
        ports = dataclasses.replace(app.build_pipeline(config, store)._ports, clock=clock)
        pipeline = Pipeline(config, ports, RetryPolicy(longest=PAUSE))
        this_round = Round(pipeline, Unwatched(), threading.Event())
        this_round.poll(config.feeds)
        for n in range(most_rounds):
            this_round.work(store.due(clock.now()), concurrency=config.publish.concurrency)
            proxy.wait_until_quiet()
            if not store.publications(states=OPEN_STATES):
                return n + 1
            clock.advance(seconds=PAUSE.total_seconds())
        raise AssertionError(f"not done after {most_rounds} rounds: {store.publications(states=OPEN_STATES)}")


# --- the count ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """What there is on the site since `baseline`, beside what the store says."""

    posts: int
    twice: tuple[str, ...]
    missing: tuple[str, ...]
    misnamed: tuple[str, ...]  # recorded under an id that is another post's
    auto_drafts: int
    orphan_pictures: int
    doubled_terms: tuple[str, ...]

    def faults(self, items: int, lost_uploads: int) -> list[str]:
        """What cannot be explained; nothing where each of `items` is there exactly once, and nothing beside them.

        A picture may be left over for each upload whose answer was lost: it runs on, unseen, while the bot looks for
        it and sends it again, or the post goes without it. Nothing ends WordPress in the middle of a call, so there
        is no draft that it has not finished.
        """
        found = {
            f"{self.posts} posts of {items} items": self.posts != items,
            f"twice: {self.twice}": self.twice,
            f"missing: {self.missing}": self.missing,
            f"recorded under the id of another: {self.misnamed}": self.misnamed,
            f"doubled terms: {self.doubled_terms}": self.doubled_terms,
            f"{self.auto_drafts} unfinished drafts": self.auto_drafts,
            f"{self.orphan_pictures} orphan pictures, {lost_uploads} uploads lost": self.orphan_pictures
            > lost_uploads,
        }
        return [told for told, wrong in found.items() if wrong]


def baseline(php: Callable[[str], str]) -> int:
    """The newest id on the site: what comes later is this run's."""
    return int(php('global $wpdb; echo (int) $wpdb->get_var("SELECT MAX(ID) FROM $wpdb->posts");'))


_FACTS = """
global $wpdb;
$since = %d;
echo json_encode([
  'posts' => $wpdb->get_results("SELECT p.ID id, p.post_status status, k.meta_value relay_key
    FROM $wpdb->posts p LEFT JOIN $wpdb->postmeta k ON k.post_id = p.ID AND k.meta_key = 'relay_key'
    WHERE p.ID > $since AND p.post_type = 'post'"),
  'orphans' => $wpdb->get_var("SELECT COUNT(*) FROM $wpdb->posts p WHERE p.ID > $since
    AND p.post_type = 'attachment' AND p.ID NOT IN (SELECT t.meta_value FROM $wpdb->postmeta t
    JOIN $wpdb->posts o ON o.ID = t.post_id AND o.post_status <> 'auto-draft' WHERE t.meta_key = '_thumbnail_id')"),
  'doubled' => $wpdb->get_col("SELECT t.name FROM $wpdb->terms t JOIN $wpdb->term_taxonomy x
    USING (term_id) GROUP BY x.taxonomy, t.name HAVING COUNT(*) > 1"),
]);
"""


def count(php: Callable[[str], str], store, since: int) -> Count:
    """Hold what WordPress has against what the store remembers."""
    facts = json.loads(php(_FACTS % since))
    posts = [post for post in facts["posts"] if post["status"] != "auto-draft"]
    times = Counter(post["relay_key"] for post in posts)
    publications = store.publications()
    wanted = {each.post.key: each.remote.id if each.remote else "" for each in publications}
    ids = {post["relay_key"]: post["id"] for post in posts}
    return Count(
        posts=len(posts),
        twice=tuple(key for key, n in times.items() if n > 1),
        missing=tuple(key for key in wanted if key not in times),
        misnamed=tuple(key for key, post_id in wanted.items() if key in ids and ids[key] != post_id),
        auto_drafts=len(facts["posts"]) - len(posts),
        orphan_pictures=int(facts["orphans"]),
        doubled_terms=tuple(facts["doubled"]),
    )
