"""Never twice, never lost, on a real WordPress: killed with `kill -9`, and behind a network that lies.

Short forms of `python benchmarks/crash.py`, which runs the whole promise.
"""

from __future__ import annotations

import random

import pytest

from tests import hard_times, own_wordpress
from tests.servers import serve
from tests.servers.chaos import ChaosProxy

pytestmark = pytest.mark.wordpress

KILLS, KILLED_STORIES = 30, 40
CHAOS_STORIES = 30


@pytest.fixture
def own():
    """A WordPress that nobody else posts to: all of its posts are counted."""
    with own_wordpress.started() as started:
        yield started


@pytest.fixture
def seed() -> int:
    """Another one each run; a failure names it."""
    return random.SystemRandom().randrange(10**6)


def test_killed_thirty_times_each_story_comes_out_once(own, seed):
    wordpress, newsroom = own
    with serve({}) as server, ChaosProxy(wordpress.url, seed, calm=1) as witness:
        newspaper = hard_times.Newspaper(server, KILLED_STORIES)
        hard_times.prepare(newsroom, newspaper, witness.base_url, wordpress.username, wordpress.password)
        since = hard_times.baseline(wordpress.php)
        lives = hard_times.kill_again_and_again(newsroom, newspaper, KILLS, random.Random(seed))
        hard_times.finish(newsroom)
    store = newsroom.store()
    counted = hard_times.count(wordpress.php, store, since)
    store.close()
    told = f"seed {seed}: {counted}, {lives}, {witness.lost}"
    assert counted.faults(KILLED_STORIES, witness.lost["wp.uploadFile"]) == [], told


def test_behind_a_network_that_lies_each_story_comes_out_once(own, seed):
    wordpress, newsroom = own
    with serve({}) as server, ChaosProxy(wordpress.url, seed) as proxy:
        newspaper = hard_times.Newspaper(server, CHAOS_STORIES)
        hard_times.prepare(newsroom, newspaper, proxy.base_url, wordpress.username, wordpress.password)
        since = hard_times.baseline(wordpress.php)
        rounds = hard_times.relay_through(proxy, newsroom)
    store = newsroom.store()
    counted = hard_times.count(wordpress.php, store, since)
    store.close()
    told = f"seed {seed}: {counted}, {rounds} rounds, {proxy.done}"
    assert counted.faults(CHAOS_STORIES, proxy.lost["wp.uploadFile"]) == [], told
