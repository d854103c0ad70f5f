"""Starts processes that outlive the command, and stops them by pid."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from wp.instance import SandboxError

_TAIL_LINES = 12


def start(command: list[str], pid_file: Path, log: Path) -> None:
    """Start `command` in a session of its own, so that it lives on without the terminal."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
        )
    pid_file.write_text(f"{process.pid} {_birth(process.pid)}\n")


def _birth(pid: int) -> str:
    """Return when a process began, in ticks since the boot, or "" when it is gone.

    A zombie, which a container without an init keeps, is gone. See proc_pid_stat(5).
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]


def alive(pid_file: Path) -> int:
    """Return the pid of the process that `pid_file` names, or 0 when it is gone.

    Pids are used again, so the file tells the time of birth too. (The command line would not
    do: nginx and php-fpm overwrite theirs, and for a moment it holds nothing.)
    """
    try:
        pid, birth = pid_file.read_text().split()
    except (FileNotFoundError, ValueError):
        return 0
    return int(pid) if _birth(int(pid)) == birth else 0


def stop(pid_file: Path, *, at_once: bool = False, patience_seconds: float = 30) -> bool:
    """Stop the process and wait until it is gone; return whether there was one.

    `at_once` kills the whole session, for data that is deleted next anyway.
    """
    pid = alive(pid_file)
    if pid:
        _signal(pid, signal.SIGKILL if at_once else signal.SIGTERM, group=at_once)
        if not wait(lambda: not alive(pid_file), patience_seconds):
            _signal(pid, signal.SIGKILL, group=True)
            wait(lambda: not alive(pid_file), 5)
    pid_file.unlink(missing_ok=True)
    return bool(pid)


def _signal(pid: int, number: signal.Signals, *, group: bool) -> None:
    """Signal a process, or the session that it leads (see `start`)."""
    try:
        (os.killpg if group else os.kill)(pid, number)
    except ProcessLookupError:
        return


def wait(ready: Callable[[], bool], timeout_seconds: float) -> bool:
    """Return True as soon as `ready` holds, False after the time limit."""
    limit = time.monotonic() + timeout_seconds
    while not ready():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def wait_started(
    name: str,
    ready: Callable[[], bool],
    pid_file: Path,
    log: Path,
    timeout_seconds: float = 60,
) -> None:
    """Wait until `ready`; when the process dies or takes too long, show why from its log."""
    wait(lambda: ready() or not alive(pid_file), timeout_seconds)
    if not ready():
        what = "did not answer in time" if alive(pid_file) else "stopped at once"
        raise SandboxError(f"{name} {what}; the end of {log}:\n{tail(log)}")


def tail(log: Path) -> str:
    """Return the last lines of a log, which tell why."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError as error:
        return f"  ({error})"
    return "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:]) or "  (empty)"


def run(what: str, command: list[str], **options: object) -> str:
    """Run `command` to its end and return its output; on failure raise with its last lines."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        output = f"{done.stdout}\n{done.stderr}".strip().splitlines()[-_TAIL_LINES:]
        text = "\n".join(f"  {line}" for line in output)
        raise SandboxError(f"{what} failed ({' '.join(command[:2])}: {done.returncode}):\n{text}")
    return str(done.stdout)
