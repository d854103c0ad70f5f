"""The ledger: writes down what happened to publications, and when they are tried again."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot import log
from bot.errors import FetchTooSoon, InternalFault, Permanent, RelaypressError, SiteUnusable, Temporary
from bot.model import Finding, Post, Prepared, RemotePost
from bot.ports import Clock, Store
from bot.states import Change, Event, Publication, RetryPolicy, State

logger = log.get()

HOURS_UNTIL_DROPPED = 48


class Ledger:
    """Turns events and errors into changes of the store.

    The methods on publications give the publication as it is now, or None where somebody else has
    changed it meanwhile. All raise StoreUnavailable.
    """

    def __init__(self, store: Store, clock: Clock, retry: RetryPolicy) -> None:
        self._store = store
        self._clock = clock
        self._retry = retry

    def record(  # noqa: PLR0913 - the fields of a Change
        self,
        publication: Publication,
        event: Event,
        *,
        reason: str = "",
        not_before: datetime | None = None,
        post: Post | None = None,
        findings: tuple[Finding, ...] | None = None,
        remote: RemotePost | None = None,
        written: str = "",
        feed: str = "",
    ) -> Publication | None:
        """Apply an event, now."""
        at = self._clock.now()
        change = Change(event, at, reason, not_before, post, findings, remote, written, feed)
        return self._store.change(publication, change)

    def prepared(self, publication: Publication, prepared: Prepared, *, hold: bool) -> Publication | None:
        """A whole post; where the checks doubt it and the owner wants that, it is held for a person."""
        event, reason = Event.PREPARED, ""
        if prepared.doubtful and hold:
            event = Event.HELD
            reason = "; ".join(f"{doubt.check}: {doubt.detail}" for doubt in prepared.findings)
        return self.record(publication, event, reason=reason, post=prepared.post, findings=prepared.findings)

    def drop(self, publication: Publication, missing: str) -> Publication | None:
        """Its feed or site is `missing` in the config, or its updates are not wanted any more.

        An edit may be half done, or a mistake: what is not published yet waits two days before it is put aside.
        """
        if publication.remote is not None:
            return self.record(publication, Event.KEPT)
        error = SiteUnusable(publication.feed, f"the {missing} is no longer in the config")
        if publication.attempts < HOURS_UNTIL_DROPPED:
            return self.postpone(publication, error, timedelta(hours=1))
        return self.record(publication, Event.SKIPPED, reason=error.reason)

    def postpone(
        self,
        publication: Publication,
        error: RelaypressError,
        pause: timedelta | None = None,
        event: Event = Event.POSTPONED,
    ) -> Publication | None:
        """Keep it for later: after `pause`, else a growing one, never sooner than the other side wished."""
        wait = pause or self._retry.wait(publication.attempts + 1, _wished_seconds(error))
        return self.record(publication, event, reason=str(error), not_before=self._clock.now() + wait)

    def wait(self, publication: Publication, error: FetchTooSoon) -> Publication | None:
        """Keep it until its host may be asked; no attempt was made, and none is spent."""
        pause = timedelta(seconds=max(error.retry_after_seconds or 0, 1))
        not_before = self._clock.now() + pause
        return self.record(publication, Event.WAITED, reason=str(error), not_before=not_before)

    def give_way(self, publication: Publication, error: RelaypressError) -> Publication | None:
        """An error of the item itself: later, or, where it is permanent or attempts are spent, never."""
        if isinstance(error, FetchTooSoon):
            return self.wait(publication, error)
        if isinstance(error, Permanent) or self._retry.spent(publication.attempts + 1):
            event = Event.KEPT if publication.remote else Event.FAILED  # what is published stays so
            return self.record(publication, event, reason=str(error))
        return self.postpone(publication, error)

    def refused(self, publication: Publication, error: Permanent) -> Publication | None:
        """The site says no to this post. Later it is made anew, for owner or site may have mended the cause.

        Refused for the last time it fails, whatever came between; a post that is there already stays as it is.
        """
        refusals = publication.refusals + 1
        if self._retry.spent(refusals):
            event = Event.KEPT if publication.remote else Event.FAILED
            return self.record(publication, event, reason=str(error))
        return self.postpone(publication, error, self._retry.wait(refusals), event=Event.REFUSED)

    def stumbled(self, publication: Publication, bug: Exception) -> Publication | None:
        """A bug of ours met with this item: told in full, and put off so that the others go on."""
        logger.critical("bug", exc_info=bug)
        error = InternalFault(publication.key, bug)
        if publication.state is State.QUEUED and publication.remote is None:
            return self.give_way(publication, error)
        return self.postpone(publication, error)


def report(publication: Publication) -> None:
    """The one line of a finished (or waiting) item; feed, site and item are bound by context."""
    reason = publication.reason
    if publication.state is State.PUBLISHED and publication.remote:
        logger.info("published", post=publication.remote.id, url=publication.remote.url)
    elif publication.state is State.FAILED:
        logger.error("failed", reason=reason)
    elif publication.state in (State.HELD, State.SKIPPED, State.RETRACTED):
        logger.warning(str(publication.state), reason=reason)
    else:
        logger.warning("waits", state=str(publication.state), reason=reason)


def _wished_seconds(error: RelaypressError) -> float | None:
    return error.retry_after_seconds if isinstance(error, Temporary) else None
