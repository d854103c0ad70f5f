"""A round: poll feeds, then work on what is due. The service and `bot run-once` call the same two functions."""

from __future__ import annotations

import contextvars
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock
from typing import TypeVar

from bot.config import FeedConfig
from bot.errors import RelaypressError
from bot.model import Polled
from bot.pipeline import Pipeline
from bot.polling import Notebook, by_turns
from bot.ports import Progress
from bot.states import Advanced, Publication

T = TypeVar("T")

POLLS_AT_ONCE = 8


@dataclass
class Quota:
    """How many posts a round may still publish, shared by its lanes. None: no limit."""

    left: int | None = None
    _lock: Lock = field(default_factory=Lock)

    def take(self) -> bool:
        """Reserve one; False where none is left."""
        with self._lock:
            if self.left is None:
                return True
            if self.left <= 0:
                return False
            self.left -= 1
            return True

    def give_back(self) -> None:
        """What was reserved did not come out after all."""
        with self._lock:
            if self.left is not None:
                self.left += 1


@dataclass(frozen=True)
class Round:
    """What one round shares: the pipeline, who watches, and the wish to stop between two steps.

    `faults` are errors that concern no feed and no item (the store, as a rule): they end their lane, and the
    caller tells them.
    """

    pipeline: Pipeline
    progress: Progress
    stop: Event
    faults: list[RelaypressError] = field(default_factory=list)

    def poll(self, feeds: Sequence[FeedConfig]) -> list[Polled]:
        """Poll these feeds, several at once; results in the order in which they came."""
        self.progress.begin("polling", len(feeds))
        polls: list[Polled] = []
        try:
            notebook = self.pipeline.notebook(feeds)
            calls = [partial(self._poll, feed, notebook) for feed in by_turns(feeds)]
            polls += [polled for polled in _in_threads(calls, POLLS_AT_ONCE) if polled is not None]
            notebook.flush()
        except RelaypressError as error:
            self.faults.append(error)
        return polls

    def work(self, due: Sequence[Publication], *, limit: int = 0, concurrency: int = 2) -> list[Advanced]:
        """Advance these publications, each once; give what changed.

        Lanes run side by side, `concurrency` a site: a feed's posts keep their order on a site, and a
        site that is down holds up no other. `limit` is the number of posts that may be published (0: all);
        with a limit there is one lane at a time, so that none gives up what another does not use.
        """
        self.progress.begin("publishing", len(due))
        quota = Quota(limit or None)
        lanes: dict[str, dict[str, list[Publication]]] = defaultdict(lambda: defaultdict(list))
        for publication in due:
            lanes[publication.site][publication.feed].append(publication)
        sites = [
            partial(self._site, list(of_feed.values()), quota, 1 if limit else concurrency)
            for of_feed in lanes.values()
        ]
        workers = 1 if limit else len(sites)
        return [step for done in _in_threads(sites, workers) for step in done]

    def recheck(self) -> None:
        """Look at the sources of young posts, where a site wants to know."""
        if not self.stop.is_set():
            self.pipeline.recheck()

    def _poll(self, feed: FeedConfig, notebook: Notebook) -> Polled | None:
        if self.stop.is_set():
            return None
        try:
            polled = self.pipeline.poll(feed, notebook)
        except RelaypressError as error:
            self.faults.append(error)
            return None
        self.progress.step(feed.name)
        return polled

    def _site(self, lanes: list[list[Publication]], quota: Quota, concurrency: int) -> list[Advanced]:
        trouble = Event()
        calls = [partial(self._lane, lane, quota, trouble) for lane in lanes]
        return [step for done in _in_threads(calls, concurrency) for step in done]

    def _lane(self, publications: list[Publication], quota: Quota, trouble: Event) -> list[Advanced]:
        """The posts of one feed for one site, in their order; `trouble` tells all lanes that the site is down."""
        done: list[Advanced] = []
        for publication in publications:
            if self.stop.is_set() or trouble.is_set() or not quota.take():
                break
            try:
                after = self.pipeline.advance(publication)
            except RelaypressError as error:
                self.faults.append(error)
                quota.give_back()
                break
            step = Advanced(publication, after) if after else None
            if step is None or not step.made:
                quota.give_back()
            if step is not None:
                done.append(step)
                if step.met_trouble:
                    trouble.set()  # the next ones would wait for the same time-out; they stay due
            self.progress.step(publication.key)
        return done


def _in_threads(calls: Iterable[Callable[[], T]], most_threads: int) -> list[T]:
    """Results in the order in which they came.

    An exception of a call is a bug: it ends its thread, and goes up once the others have ended. Each thread has a
    copy of the caller's context: the logger's bindings live there.
    """
    waiting, results = deque(calls), list[T]()
    threads = min(most_threads, len(waiting))
    if not threads:
        return results
    with ThreadPoolExecutor(threads, "round") as pool:
        work = partial(_work_off, waiting, results)
        ends = [pool.submit(contextvars.copy_context().run, work) for _ in range(threads)]
    for end in ends:
        end.result()
    return results


def _work_off(waiting: deque[Callable[[], T]], results: list[T]) -> None:
    """Make these calls one after the other, as others do in other threads, until none is left."""
    while True:
        try:
            call = waiting.popleft()
        except IndexError:
            return
        results.append(call())
