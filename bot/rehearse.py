"""A dry run: the whole way of new items up to the post, with nothing stored and nothing sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.config import Config, FeedConfig
from bot.errors import RelaypressError, StoreUnavailable
from bot.model import Entry, Prepared, Take
from bot.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of one entry on one site. Either `prepared` or `error` is set."""

    entry: Entry
    site: str
    prepared: Prepared | None = None
    error: RelaypressError | None = None


def rehearse(pipeline: Pipeline, config: Config, source: FeedConfig, limit: int = 0) -> Iterator[Rehearsed]:
    """The posts that a poll of `source` would make now, `limit` at most (0: all).

    Raises the errors of polling; those of an item are told in its result.
    """
    decisions = pipeline.decide(source)
    taken = [decision.entry for decision in decisions if isinstance(decision, Take)]
    for entry in taken[: limit or None]:
        for site in (config.site(name) for name in source.sites):
            try:
                article = pipeline.read(entry, source)
                yield Rehearsed(entry, site.name, pipeline.compose(entry, article, source, site))
            except StoreUnavailable:
                raise
            except RelaypressError as error:
                yield Rehearsed(entry, site.name, error=error)
