"""Publishing pace: when the next post of a site may come out. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PacePolicy:
    """At most `per_hour` posts (0: any number), `apart` at least, none in the `quiet` hours of `zone`."""

    per_hour: int
    apart: timedelta
    quiet: tuple[time, time] | None
    zone: tzinfo

    @property
    def is_set(self) -> bool:
        """Whether there is anything to wait for at all."""
        return bool(self.per_hour or self.apart or self.quiet)

    def next_slot(self, recent: Sequence[datetime], now: datetime) -> datetime:
        """The earliest moment, not before `now`, for a post after those begun at `recent` (oldest first)."""
        slot = now
        if recent and self.apart:
            slot = max(slot, recent[-1] + self.apart)
        if self.per_hour and len(recent) >= self.per_hour:
            slot = max(slot, recent[-self.per_hour] + HOUR)
        return self._after_quiet(slot)

    def _after_quiet(self, slot: datetime) -> datetime:
        if self.quiet is None:
            return slot
        start, end = self.quiet
        local = slot.astimezone(self.zone)
        clock = local.time()
        if not (start <= clock < end if start < end else clock >= start or clock < end):
            return slot
        wakes = datetime.combine(local.date(), end, self.zone)
        if wakes <= local:
            wakes = datetime.combine(local.date() + timedelta(days=1), end, self.zone)
        return wakes.astimezone(slot.tzinfo)


def parse_hours(text: str) -> tuple[time, time]:
    """Read "22:00-07:00". Raises ValueError with the remedy."""
    match = re.fullmatch(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", text.strip())
    hours = [int(part) for part in match.groups()] if match else [24, 0, 24, 0]
    try:
        start, end = time(hours[0], hours[1]), time(hours[2], hours[3])
    except ValueError:
        raise ValueError('not a span of hours; write for instance "22:00-07:00"') from None
    if start == end:
        raise ValueError("begins when it ends; leave the key out for no quiet hours")
    return start, end
