"""Dates of formats that are read without feedparser, in its form."""

from __future__ import annotations

import time

from bot.stages import dates


def moment(text: str) -> time.struct_time | None:
    """The date that stages/dates.py reads in `text`, in UTC; None where it is none.

    One in the future stands, as those that feedparser reads do: the select stage, which knows the time, does not
    believe it.
    """
    date = dates.standard(text, now=None)
    return date.timetuple() if date else None
