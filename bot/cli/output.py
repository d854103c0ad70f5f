"""What all commands share: exit codes, the two streams, progress on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from bot.config import Config, FeedConfig
    from bot.ports import Progress

EXIT_FAILED, EXIT_USAGE, EXIT_LOCKED = 1, 2, 3

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The key of an item, or the start of it.")]


def say(line: str) -> None:
    """One line for the person at the terminal; stdout is for results."""
    print(line, file=sys.stderr)


def loaded_config(context: typer.Context) -> Config:
    """The config that this command line asks for. Raises ConfigError."""
    from bot import app as root

    return root.load_config(context.obj)


def feed_of(config: Config, name: str) -> FeedConfig:
    """The feed of this name. Raises ConfigError."""
    from bot.errors import ConfigError

    there = {feed.name: feed for feed in config.feeds}
    if name not in there:
        raise ConfigError("feeds", [f'there is no feed "{name}"; there are: {", ".join(there) or "none"}'])
    return there[name]


class Silent:
    """ports.Progress where nobody watches: the log tells it all, a line each."""

    def begin(self, what: str, total: int) -> None:
        """See ports.Progress."""

    def step(self, what: str) -> None:
        """See ports.Progress."""


class Bar:
    """ports.Progress as a bar on stderr."""

    def __init__(self, progress: RichProgress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, what: str, total: int) -> None:
        """See ports.Progress."""
        self._task = self._progress.add_task(what, total=total, note="")

    def step(self, what: str) -> None:
        """See ports.Progress."""
        if self._task is not None:
            self._progress.update(self._task, advance=1, note=what)


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """A progress bar while it lasts, where stderr is a terminal; log lines stand above it."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    columns: list[Any] = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    ]
    with RichProgress(*columns, console=Console(stderr=True)) as progress:
        yield Bar(progress)
