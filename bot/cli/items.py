"""What the bot remembers, and a person's word on it: status, items, show, approve, reject, retry."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Annotated

import typer

from bot import errors
from bot.cli.output import EXIT_FAILED, EXIT_USAGE, JsonOption, KeyArgument, loaded_config, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.model import FeedState
    from bot.ports import Store
    from bot.states import Publication, State

ITEM_KEY_CHARS = 20
SiteOption = Annotated[str, typer.Option(help="Only on this site.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the app."""
    for command in (status, items, show, approve, reject, retry, publish, retract):
        app.command()(command)


def status(
    context: typer.Context,
    *,
    as_json: JsonOption = False,
    healthy: Annotated[
        bool, typer.Option("--healthy", help="Only tell by the exit code whether the service is alive.")
    ] = False,
) -> int:
    """Each feed: when it was polled, what waits, what was published, what is wrong."""
    from bot import app as root
    from bot.app.watch import Heartbeat
    from bot.model import FeedState

    config = loaded_config(context)
    if healthy:
        return 0 if Heartbeat(config.bot.data_dir).is_fresh() else EXIT_FAILED
    with root.opened_store(config) as store:
        counts, states = store.counts(), store.feed_states()
    rows = [
        (state, counts.get(feed.name, {}), root.notes_on(config, feed, state))
        for feed in config.feeds
        for state in (states.get(feed.name, FeedState(feed.name)),)
    ]
    if as_json:
        print(json.dumps([_status_dict(*row) for row in rows]))
        return 0
    for state, by_state, notes in rows:
        polled = f"{state.polled_at:%Y-%m-%d %H:%M} UTC" if state.polled_at else "never"
        numbers = ", ".join(f"{n} {name}" for name, n in sorted(by_state.items())) or "no items"
        print(f"{state.name}: last polled {polled}; {numbers}")
        for note in notes:
            print(f"    {note}")
    return 0


def items(
    context: typer.Context,
    state: Annotated[
        list[str] | None,
        typer.Option(help="queued, ready, publishing, published, outdated, held, skipped ..."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Show this many at most (0: all).")] = 0,
    *,
    as_json: JsonOption = False,
) -> int:
    """The items, oldest first, with the reason of their state."""
    from bot import app as root
    from bot.states import State

    wanted = []
    for name in state or []:
        if name not in set(State):
            there = ", ".join(State)
            raise errors.ConfigError("--state", [f'there is no state "{name}"; there are: {there}'])
        wanted.append(State(name))
    with root.opened_store(loaded_config(context)) as store:
        found = store.publications(states=wanted, limit=limit)
        titles = {each.key: store.entry(each.key).title for each in found}
    for publication in found:
        title = titles[publication.key]
        if as_json:
            print(json.dumps(_item_dict(publication, title), ensure_ascii=False))
            continue
        print(f"{publication.key}  {publication.state:<10}  {publication.site}  {title}")
        if publication.reason:
            print(f"    {publication.reason}")
    return 0


def show(
    context: typer.Context,
    key: KeyArgument,
    *,
    text: Annotated[bool, typer.Option("--text", help="Show original and translation side by side.")] = False,
) -> int:
    """Everything about one item; where checks doubt it, original and translation side by side too."""
    from bot import app as root
    from bot.cli import side_by_side

    with root.opened_store(loaded_config(context)) as store:
        found = _found(store, key)
        entry = store.entry(found[0].key)
        article = store.article(found[0].key)
    print(f"{entry.key}  {entry.title}\n  feed       {entry.feed}\n  source     {entry.link}")
    if entry.published:
        print(f"  published  {entry.published:%Y-%m-%d %H:%M} UTC at the source")
    if article:
        print(f"  text from  {article.rung}")
    for publication in found:
        _show_publication(publication)
        if article and publication.post and (text or publication.findings):
            side_by_side.show(article, publication.post)
    return 0


def approve(context: typer.Context, key: KeyArgument, site: SiteOption = "") -> int:
    """Publish a held item after all."""
    return _decide(context, key, site, "approved", "is published by the next round")


def reject(context: typer.Context, key: KeyArgument, site: SiteOption = "") -> int:
    """Never publish a held item; a held update leaves its post as it is."""
    return _decide(context, key, site, "rejected", "is not published")


def retry(
    context: typer.Context,
    key: KeyArgument,
    site: SiteOption = "",
    *,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Even where another item tells the same story.")
    ] = False,
) -> int:
    """Start over with an item that failed, was held or was skipped."""
    return _decide(context, key, site, "retried", "is tried again by the next round", once=not anyway)


def publish(
    context: typer.Context,
    key: KeyArgument,
    site: SiteOption = "",
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Make a second post; the first is left alone.")
    ] = False,
) -> int:
    """Publish an item that was published before once more; with --again only, for it makes a second post."""
    if not again:
        say("an item is published once; to make a second post of it, say: bot publish KEY --again")
        return EXIT_USAGE
    return _decide(context, key, site, "again", "is published anew by the next round")


