"""How fast feeds are polled: `make bench-polling`. All on the loopback, nothing is fetched from outside.

A server with ETags holds feeds of 20 entries. In each round 5 % of them have a new entry, chosen
anew; the others answer 304. The bot (`Round.poll` on a SQLite file, as `bot run-once` calls it) and
lemon24/reader (`update_feeds(workers=8)`) take turns on the same server, each in a process of its own.
The first, filling poll of each is told apart. No pause between requests: all feeds are on one host here.

    python -m benchmarks.polling                 1,000 feeds beside reader, then 10,000 beside 1,000 feeds of the bot
    python -m benchmarks.polling --many 0        only the first half: a minute instead of ten

Each turn gives a ratio, and their median counts: other work on the machine slows down both of a turn. Ends with 1
where a round of the few takes 20 s or 200 MB, where reader is not 1.5 times slower, or where one of the many feeds
costs more than one of the few.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ENTRIES = 20
CHANGED_PART = 20  # one feed in so many has news in a round
MANY_TURNS = 6
WORKERS = 8
MOST_SECONDS, MOST_MB, LEAST_RATIO, MOST_GROWTH = 20.0, 200.0, 1.5, 1.0
BORN = datetime.now(UTC).replace(microsecond=0)
SYLLABLES = [consonant + vowel for consonant in "bdfghklmnprstvz" for vowel in "aeiou"]
VOCABULARY = ["".join(parts) for parts in itertools.islice(itertools.product(SYLLABLES, repeat=3), 60_000)]
OFTEN = list(itertools.accumulate(1 / rank for rank in range(1, len(VOCABULARY) + 1)))  # Zipf


# --- the server ---------------------------------------------------------------------------------


def version(feed: int, turn: int) -> int:
    """How many entries this feed has gained by this turn."""
    return (turn + CHANGED_PART - feed % CHANGED_PART) // CHANGED_PART


def news(feeds: int, turn: int) -> int:
    """How many of so many feeds gain an entry in this turn."""
    return sum(version(feed, turn) - version(feed, turn - 1) for feed in range(feeds))


def words(rng: random.Random, number: int) -> str:
    """Words of no language, some common and most rare: no story is like another."""
    return " ".join(rng.choices(VOCABULARY, cum_weights=OFTEN, k=number))


def item(feed: int, n: int) -> str:
    rng = random.Random(f"{feed} {n}")
    date = format_datetime(BORN - timedelta(days=9) + timedelta(hours=n))
    return (
        f"<item><guid isPermaLink='false'>{feed}-{n}</guid><title>{words(rng, 8)}</title>"
        f"<link>http://news{feed}.example/story-{n}</link><pubDate>{date}</pubDate>"
        f"<description><![CDATA[<p>{words(rng, 60)}</p>]]></description></item>"
    )


def document(feed: int, newest: int) -> bytes:
    items = "".join(item(feed, n) for n in range(newest + ENTRIES, newest, -1))
    head = f"<title>Feed {feed}</title><link>http://news{feed}.example/</link><description>x</description>"
    return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, turn: list[int]) -> None:
    """One connection: GET /feed/N, with ETag; GET /turn goes on to the next turn."""
    while request := await reader.readuntil(b"\r\n\r\n"):
        _, path, _ = request.split(b" ", 2)
        if path == b"/turn":
            turn[0] += 1
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            continue
        feed = int(path.rsplit(b"/", 1)[1])
        newest = version(feed, turn[0])
        etag = b'"%d-%d"' % (feed, newest)
        if etag in request:
            writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: %s\r\n\r\n" % etag)
            continue
        body = document(feed, newest)
        head = (
            b"HTTP/1.1 200 OK\r\nETag: %s\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n"
        )
        writer.write(head % (etag, len(body)) + body)


async def serve() -> None:
    """Serve until stdin ends; the port is the first line of stdout."""
    turn = [0]

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer, turn)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


# --- the two that poll ----------------------------------------------------------------------------


def bot_poller(base: str, folder: Path, feeds: int) -> Callable[[], int]:
    from bot import app, log  # noqa: PLC0415 - each contender loads its own libraries only
    from bot.cli.output import Silent  # noqa: PLC0415
    from bot.config import Config  # noqa: PLC0415
    from bot.engines.store import DatabaseStore  # noqa: PLC0415
    from bot.rounds import Round  # noqa: PLC0415

    log.configure(quiet=True)
    config = Config.model_validate(
        {
            "fetch": {"allow_private_networks": True},
            "sites": [{"name": "s", "url": base, "username": "u", "password_env": "P", "language": "fr"}],
            "feeds": [
                {"name": f"f{n}", "url": f"{base}/feed/{n}", "language": "en", "sites": ["s"]}
                for n in range(feeds)
            ],
        },
        context={"environ": {"P": "x"}},
    )
    store = DatabaseStore(f"sqlite:///{folder}/bot.db")
    this_round = Round(app.build_pipeline(config, store), Silent(), threading.Event())

    def poll() -> int:
        polls = this_round.poll(config.feeds)
        assert not [each.error for each in polls if each.error]
        return sum(each.new for each in polls)

    return poll


def reader_poller(base: str, folder: Path, feeds: int) -> Callable[[], int]:
    from reader import make_reader  # noqa: PLC0415

    reader = make_reader(f"{folder}/reader.db")
    for n in range(feeds):
        reader.add_feed(f"{base}/feed/{n}")

    def poll() -> int:
        before = reader.get_entry_counts().total
        reader.update_feeds(workers=WORKERS, scheduled=False)
        assert reader.get_feed_counts(broken=True).total == 0
        return reader.get_entry_counts().total - before

    return poll


CONTENDERS = {"bot": bot_poller, "reader": reader_poller}


def contend(name: str, base: str, feeds: int) -> None:
    """Poll once for each line of stdin, and tell as JSON what it took."""
    with tempfile.TemporaryDirectory() as folder:
        poll = CONTENDERS[name](base, Path(folder), feeds)
        print("ready", flush=True)
        for _ in sys.stdin:
            began, cpu = time.perf_counter(), time.process_time()
            new = poll()
            took = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "new": new}
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps({**took, "peak_mb": peak}), flush=True)


# --- the race -------------------------------------------------------------------------------------


@dataclass
class Process:
    """A part of the race: this file, in a process of its own."""

    popen: subprocess.Popen[str]

    def line(self) -> str:
        """The next that it says."""
        assert self.popen.stdout is not None
        return self.popen.stdout.readline().strip()

    def turn(self) -> dict[str, Any]:
        """Let it poll once; gives what that took."""
        assert self.popen.stdin is not None
        print("go", file=self.popen.stdin, flush=True)
        result: dict[str, Any] = json.loads(self.line())
        return result


@contextmanager
def part(*arguments: object) -> Iterator[Process]:
    command = [sys.executable, __file__, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as popen:
        yield Process(popen)
        assert popen.stdin is not None
        popen.stdin.close()


@dataclass(frozen=True)
class Rounds:
    """The rounds of one contender after the first, which fills its store; `peak_mb` is of all of them."""

    feeds: int
    seconds: list[float]
    peak_mb: float

    def __str__(self) -> str:
        median = statistics.median(self.seconds)
        return f"{median:.2f} s, {median / self.feeds * 1000:.2f} ms a feed, {self.peak_mb:.0f} MB"


def race(contenders: list[tuple[str, int]], turns: int) -> tuple[Rounds, Rounds, float]:
    """Two, each with so many feeds, in turns on one server; and how many times as much a feed costs the second."""
    results: list[list[dict[str, Any]]] = [[] for _ in contenders]
    with part("serve") as server, ExitStack() as stack:
        base = f"http://127.0.0.1:{server.line()}"
        parts = [stack.enter_context(part("contend", name, base, feeds)) for name, feeds in contenders]
        for each in parts:
            assert each.line() == "ready"
        for turn in range(turns + 1):
            for (name, feeds), each, rounds in zip(contenders, parts, results, strict=True):
                rounds.append(each.turn())
                told = (f"{key} {value:.2f}" for key, value in rounds[-1].items())
                print("  round" if turn else "  first", f"{name:<6} {feeds:>5}", *told, flush=True)
                assert not turn or rounds[-1]["new"] == news(feeds, turn), "an entry was lost, or came twice"
            urlopen(f"{base}/turn").close()
    first, second = (
        Rounds(feeds, [each["seconds"] for each in rounds[1:]], max(each["peak_mb"] for each in rounds))
        for (_, feeds), rounds in zip(contenders, results, strict=True)
    )
    pairs = zip(first.seconds, second.seconds, strict=True)
    ratios = [(theirs / second.feeds) / (ours / first.feeds) for ours, theirs in pairs]
    print("  times as much a feed:", *(f"{ratio:.2f}" for ratio in ratios))
    return first, second, statistics.median(ratios)


def main(options: argparse.Namespace) -> int:
    few = options.feeds
    print(f"{few} feeds, {100 // CHANGED_PART} % changed a round, in turns")
    ours, theirs, ratio = race([("bot", few), ("reader", few)], options.turns)
    passed = (
        statistics.median(ours.seconds) < MOST_SECONDS and ours.peak_mb < MOST_MB and ratio >= LEAST_RATIO
    )
    print(f"bot {ours}; reader {theirs}: {ratio:.2f} x")
    if options.many:
        print(f"{options.many} feeds beside {few}")
        ours, many, growth = race([("bot", few), ("bot", options.many)], MANY_TURNS)
        print(f"{many.feeds} feeds {many}; {few} feeds {ours}: a feed costs {growth:.2f} x")
        passed = passed and growth <= MOST_GROWTH
    return 0 if passed else 1


def options_of(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000, help="beside reader (1000)")
    parser.add_argument("--many", type=int, default=10_000, help="beside FEEDS of the bot (10000); 0: none")
    parser.add_argument("--turns", type=int, default=5, help="rounds beside reader after the first (5)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    elif sys.argv[1:2] == ["contend"]:
        contend(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        sys.exit(main(options_of(sys.argv[1:])))
