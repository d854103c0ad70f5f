"""Addresses that strangers chose: whether they may be asked for at all, and where redirects lead."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

import requests

from bot.engines.http import failures
from bot.errors import FetchRefused
from bot.model import Access

_MOST_REDIRECTS = 8
_DEFAULT_PORTS = {"http": 80, "https": 443}


def checked(url: str, address: str) -> str:
    """`address` without its fragment, if it is one we may ask for at all. Raises FetchRefused about `url`."""
    at = failures.at(url, address)
    if re.search(r"[\x00-\x1f\x7f]", address):  # urlsplit would take them out unasked
        raise FetchRefused(" ".join(url.split()), "control characters in an address")
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise FetchRefused(url, f"not an address that can be fetched{at}") from error
    if parts.scheme not in ("http", "https"):
        raise FetchRefused(url, f"only http and https can be fetched{at}")
    if not parts.hostname or re.search(r"[ \\]", parts.netloc):
        raise FetchRefused(url, f"not an address that can be fetched{at}")
    if "@" in parts.netloc:
        raise FetchRefused(failures.without_login(url), "holds a user name or password", remedy="take it out")
    return urldefrag(address).url


def location_of(url: str, response: requests.Response) -> str:
    """Where the answer redirects to; '' where it does not. Header bytes are UTF-8 more often than Latin-1."""
    if not response.is_redirect:
        return ""
    try:
        return response.headers["Location"].encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise FetchRefused(url, "redirects to something that is no address") from error


def next_hop(url: str, seen: list[str], location: str) -> str:
    """Where a redirect leads. Raises FetchRefused at loops and endless chains."""
    try:
        target = checked(url, urljoin(seen[-1], location.strip()))
    except ValueError as error:
        raise FetchRefused(url, "redirects to something that is no address") from error
    if target in seen:
        raise FetchRefused(url, f"redirects in a loop (to {failures.shown(target)})")
    if len(seen) > _MOST_REDIRECTS:
        raise FetchRefused(url, f"redirects more than {_MOST_REDIRECTS} times")
    return target


def is_home(target: str, access: Access) -> bool:
    """Whether `target` lies where the secrets of `access` belong: same host and port, over TLS if they were."""
    parts, home = urlsplit(target), urlsplit(f"{access.scheme}://{access.authority}")
    if parts.hostname != home.hostname:
        return False
    if parts.scheme == home.scheme:
        return _port(parts) == _port(home)
    return parts.scheme == "https" and parts.port in (None, 443) and home.port in (None, 80)


def _port(parts: SplitResult) -> int | None:
    return parts.port or _DEFAULT_PORTS.get(parts.scheme)
