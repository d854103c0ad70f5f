"""One bot a data folder: an advisory lock that the kernel drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.errors import LockHeld, StoreUnavailable


class DataLock:
    """Holds `data_dir/lock` while open. Raises LockHeld at once where another bot has it.

    flock(2), not a pid file: after a `kill -9` nothing is left to clean up. The pid inside is for
    people only.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "lock"
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            problem = f"the data folder cannot be used ({error.strerror})"
            remedy = "make bot.data_dir a folder that the bot may write to"
            raise StoreUnavailable(str(data_dir), problem, remedy=remedy) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._fd, 32).decode(errors="replace").strip() or "unknown"
            os.close(self._fd)
            problem = f"another bot works in this data folder (pid {holder})"
            remedy = "stop it first, or give this one its own bot.data_dir"
            raise LockHeld(str(data_dir), problem, remedy=remedy) from None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)
