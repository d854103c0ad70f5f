"""The errors of Relaypress: what may be done about them, crossed with what they concern.

    RelaypressError                what, where, why, what to do: one line
    ├── Temporary                  the same call may succeed later
    ├── Permanent                  the same call will fail again: a person or a change is needed
    └── OutcomeUnknown             the call may have taken effect: look before doing it again

    scope     Temporary            Permanent                    unknown
    config                         ConfigError, LockHeld
    feed      FeedUnavailable      FeedUnreadable
    fetch     FetchUnavailable     FetchRefused
              └ FetchTooSoon       ├ FetchPrivate
                                   └ FetchGone
    item      ItemUnavailable      ItemUnusable
    engine    EngineUnavailable    EngineRefused
              └ EngineBlocked
    site      SiteUnavailable      SiteRefused, SiteUnusable    PostOutcomeUnknown
    store     StoreUnavailable
    any       InternalFault

Every error of another library is translated into one of these at the boundary where that library
is called (`raise ... from error`). Anything else that surfaces is a bug of ours: traceback, `critical`. Met
with one feed or item it becomes an InternalFault of that one (docs/adr/0004); anywhere else it ends the process.
"""

from __future__ import annotations

from typing import ClassVar


class RelaypressError(Exception):
    """An expected failure, told in one line.

    `subject` is the feed, item, address, engine or site concerned; `problem` what happened and why;
    `remedy` what its reader can do (may be empty where there is nothing to do but wait).
    Never put a secret into any of the three: they reach logs, the store and `--json`.
    """

    scope: ClassVar[str] = "bot"

    def __init__(self, subject: str, problem: str, *, remedy: str = "") -> None:
        self.subject = subject
        self.problem = problem
        self.remedy = remedy
        super().__init__(str(self))

    @property
    def reason(self) -> str:
        """The problem and its remedy, without the subject: for a place that shows the subject itself."""
        return " ".join(f"{self.problem}; {self.remedy}".rstrip("; ").split())

    def __str__(self) -> str:
        subject = " ".join(self.subject.split())  # the address of an entry may hold what strangers like
        return f"{subject}: {self.reason}" if subject else self.reason


class Temporary(RelaypressError):
    """May succeed later. `retry_after_seconds` is the other side's own wish (Retry-After), if it said one."""

    def __init__(
        self,
        subject: str,
        problem: str,
        *,
        remedy: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(subject, problem, remedy=remedy)
        self.retry_after_seconds = retry_after_seconds


class Permanent(RelaypressError):
    """Will fail again unchanged."""


class OutcomeUnknown(RelaypressError):
    """The call was sent and may have taken effect. Never repeat it without looking first."""


class InternalFault(Temporary):
    """A bug of ours, met with one feed or one item: told with its traceback, and kept from stopping the rest.

    What strangers write must not be able to stop the bot: the item is put off like after any failure.
    """

    scope = "item"

    def __init__(self, subject: str, bug: Exception) -> None:
        problem = f"the bot itself failed ({type(bug).__name__}: {' '.join(str(bug).split())[:200]})"
        super().__init__(subject, problem, remedy="its log has the traceback: please report it")


class ConfigError(Permanent):
    """The config cannot be used. `faults` holds every fault found, each a line of its own."""

    scope = "config"

    def __init__(self, subject: str, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(subject, "; ".join(faults))


class LockHeld(Permanent):
    """Another bot works in the same data folder (exit code 3)."""

    scope = "config"


class FeedUnavailable(Temporary):
    """The feed could not be fetched this time."""

    scope = "feed"


class FeedUnreadable(Permanent):
    """What came is not a feed, or cannot be read at all. It is polled again all the same: feeds get mended."""

    scope = "feed"


class FetchUnavailable(Temporary):
    """An address did not answer, or answered 429 or 5xx. `status` is 0 where no answer came."""

    scope = "fetch"

    def __init__(
        self,
        subject: str,
        problem: str,
        *,
        remedy: str = "",
        retry_after_seconds: float | None = None,
        status: int = 0,
    ) -> None:
        super().__init__(subject, problem, remedy=remedy, retry_after_seconds=retry_after_seconds)
        self.status = status


class FetchTooSoon(FetchUnavailable):
    """Its host wants to be left alone for `retry_after_seconds`. It was not asked, so nothing was tried in vain."""


class FetchRefused(Permanent):
    """An address may not be fetched (private network, robots, scheme), is too large, or answers 4xx."""

    scope = "fetch"


class FetchPrivate(FetchRefused):
    """An address leads into a private network, where nothing is fetched unless the config allows it."""


class FetchGone(FetchRefused):
    """404 or 410: there is nothing at this address any more. `status` is 410 where that is meant for good."""

    def __init__(self, subject: str, problem: str, *, remedy: str = "", status: int = 404) -> None:
        super().__init__(subject, problem, remedy=remedy)
        self.status = status


class ItemUnavailable(Temporary):
    """The article cannot be prepared right now."""

    scope = "item"


class ItemUnusable(Permanent):
    """The article can never be prepared as it is: gone, not HTML, no text in it."""

    scope = "item"


class EngineUnavailable(Temporary):
    """A translation engine is down, blocks us, or its budget is spent."""

    scope = "engine"


class EngineBlocked(EngineUnavailable):
    """The engine turns us away for a while: 429, captcha, consent page, spent quota."""


class EngineRefused(Permanent):
    """A translation engine cannot do this: no such language pair, no key, text it will not take."""

    scope = "engine"


class SiteUnavailable(Temporary):
    """The site could not be reached, or asked us to come back later. Nothing was changed on it."""

    scope = "site"


class SiteRefused(Permanent):
    """The site answered with a fault for this one post. The next post may well pass."""

    scope = "site"


class SiteUnusable(Permanent):
    """The site takes nothing from us: wrong password, XML-RPC off, not a WordPress. Its posts wait."""

    scope = "site"


class PostOutcomeUnknown(OutcomeUnknown):
    """A post was sent and no whole answer came back: it may or may not exist on the site."""

    scope = "site"


class StoreUnavailable(Temporary):
    """The database cannot be used: disk full, locked, server down."""

    scope = "store"
