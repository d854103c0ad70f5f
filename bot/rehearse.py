"""A dry run: the whole way of new items up to the post, with nothing stored and nothing sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from bot.config import Config, FeedConfig
from bot.errors import RelaypressError, StoreUnavailable
from bot.model import CleanArticle, Decision, Entry, Prepared, Skip, Take
from bot.pipeline import Pipeline
from bot.stages import select

PAGES_TRIED = 3


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of one entry on one site. One of `prepared`, `error` and `skipped`, the reason, is set."""

    entry: Entry
    site: str
    prepared: Prepared | None = None
    error: RelaypressError | None = None
    skipped: str = ""
    held: bool = False  # for a person, whom its findings concern

    @property
    def outcome(self) -> str:
        """In a word: the status of the post ("publish", "draft", "pending", "private"), or "hold", "skip", "fail"."""
        if self.prepared is None:
            return "skip" if self.skipped else "fail"
        return "hold" if self.held else self.prepared.post.status

    def as_dict(self) -> dict[str, object]:
        """Plain values, in the form that docs/cli.md promises."""
        findings = self.prepared.findings if self.prepared else ()
        return {
            "site": self.site,
            "link": self.entry.link,
            "would": self.outcome,
            "title": self.prepared.post.title if self.prepared else self.entry.title,
            "reason": self.skipped or str(self.error or ""),
            "findings": [asdict(finding) for finding in findings],
        }


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of one entry; `article` where it had to be read."""

    decision: Decision
    article: CleanArticle | None = None


def rehearse(pipeline: Pipeline, config: Config, source: FeedConfig, limit: int = 0) -> Iterator[Rehearsed]:
    """The posts that a poll of `source` would make now, of `limit` entries at most (0: all).

    Raises the errors of polling; those of an item are told in its result.
    """
    taken = [decision for decision in pipeline.decide(source) if isinstance(decision, Take)]
    for take in taken[: limit or None]:
        for site in (config.site(name) for name in source.sites if name not in dict(take.not_on)):
            try:
                article = pipeline.read(take.entry, source)
                if reason := select.unsuitable(take.entry, article, source):
                    yield Rehearsed(take.entry, site.name, skipped=reason)
                    continue
                prepared = pipeline.compose(take.entry, article, source, site)
                held = prepared.doubtful and site.on_doubt == "hold"
                yield Rehearsed(take.entry, site.name, prepared, held=held)
            except StoreUnavailable:
                raise
            except RelaypressError as error:
                yield Rehearsed(take.entry, site.name, error=error)


def choose(pipeline: Pipeline, source: FeedConfig) -> Iterator[Tried]:
    """What a poll of `source` would take and skip now.

    An article is read where only its text can tell, and PAGES_TRIED of them to try the selectors of `page`.
    Raises the errors of polling; an article that cannot be read is skipped with what was wrong.
    """
    left = PAGES_TRIED if source.page else 0
    for decision in pipeline.decide(source):
        if isinstance(decision, Take) and (left or source.min_chars or source.languages):
            left = max(0, left - 1)
            yield _tried(pipeline, decision, source)
        else:
            yield Tried(decision)


def _tried(pipeline: Pipeline, take: Take, source: FeedConfig) -> Tried:
    try:
        article = pipeline.read(take.entry, source)
    except StoreUnavailable:
        raise
    except RelaypressError as error:
        return Tried(Skip(take.entry, str(error)))
    reason = select.unsuitable(take.entry, article, source)
    return Tried(Skip(take.entry, reason) if reason else take, article)
