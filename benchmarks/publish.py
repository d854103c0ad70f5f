"""How fast posts go out: `make bench-publish`. Starts a sandbox WordPress of its own.

    publish, N at once    posts a second of the bot's publish step (whole posts in the store, terms known, no
                          pictures) beside a bare loop of xmlrpc.client.ServerProxy over the same posts, in
                          turns on the same WordPress; the bot's own CPU a post
    the whole way         stories a second from a feed to posts beside the script that everybody writes first:
                          feedparser, one paragraph after another, one post after another; same translator

Ends with 1 where the bot is slower than 0.9 x the bare loop, or needs 5 ms of CPU a post.
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xmlrpc.client import ServerProxy

import bs4
import feedparser

from bot import app, log
from bot.config import Config
from bot.engines.store import DatabaseStore
from bot.engines.wordpress import WordPress
from bot.model import Entry, FeedState, Post, Take
from bot.ports import Translator
from bot.rounds import Round
from bot.states import OPEN_STATES, Change, Event
from tests import hard_times
from tests.article_maker import ArticleMaker
from tests.newsroom import Newsroom
from tests.own_wordpress import OwnWordPress, started
from tests.servers import serve

POSTS = 24  # a turn
TURNS = 9  # short and many: what else this machine does then strikes both alike
STORIES = 48
LEAST_RATIO = 0.9
MOST_CPU_MS = 5.0
CATEGORIES, TAGS = ("Mundo", "Europa"), ("Courier", "Porto", "Mar")
NOW = datetime.now(UTC)


@dataclass(frozen=True)
class Speed:
    """Of one turn: posts a second, and milliseconds of CPU a post in this process."""

    per_second: float
    cpu_ms: float


def timed(posts: int, work: Callable[[], None]) -> Speed:
    cpu, began = time.process_time(), time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    return Speed(posts / seconds, (time.process_time() - cpu) / posts * 1000)


def make_posts() -> list[Post]:
    """Posts as the bot composes them, about 4 KB each; no two alike, in this turn or another."""
    return [_post(n) for n in range(POSTS)]


def _post(n: int) -> Post:
    key, made = uuid.uuid4().hex[:24], ArticleMaker(n)
    paragraphs = "".join(f"<p>{made.sentence(marks=0)}</p>" for _ in range(40))
    return Post(
        key=key,
        title=made.title,
        html=f'<div class="relaypress" data-relay-key="{key}">{paragraphs[:4000]}</p></div>',
        excerpt=made.lead,
        slug=f"a-story-of-some-length-as-they-all-have-{key}",
        date=NOW - timedelta(days=1),
        status="publish",
        categories=CATEGORIES,
        tags=TAGS,
        fields=(
            ("relay_key", key),
            ("relay_source_url", f"https://example.org/{key}"),
            ("relay_source_language", "en"),
            ("relay_engine", "local"),
        ),
    )


# --- the bare loop --------------------------------------------------------------------------------


class BareLoop:
    """ServerProxy, a connection a thread, the same struct that the bot sends."""

    def __init__(self, wordpress: OwnWordPress, terms: tuple[list[int], list[int]]) -> None:
        self._wordpress, self._terms = wordpress, terms

    def publish(self, posts: Sequence[Post], at_once: int) -> None:
        """Send them all, on `at_once` connections."""
        lanes = [posts[n::at_once] for n in range(at_once)]
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self._lane, lanes))

    def _lane(self, posts: Sequence[Post]) -> None:
        with ServerProxy(f"{self._wordpress.url}/xmlrpc.php") as proxy:
            for post in posts:
                proxy.wp.newPost(0, self._wordpress.username, self._wordpress.password, self._struct(post))

    def _struct(self, post: Post) -> dict[str, object]:
        return {
            "post_type": "post",
            "post_title": post.title,
            "post_content": post.html,
            "post_excerpt": post.excerpt,
            "post_name": post.slug,
            "post_status": post.status,
            "post_date_gmt": post.date.replace(tzinfo=None),
            "custom_fields": [{"key": key, "value": value} for key, value in post.fields],
            "terms": {"category": self._terms[0], "post_tag": self._terms[1]},
        }


# --- the bot's publish step -----------------------------------------------------------------------


class Publisher:
    """The bot from the outbox on: its own store, pipeline and rounds."""

    def __init__(self, config: Config, store: DatabaseStore) -> None:
        self._config, self._store = config, store
        self._round = Round(app.build_pipeline(config, store), hard_times.Unwatched(), threading.Event())

    def store_posts(self, posts: Sequence[Post]) -> None:
        """Put them into the outbox: the state that preparing leaves them in. One feed a lane."""
        for n, post in enumerate(posts):
            feed = self._config.feeds[n % hard_times.FEEDS].name
            entry = Entry(post.key, feed, post.key, f"https://example.org/{post.key}", post.title)
            self._store.save_poll(FeedState(feed), [Take(entry)], ["demo"], NOW)
            queued = self._store.publication(post.key, "demo")
            self._store.change(queued, Change(Event.PREPARED, NOW, post=post))

    def publish(self, at_once: int) -> None:
        """Send what is in the outbox. Ends the benchmark where something stays."""
        self._round.work(self._store.due(datetime.now(UTC)), concurrency=at_once)
        left = self._store.publications(states=OPEN_STATES)
        if left:
            raise SystemExit(f"not published: {left[0].reason}")


def compare_publishing(wordpress: OwnWordPress, newsroom: Newsroom) -> bool:
    """Print a line for each number of connections; False where a limit is broken."""
    config = hard_times.loaded(newsroom)
    good = True
    with app.opened_store(config) as store:
        terms = WordPress(config.sites[0]).resolve_terms(CATEGORIES, TAGS)
        bare, bot = BareLoop(wordpress, terms), Publisher(config, store)
        take_turn(bare, bot, 2)  # both warm: opcache, terms, what permalinks look like
        for at_once in (1, 2, 4):
            turns = [take_turn(bare, bot, at_once) for _ in range(TURNS)]
            ratio = statistics.median(ours.per_second / rival.per_second for rival, ours in turns)
            rival, ours = (_median(speeds) for speeds in zip(*turns, strict=True))
            print(
                f"publish, {at_once} at once   bare loop {rival.per_second:5.1f}/s   "
                f"bot {ours.per_second:5.1f}/s   {ratio:.2f} x   "
                f"CPU a post: bare loop {rival.cpu_ms:.1f} ms, bot {ours.cpu_ms:.1f} ms"
            )
            good &= ratio >= LEAST_RATIO and ours.cpu_ms < MOST_CPU_MS
    return good


def take_turn(bare: BareLoop, bot: Publisher, at_once: int) -> tuple[Speed, Speed]:
    """The bare loop, then the bot, on posts of the same shape."""
    posts = make_posts()
    rival = timed(POSTS, lambda: bare.publish(posts, at_once))
    bot.store_posts(make_posts())
    return rival, timed(POSTS, lambda: bot.publish(at_once))


def _median(speeds: Sequence[Speed]) -> Speed:
    return Speed(
        statistics.median(each.per_second for each in speeds),
        statistics.median(each.cpu_ms for each in speeds),
    )


# --- the whole way --------------------------------------------------------------------------------


def naive_script(feed_urls: Sequence[str], translator: Translator, wordpress: OwnWordPress) -> None:
    """What everybody writes first: one paragraph after another, one post after another."""
    with ServerProxy(f"{wordpress.url}/xmlrpc.php") as proxy:
        for url in feed_urls:
            with urllib.request.urlopen(url, timeout=20) as answer:
                entries = feedparser.parse(answer.read()).entries
            for entry in reversed(entries):
                soup = bs4.BeautifulSoup(entry.description, "lxml")
                texts = [translator.translate([p.get_text()], "en", "pt")[0] for p in soup.find_all("p")]
                post = {
                    "post_title": translator.translate([entry.title], "en", "pt")[0],
                    "post_content": "".join(f"<p>{text}</p>" for text in texts),
                    "post_status": "publish",
                }
                proxy.wp.newPost(0, wordpress.username, wordpress.password, post)


def compare_whole_way(wordpress: OwnWordPress, newsroom: Newsroom, feed_urls: Sequence[str]) -> None:
    """Print a line: the naive script, then the bot, on the same stories."""
    config = hard_times.loaded(newsroom)
    (translator,) = app.translators(config)  # of its own: both load the model
    naive = timed(STORIES, lambda: naive_script(feed_urls, translator, wordpress))
    with app.opened_store(config) as store:
        whole = Round(app.build_pipeline(config, store), hard_times.Unwatched(), threading.Event())
        bot = timed(STORIES, lambda: _relay(whole, config, store))
    print(
        f"the whole way        naive script {naive.per_second:.1f} stories/s   bot {bot.per_second:.1f} stories/s   "
        f"{bot.per_second / naive.per_second:.2f} x"
    )


def _relay(whole: Round, config: Config, store: DatabaseStore) -> None:
    whole.poll(config.feeds)
    done = whole.work(store.due(datetime.now(UTC)), concurrency=config.publish.concurrency)
    if len(done) != STORIES or store.publications(states=OPEN_STATES):
        raise SystemExit("not every story came out")


def main() -> int:
    log.configure(quiet=True)
    with started() as (wordpress, newsroom), serve({}) as server:
        newspaper = hard_times.Newspaper(server, STORIES, pictures=False)
        hard_times.prepare(newsroom, newspaper, wordpress.url, wordpress.username, wordpress.password)
        good = compare_publishing(wordpress, newsroom)
        for file in (newsroom.folder / "data").glob("bot.db*"):
            file.unlink()
        compare_whole_way(wordpress, newsroom, newspaper.feeds)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
