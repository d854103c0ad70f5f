"""Entries that were seen before, although their feed has changed what they are known by.

Feeds change guids (http to https, a new system behind the site), hosts, links and dates; each alone, or some
at once. An entry is known by its key (see identity.py) and, less surely, by its link, by path and title, and
by title and date. One of these lesser identities counts only as long as it is one entry's: a feed whose
entries all lead to the same page has as many items as it has entries.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from bot.model import Entry
from bot.stages.feed.identity import headline, path_of

NOBODYS = ""
"""The key under an identity that several entries had: it is none, for ever."""


def recognise(entries: Sequence[Entry], known: Mapping[str, str]) -> tuple[tuple[Entry, ...], dict[str, str]]:
    """The entries with the keys of the items that they are, each key once, and what is learnt of them.

    `known` has the keys of items by identity, so far as the store knows them; what is learnt is to be added to
    it. The order stays.
    """
    shared = _shared(entries)
    learnt = {identity: NOBODYS for identity in shared if known.get(identity) != NOBODYS}
    now_known = {**known, **learnt}
    keys: dict[str, str] = {}
    here: set[str] = set()
    # The sure ones first: what they are known by is theirs, wherever they stand in the document.
    for entry in sorted(entries, key=lambda entry: entry.key not in known):
        key = keys[entry.key] = _key_of(entry, now_known, here)
        here.add(key)
        for identity in entry.identities:
            if identity not in now_known:
                now_known[identity] = learnt[identity] = key
    return tuple(_each_once(dataclasses.replace(entry, key=keys[entry.key]) for entry in entries)), learnt


def _key_of(entry: Entry, known: Mapping[str, str], here: set[str]) -> str:
    """The key of the item that this entry is; its own where it is new.

    An item that is in the document itself, `here`, is another one, unless more than one identity says that it
    is this: then the feed lists it twice.
    """
    if key := known.get(entry.key):
        return key
    candidates = [known.get(identity) for identity in entry.identities[1:]]
    for key in filter(None, candidates):
        if key not in here or candidates.count(key) > 1:
            return key
    return entry.key


def _shared(entries: Iterable[Entry]) -> set[str]:
    """The lesser identities that entries have in common which differ in title or path."""
    holders: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for entry in entries:
        differs = (headline(entry.title), path_of(entry.link))
        for identity in entry.identities[1:]:
            holders[identity].add(differs)
    return {identity for identity, different in holders.items() if len(different) > 1}


def _each_once(entries: Iterable[Entry]) -> Iterable[Entry]:
    by_key: dict[str, Entry] = {}
    for entry in entries:
        by_key.setdefault(entry.key, entry)
    return by_key.values()
