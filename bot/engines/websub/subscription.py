"""A subscription: what is agreed with a hub about one feed. A value; each method gives the next one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.model import Topic
from bot.states import RetryPolicy

LEASE = timedelta(days=10)
"""What we ask for; the hub decides."""

LONGEST_LEASE = timedelta(days=30)
SHORTEST_PAUSE = timedelta(minutes=10)  # between two requests to the hub, however short the lease
DENIED_PAUSE = timedelta(days=1)
RENEWED_AFTER = 0.75  # of the lease
RETRY = RetryPolicy(first=SHORTEST_PAUSE, longest=timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed at one hub.

    A hub answers a request by asking back at the callback, during the request or hours later: until then
    it is `asked`, and nothing more. Without that the request is made again, with growing pauses.
    """

    feed: str
    topic: Topic
    secret: str = field(repr=False)
    wanted: bool = True  # False: it is to end
    asked: bool = False
    ask_at: datetime | None = None  # not before; None: now
    live_until: datetime | None = None
    failures: int = 0  # requests in a row that the hub has not asked back about
    heard: bool = False  # a delivery has come, and no news without one

    @property
    def mode(self) -> str:
        """What the hub is asked for."""
        return "subscribe" if self.wanted else "unsubscribe"

    def is_live(self, now: datetime) -> bool:
        """Whether the hub owes us deliveries."""
        return self.live_until is not None and self.live_until > now

    def is_due(self, now: datetime) -> bool:
        """Whether the hub is to be asked now."""
        return self.ask_at is None or self.ask_at <= now

    def is_over(self, now: datetime) -> bool:
        """Whether it can be forgotten: the hub was asked once to end it, or never knew of it."""
        known = self.asked or self.is_live(now)
        return not self.wanted and (not known or (self.asked and self.is_due(now)))

    def unwanted(self) -> Subscription:
        """The feed, or its hub, is no longer of interest."""
        if not self.wanted:
            return self
        return replace(self, wanted=False, asked=False, ask_at=None, failures=0)

    def awaiting(self, now: datetime) -> Subscription:
        """The hub is being asked. It is asked again where it does not ask back."""
        failures = self.failures + 1
        return replace(self, asked=True, ask_at=now + RETRY.wait(failures), failures=failures)

    def put_off(self, now: datetime, wished_seconds: float | None) -> Subscription:
        """The hub could not be asked, and says when it can be."""
        return replace(self, ask_at=now + RETRY.wait(self.failures, wished_seconds))

    def confirmed(self, now: datetime, lease: timedelta) -> Subscription:
        """The hub has asked back: it is live, and renewed before it ends."""
        lease = min(max(lease, timedelta(0)), LONGEST_LEASE)
        return replace(
            self,
            asked=False,
            ask_at=now + max(lease * RENEWED_AFTER, SHORTEST_PAUSE),
            live_until=now + lease,
            failures=0,
        )

    def denied(self, now: datetime) -> Subscription:
        """The hub will not, or no longer, deliver. It is asked again some day: publishers change their mind."""
        return replace(self, asked=False, ask_at=now + DENIED_PAUSE, live_until=None, heard=False)
