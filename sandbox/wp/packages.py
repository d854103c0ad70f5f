"""Installs what the native way lacks from the distribution, without starting any service."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wp.instance import SandboxError
from wp.processes import run

#: nginx and php come before wordpress, and are named, so that apt need not choose Apache.
PACKAGES = (
    "nginx",
    "php-fpm",
    "php-cli",
    "php",
    "php-mysql",
    "php-gd",
    "php-xml",
    "php-mbstring",
    "php-curl",
    "mariadb-server",
    "wordpress",
)
#: The first that the distribution has; a classic theme shows a post the plainest way.
THEMES = (
    "twentytwentyone",
    "twentytwentytwo",
    "twentytwentythree",
    "twentytwentyfour",
    "twentytwentyfive",
)
_UNWANTED = ("apache2", "libapache2-mod-php")
_POLICY = Path("/usr/sbin/policy-rc.d")
_LOCK = Path(tempfile.gettempdir()) / "relaypress-sandbox-apt.lock"


def blocker() -> str:
    """Return in one line why the native way is not possible here, or nothing."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-query"):
        return "this is no Debian or Ubuntu (apt-get not found)"
    lacking = missing()
    if lacking and os.geteuid() != 0:
        return f"not root, and packages are missing: {' '.join(lacking)}"
    return ""


def missing() -> list[str]:
    """Return the packages of WordPress that are not installed."""
    lacking = _lacking(PACKAGES)
    themes = [f"wordpress-theme-{name}" for name in THEMES]
    if not _installed(themes):
        known = next((name for name in themes if _candidate(name)), themes[0])
        lacking.append(known)
    return lacking


def ensure(say: Callable[[str], None], missing: Callable[[], list[str]] = missing) -> None:
    """Install what is `missing`. Two instances that start together wait for each other."""
    if not missing():
        return
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not missing():
            return
        before = _services()
        if not all(_candidate(name) for name in missing()):
            say("apt-get update")
            _apt("update")
        lacking = missing()
        say(f"installing {' '.join(lacking)}")
        with _no_service_starts():
            _install(lacking, say)
        _do_not_start_at_boot(_services() - before)


def ensure_postgresql(say: Callable[[str], None]) -> None:
    """Install the PostgreSQL server, if it is missing."""
    ensure(say, lambda: _lacking(("postgresql",)))


def _lacking(names: tuple[str, ...]) -> list[str]:
    there = _installed(names)
    return [name for name in names if name not in there]


def _install(names: list[str], say: Callable[[str], None]) -> None:
    """Install; an old package list names files that are gone, so update and try once more."""
    # "name-" keeps a package out, but would remove one that somebody uses already.
    refused = [f"{name}-" for name in _UNWANTED if name not in _installed(_UNWANTED)]
    command = ["install", "-y", "--no-install-recommends", *names, *refused]
    try:
        _apt(*command)
    except SandboxError:
        say("apt-get install failed, trying once more after apt-get update")
        _apt("update")
        _apt(*command)


def _apt(*arguments: str) -> None:
    """Run apt-get; nothing here is worth an fsync a file."""
    options = ["-q", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Options::=--force-unsafe-io"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    run(f"apt-get {arguments[0]}", ["apt-get", *options, *arguments], env=environment)


@contextmanager
def _no_service_starts() -> Iterator[None]:
    """Keep the packages from starting their services, by a policy that says 101.

    See invoke-rc.d(8). A policy that exists already is somebody's decision: it stays.
    """
    if _POLICY.exists() or _POLICY.is_symlink():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)


def _services() -> set[str]:
    """Return the systemd services of these packages that are installed now."""
    folders = (Path("/lib/systemd/system"), Path("/usr/lib/systemd/system"))
    patterns = ("nginx.service", "mariadb.service", "php*-fpm.service", "postgresql.service")
    return {path.name for folder in folders for p in patterns for path in folder.glob(p)}


def _do_not_start_at_boot(services: set[str]) -> None:
    """Disable the services that we brought in: the sandbox needs the programs only."""
    if services and shutil.which("systemctl"):
        subprocess.run(
            ["systemctl", "disable", "--quiet", *sorted(services)], capture_output=True, check=False
        )


def _installed(names: tuple[str, ...] | list[str]) -> set[str]:
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names],
        capture_output=True,
        text=True,
        check=False,
    )
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[0] for row in rows if row[1:] == ["installed"]}


def _candidate(name: str) -> bool:
    done = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", name],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"Package: {name}\n" in done.stdout
