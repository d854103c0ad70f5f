"""Hostile feeds: `python -m benchmarks.hostile [--megabytes 2] [--rows 10] [--only WORDS]`.

Each shape of tests/fuzz/shapes.py is read as a feed (or as a listing page) in a process of its own; the table tells
the processor time in user mode, the memory that reading it took on top of what the process had, and what came of
it. Ends with 1 where a shape takes more than `--seconds` or `--memory`, or raises what is not of bot/errors.py. A
shape that would take a minute is stopped.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from bot.config import ListingConfig
from bot.errors import RelaypressError
from bot.stages import feed
from tests.fuzz import shapes

_LONGEST_SECONDS = 60
_SELECTORS = ListingConfig(link="a", title="h2", date="time")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one shape took, and what came of it."""

    name: str
    seconds: float
    megabytes: float
    outcome: str
    ours: bool  # it was read, or refused by an error of ours


def main() -> int:
    options = _options()
    measured = list(_all(options))
    if not measured:
        print(f'no shape of tests/fuzz/shapes.py has "{options.only}" in its name', file=sys.stderr)
        return 2
    worst = sorted(measured, key=lambda each: each.seconds, reverse=True)[: options.rows]
    largest = max(measured, key=lambda each: each.megabytes)
    print(f"| {options.megabytes:g} MB of | user CPU | memory | what came of it |\n|---|---|---|---|")
    for each in worst if largest in worst else [*worst, largest]:
        print(f"| {each.name} | {each.seconds:.2f} s | {each.megabytes:.0f} MB | {each.outcome} |")
    over = [each for each in measured if _is_over(each, options)]
    middle = sorted(each.seconds for each in measured)[len(measured) // 2]
    print(f"\n{len(measured)} shapes, half of them under {middle:.2f} s; {len(over)} over the limits")
    for each in over:
        print(f"over: {each.name}, {each.seconds:.2f} s, {each.megabytes:.0f} MB, {each.outcome}")
    return 1 if over else 0


def _is_over(each: Measured, options: argparse.Namespace) -> bool:
    return each.seconds > options.seconds or each.megabytes > options.memory or not each.ours


def _all(options: argparse.Namespace) -> Iterator[Measured]:
    size = int(options.megabytes * 1_000_000)
    for kind, table in (("feed", shapes.FEEDS), ("listing", shapes.LISTINGS)):
        for name in table:
            if options.only in f"{kind}: {name}":
                yield _measured(kind, name, size)


def _measured(kind: str, name: str, size: int) -> Measured:
    """One shape, in a process of its own: what it leaves behind must not help or harm the next."""
    context = multiprocessing.get_context("fork")  # no threads here, and all imports are made
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, kind, name, size))
    process.start()
    theirs.close()
    try:
        measured: Measured = ours.recv()
    except EOFError:
        measured = Measured(f"{kind}: {name}", _LONGEST_SECONDS, 0, "stopped", ours=False)
    process.join()
    return measured


def _work(pipe: Connection, kind: str, name: str, size: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (_LONGEST_SECONDS, _LONGEST_SECONDS + 1))
    warnings.simplefilter("ignore", DeprecationWarning)
    body = (shapes.FEEDS if kind == "feed" else shapes.LISTINGS)[name](size)
    _read(kind, shapes.HEAD + shapes.FOOT)  # what is made once, at the first feed, counts for none
    before, began = _peak_megabytes(anew=True), _user_seconds()
    outcome, ours = _read(kind, body)
    seconds = _user_seconds() - began
    pipe.send(Measured(f"{kind}: {name}", seconds, _peak_megabytes() - before, outcome, ours))


def _read(kind: str, body: bytes) -> tuple[str, bool]:
    selectors = _SELECTORS if kind == "listing" else None
    try:
        parsed = feed.parse(body, "", "f", "https://x.example/feed", selectors, "en")
        entries, _ = feed.recognise(parsed.entries, {})
    except RelaypressError as error:
        return str(error.problem), True
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return repr(error)[:200], False
    told = f"{len(entries)} entries" if len(entries) != 1 else "its entry"
    return f"{told}; {parsed.warning}".rstrip("; "), True


def _user_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def _peak_megabytes(*, anew: bool = False) -> float:
    """The most memory that this process has had, or, `anew`, has now; from here on that is measured."""
    if anew:
        with suppress(OSError):  # not Linux: then making the document counts too
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=float, default=2.0, help="size of each document")
    parser.add_argument("--rows", type=int, default=10, help="how many of the slowest are shown")
    parser.add_argument("--only", default="", help="shapes with these words in their name")
    parser.add_argument("--seconds", type=float, default=4.0, help="the limit of each")
    parser.add_argument("--memory", type=float, default=350.0, help="the limit of each, in MB")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
