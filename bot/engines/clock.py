"""The real clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """ports.Clock."""

    def now(self) -> datetime:
        """See ports.Clock."""
        return datetime.now(UTC)
