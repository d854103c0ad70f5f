"""Reservations: pages that their publishers keep from text and data mining.

TDM Reservation Protocol, final report of the W3C community group of 10 May 2024
(https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/). What a page says goes before the header
of its answer, and that before /.well-known/tdmrep.json. One thing is done otherwise: what the file reserves is
not asked for at all, so nothing on the page can lift it. The publisher is not to be visited in vain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic
from urllib.parse import urlsplit

from requests.exceptions import InvalidURL
from requests.utils import requote_uri

from bot.engines.http.meta import told_by
from bot.engines.http.origins import LIFE_OF_FAILURE_SECONDS, Remembered, origin_of
from bot.errors import FetchRefused, FetchTooSoon, FetchUnavailable
from bot.model import ANYBODY, Access, Fetched
from bot.ports import Fetcher

_MOST_BYTES = 500 * 1024
_MOST_RULES = 1000
_MOST_PATTERN_CHARS = 2000
_OCTET = re.compile(r"%[0-9a-fA-F]{2}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of tdmrep.json: whether the pages at these paths are reserved."""

    pattern: str
    reserved: bool


class Reservations:
    """Reads each origin's tdmrep.json through `fetcher` and remembers it for an hour.

    A file that cannot be had or read reserves nothing ("implies that the origin server does not implement
    this protocol"). Where no answer comes at all, nobody knows whether there is one: its pages wait.
    """

    def __init__(self, fetcher: Fetcher, *, clock: Callable[[], float] = monotonic) -> None:
        self._fetcher = fetcher
        self._known: Remembered[tuple[Rule, ...]] = Remembered(clock)

    def check(self, url: str, access: Access = ANYBODY) -> None:
        """Return where the file of its origin does not reserve `url`, or the owner is licensed.

        Raises FetchRefused, FetchTooSoon where the file cannot be asked for yet, and FetchUnavailable where no
        answer came: the next page asks again.
        """
        if access.licensed:
            return
        origin = origin_of(url)
        rules = self._known.get_or_ask(origin, partial(self._fetch, url, origin, access))
        if is_reserved(url, rules):
            raise _refusal(url, "tdmrep.json of its host")

    def check_page(self, page: Fetched, access: Access = ANYBODY) -> None:
        """Return where neither the page nor its header reserves it, or the owner is licensed. Raises FetchRefused."""
        if access.licensed:
            return
        on_page = told_by(page.body, page.content_type)
        if (on_page or page.tdm_reservation) == "1":
            raise _refusal(page.url, "a meta tag of the page" if on_page else "a header of the answer")

    def _fetch(self, url: str, origin: str, access: Access) -> tuple[Rule, ...]:
        try:
            address = f"{origin}/.well-known/tdmrep.json"
            answer = self._fetcher.get(address, accept="application/json,*/*;q=0.5", access=access)
        except FetchRefused:
            return self._known.put(origin, ())
        except FetchTooSoon:
            raise
        except FetchUnavailable as error:
            if not error.status:
                raise FetchUnavailable(
                    url, f"waits for the tdmrep.json of its host ({error.reason})"
                ) from error
            return self._known.put(origin, (), LIFE_OF_FAILURE_SECONDS)
        return self._known.put(origin, rules_in(answer.body if isinstance(answer, Fetched) else b""))


def rules_in(body: bytes) -> tuple[Rule, ...]:
    """The rules of a tdmrep.json, in its order; none where it is something else."""
    try:
        tree = json.loads(body[:_MOST_BYTES])
    except (ValueError, RecursionError):
        return ()
    if not isinstance(tree, list):
        return ()
    return tuple(
        Rule(_normal(line["location"]), reserved=str(line.get("tdm-reservation")) == "1")
        for line in tree[:_MOST_RULES]
        if isinstance(line, dict) and isinstance(line.get("location"), str)
    )


def is_reserved(url: str, rules: tuple[Rule, ...]) -> bool:
    """What the first rule says that matches the path and query of `url`."""
    if not rules:
        return False
    parts = urlsplit(url)
    path = _normal(f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/")
    return next((rule.reserved for rule in rules if matches(rule.pattern, path)), False)


def matches(pattern: str, path: str) -> bool:
    """Whether `path` begins as `pattern` says: `*` is anything, `$` at the end is the end. In linear time."""
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at_end = pattern.endswith("$")
    if at_end and not others:
        return path == first
    end, position = others.pop() if at_end else "", len(first)
    for part in others:
        found = path.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return not at_end or (path.endswith(end) and len(path) - len(end) >= position)


def _normal(path: str) -> str:
    """A path, percent-encoded where it must be and nowhere else."""
    try:
        quoted = requote_uri(path[:_MOST_PATTERN_CHARS])
    except (InvalidURL, ValueError):
        return path[:_MOST_PATTERN_CHARS]
    return _OCTET.sub(lambda octet: octet[0].upper(), quoted)


def _refusal(url: str, where: str) -> FetchRefused:
    return FetchRefused(
        url,
        f"its publisher keeps it from text and data mining ({where})",
        remedy='ask the publisher; with their word, set rights = "permission" or "licensed" for this feed',
    )
