"""The units that config values are written in: durations, sizes, schedules, hosts."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_DURATION_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SIZE_BYTES = {"B": 1, "KB": 1000, "MB": 1000**2, "GB": 1000**3}


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a feed is polled: every so often, or by a crontab line (exactly one is set)."""

    every: timedelta | None = None
    cron: str = ""


def parse_duration(text: object) -> timedelta:
    """Read "90s", "15m", "1h30m", "2d". Raises ValueError with the remedy."""
    if isinstance(text, timedelta):
        return text
    parts = re.findall(r"(\d+)\s*([smhd])", str(text))
    if not parts or re.sub(r"(\d+)\s*([smhd])|\s", "", str(text)):
        raise ValueError('not a duration; write for instance "20s", "15m", "2h" or "1d"')
    return timedelta(seconds=sum(int(n) * _DURATION_SECONDS[unit] for n, unit in parts))


def parse_size(text: object) -> int:
    """Read "10MB", "500KB", a bare number of bytes. Raises ValueError with the remedy."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?B)?", str(text).strip(), re.IGNORECASE)
    if not match:
        raise ValueError('not a size; write for instance "500KB" or "10MB"')
    return int(float(match[1]) * _SIZE_BYTES[(match[2] or "B").upper()])


def parse_schedule(text: object) -> Schedule:
    """Read a duration of at least a minute, or a crontab line of five fields. Raises ValueError."""
    if isinstance(text, Schedule):
        return text
    if len(str(text).split()) == 5:
        from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - slow to import

        try:
            CronTrigger.from_crontab(str(text), timezone="UTC")
        except ValueError as error:
            raise ValueError(f'not a crontab line ({error}); write for instance "*/5 * * * *"') from error
        return Schedule(cron=str(text))
    try:
        every = parse_duration(text)
    except ValueError:
        raise ValueError('not a schedule; write for instance "15m" or "*/5 * * * *"') from None
    if every < timedelta(minutes=1):
        raise ValueError("too often for any publisher; take a minute or more")
    return Schedule(every=every)


def format_duration(duration: timedelta) -> str:
    """Write a duration the way `parse_duration` reads it, to the two largest units: "1h30m"."""
    seconds = max(0, round(duration.total_seconds()))
    parts = []
    for unit in ("d", "h", "m", "s"):
        n, seconds = divmod(seconds, _DURATION_SECONDS[unit])
        if n:
            parts.append(f"{n}{unit}")
    return "".join(parts[:2]) or "0s"


def is_loopback(host: str) -> bool:
    """Whether a host name of an address is this machine's own; "127.example.org" is not."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


FARTHEST_PLAN = timedelta(days=60)
"""Nothing is put off for longer: a moment beyond it was written while the clock was wrong, and is void."""


def lies_ahead(moment: datetime | None, now: datetime) -> bool:
    """Whether it is still to be waited for."""
    return moment is not None and now < moment <= now + FARTHEST_PLAN
