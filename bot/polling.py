"""Polling: from a feed of the config to its new items in the store.

    fetch (conditionally) -> parse -> recognise -> select -> settle -> items, marks and the next poll

all of it that is stored, in one transaction: an ETag without its items would lose them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock
from urllib.parse import urlsplit

from bot import log
from bot.choosing import Chooser
from bot.config import Config, FeedConfig
from bot.errors import FeedUnreadable, FetchTooSoon, InternalFault, RelaypressError, StoreUnavailable
from bot.model import Decision, Entry, FeedState, Fetched, NotModified, ParsedFeed, Polled
from bot.ports import Ports, Store
from bot.reading import whole
from bot.stages import feed, schedule, select
from bot.stages.schedule import PollPolicy
from bot.states import RetryPolicy

logger = log.get()


NOTES_AT_ONCE = 100


class Notebook:
    """The states of feeds during a round: read all at once, and written many at once where nothing was new.

    What a kill leaves unwritten are at most NOTES_AT_ONCE uneventful polls: these feeds are asked once more.
    Thread-safe.
    """

    def __init__(self, store: Store, feeds: Sequence[FeedConfig]) -> None:
        self._store = store
        self._read = store.feed_states() if len(feeds) > 1 else {}
        self._read_all = len(feeds) > 1
        self._lock = Lock()
        self._notes: list[FeedState] = []

    def state(self, name: str) -> FeedState:
        """What is known of this feed. Raises StoreUnavailable."""
        return self._read.get(name, FeedState(name)) if self._read_all else self._store.feed_state(name)

    def note(self, state: FeedState) -> None:
        """Write this down, soon. Raises StoreUnavailable."""
        with self._lock:
            self._notes.append(state)
            full = len(self._notes) >= NOTES_AT_ONCE
        if full:
            self.flush()

    def flush(self) -> None:
        """Write down what was noted. Raises StoreUnavailable."""
        with self._lock:
            notes, self._notes = self._notes, []
        if notes:
            self._store.save_feed_state(*notes)


class Poller:
    """Thread-safe, as long as no two threads poll one feed."""

    def __init__(self, config: Config, ports: Ports, chooser: Chooser, retry: RetryPolicy) -> None:
        self._schedule = config.schedule
        self._ports = ports
        self._store = ports.store
        self._chooser = chooser
        self._retry = retry

    def notebook(self, feeds: Sequence[FeedConfig]) -> Notebook:
        """For polls of these feeds; its owner flushes it at the end. Raises StoreUnavailable."""
        return Notebook(self._store, feeds)

    def poll(self, source: FeedConfig, notebook: Notebook | None = None) -> Polled:
        """Fetch a feed and queue its new entries. Raises StoreUnavailable; nothing is lost then.

        Without a notebook of a round all is written at once.
        """
        notes = notebook or Notebook(self._store, [source])
        polled = self._noted_poll(source, notes)
        if notebook is None:
            notes.flush()
        return polled

    def _noted_poll(self, source: FeedConfig, notebook: Notebook) -> Polled:
        # Of a feed that was never read, too, it is kept where it asked to be left alone for a while.
        state, now = replace(notebook.state(source.name), url=source.place), self._ports.clock.now()
        policy = schedule.policy_of(source, self._schedule, self._retry)
        with log.bind(feed=source.name):
            try:
                polled = self._poll(source, policy, state, now, notebook)
            except StoreUnavailable:
                raise
            except FetchTooSoon as early:
                after = self._put_off(policy, schedule.postponed(state, early, now), now)
                logger.info("poll put off", reason=str(early))
                return Polled(source.name, error=early, next_poll_at=after.next_poll_at)
            except Exception as bug:
                error = bug if isinstance(bug, RelaypressError) else InternalFault(source.name, bug)
                if error is not bug:
                    logger.critical("bug", exc_info=bug)
                after = self._put_off(policy, schedule.failed(policy, state, error, now), now)
                logger.warning("poll failed", error=str(error))
                return Polled(source.name, error=error, next_poll_at=after.next_poll_at)
            logger.info("polled", new=polled.new, skipped=polled.skipped, unchanged=polled.unchanged)
        return polled

    def _put_off(self, policy: PollPolicy, after: FeedState, now: datetime) -> FeedState:
        after = self._warned(policy, after, now)
        self._store.save_feed_state(after)
        return after

    def decide(self, source: FeedConfig) -> list[Decision]:
        """What a poll would take now. Nothing is stored. Raises what fetching and parsing raise."""
        state, now = self._store.feed_state(source.name), self._ports.clock.now()
        answer = whole(self._fetch(source, FeedState(source.name)))
        parsed, _ = self._recognised(self._parse(source, state, answer, now))
        decisions, _, _ = self._choose(source, parsed, state, answer, now)
        return self._chooser.settle(decisions, source, now).decisions

    def _poll(
        self, source: FeedConfig, policy: PollPolicy, state: FeedState, now: datetime, notebook: Notebook
    ) -> Polled:
        answer = self._fetch(source, state)
        if isinstance(answer, NotModified) or schedule.digest_of(answer) == state.digest:
            after = self._warned(policy, schedule.unchanged(policy, state, answer, now), now)
            notebook.note(after)
            return Polled(source.name, unchanged=True, next_poll_at=after.next_poll_at)
        parsed = self._parse(source, state, answer, now)
        with self._chooser.lock:
            parsed, identities = self._recognised(parsed)
            decisions, changed, state = self._choose(source, parsed, state, answer, now)
            after = schedule.changed(policy, source, state, answer, parsed, decisions, now)
            after = self._warned(policy, after, now)
            told, new = [entry.key for entry in parsed.entries], None
            while new is None:  # until nothing that gives way was quicker
                settled = self._chooser.settle(decisions, source, now)
                new = self._store.save_poll(
                    after, settled.decisions, source.sites, now, changed, identities, settled.aside, told=told
                )
        skipped = len(settled.decisions) - new
        return Polled(source.name, new=new, skipped=skipped, next_poll_at=after.next_poll_at)

    def _fetch(self, source: FeedConfig, state: FeedState) -> Fetched | NotModified:
        """The document, or that it is still the one we know. A listing is a page: robots.txt counts for it."""
        fetcher = self._ports.pages if source.listing else self._ports.feeds
        return fetcher.get(
            state.moved_to or source.url,
            etag=state.etag,
            last_modified=state.last_modified,
            accept=feed.ACCEPT,
            access=source.access,
        )

    def _parse(self, source: FeedConfig, state: FeedState, fetched: Fetched, now: datetime) -> ParsedFeed:
        """The document. Keys are made of the first name of its feed: those of its items stay when it is renamed."""
        first = source.model_copy(update={"name": state.known_as or source.name})
        try:
            parsed = feed.read(first, fetched, now)
        except FeedUnreadable as error:
            raise FeedUnreadable(source.name, error.problem, remedy=error.remedy) from error
        if parsed.warning:
            logger.warning("feed has faults", warning=parsed.warning)
        return replace(parsed, entries=tuple(replace(each, feed=source.name) for each in parsed.entries))

    def _recognised(self, parsed: ParsedFeed) -> tuple[ParsedFeed, Mapping[str, str]]:
        """The feed with the keys under which its entries are known already, and what is to be learnt of them."""
        known = self._store.keys_of(each for entry in parsed.entries for each in entry.identities if each)
        keys = {key for key in known.values() if key}
        compared = feed.to_compare(parsed.entries, known, self._store.fingerprints(keys))
        items = self._store.entries(compared) if compared else {}
        entries, learnt = feed.recognise(parsed.entries, known, items)
        return replace(parsed, entries=entries), learnt

    def _choose(
        self, source: FeedConfig, parsed: ParsedFeed, state: FeedState, answer: Fetched, now: datetime
    ) -> tuple[list[Decision], list[Entry], FeedState]:
        """What to do with each entry that is new, which ones have changed, and the state that goes on from here."""
        keys = [entry.key for entry in parsed.entries]
        known = self._store.fingerprints(keys, feed=source.name, sites=source.sites)
        first = schedule.is_first(state, answer, now, is_known=bool(known))
        archive = None if first else _archive_of(state, parsed, now)
        decisions = select.choose(parsed.entries, known, source, first_poll=first, archive=archive, now=now)
        begun = schedule.begun(state, parsed, now) if first or state.archive_before is None else state
        return decisions, select.changed(parsed.entries, known), begun

    def _warned(self, policy: PollPolicy, state: FeedState, now: datetime) -> FeedState:
        """The state to be kept; what the owner should know is logged once a day."""
        state, words = schedule.warned(policy, state, now)
        if words:
            logger.warning("feed needs a look", reason=words)
        return state


def _archive_of(state: FeedState, parsed: ParsedFeed, now: datetime) -> datetime | None:
    """Before when the archive begins; None where all dates of a document are before: then they are not true."""
    dates = [entry.published or entry.updated for entry in parsed.entries]
    begins = state.archive_before
    return begins if begins and any(date and begins <= date <= now for date in dates) else None


def by_turns(feeds: Sequence[FeedConfig]) -> list[FeedConfig]:
    """The feeds in an order in which those of one host lie far apart: nobody has to wait for a host's sake."""
    before: Counter[str] = Counter()
    ranks = []
    for source in feeds:
        host = urlsplit(source.url).hostname or ""
        ranks.append(before[host])
        before[host] += 1
    return [source for _, source in sorted(zip(ranks, feeds, strict=True), key=lambda ranked: ranked[0])]
