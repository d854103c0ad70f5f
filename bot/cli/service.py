"""The bot itself: run, run-once."""

from __future__ import annotations

import html
import json
import os
import sys
import threading
import traceback
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import errors, log
from bot.cli import signals
from bot.cli.output import EXIT_FAILED, JsonOption, loaded_config, say, shown_progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.config import Config, FeedConfig
    from bot.rehearse import Rehearsed
    from bot.report import Report

STOP_GRACE = timedelta(seconds=8)  # `docker stop` kills after 10


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    app.command("run")(run_service)
    app.command("run-once")(run_once)


def run_service(context: typer.Context) -> int:
    """The service: poll, translate and publish until it is stopped (SIGTERM, Ctrl-C)."""
    from bot import app as root

    config = loaded_config(context)
    with root.locked_store(config) as store:
        service = root.build_service(context.obj, config, store)
        try:
            with signals.heard(lambda _: service.stop.set()):
                finished = service.run(STOP_GRACE)
        except errors.ConfigError:
            raise  # nothing has begun
        except Exception:  # noqa: BLE001 - a bug: the thread of a hanging call must not keep its news back
            traceback.print_exc()
            _leave_at_once(EXIT_FAILED)
    if not finished:
        _leave_at_once(0)
    return 0


def _leave_at_once(code: int) -> None:
    """End the process although a call to the network is under way, in a thread that cannot be interrupted.

    Its intent is stored: the next start looks the post up before it sends anything.
    """
    log.get().warning("stopped in the middle of an item; the next start goes on with it")
    sys.stderr.flush()
    os._exit(code)


def run_once(
    context: typer.Context,
    feed: Annotated[list[str] | None, typer.Option(help="Only this feed; may be given again.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Publish this many posts at most (0: all).")] = 0,
    *,
    as_json: JsonOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store and send nothing.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="With --dry-run: write the posts into this folder.")
    ] = None,
) -> int:
    """One round by hand: poll the feeds, publish what is new."""
    config = loaded_config(context)
    feeds = _chosen(config, feed or [])
    if dry_run:
        return _dry_run(config, feeds, limit, out, as_json=as_json)
    report = _round(config, feeds, limit)
    if as_json:
        print(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        _print_report(report)
    return EXIT_FAILED if report.errors else 0


def _chosen(config: Config, names: list[str]) -> list[FeedConfig]:
    known = {feed.name: feed for feed in config.feeds}
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none"
            raise errors.ConfigError("--feed", [f'there is no feed "{name}"; there are: {there}'])
    return [known[name] for name in names] if names else list(config.feeds)


def _round(config: Config, feeds: list[FeedConfig], limit: int) -> Report:
    from bot import app as root

    stop = threading.Event()
    with signals.heard(_stopping(stop)), root.locked_store(config) as store, shown_progress() as progress:
        return root.run_round(config, store, feeds, limit, progress, stop)


def _stopping(stop: threading.Event) -> Callable[[int], None]:
    """Ctrl-C and SIGTERM end a round between two items, but after STOP_GRACE; the second one ends it at once."""

    def handle(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()
        last = threading.Timer(STOP_GRACE.total_seconds(), _leave_at_once, (128 + number,))
        last.daemon = True
        last.start()

    return handle


def _print_report(report: Report) -> None:
    for post in report.posts:
        print(f"{post.site}: {post.title}\n    {post.url}")
    feeds, items = report.feeds, report.items
    print(
        f"feeds: {feeds.polled} polled, {feeds.unchanged} unchanged, {feeds.failed} failed; "
        f"items: {items.new} new, {items.published} published, {items.held} held, "
        f"{items.skipped} skipped, {items.waiting} waiting, {items.failed} failed"
    )
    for failure in report.errors:
        say(f"{failure.scope} {failure.subject}: {failure.error}")


def _dry_run(config: Config, feeds: list[FeedConfig], limit: int, out: Path | None, *, as_json: bool) -> int:
    from bot import app as root

    failed, told = False, []
    with root.opened_store(config) as store:
        for result in root.rehearse_round(config, store, feeds, limit):
            failed |= result.error is not None
            path = _written(result, out) if out is not None else ""
            if as_json:
                told.append({**result.as_dict(), "path": path})
            else:
                _show_rehearsed(result, path)
    if as_json:
        print(json.dumps({"items": told}, ensure_ascii=False))
    return EXIT_FAILED if failed else 0


def _written(result: Rehearsed, out: Path) -> str:
    """The post as a page in this folder; '' where there is none."""
    if result.prepared is None:
        return ""
    from bot.app import tools as steps
    from bot.stages import compose

    post = result.prepared.post
    return str(steps.write_text(out / f"{post.slug}.{result.site}.html", compose.standalone_page(post)))


def _show_rehearsed(result: Rehearsed, path: str) -> None:
    if result.prepared is None:
        say(f"{result.entry.title} on {result.site}: {result.error or f'would skip: {result.skipped}'}")
        return
    title = html.unescape(result.prepared.post.title)
    done = {"publish": "publish", "hold": "hold"}.get(result.outcome, f"make a post ({result.outcome})")
    print(f"{result.site}: would {done}: {title}")
    for finding in result.prepared.findings:
        print(f"    {finding.check} ({finding.weight:g}): {finding.detail}")
    if path:
        print(f"    {path}")
