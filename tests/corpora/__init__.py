"""Feeds of other people's making, which `make setup` fetches: nothing of them lies in this repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_HEADER = re.compile(rb"^Header:\s+([^:]+):(.+)$", re.MULTILINE)
_TYPE_OF_XML = "application/xml"


@dataclass(frozen=True, slots=True)
class Served:
    """A file of feedparser's test corpora as its own test server answers with it."""

    name: str  # its path below the corpora's folder
    body: bytes
    headers: dict[str, str]  # names in lower case

    @property
    def url(self) -> str:
        """Where it is said to have come from."""
        return self.headers["content-location"]


def feedparser_files() -> list[Served]:
    """All feeds of feedparser's test corpora.

    Each begins with a comment that says how it wants to be served (tests/runtests.py in feedparser's sdist).
    Raises FileNotFoundError with the remedy where they are missing.
    """
    folder = _ROOT / ".venv" / "corpora" / "tests"
    paths = sorted(folder.rglob("*.xml"))
    if not paths:
        raise FileNotFoundError(f"feedparser's test corpora are not in {folder}: run `make setup`")
    return [_served(path, path.relative_to(folder).as_posix()) for path in paths]


def _served(path: Path, name: str) -> Served:
    body = path.read_bytes()
    wanted = {key.decode().lower(): value.decode().strip() for key, value in _HEADER.findall(body)}
    usual = {"content-type": _TYPE_OF_XML, "content-location": f"http://feeds.example/{name}"}
    return Served(name, body, usual | wanted)