def retract(
    context: typer.Context,
    key: KeyArgument,
    site: SiteOption = "",
    *,
    draft: Annotated[bool, typer.Option("--draft", help="Make it a draft instead.")] = False,
) -> int:
    """Take the posts of an item back: into the trash of their sites."""
    from bot import app as root
    from bot.states import TRANSITIONS, Event

    config, done = loaded_config(context), 0
    with root.opened_store(config) as store:
        for publication in _found(store, key):
            if site in ("", publication.site) and (publication.state, Event.RETRACTED) in TRANSITIONS:
                root.retract(config, store, publication, to_trash=not draft)
                print(f"{publication.key} on {publication.site}: retracted")
                done += 1
    if not done:
        say(f"{key}: nothing of it is published{f' on {site}' if site else ''}")
        return EXIT_FAILED
    return 0


def _decide(
    context: typer.Context, key: str, site: str, event: str, outcome: str, *, once: bool = False
) -> int:
    """Apply a person's word to the publications of an item that it fits; with `once`, where nothing tells its story."""
    from bot import app as root
    from bot.choosing import told_elsewhere
    from bot.states import TRANSITIONS, Event

    config, code = loaded_config(context), 0
    with root.opened_store(config) as store:
        found = [each for each in _found(store, key) if site in ("", each.site)]
        fitting = [each for each in found if (each.state, Event(event)) in TRANSITIONS]
        now = root.change_now(Event(event)).at
        told = told_elsewhere(fitting, config, store, now) if once else {}
        for publication in fitting:
            if twin := told.get(publication.site):
                say(_twice(publication, twin))
                code = EXIT_FAILED
                continue
            kept = publication.remote is not None and event == Event.REJECTED
            if store.change(publication, root.change_now(Event.KEPT if kept else Event(event))) is None:
                say(
                    f"{publication.key} on {publication.site}: changed meanwhile; look again with: bot show {key}"
                )
                return EXIT_FAILED
            print(f"{publication.key} on {publication.site}: {outcome}")
    if not fitting:
        states = ", ".join(f"{each.state} on {each.site}" for each in found) or f"nothing on {site}"
        say(f"{key}: cannot be {event}, it is {states}")
        return EXIT_FAILED
    return code


def _twice(publication: Publication, other: Publication) -> str:
    """That a retry would publish a story twice, which another publication tells, and how to have that."""
    where = f"{publication.key} on {publication.site}"
    why = f"not retried: {other.feed} tells the same story ({other.key}, {other.state})"
    return f"{where}: {why}; to publish both, say: bot retry {publication.key} --site {publication.site} --anyway"


def _found(store: Store, key: str) -> list[Publication]:
    """The publications of the one item whose key starts so."""
    found = store.publications(key=key[:ITEM_KEY_CHARS])  # a post's own key is longer: see compose.site_key
    if not found:
        raise errors.ItemUnusable(key, "there is no such item", remedy="list them with: bot items")
    keys = {publication.key for publication in found}
    if len(keys) > 1:
        raise errors.ItemUnusable(key, f"{len(keys)} items start so", remedy="give more of the key")
    return found


def _show_publication(publication: Publication) -> None:
    print(f"\non {publication.site}: {publication.state}")
    lines = [
        ("reason", publication.reason),
        ("attempts", str(publication.attempts) if publication.attempts else ""),
        ("refused", f"{publication.refusals} times by the site" if publication.refusals else ""),
        ("not before", f"{publication.not_before:%Y-%m-%d %H:%M} UTC" if publication.not_before else ""),
        ("post", f"{publication.remote.id}  {publication.remote.url}" if publication.remote else ""),
        ("title", html.unescape(publication.post.title) if publication.post else ""),
    ]
    for name, value in lines:
        if value:
            print(f"  {name:<10} {value}")
    for finding in publication.findings:
        print(f"  doubt      {finding.check} ({finding.weight:g}): {finding.detail}")


def _status_dict(
    state: FeedState, by_state: Mapping[State, int], notes: tuple[str, ...]
) -> dict[str, object]:
    return {
        "feed": state.name,
        "polled_at": state.polled_at.isoformat() if state.polled_at else None,
        "next_poll_at": state.next_poll_at.isoformat() if state.next_poll_at else None,
        "failures": state.failures,
        "error": state.error,
        "moved_to": state.moved_to,
        "notes": notes,
        "items": {str(name): n for name, n in by_state.items()},
    }


def _item_dict(publication: Publication, title: str) -> dict[str, object]:
    remote = publication.remote
    return {
        "key": publication.key,
        "feed": publication.feed,
        "site": publication.site,
        "state": str(publication.state),
        "reason": publication.reason,
        "title": title,
        "post_id": remote.id if remote else "",
        "url": remote.url if remote else "",
    }
