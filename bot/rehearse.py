"""A dry run: the whole way of new items up to the post, with nothing stored and nothing sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.config import Config, FeedConfig
from bot.errors import RelaypressError, StoreUnavailable
from bot.model import Decision, Entry, Prepared, Skip, Take
from bot.pipeline import Pipeline
from bot.stages import select


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of one entry on one site. Either `prepared` or `error` is set."""

    entry: Entry
    site: str
    prepared: Prepared | None = None
    error: RelaypressError | None = None


def rehearse(pipeline: Pipeline, config: Config, source: FeedConfig, limit: int = 0) -> Iterator[Rehearsed]:
    """The posts that a poll of `source` would make now, of `limit` entries at most (0: all).

    Raises the errors of polling; those of an item are told in its result.
    """
    taken = [decision for decision in pipeline.decide(source) if isinstance(decision, Take)]
    for take in taken[: limit or None]:
        for site in (config.site(name) for name in source.sites if name not in dict(take.not_on)):
            try:
                article = pipeline.read(take.entry, source)
                if not select.unsuitable(take.entry, article, source):
                    prepared = pipeline.compose(take.entry, article, source, site)
                    yield Rehearsed(take.entry, site.name, prepared)
            except StoreUnavailable:
                raise
            except RelaypressError as error:
                yield Rehearsed(take.entry, site.name, error=error)


def choose(pipeline: Pipeline, source: FeedConfig) -> Iterator[Decision]:
    """What a poll of `source` would take and skip now; an article is read where only its text can tell.

    Raises the errors of polling; an article that cannot be read is skipped with what was wrong.
    """
    for decision in pipeline.decide(source):
        reason = ""
        if isinstance(decision, Take) and (source.min_chars or source.languages):
            reason = _unsuitable(pipeline, decision.entry, source)
        yield Skip(decision.entry, reason) if reason else decision


def _unsuitable(pipeline: Pipeline, entry: Entry, source: FeedConfig) -> str:
    try:
        return select.unsuitable(entry, pipeline.read(entry, source), source)
    except StoreUnavailable:
        raise
    except RelaypressError as error:
        return str(error)
