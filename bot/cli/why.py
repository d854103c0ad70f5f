"""The whole story of one address: why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.output import EXIT_FAILED, loaded_config

if TYPE_CHECKING:
    from datetime import datetime

    from bot.inquiry import Candidate, KnownItem
    from bot.model import Hearing
    from bot.states import Publication


def register(app: typer.Typer) -> None:
    """Add this command to the app."""
    app.command()(why)


def why(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="The address of an article.")],
) -> int:
    """Tell what became of an article, when and why; or which feed could have brought it."""
    from bot import app as root
    from bot import inquiry

    config = loaded_config(context)
    with root.opened_store(config) as store:
        answer = inquiry.ask(url, config, store)
    for item in answer.items:
        _show_item(item)
    if not answer.items:
        _show_candidates(answer.candidates)
        return EXIT_FAILED
    return 0


def _show_item(item: KnownItem) -> None:
    entry, times = item.entry, item.times
    print(f"{entry.key}  {entry.title}")
    _show_lines(
        ("feed", entry.feed),
        ("link", entry.link),
        ("dated", _moment(entry.published)),
        ("seen", _moment(times.seen_at)),
        ("text from", item.rung),
        *(("", fault) for fault in item.faults),
        ("looked at", _moment(times.checked_at)),
        ("gone since", _moment(times.gone_at)),
    )
    changed, published = dict(times.changed), dict(times.published)
    for publication in item.publications:
        _show_publication(publication, changed.get(publication.site), published.get(publication.site))
        if publication.feed != entry.feed:
            print(f"  {'through':<11} {publication.feed}")
        for hearing in item.hearings:
            if hearing.site == publication.site:
                print(f"  {'also told':<11} by {hearing.feed}: {_said(hearing)}")


def _show_publication(publication: Publication, changed: datetime | None, published: datetime | None) -> None:
    remote = publication.remote
    print(f"\non {publication.site}: {publication.state}")
    _show_lines(
        ("because", publication.reason),
        ("since", _moment(changed)),
        ("attempts", str(publication.attempts or "")),
        ("next try", _moment(publication.not_before)),
        ("published", _moment(published)),
        ("post", f"{remote.id}  {remote.url}" if remote else ""),
    )
    for finding in publication.findings:
        print(f"  doubt       {finding.check} ({finding.weight:g}): {finding.detail}")


def _said(hearing: Hearing) -> str:
    return {
        "refused": f"its rules did not want it; see what it takes: bot feeds test {hearing.feed}",
        "yielded": "it gave way to the same story",
        "late": "the item was in other hands already",
    }[hearing.outcome]


def _show_candidates(candidates: tuple[Candidate, ...]) -> None:
    print("never seen in any feed")
    if not candidates:
        print("no feed of the config comes from there; look for one with: bot feeds discover URL")
    for candidate in candidates:
        state = candidate.state
        polled = f"last polled {_moment(state.polled_at)}" if state.polled_at else "never polled"
        failing = f"; failing: {state.error}" if state.failures else ""
        print(
            f"could come from {candidate.name}: {candidate.from_there} items from that host, {polled}{failing}"
        )
        print(f"    see what it holds now: bot feeds test {candidate.name}")


def _show_lines(*lines: tuple[str, str]) -> None:
    for name, value in lines:
        if value:
            print(f"  {name:<11} {value}")


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
