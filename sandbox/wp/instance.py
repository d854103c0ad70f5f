"""One instance: a folder, a port, and the record of what was made in it."""

from __future__ import annotations

import fcntl
import json
import secrets
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 8080
DEFAULT_DATA = Path(__file__).resolve().parent.parent / ".data"
MARKER = ".relaypress-sandbox"
LOCK = "lock"

#: Prefix of the printed names -> (login, role). The bot's own account is the author.
USERS = {
    "WP_ADMIN": ("admin", "administrator"),
    "WP_EDITOR": ("editor", "editor"),
    "WP_AUTHOR": ("newsbot", "author"),
}


class SandboxError(Exception):
    """Something that a person can mend; the message is all that is shown."""


@dataclass(frozen=True)
class Instance:
    """Where one WordPress lives. Nothing outside `data` is written, but /run for long paths."""

    port: int
    data: Path

    @property
    def url(self) -> str:
        """The site's address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def root(self) -> Path:
        """The folder of wp-config.php and wp-content/mu-plugins."""
        return self.data / "wordpress"

    @property
    def logs(self) -> Path:
        """The logs of every process of the instance."""
        return self.data / "log"

    @property
    def record_file(self) -> Path:
        """Written last by `up`: if it is there, the installation is complete."""
        return self.data / "instance.json"


def locate(port: int | None, data: Path | None) -> Instance:
    """Return the instance that the options mean; a folder remembers its port."""
    folder = (data or DEFAULT_DATA / str(port or DEFAULT_PORT)).resolve()
    known = read_record(Instance(0, folder)).get("WP_URL", "").rpartition(":")[2]
    if known and port and int(known) != port:
        raise SandboxError(f"{folder} holds an instance of port {known}: use that, or another --data")
    return Instance(port or int(known or DEFAULT_PORT), folder)


def read_record(instance: Instance) -> dict[str, str]:
    """Return what `up` prints, or nothing when the installation was never completed."""
    try:
        record: dict[str, str] = json.loads(instance.record_file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return record


def write_record(instance: Instance, record: dict[str, str]) -> None:
    """Keep the passwords for the owner's eyes only; a half-written file must never be seen."""
    draft = instance.record_file.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(record, indent=1) + "\n")
    draft.replace(instance.record_file)


def new_record(instance: Instance) -> dict[str, str]:
    """Return the names and fresh passwords of a new site; install.php adds the rest."""
    record = {"WP_URL": instance.url, "WP_ROOT": str(instance.root)}
    for prefix, (login, _role) in USERS.items():
        record[prefix] = login
        record[f"{prefix}_PASSWORD"] = secrets.token_hex(12)
    return record


def assignments(record: dict[str, str]) -> str:
    """Return the record as shell assignments, always quoted, for `eval "$(...)"`."""
    return "".join(f"{key}={_quote(value)}\n" for key, value in record.items())


def _quote(value: str) -> str:
    quoted = shlex.quote(value)
    return quoted if quoted.startswith("'") else f"'{quoted}'"


def prepare_folder(instance: Instance) -> None:
    """Make the folder ours; refuse one that holds something else, for `reset` empties it."""
    instance.data.mkdir(parents=True, exist_ok=True)
    marker = instance.data / MARKER
    if not marker.exists():
        if any(path.name != LOCK for path in instance.data.iterdir()):
            raise SandboxError(f"{instance.data} is not empty and not a sandbox: take another --data")
        marker.write_text("made by sandbox/wordpress, emptied by its reset\n")
    instance.logs.mkdir(exist_ok=True)


def empty_folder(instance: Instance) -> None:
    """Delete all data of the instance, but not the lock that we hold nor the marker."""
    if not (instance.data / MARKER).exists():
        return
    for path in instance.data.iterdir():
        if path.name in (MARKER, LOCK):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def locked(instance: Instance) -> Iterator[None]:
    """Hold the instance alone: two commands on one instance run one after the other."""
    instance.data.mkdir(parents=True, exist_ok=True)
    with (instance.data / LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
