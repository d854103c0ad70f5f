"""What the count of benchmarks/crash.py finds fault with, and what its proxy counts as lost."""

from __future__ import annotations

import dataclasses
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.hard_times import Count
from tests.servers import serve
from tests.servers.chaos import ChaosProxy

GOOD = Count(300, (), (), (), auto_drafts=0, orphan_pictures=0, doubled_terms=())


def test_each_item_once_is_what_it_shall_be():
    assert GOOD.faults(300, lost_uploads=0) == []


@pytest.mark.parametrize(
    "change",
    [
        {"posts": 299},
        {"posts": 301},
        {"twice": ("k",)},
        {"missing": ("k",)},
        {"misnamed": ("k",)},
        {"doubled_terms": ("Mundo",)},
        {"auto_drafts": 1},
        {"orphan_pictures": 3},
    ],
)
def test_whatever_nothing_explains_is_a_fault(change):
    assert len(dataclasses.replace(GOOD, **change).faults(300, lost_uploads=2)) == 1


def test_a_picture_is_left_over_for_each_upload_whose_answer_was_lost():
    assert dataclasses.replace(GOOD, orphan_pictures=2).faults(300, lost_uploads=2) == []


# --- which uploads lost their answers ---------------------------------------------------------------


class Scripted(ChaosProxy):
    """Does these things to calls, in this order."""

    def __init__(self, upstream: str, *names: str) -> None:
        super().__init__(upstream, seed=0)
        self._script = list(names)

    def draw(self) -> tuple[str, random.Random]:
        return self._script.pop(0), random.Random(0)


@contextmanager
def called(proxy: ChaosProxy) -> Iterator[socket.socket]:
    """A connection to `proxy`, on which nothing was said yet."""
    with proxy, closing(socket.create_connection(("127.0.0.1", proxy.server_port), 10)) as client:
        yield client


UPLOAD = b"<methodCall><methodName>wp.uploadFile</methodName></methodCall>"
CALL = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(UPLOAD), UPLOAD)


@pytest.mark.parametrize(
    ("names", "lost"),
    [
        (["passed on"], 0),
        (["delayed", "passed on"], 0),
        (["bad gateway after"], 1),
        (["answered twice"], 0),
        (["answered twice", "passed on"], 1),  # the copy may be taken for its answer
        (["answered twice", "cut by the host"], 1),
        (["answered twice", "unavailable before"], 0),  # WordPress never saw it
        (["answered twice", "dropped before"], 0),
    ],
)
def test_a_call_is_lost_where_wordpress_acted_and_its_answer_was_not_heard(names, lost):
    def acts(handler):
        handler.reply(200, b"<answer/>")

    with serve({"/": acts}) as wordpress:
        proxy = Scripted(wordpress.base_url, *names, "dropped before")
        with called(proxy) as client:
            client.sendall(CALL * (len(names) + 1))
            while client.recv(65_536):
                pass
    assert proxy.lost["wp.uploadFile"] == lost


@pytest.mark.parametrize(("dies", "lost"), [(True, 1), (False, 0)])
def test_an_upload_is_lost_where_the_bot_died_over_it(dies, lost):
    running, go_on = threading.Event(), threading.Event()

    def acts(handler):
        running.set()
        go_on.wait(10)
        handler.reply(200, b"<answer/>")

    with serve({"/": acts}) as wordpress:
        proxy = ChaosProxy(wordpress.base_url, seed=0, calm=1)
        with called(proxy) as client:
            client.sendall(CALL)
            assert running.wait(10)
            if dies:
                client.close()
            go_on.set()
            if not dies:
                assert client.recv(65_536).startswith(b"HTTP/1.1 200")
    assert proxy.lost["wp.uploadFile"] == lost


def test_half_a_call_is_not_handed_on():
    with serve({}) as wordpress:
        proxy = ChaosProxy(wordpress.base_url, seed=0, calm=1)
        with called(proxy) as client:
            client.sendall(CALL[:-10])
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b""
    assert wordpress.requests == []
    assert not proxy.lost
