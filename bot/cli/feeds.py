"""The list of feeds: discover, add, import, export, test."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import errors
from bot.cli.output import EXIT_FAILED, EXIT_USAGE, feed_of, loaded_config, say

if TYPE_CHECKING:
    from bot.config import Config
    from bot.feedlist import FoundFeed
    from bot.model import CleanArticle, Decision

UrlArgument = Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page that has one.")]
SitesOption = Annotated[
    list[str] | None,
    typer.Option("--site", help="Where to relay it; may be given again. Needed where there are several."),
]

feeds = typer.Typer(help="The list of feeds.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.add_typer(feeds, name="feeds")


@feeds.command()
def discover(context: typer.Context, url: UrlArgument) -> int:
    """Find the feeds of a page: those it names, those at the usual places, or news sitemaps. Needs no config."""
    from bot import feedlist
    from bot.app import tools as steps
    from bot.config import Config

    config = loaded_config(context) if context.obj.exists() else Config()
    found = feedlist.find(steps.fetcher(config), url)
    for each in found:
        print(f"{each.url}\n    {_described(each)}")
    if not found:
        say(f"{url}: no feed was found there; look up its address on the site")
        return EXIT_FAILED
    return 0


@feeds.command()
def add(
    context: typer.Context,
    url: UrlArgument,
    site: SitesOption = None,
    name: Annotated[str, typer.Option(help="Its name; made from its title where none is given.")] = "",
) -> int:
    """Read a feed, and write it down at the end of the config file; nothing else in it is touched."""
    from bot import feedlist
    from bot.app import tools as steps
    from bot.opml import Outline

    config = loaded_config(context)
    sites = _sites(config, site or [])
    found = feedlist.find_one(steps.fetcher(config), url)
    if (twin := feedlist.twin(config, found.url)) is not None:
        say(f"{found.url}: is there already, as {twin.name}")
        return EXIT_USAGE
    name = name or feedlist.name_for(found.title, found.url, [each.name for each in config.feeds])
    table = feedlist.table(Outline(found.url, found.title, found.language), name, sites, bare=found.bare)
    steps.append_to_config(context.obj, table)
    print(f"{name} is added to {context.obj}: {_described(found)}")
    if found.bare:
        say(f"It holds no text: set rights of {name} if its pages may be relayed, else nothing of it is")
    print(f"See what it would bring: bot feeds test {name}")
    return 0


@feeds.command("import")
def import_opml(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list exported by a feed reader.")],
    site: SitesOption = None,
) -> int:
    """Write down all feeds of an OPML file that are not in the config yet; none of them is asked."""
    from bot import feedlist, opml
    from bot.app import tools as steps

    config = loaded_config(context)
    sites = _sites(config, site or [])
    outlines = opml.parse(steps.read_file(file), str(file))
    result = feedlist.imported(config, outlines, sites)
    if result.tables:
        steps.append_to_config(context.obj, "".join(result.tables.values()))
    for name in result.tables:
        print(name)
    for what, why in result.left_out:
        say(f"left out: {what}: {why}")
    say(f"{len(result.tables)} added to {context.obj}, {len(result.left_out)} left out")
    return 0


@feeds.command()
def export(context: typer.Context) -> int:
    """Print the feeds of the config as OPML."""
    from bot import opml

    config = loaded_config(context)
    outlines = [
        opml.Outline(feed.url, feed.source, "" if feed.language == "auto" else feed.language)
        for feed in config.feeds
    ]
    sys.stdout.write(opml.write(outlines, "Relaypress"))
    return 0


@feeds.command()
def test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a feed in the config.")],
) -> int:
    """Ask a feed now, and tell what would be taken and what not, and why; nothing is stored."""
    from bot import app as root
    from bot.app import tools as steps
    from bot.model import Skip, Take

    config = loaded_config(context)
    source = feed_of(config, name)
    taken = skipped = 0
    with root.opened_store(config) as store:
        for tried in steps.try_choice(config, store, source):
            decision = tried.decision
            _show(decision, tried.article)
            taken, skipped = taken + isinstance(decision, Take), skipped + isinstance(decision, Skip)
    say(f"{taken} would be taken, {skipped} skipped; entries known from earlier polls are not shown")
    return 0


def _show(decision: Decision, article: CleanArticle | None) -> None:
    from bot.model import Take

    title = decision.entry.title or decision.entry.link or decision.entry.key
    if not isinstance(decision, Take):
        print(f"skip  {title}\n          {decision.reason}")
        return
    later = f"  (from {decision.not_before:%Y-%m-%d %H:%M} UTC on)" if decision.not_before else ""
    print(f"take  {title}{later}")
    for site, reason in decision.not_on:
        print(f"          not on {site}: {reason}")
    if article is not None:
        print(f"          text from {article.rung}")
        for fault in article.faults:
            print(f"          {fault}")


def _sites(config: Config, names: list[str]) -> list[str]:
    """The sites that are named, else the only one there is. Raises ConfigError."""
    there = [site.name for site in config.sites]
    for name in names:
        if name not in there:
            raise errors.ConfigError(
                "--site", [f'there is no site "{name}"; there are: {", ".join(there) or "none"}']
            )
    if not names and len(there) != 1:
        raise errors.ConfigError(
            "--site", [f"say where to relay it; there are: {', '.join(there) or 'none'}"]
        )
    return names or there


def _described(found: FoundFeed) -> str:
    newest = f", the newest of {found.newest:%Y-%m-%d}" if found.newest else ""
    language = f", {found.language}" if found.language else ""
    return f"{found.title or 'without a title'}{language}: {found.entries} entries{newest}"
