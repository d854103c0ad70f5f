"""Commands around the config: init, check."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.cli.output import EXIT_USAGE, loaded_config, say


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command()(init)
    app.command()(check)


def init(context: typer.Context) -> int:
    """Write a commented config.toml to start from."""
    from bot import app as root

    target: Path = context.obj
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(root.example_config())
    except FileExistsError:
        say(f"{target}: is there already; nothing was written")
        return EXIT_USAGE
    except OSError as error:
        say(f"{target}: cannot be written ({error.strerror})")
        return EXIT_USAGE
    print(f"{target} is written. Edit its feeds and sites, then try: bot check")
    return 0


def check(context: typer.Context) -> int:
    """Read the config and tell all its faults at once; nothing is contacted."""
    config = loaded_config(context)
    print(f"{context.obj}: good; feeds: {len(config.feeds)}, sites: {len(config.sites)}")
    for feed in config.feeds:
        if feed.listing and feed.depth != "full":
            say(
                f"feeds.{feed.name}: a listing holds no text, so nothing of it is relayed until rights allow its pages "
                '("open", "permission" or "licensed") and content is "full"'
            )
    if unknown := [feed.name for feed in config.feeds if feed.rights == "unknown" and not feed.listing]:
        say(
            f"rights are not set, so that only excerpts of the feed's own text are relayed: {', '.join(unknown)}"
        )
    return 0
