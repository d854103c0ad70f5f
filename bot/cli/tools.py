"""Single steps by hand, and the models of local translation: extract, translate, preview, models."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.output import EXIT_FAILED, JsonOption, feed_of, loaded_config, say

if TYPE_CHECKING:
    from bot.model import CleanArticle, Translation
    from bot.workbench import Shown

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="Language code, such as en.")]
TargetArgument = Annotated[str, typer.Argument(metavar="TARGET", help="Language code, such as fr.")]

models = typer.Typer(help="The models of local translation.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command()(extract)
    app.command()(translate)
    app.command()(preview)
    app.add_typer(models, name="models")


def extract(
    context: typer.Context,
    targets: Annotated[list[str], typer.Argument(metavar="FILE-OR-URL...")],
    url: Annotated[str, typer.Option(help="The address that a file came from.")] = "",
    feed: Annotated[str, typer.Option(help="By the rules of this feed of the config.")] = "",
    *,
    as_json: JsonOption = False,
) -> int:
    """Find the article in a page; no config is needed, unless a feed is named."""
    from bot.app import tools as steps
    from bot.errors import ConfigError, FetchRefused, FetchUnavailable, ItemUnusable
    from bot.workbench import NEUTRAL

    if url and len(targets) > 1:
        raise ConfigError("--url", ["is the address of one file; give one, or leave it out"])
    source = feed_of(loaded_config(context), feed) if feed else NEUTRAL
    failed = False
    for target in targets:
        try:
            shown = steps.show_article(target, url, source)
        except (FetchRefused, FetchUnavailable, ItemUnusable) as error:
            if len(targets) == 1:
                raise
            say(str(error) if str(error).startswith(target) else f"{target}: {error}")
            failed = True
        else:
            failed |= bool(shown.refusal) and not as_json
            _print_article(shown, target, alone=len(targets) == 1, as_json=as_json)
    return EXIT_FAILED if failed else 0


def _print_article(shown: Shown, target: str, *, alone: bool, as_json: bool) -> None:
    """One article: a line of JSON, or what is read, which of several has its file above it."""
    from bot.workbench import running_text

    article = shown.article
    told = f"refused: {shown.refusal}" if shown.refusal else _faults_of(article)
    if told:
        say(told if alone else f"{target}: {told}")
    text = running_text(article.html)
    if as_json:
        print(json.dumps({"file": target, **_article_dict(shown, text)}, ensure_ascii=False))
    else:
        print(f"{'' if alone else f'== {target}{chr(10)}'}{article.title}\n\n{text}")


def translate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A page or a fragment of HTML.")],
    source: Annotated[str, typer.Option("--from", help="Language of the file, or auto.")],
    target: Annotated[str, typer.Option("--to", help="Language to translate into.")],
    engine: Annotated[str, typer.Option(help="This engine only.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write the result here instead of stdout.")] = None,
    *,
    as_json: JsonOption = False,
) -> int:
    """Translate the texts of an HTML file; no config is needed, but one that is there is used."""
    from bot.app import tools as steps

    html, translation = steps.translate_file(context.obj, file, source, target, engine)
    refused = sum(finding.weight for finding in translation.findings) >= 1.0
    for finding in translation.findings:
        say(f"{finding.check} ({finding.weight:g}): {finding.detail}")
    say(
        f"{'refused' if refused else 'translated'} by {translation.engine or 'nobody'}; requests: {translation.requests}"
    )
    if out is not None:
        steps.write_text(out, html)
    if as_json:
        print(json.dumps(_translation_dict(html, translation, refused=refused), ensure_ascii=False))
    elif out is None and not refused:
        sys.stdout.write(html)
    return EXIT_FAILED if refused else 0


def preview(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="URL-OR-FILE")],
    site: Annotated[
        str, typer.Option(help="As it looks on this site; the first one of the config else.")
    ] = "",
    url: Annotated[str, typer.Option(help="The address that a file came from.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write the page here.")] = None,
    *,
    show: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> int:
    """Take one article through the whole way, and write a page with the post beside the original."""
    from bot import app as root
    from bot.app import tools as steps

    config = loaded_config(context)
    with root.opened_store(config) as store:
        made = steps.preview_post(config, store, target, url, site)
    if made.source.depth == "excerpt" and made.source.name in [feed.name for feed in config.feeds]:
        say(f"of the feed {made.source.name} only an excerpt is relayed (rights); the whole is shown here")
    if faults := _faults_of(made.article):
        say(faults)
    path = steps.write_text(out or steps.new_folder() / f"{made.prepared.post.slug}.html", made.page)
    if show:
        typer.launch(path.resolve().as_uri())
    print(path)
    return 0


@models.command("list")
def list_models(context: typer.Context) -> int:
    """The models that are installed."""
    from bot.app import tools as steps

    for name in steps.installed_models(steps.models_folder(context.obj)):
        print(name)
    return 0


@models.command("add")
def add_model(context: typer.Context, source: SourceArgument, target: TargetArgument) -> int:
    """Fetch what translates SOURCE into TARGET."""
    from bot.app import tools as steps

    folder = steps.models_folder(context.obj)
    added = steps.add_model(
        source, target, folder, lambda name, size: say(f"{name}  {size / 1_000_000:.1f} MB")
    )
    print(f"{', '.join(added) or 'nothing new'}: {folder}")
    return 0


@models.command("remove")
def remove_model(context: typer.Context, source: SourceArgument, target: TargetArgument) -> int:
    """Delete the model of a language pair."""
    from bot.app import tools as steps

    folder = steps.models_folder(context.obj)
    if not steps.remove_model(source + target, folder):
        say(f"{source}{target}: is not installed in {folder}")
        return EXIT_FAILED
    print(f"{source}{target}: removed")
    return 0


def _faults_of(article: CleanArticle) -> str:
    """What was wrong at the ways that were tried before the one that found the text; '' where it was the first."""
    return f"text from {article.rung}, for: {'; '.join(article.faults)}" if article.faults else ""


def _article_dict(shown: Shown, text: str) -> dict[str, object]:
    article = shown.article
    return {
        "title": article.title,
        "text": text,
        "html": article.html,
        "lead": article.lead,
        "author": article.author,
        "published": article.published.isoformat() if article.published else None,
        "language": article.language,
        "image": article.picture.url if article.picture else None,
        "rung": article.rung,
        "faults": list(article.faults),
        "refused": shown.refusal,
    }


def _translation_dict(html: str, translation: Translation, *, refused: bool) -> dict[str, object]:
    return {
        "html": html,
        "source": translation.source,
        "target": translation.target,
        "engine": translation.engine,
        "requests": translation.requests,
        "refused": refused,
        "findings": [
            {"check": each.check, "weight": each.weight, "detail": each.detail}
            for each in translation.findings
        ],
    }
