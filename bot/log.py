"""Logging: structlog on stderr, `event key=value`, with feed, site and item bound by context.

Exactly one INFO line a polled feed and a finished item; expected errors are one line, unexpected ones a
traceback.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

get = structlog.get_logger


def configure(*, verbose: bool = False, quiet: bool = False) -> None:
    """Set logging up for this process. A terminal gets colours, everything else logfmt lines."""
    level = logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if sys.stderr.isatty():
        renderer: Any = structlog.dev.ConsoleRenderer(colors=True)
        final = [renderer]
    else:
        renderer = structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "event"], bool_as_flag=False
        )
        final = [structlog.processors.format_exc_info, renderer]
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _route_stdlib(level)


def _route_stdlib(level: int) -> None:
    """Libraries log through the standard library: their warnings come out in our form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter('level=%(levelname)s logger=%(name)s event="%(message)s"'))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))
    # Both say in a warning what the caller is told by an exception anyway.
    for name in ("requests_hardened", "apscheduler.executors", "apscheduler.scheduler"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


bind = structlog.contextvars.bound_contextvars
