"""A campaign: cases in processes of their own, each within limits of time and memory."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection, wait
from pathlib import Path

from bot import log
from tests.fuzz.cases import Case, Kind, Samples
from tests.fuzz.chain import Chain

CPU_SECONDS = 10.0
MEMORY_BYTES = 500_000_000
_STUCK_SECONDS = 120.0  # of the clock: something waits that should not
_ROOT = str(Path(__file__).parent.parent.parent) + "/"


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong, and with which case."""

    case: Case
    what: str  # one line; the same for what is probably the same fault
    trace: str = ""


@dataclass(frozen=True, slots=True)
class _Outcome:
    number: int
    cpu_seconds: float
    grown_bytes: int
    what: str = ""
    trace: str = ""


@dataclass
class Report:
    """What came of it."""

    cases: int = 0
    seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, 0)  # processor seconds, number of the case
    largest: tuple[int, int] = (0, 0)  # bytes of memory, number of the case
    findings: list[Finding] = field(default_factory=list)


def campaign(
    seed: int,
    workers: int,
    goes_on: Callable[[Report], bool],
    heard: Callable[[Finding], None] = lambda _: None,
    only: Kind | None = None,
) -> Report:
    """Run cases 0, 1, 2, ... of `seed` as long as `goes_on` says; `heard` is told each finding at once.

    `only`: those of this kind.
    """
    samples, report, began = Samples(), Report(), time.monotonic()
    numbers = (number for number in count() if only in (None, samples.kind(seed, number)))
    crew = [_Worker(seed) for _ in range(workers)]
    try:
        while goes_on(report) or any(worker.busy for worker in crew):
            for worker in crew:
                if not worker.busy and goes_on(report):
                    worker.start(next(numbers))
            for outcome in _outcomes(crew):
                for finding in _judged(outcome, samples, seed, report):
                    report.findings.append(finding)
                    heard(finding)
            report.seconds = time.monotonic() - began
    finally:
        for worker in crew:
            worker.stop()
    return report


def _judged(outcome: _Outcome, samples: Samples, seed: int, report: Report) -> Iterator[Finding]:
    report.cases += 1
    report.slowest = max(report.slowest, (outcome.cpu_seconds, outcome.number))
    report.largest = max(report.largest, (outcome.grown_bytes, outcome.number))
    what = outcome.what
    if not what and outcome.grown_bytes > MEMORY_BYTES:
        what = f"takes more than {MEMORY_BYTES // 1_000_000} MB of memory"
    if what:
        yield Finding(samples.case(seed, outcome.number), what, outcome.trace)


class _Worker:
    """A process that runs one case after the other, and is replaced where one kills it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._number = -1
        self._began = 0.0
        self._begin()

    @property
    def busy(self) -> bool:
        return self._number >= 0

    @property
    def pipe(self) -> Connection:
        return self._pipe

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")  # a fork is not safe where there are threads
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, self._seed), daemon=True)
        self._process.start()
        theirs.close()

    def start(self, number: int) -> None:
        self._number, self._began = number, time.monotonic()
        self._pipe.send(number)

    def outcome(self) -> _Outcome | None:
        """The outcome of the case under way, if there is one."""
        if time.monotonic() - self._began > _STUCK_SECONDS:
            self._process.kill()
            return self._buried("waits for something")
        try:
            outcome: _Outcome | None = self._pipe.recv() if self._pipe.poll() else None
        except (EOFError, ConnectionResetError):
            return self._buried("")
        if outcome:
            self._number = -1
        return outcome

    def _buried(self, what: str) -> _Outcome:
        self._process.join()
        if self._process.exitcode == -signal.SIGPROF:
            what = f"takes more than {CPU_SECONDS:.0f} s of processor time"
        outcome = _Outcome(
            self._number, CPU_SECONDS, 0, what or f"ends the process ({self._process.exitcode})"
        )
        self._number = -1
        self._begin()
        return outcome

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _outcomes(crew: list[_Worker]) -> Iterator[_Outcome]:
    wait([worker.pipe for worker in crew if worker.busy], timeout=1.0)
    for worker in crew:
        if worker.busy and (outcome := worker.outcome()):
            yield outcome


def _work(pipe: Connection, seed: int) -> None:
    log.configure(quiet=True)
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="feedparser")
    chain, samples = Chain(), Samples()
    chain.run(samples.case(0, 0))  # models are loaded, tables made
    while True:
        case = samples.case(seed, pipe.recv())
        pipe.send(_outcome(chain, case))


def _outcome(chain: Chain, case: Case) -> _Outcome:
    before = _peak_bytes(anew=True)
    began = time.process_time()
    what = trace = ""
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # its signal ends the process, in the middle of C too
    try:
        chain.run(case)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is a finding
        what, trace = _signature(error), traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    grown = _peak_bytes() - before
    return _Outcome(case.number, time.process_time() - began, grown, what, trace)


def _signature(error: BaseException) -> str:
    """Error and place, the same for all cases that show one fault."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/bot/" in frame.filename]
    place = f"{frames[-1].filename.removeprefix(_ROOT)}:{frames[-1].lineno}" if frames else "nowhere of ours"
    return f"{type(error).__name__} at {place}: {' '.join(str(error).split())[:150]}"


def _peak_bytes(*, anew: bool = False) -> int:
    """The most memory that this process has had, or, `anew`, has now; from here on that is measured."""
    if anew:
        with suppress(OSError):  # not Linux: then the peak is that of the whole run
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
