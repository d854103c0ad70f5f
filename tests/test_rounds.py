"""A round's threads: how many there are, what each knows, and what a bug in one of them does."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import structlog

from bot import log
from bot.config import FeedConfig
from bot.model import Polled
from bot.rounds import POLLS_AT_ONCE, Round
from tests.hard_times import Unwatched

FEEDS = [
    FeedConfig(name=f"f{n}", url=f"http://h{n}.example/", language="en", sites=("s",)) for n in range(40)
]
PATIENT_SECONDS = 20.0


class Notebook:
    def flush(self):
        """Nothing was noted."""


class Pipeline:
    """As much of one as polling needs."""

    def __init__(self, poll: Callable[[str], None]) -> None:
        self._poll = poll
        self.polled: list[str] = []

    def notebook(self, feeds):
        return Notebook()

    def poll(self, feed, notebook):
        self._poll(feed.name)
        self.polled.append(feed.name)
        return Polled(feed.name)


def round_of(poll: Callable[[str], None]) -> Round:
    return Round(Pipeline(poll), Unwatched(), threading.Event())


def test_every_feed_is_polled_once_and_told_in_the_order_in_which_it_came():
    this_round = round_of(lambda name: None)
    told = [polled.feed for polled in this_round.poll(FEEDS)]
    assert sorted(told) == sorted(feed.name for feed in FEEDS)
    assert sorted(told) == sorted(this_round.pipeline.polled)


def test_so_many_at_once_and_no_more():
    full, lock, there, most = threading.Barrier(POLLS_AT_ONCE), threading.Lock(), [0], [0]

    def poll(name):
        with lock:
            there[0] += 1
            most[0] = max(most[0], there[0])
        full.wait(PATIENT_SECONDS)  # until all threads are in
        with lock:
            there[0] -= 1
        full.wait(PATIENT_SECONDS)

    round_of(poll).poll(FEEDS)
    assert most[0] == POLLS_AT_ONCE


def test_a_bug_goes_up_once_the_others_have_ended():
    def poll(name):
        if name == "f3":
            raise ZeroDivisionError

    this_round = round_of(poll)
    with pytest.raises(ZeroDivisionError):
        this_round.poll(FEEDS)
    assert len(this_round.pipeline.polled) == len(FEEDS) - 1


def test_a_wish_to_stop_is_heard_between_two_polls():
    this_round = round_of(lambda name: this_round.stop.set())
    assert 0 < len(this_round.poll(FEEDS)) <= POLLS_AT_ONCE


def test_what_the_log_says_of_the_caller_it_says_of_its_threads():
    bound = []
    with log.bind(run="morning"):
        round_of(lambda name: bound.append(structlog.contextvars.get_contextvars())).poll(FEEDS[:3])
    assert bound == [{"run": "morning"}] * 3


def test_no_feeds_are_no_work():
    assert round_of(lambda name: None).poll([]) == []
