"""`bot run` as a process: it relays, takes edits of its config, and stops when it is told to."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from pathlib import Path

import pytest

from bot.cli import run
from bot.states import State
from tests.conftest import free_port
from tests.servers.hub import Hub
from tests.servers.routes import misbehaving
from tests.servers.xmlrpc import HANG, XmlRpcServer
from tests.test_bad_input import WORKING, give, one_story

PATIENCE_SECONDS = 60


class Service:
    """A running bot and the lines that it says."""

    def __init__(self, newsroom) -> None:
        self.process = newsroom.start("run")
        self.lines: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stderr:
            self._queue.put(line)

    def until(self, words: str) -> str:
        """Wait for a line that holds `words`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                line = self._queue.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"never said {words!r}, but: {''.join(self.lines)}")
            self.lines.append(line)
            if words in line:
                return line

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def world(newsroom):
    with misbehaving() as server, XmlRpcServer(WORKING) as wordpress:
        server.routes["/one"] = give(one_story(server.base_url), "application/rss+xml")
        newsroom.feed |= {"url": f"{server.base_url}/one", "content": "feed"}
        newsroom.site |= {"url": wordpress.url, "timeout": "30s"}
        newsroom.write()
        newsroom.server, newsroom.wordpress = server, wordpress
        yield newsroom


@pytest.fixture
def service(world):
    service = Service(world)
    yield service
    service.close()


def test_it_relays_stays_healthy_and_stops_when_told(world, service):
    service.until("event=published")
    assert run(["--config", str(world.path), "status", "--healthy"]) == 0
    assert run(["--config", str(world.path), "run-once"]) == 3
    assert service.stop() == 0
    service.until("event=stopping")
    assert world.wordpress.count("wp.newPost") == 1


def test_an_edited_feed_list_takes_effect_without_a_restart(world, service):
    service.until("event=published")
    other = (
        f'[[feeds]]\nname = "second"\nurl = "{world.server.base_url}/feed"\nlanguage = "en"\nsites = ["demo"]'
    )
    world.write(other)
    service.until('event="config reloaded"')
    service.until("feed=second")
    assert service.stop() == 0


def test_a_faulty_edit_is_refused_in_the_words_of_check_and_the_old_config_goes_on(world, service, capfd):
    service.until("event=published")
    good = world.path.read_text()
    world.path.write_text(good.replace('language = "en"', 'language = "en"\nevery = "soon"'))
    line = service.until("config refused")
    capfd.readouterr()
    assert run(["--config", str(world.path), "check"]) == 2
    fault = capfd.readouterr().err.strip().removeprefix(f"{world.path}: ")
    assert fault.replace('"', '\\"') in line
    world.path.write_text(good)
    service.until('event="config reloaded"')
    assert service.process.poll() is None
    assert service.stop() == 0


def test_a_stop_in_the_middle_of_a_call_takes_less_than_ten_seconds_and_loses_nothing(world):
    world.wordpress.script["wp.newPost"] = [HANG]
    service = Service(world)
    try:
        service.until("event=polled")
        wait_for(lambda: world.wordpress.count("wp.newPost") == 1)
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 10  # the promise of `docker stop`, not a matter of speed
    finally:
        service.close()
    store = world.store()
    (publication,) = store.publications()
    store.close()
    assert publication.state is State.PUBLISHING
    assert publication.post is not None


def test_a_stop_counts_in_whichever_thread_the_kernel_gives_it(world, service):
    service.until("event=published")
    main = service.process.pid
    others = [int(task.name) for task in Path(f"/proc/{main}/task").iterdir() if int(task.name) != main]
    os.kill(others[0], signal.SIGTERM)  # goes to the process, by way of this thread (kill(2) of Linux)
    assert service.process.wait(PATIENCE_SECONDS) == 0


def test_run_once_stops_in_time_too(world):
    world.wordpress.script["wp.newPost"] = [HANG]
    process = world.start("run-once")
    try:
        wait_for(lambda: world.wordpress.count("wp.newPost") == 1)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
        assert time.monotonic() - began < 10
    finally:
        process.kill()
        process.communicate()


def test_a_site_that_hangs_does_not_slow_the_others(world):
    world.wordpress.script["wp.newPost"] = [HANG]
    with XmlRpcServer(WORKING) as good:
        world.server.routes["/two"] = give(one_story(world.server.base_url), "application/rss+xml")
        more = (
            f'[[sites]]\nname = "good"\nurl = "{good.url}"\nusername = "u"\nlanguage = "pt"\n'
            'password_env = "BOT_TEST_PASSWORD"\n'
            f'[[feeds]]\nname = "two"\nurl = "{world.server.base_url}/two"\nlanguage = "en"\n'
            'sites = ["good"]\nrights = "open"\ncontent = "feed"\n'
        )
        world.write(more)
        service = Service(world)  # the second feed is polled a second later, when the first site hangs
        try:
            wait_for(lambda: good.count("wp.newPost") == 1)
            assert world.wordpress.count("wp.newPost") == 1
        finally:
            service.close()


def test_a_hub_that_tells_of_a_change_has_its_feed_polled_at_once(world):
    hub, base, port = Hub(), world.server.base_url, free_port()
    links = f'<link>{base}/</link><atom:link rel="hub" href="{base}/hub"/><atom:link rel="self" href="{base}/topic"/>'
    document = one_story(base).replace(b"<channel>", f"<channel>{links}".encode())
    document = document.replace(b"<rss ", b'<rss xmlns:atom="http://www.w3.org/2005/Atom" ')
    world.server.routes |= {"/hub": hub.handle, "/one": give(document, "application/rss+xml")}
    world.write(f'[websub]\npublic_url = "http://127.0.0.1:{port}/websub"\nlisten = "127.0.0.1:{port}"')
    service = Service(world)
    try:
        service.until("event=subscribed")
        service.until("event=published")
        (form,) = hub.asked
        assert form["hub.topic"] == f"{base}/topic"
        second = one_story(base).replace(b"<guid>", b"<guid>2-").replace(b"<title>", b"<title>Again: ")
        world.server.routes["/one"] = give(second, "application/rss+xml")
        asked = len(world.server.asked("/one"))
        assert hub.deliver(form) == 202
        wait_for(lambda: len(world.server.asked("/one")) > asked)
        for _ in range(5):
            hub.deliver(form)
        service.until("event=polled")
        assert len(world.server.asked("/one")) == asked + 1  # the others wait for half a minute, as one
        assert service.stop() == 0
    finally:
        service.close()


def test_a_place_to_listen_at_that_is_taken_is_told_before_anything_is_polled(world):
    with misbehaving() as other:
        taken = f"127.0.0.1:{other.server_port}"
        world.write(f'[websub]\npublic_url = "https://bot.example/websub"\nlisten = "{taken}"')
        done = world.bot("run")
    assert done.returncode == 2
    assert f'"{taken}": cannot listen there' in done.stderr
    assert world.server.asked("/one") == []


def wait_for(holds) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
