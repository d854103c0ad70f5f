"""A sandbox WordPress of its own, for a test or a benchmark that counts everything on it."""

from __future__ import annotations

import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.engines.translators import models
from tests.conftest import free_port
from tests.newsroom import Newsroom

ROOT = Path(__file__).parent.parent
SANDBOX = [sys.executable, str(ROOT / "sandbox/wordpress")]


@dataclass(frozen=True)
class OwnWordPress:
    """Its address, and an editor's Application Password."""

    url: str
    username: str
    password: str
    where: tuple[str, ...]

    def php(self, code: str) -> str:
        """Run PHP inside it; gives what it printed."""
        command = [*SANDBOX, "php", "-", *self.where]
        return subprocess.run(
            command, input=f"<?php {code}", capture_output=True, text=True, check=True, timeout=60
        ).stdout


@contextmanager
def started() -> Iterator[tuple[OwnWordPress, Newsroom]]:
    """WordPress, and an empty newsroom with the model en-pt."""
    with tempfile.TemporaryDirectory(prefix="relaypress-bench-") as name:
        folder = Path(name)
        where = ("--port", str(free_port()), "--data", str(folder / "wp"))
        try:
            done = subprocess.run([*SANDBOX, "up", *where], capture_output=True, text=True, check=True)
            facts = dict(
                shlex.split(line)[0].split("=", 1) for line in done.stdout.splitlines() if "=" in line
            )
            wordpress = OwnWordPress(
                facts["WP_URL"], facts["WP_EDITOR"], facts["WP_EDITOR_APP_PASSWORD"], where
            )
            models.add("en", "pt", folder / "models", lambda _name, _size: None)
            (folder / "bot").mkdir()
            yield wordpress, Newsroom(folder / "bot", folder / "models")
        finally:
            subprocess.run([*SANDBOX, "down", *where], check=False, capture_output=True)
