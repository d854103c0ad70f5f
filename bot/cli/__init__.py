"""The command line: the only printer, and the place where errors become exit codes.

    0  done, also when nothing was new        2  config or usage
    1  a feed or an item failed               3  another bot holds the lock

Heavy modules are imported by the commands that need them: `bot --help` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import __version__, errors, log
from bot.cli import doctor, feeds, items, service, setup, tools, why
from bot.cli.output import EXIT_FAILED, EXIT_LOCKED, EXIT_USAGE, say

app = typer.Typer(
    name="bot",
    help="Relays news feeds, machine-translated, to WordPress: never twice, never lost.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (setup, doctor, service, items, why, feeds, tools):
    commands.register(app)


def run(arguments: list[str]) -> int:
    """Run a command line; gives its exit code. What is no RelaypressError is a bug and goes up."""
    try:
        code = app(arguments, standalone_mode=False)
    except typer.Exit as leave:
        return leave.exit_code
    except typer.Abort:
        return EXIT_FAILED
    except typer.TyperException as error:
        message = error.format_message()
        say(message if message.startswith("Usage:") else f"bot: {message}")
        return EXIT_USAGE
    except errors.RelaypressError as error:
        return _told(error)
    return code if isinstance(code, int) else 0


def _told(error: errors.RelaypressError) -> int:
    if isinstance(error, errors.ConfigError):
        for fault in error.faults:
            say(f"{error.subject}: {fault}")
        return EXIT_USAGE
    say(str(error))
    return EXIT_LOCKED if isinstance(error, errors.LockHeld) else EXIT_FAILED


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's signature
    if wanted:
        print(f"relaypress {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    config: Annotated[Path, typer.Option(envvar="BOT_CONFIG", help="The config file.")] = Path("config.toml"),
    *,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell more.")] = False,
    version: Annotated[  # noqa: ARG001 - its callback answers before any command is looked for
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    log.configure(verbose=verbose)
    context.obj = config
