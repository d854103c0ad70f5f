"""What an entry is known by, from one poll to the next.

    entry_key            its name in the store
    further_identities   what it may be recognised by where its key has changed (see recognise.py)
    apart                the entries of a document that share a key and are not the same

All of it is compared, and kept, as digests.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

from bot.model import Entry
from bot.stages.feed.addresses import DEFAULT_PORTS, normalise_link, one_spelling, path_of, telling
from bot.stages.feed.likeness import alike, headline, texts_unlike

_OVERLOOKED_IN_KEYS = re.compile(
    r"utm_.*|at_.*|ns_.*|mc_[ce]id|_hs\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|igsh|"
    r"cmpid|ocid|ito|xtor|ftag|mkt_tok|echobox",
    re.IGNORECASE,
)
_NO_FRAGMENT_IN_KEYS = re.compile(r"\d{0,3}|rss|(?:utm_|at_|xtor=|echobox=).*", re.IGNORECASE)
_MOST_COMPARED = 10  # entries of one key


def entry_key(feed_name: str, guid: str, link: str, words: str, published: datetime | None) -> str:
    """20 hexadecimal digits that stay the same as long as the entry is the same.

    The first of these that the entry has is its identity:
    1. a guid that is a web address, whatever the feed; not that of a front page, where the link says more;
    2. any other guid, within its feed;
    3. the link;
    4. its title, or the text of one that has none, and its date, within its feed.
    """
    is_address = _is_web_address(guid)
    if is_address and (path_of(guid) or not path_of(link)):
        identity = f"link {_in_key(guid)}"
    elif guid and not is_address:
        identity = f"guid {feed_name} {guid}"
    elif link:
        identity = f"link {_in_key(link)}"
    else:
        identity = f"text {feed_name} {words} {published.isoformat() if published else ''}"
    return _digest(identity)


def further_identities(
    feed_name: str, link: str, title: str, published: datetime | None
) -> tuple[str, str, str, str]:
    """What an entry may be known by in its feed, too; '' in place of what it has not.

    The link; path and title, whatever the host; title and date; the date alone. A link to the front page of a site
    tells nothing.
    """
    words, place, date = headline(title), path_of(link), published.isoformat() if published else ""
    return (
        _digest(f"{feed_name} link {normalise_link(link, numbered=True)}") if place else "",
        _digest(f"{feed_name} path {place} {words}") if words and place else "",
        _digest(f"{feed_name} date {date} {words}") if words and date else "",
        _digest(f"{feed_name} moment {date}") if words and date else "",
    )


def own_key(entry: Entry) -> str:
    """A key for an entry whose `key` is another's as well: made of guid, link and title, too."""
    link = normalise_link(entry.link, numbered=True)
    return _digest(f"own {entry.key} {entry.guid} {link} {headline(entry.title)}")


def apart(entries: Iterable[Entry]) -> list[Entry]:
    """Each entry once, and each with a key of its own; the order stays.

    Of entries with one key the first counts, unless another has both another title and another link or date: then what
    the key is made of is not theirs alone (the site's address in place of a guid, numbered parts of one page). Each
    of these gets a key of its own, and the one they share stays behind its identities.
    """
    by_key: dict[str, list[Entry]] = defaultdict(list)
    kept: list[Entry] = []
    for entry in entries:
        others = by_key[entry.key]
        if all(_two(entry, other) for other in others[:_MOST_COMPARED]):
            others.append(entry)
            kept.append(entry)
    return each_once(_on_its_own(entry) if len(by_key[entry.key]) > 1 else entry for entry in kept)


def each_once(entries: Iterable[Entry]) -> list[Entry]:
    """Each key once: the first wins."""
    by_key: dict[str, Entry] = {}
    for entry in entries:
        by_key.setdefault(entry.key, entry)
    return list(by_key.values())


def _two(one: Entry, other: Entry) -> bool:
    """Whether entries with the same guid, or without one, are not the same.

    Titles may be alike, too ("Press release"), where all else differs.
    """
    other_page = normalise_link(one.link) != normalise_link(other.link)
    other_link = normalise_link(one.link, numbered=True) != normalise_link(other.link, numbered=True)
    other_date = bool(one.published and other.published) and one.published != other.published
    if other_page and other_date and texts_unlike(one, other):
        return True
    return (other_link or other_date) and not alike(one.title, other.title)


def _on_its_own(entry: Entry) -> Entry:
    own = own_key(entry)
    return dataclasses.replace(entry, key=own, identities=(own, *entry.identities[1:], entry.key))


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _is_web_address(text: str) -> bool:
    return re.match(r"https?://[^/\s]", text, re.IGNORECASE) is not None


@lru_cache(maxsize=64)  # guid and link are mostly one address
def _in_key(link: str) -> str:
    """An address as keys have it. This is for ever: another form of it would post again what databases hold.

    Scheme, `www.`, the default port, what tracks and the last slash are left out, parameters sorted; a fragment that
    is a number goes, too. What this takes for one and is not, `apart` and recognise.py tell apart; what it takes for
    two and is one, `normalise_link` finds.
    """
    try:
        parts = urlsplit(link.strip())
        port = parts.port
    except ValueError:
        return link.strip()
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    if port and port != DEFAULT_PORTS.get(parts.scheme):
        host = f"{host}:{port}"
    path = one_spelling(parts.path).rstrip("/")
    query = urlencode(sorted(telling(parts.query, _OVERLOOKED_IN_KEYS))) if parts.query else ""
    fragment = "" if _NO_FRAGMENT_IN_KEYS.fullmatch(parts.fragment) else parts.fragment
    return host + path + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
