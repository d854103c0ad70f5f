"""Pack lines into as few requests as an engine's limits allow."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.stages.markers import Asked

_NEWLINE_URL_BYTES = 3
_UNQUOTED = (string.ascii_letters + string.digits + "_.-~").encode()  # RFC 3986, 2.3


@dataclass(frozen=True, slots=True)
class Room:
    """What one request takes: characters, and bytes percent-encoded (0: no such limit)."""

    chars: int
    url_bytes: int = 0

    def fits(self, text: str) -> bool:
        """Whether a request can hold this text alone."""
        return len(text) <= self.chars and (not self.url_bytes or url_bytes(text) <= self.url_bytes)

    def share(self, text: str) -> float:
        """How much of a request this text takes with its newline; more than 1.0 does not fit."""
        chars = (len(text) + 1) / (self.chars + 1)
        if not self.url_bytes:
            return chars
        encoded = (url_bytes(text) + _NEWLINE_URL_BYTES) / (self.url_bytes + _NEWLINE_URL_BYTES)
        return max(chars, encoded)


def url_bytes(text: str) -> int:
    """How many bytes it takes percent-encoded."""
    encoded = text.encode("utf-8", "surrogatepass")
    return len(encoded) + 2 * len(encoded.translate(None, _UNQUOTED))


def pack(lines: Sequence[Asked], room: Room) -> list[list[Asked]]:
    """Lines in requests: in their order where that costs none more, else the way that needs the fewest."""
    shares = [room.share(asked.text) for asked in lines]
    in_order = _next_fit(shares)
    if len(in_order) > math.ceil(sum(shares)):
        in_order = min(in_order, _best_fit(shares), key=len)
    return [[lines[index] for index in request] for request in in_order]


def fill(requests: list[list[Asked]], extra: Iterable[list[Asked]], room: Room) -> None:
    """Add groups of lines, each whole or not at all, where requests have room left."""
    free = [1.0 - sum(room.share(asked.text) for asked in request) for request in requests]
    for group in extra:
        need = sum(room.share(asked.text) for asked in group)
        roomy = max(range(len(free)), key=free.__getitem__, default=None)
        if roomy is not None and need <= free[roomy]:
            requests[roomy] += group
            free[roomy] -= need


def _next_fit(shares: Sequence[float]) -> list[list[int]]:
    requests: list[list[int]] = []
    used = math.inf
    for index, share in enumerate(shares):
        if used + share > 1.0:
            requests.append([])
            used = 0.0
        requests[-1].append(index)
        used += share
    return requests


def _best_fit(shares: Sequence[float]) -> list[list[int]]:
    requests: list[list[int]] = []
    used: list[float] = []
    for index in sorted(range(len(shares)), key=lambda i: -shares[i]):
        fitting = [n for n, load in enumerate(used) if load + shares[index] <= 1.0]
        if not fitting:
            requests.append([])
            used.append(0.0)
        n = max(fitting, key=used.__getitem__) if fitting else len(used) - 1
        requests[n].append(index)
        used[n] += shares[index]
    return sorted(map(sorted, requests))
