"""What is watched: the config file by the service, and the service by its health check."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from bot.config import Config

HEARTBEAT_SECONDS = 600


class Heartbeat:
    """ports.Progress of the service: each step touches a file, so that `bot status --healthy` can tell."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / "heartbeat"

    def begin(self, what: str, total: int) -> None:  # noqa: ARG002 - the port's signature
        """See ports.Progress."""
        self._file.touch()

    def step(self, what: str) -> None:  # noqa: ARG002 - the port's signature
        """See ports.Progress."""
        self._file.touch()

    def is_fresh(self) -> bool:
        """Whether the service made a step lately: every network call ends well before this limit."""
        try:
            return time.time() - self._file.stat().st_mtime < HEARTBEAT_SECONDS
        except OSError:
            return False


class ConfigWatch:
    """Tells when the config file has changed."""

    def __init__(self, path: Path, config: Config, load: Callable[[Path], Config]) -> None:
        self._path = path
        self._load = load
        self._seen = _stamp(path)
        self._started = config.bot
        self._lock = threading.Lock()

    def changed(self) -> Config | None:
        """The new config, or None where the file is as it was. Raises ConfigError, once a change.

        data_dir and database stay those of the start: a running bot cannot move house.
        """
        with self._lock:
            stamp = _stamp(self._path)
            if stamp == self._seen:
                return None
            self._seen = stamp
        config = self._load(self._path)
        moved = {"data_dir": self._started.data_dir, "database": self._started.database}
        return config.model_copy(update={"bot": config.bot.model_copy(update=moved)})


def _stamp(path: Path) -> tuple[int, int, int]:
    """What changes when an editor saves a file, also by replacing it."""
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)
