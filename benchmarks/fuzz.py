"""Fuzzing: `python -m benchmarks.fuzz --minutes 10 [--seed N] [--only feed|page] [--keep FOLDER] [--case N]`.

Feeds and pages (feedparser's corpora, the feeds, pages and articles of the tests) are spoilt in every way and
sent through the way of an item up to the whole post. A finding is: an exception that is not of bot/errors.py,
a promise broken, 10 s of processor time or 500 MB of memory for one input, a process that dies. Each input that
leads to one is kept. Ends with 1 where there is a finding.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.campaign import Finding, Report, campaign
from tests.fuzz.cases import Samples
from tests.fuzz.chain import Chain

_KEPT_OF_ONE_FAULT = 3


def main() -> int:
    options = _options()
    if options.case is not None:
        return _again(options)
    until = time.monotonic() + options.minutes * 60
    seen: Counter[str] = Counter()
    samples = Samples()

    def heard(finding: Finding) -> None:
        seen[finding.what] += 1
        if seen[finding.what] <= _KEPT_OF_ONE_FAULT:
            kept = _kept(finding, options.keep)
            print(f"case {finding.case.number} of seed {options.seed}: {finding.what}\n  {kept}", flush=True)

    report = campaign(options.seed, options.workers, lambda _: time.monotonic() < until, heard, options.only)
    _tell(report, seen, samples, options)
    return 1 if report.findings else 0


def _tell(report: Report, seen: Counter[str], samples: Samples, options: argparse.Namespace) -> None:
    for what, count in seen.most_common():
        print(f"{count:6} x {what}")
    (cpu, slowest), (memory, largest) = report.slowest, report.largest
    print(
        f"seed {options.seed}: {report.cases} cases in {report.seconds:.0f} s, {report.cases / report.seconds:.0f} a "
        f"second with {options.workers} processes; {len(report.findings)} findings\n"
        f"slowest: case {slowest}, {cpu:.1f} s of processor time ({samples.case(options.seed, slowest).made_of})\n"
        f"largest: case {largest}, {memory / 1e6:.0f} MB ({samples.case(options.seed, largest).made_of})"
    )


def _kept(finding: Finding, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{finding.case.number}.{finding.case.kind}"
    path.write_bytes(finding.case.body)
    about = f"{finding.what}\nContent-Type: {finding.case.content_type!r}\n{finding.case.made_of}\n{finding.trace}"
    path.with_suffix(".txt").write_text(about, encoding="utf-8", errors="replace")
    return path


def _again(options: argparse.Namespace) -> int:
    """One case, here and without limits: its traceback ends the program."""
    case = Samples().case(options.seed, options.case)
    print(f"{case.kind}, {len(case.body)} bytes, {case.content_type!r}: {case.made_of}")
    chain = Chain()
    began = time.process_time()
    chain.run(case)
    print(f"nothing found in {time.process_time() - began:.1f} s")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--keep", type=Path, default=Path(".cache/fuzz"), help="folder for what leads to a finding"
    )
    parser.add_argument("--only", choices=("feed", "page"), help="cases of this kind")
    parser.add_argument("--case", type=int, help="run this case of the seed once more")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
