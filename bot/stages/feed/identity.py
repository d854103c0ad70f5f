"""What makes an entry the same entry at the next poll."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

_TRACKING = re.compile(
    r"utm_.*|at_.*|ns_.*|mc_[ce]id|_hs\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|"
    r"cmpid|ocid|ito|xtor|ftag|mkt_tok|echobox",
    re.IGNORECASE,
)
"""Query parameters that tell where a reader came from, not what is read."""

_EMPTY_FRAGMENT = re.compile(r"\d{0,3}|rss|(?:utm_|at_|xtor=|echobox=).*", re.IGNORECASE)
"""Fragments that name no part of a page: BBC numbers its guids' versions (#0, #1), others track by them."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def entry_key(feed_name: str, guid: str, link: str, words: str, published: datetime | None) -> str:
    """20 hexadecimal digits that stay the same as long as the entry is the same.

    The first of these that the entry has is its identity:
    1. a guid that is a web address: in its normal form, whatever the feed (see `normalise_link`);
    2. any other guid, within its feed;
    3. the link, in its normal form;
    4. its title, or the text of one that has none, and its date, within its feed.
    """
    if guid and _is_web_address(guid):
        identity = f"link {normalise_link(guid)}"
    elif guid:
        identity = f"guid {feed_name} {guid}"
    elif link:
        identity = f"link {normalise_link(link)}"
    else:
        identity = f"text {feed_name} {words} {published.isoformat() if published else ''}"
    return _digest(identity)


def further_identities(feed_name: str, link: str, title: str, published: datetime | None) -> tuple[str, ...]:
    """What an entry may be known by in its feed where its key has changed; see recognise.py.

    The link; path and title, whatever the host; title and date, whatever the link. A link to the front page
    of a site tells nothing.
    """
    words, place = headline(title), path_of(link)
    told = [f"link {normalise_link(link)}"] if place else []
    if words and place:
        told.append(f"path {place} {words}")
    if words and published:
        told.append(f"date {published.isoformat()} {words}")
    return tuple(_digest(f"{feed_name} {identity}") for identity in told)


def headline(title: str) -> str:
    """A title for comparing: letter case, blanks and compatibility forms do not count."""
    return " ".join(unicodedata.normalize("NFKC", title).casefold().split())


def path_of(link: str) -> str:
    """An address without its host, for comparing; '' where it is a front page, or no address."""
    return normalise_link(link).partition("/")[2]


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:20]


@lru_cache(maxsize=64)  # an entry asks for the same few, several times
def normalise_link(link: str) -> str:
    """The part of an address that says what is read, for comparing only.

    Scheme, `www.`, the default port, tracking parameters and the last slash are left out, host and
    percent-escapes written one way, parameters sorted. A fragment stays where it names a part of the page
    (`#v1.2` of a changelog is an entry of its own); it goes where it is a number or tracks.
    """
    try:
        parts = urlsplit(link.strip())
        port = parts.port
    except ValueError:
        return link.strip()
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    if port and port != _DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    path = _one_spelling(parts.path).rstrip("/")
    query = urlencode(sorted(_telling(parts.query)))
    fragment = "" if _EMPTY_FRAGMENT.fullmatch(parts.fragment) else parts.fragment
    return host + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")


def _is_web_address(text: str) -> bool:
    return re.match(r"https?://[^/\s]", text, re.IGNORECASE) is not None


def _telling(query: str) -> list[tuple[str, str]]:
    """The parameters that are no tracking. (A thousand are enough: parse_qsl takes time for each.)"""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape", max_num_fields=1000)
    except ValueError:
        return [(query, "")]
    return [
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode())
        for name, value in pairs
        if not _TRACKING.fullmatch(name)
    ]


def _one_spelling(path: str) -> str:
    """Letters that may stand as themselves or as %C3%A9 or %c3%a9: always %C3%A9."""
    quoted = quote(path, safe="/%:@!$&'()*+,;=~", errors="replace")
    return re.sub(r"%[0-9a-fA-F]{2}", lambda match: match[0].upper(), quoted)
