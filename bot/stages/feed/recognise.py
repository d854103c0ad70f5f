"""Entries that were seen before, although their feed has changed what they are known by; and those that only seem so.

Feeds change guids (http to https, a new system behind the site), hosts, links, titles and dates; each alone, or some
at once. And guids are not always what they should be: all the same, or a place in the document, so that they go from
one entry to the next. What an entry is known by are therefore witnesses, and none is believed alone against the others.
For each entry of a document the item that it is, is looked for in this order:

    surely       its key is the item's, and the item has this link, or this title and date, or says the very same
    by others    link, path and title, title and date, or the moment is the item's, and what else is told agrees
    by its key   alone, as long as not link, title and date all speak against it
    otherwise    it is a new one; where its key is another item's, by a key of its own

What identifies an item is then learnt anew. An identity that two entries of one document have is nobody's, for ever.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from types import MappingProxyType

from bot.model import Entry
from bot.stages.feed.addresses import host_of, normalise_link, path_of
from bot.stages.feed.identity import each_once, own_key
from bot.stages.feed.likeness import alike, headline, texts_alike, texts_unlike

NOBODYS = ""
"""The key under an identity that several entries had: it is none, for ever."""

_LINK, _PATH, _DATED, _MOMENT = _LESSER = range(1, 5)
"""Places in Entry.identities. The key stands before these; one that was shared (identity.apart) behind."""

APART = timedelta(hours=6)
"""A correction seldom moves the date of an entry further; the next day's does."""

_NONE: Mapping[str, Entry] = MappingProxyType({})
_MOVE = 2  # entries at once, with the same paths and titles on another host


def to_compare(
    entries: Iterable[Entry], known: Mapping[str, str], fingerprints: Mapping[str, str]
) -> frozenset[str]:
    """The keys of the items that `recognise` has to see; none where every entry says what it said before.

    `known` are keys by identity, `fingerprints` those of items by key.
    """
    return frozenset(
        key
        for entry in entries
        if fingerprints.get(known.get(entry.key, NOBODYS)) != entry.fingerprint
        for key in (known.get(identity) for identity in entry.identities)
        if key
    )


def recognise(
    entries: Sequence[Entry], known: Mapping[str, str], items: Mapping[str, Entry] = _NONE
) -> tuple[tuple[Entry, ...], dict[str, str]]:
    """The entries with the keys of the items that they are, each key once, and what is learnt of them.

    `known` has the keys of items by identity, so far as the store knows them; what is learnt is to be put in place of
    it. `items` are those of `to_compare`: where one is left out, it says the very same. The order stays.
    """
    document = _Document(entries, known, items)
    for rule in (document.surely, document.by_others, document.by_key, document.new):
        document.settle(rule)
    keys = document.keys
    found = each_once(dataclasses.replace(entry, key=keys[entry.key]) for entry in entries)
    return tuple(found), document.learnt


class _Document:
    """The entries of a document while they are looked up."""

    def __init__(
        self, entries: Sequence[Entry], known: Mapping[str, str], items: Mapping[str, Entry]
    ) -> None:
        self.keys: dict[str, str] = {}  # of items, by the keys that the entries came with
        self.learnt = {each: NOBODYS for each in _shared(entries) if known.get(each) != NOBODYS}
        self._known = {**known, **self.learnt}
        self._items = items
        self._entries = entries
        self._here: dict[str, Entry] = {}  # items that are in this document, in its words
        self._only_days = not any(entry.published and entry.published.time() != time.min for entry in entries)
        self._moves = Counter(_hosts(*moved) for moved in self._elsewhere())

    def settle(self, rule: Callable[[Entry], str]) -> None:
        """Give the entries that have no item yet the one that this rule finds."""
        for entry in [entry for entry in self._entries if entry.key not in self.keys]:
            if key := rule(entry):
                self.keys[entry.key] = key
                self._here.setdefault(key, entry)
                self._learn(entry, key)

    def _learn(self, entry: Entry, key: str) -> None:
        for identity in filter(None, entry.identities):
            if self._known.get(identity) not in (NOBODYS, key):
                self._known[identity] = self.learnt[identity] = key

    # --- the rules, from the surest on ----------------------------------------------------------

    def surely(self, entry: Entry) -> str:
        """The item of its key, with another witness."""
        key = self._known.get(entry.key, NOBODYS)
        item = self._items.get(key)
        if item is None or item.fingerprint == entry.fingerprint or _one_link(entry, item):
            return key
        return key if alike(entry.title, item.title) and _date_agrees(entry, item) else NOBODYS

    def by_others(self, entry: Entry) -> str:
        """The item of a lesser identity, where what else is told agrees.

        An item that is in the document itself is another one, unless the document lists it twice.
        """
        for key in dict.fromkeys(self._known.get(each, NOBODYS) for each in entry.identities[1:]):
            if key and (self._twice(entry, key) if key in self._here else self._is(entry, key)):
                return key
        return NOBODYS

    def by_key(self, entry: Entry) -> str:
        """The item of its key, if it is nowhere else in the document and not all speaks against it."""
        key = self._known.get(entry.key, NOBODYS)
        if not key or key in self._here:
            return NOBODYS
        item = self._items[key]
        other_link = bool(entry.link and item.link) and not _one_link(entry, item)
        another = other_link and (not _date_agrees(entry, item) or not entry.guid)
        return NOBODYS if another and not alike(entry.title, item.title) else key

    def new(self, entry: Entry) -> str:
        """A key that is no other item's; but for what the document has listed already."""
        return self.by_others(entry) or (own_key(entry) if entry.key in self._known else entry.key)

    # --- witnesses ------------------------------------------------------------------------------

    def _is(self, entry: Entry, key: str) -> bool:
        """Whether a lesser identity that says so is borne out."""
        item = self._items.get(key)
        if item is None:
            return True
        if _is_another(entry, item):
            return False
        link, path, dated, moment = (self._holds(entry, place, key) for place in _LESSER)
        titles, date = alike(entry.title, item.title), moment or _date_agrees(entry, item)
        since_undated = (entry.published is None) != (item.published is None)
        if link and (titles or date or since_undated):
            return True
        if path and (date or not _date_differs(entry, item) or self._moves[_hosts(entry, item)] >= _MOVE):
            return True
        timed = dated or (moment and (titles or _one_path(entry, item)))
        return timed and (not self._only_days or texts_alike(entry, item))

    def _twice(self, entry: Entry, key: str) -> bool:
        """Whether this is the item that the document has already."""
        other = self._here[key]
        if _other_guid(entry, other) and not _date_agrees(entry, other) and texts_unlike(entry, other):
            return False
        dates_differ = bool(entry.published and other.published) and entry.published != other.published
        witnesses = sum(self._holds(entry, n, key) for n in (_LINK, _PATH, _DATED))
        return witnesses > 1 and not dates_differ

    def _holds(self, entry: Entry, place: int, key: str) -> bool:
        return self._known.get(entry.identities[place], NOBODYS) == key

    def _elsewhere(self) -> Iterator[tuple[Entry, Entry]]:
        """The entries under an unknown key whose path and title are those of an item; and that item."""
        for entry in self._entries:
            if entry.key not in self._known:
                item = self._items.get(self._known.get(entry.identities[_PATH], NOBODYS))
                if item is not None and host_of(item.link) != host_of(entry.link):
                    yield entry, item


def _shared(entries: Iterable[Entry]) -> set[str]:
    """The lesser identities that entries have in common which differ in title or path, or in key and date."""
    looks: dict[str, set[tuple[str, str]]] = defaultdict(set)
    dates: dict[str, set[datetime]] = defaultdict(set)
    for entry in entries:
        look = (headline(entry.title), path_of(entry.link))
        for identity in filter(None, entry.identities[1:]):
            looks[identity].add(look)
            if entry.published:
                dates[identity].add(entry.published)
    return {each for each, different in looks.items() if len(different) > 1 or len(dates[each]) > 1}


def _hosts(entry: Entry, item: Entry) -> tuple[str, str]:
    return host_of(item.link), host_of(entry.link)


def _one_link(entry: Entry, item: Entry) -> bool:
    """Whether both lead to one page, and to one place on it."""
    links = {normalise_link(each.link, numbered=True) for each in (entry, item)}
    return len(links) == 1 and bool(entry.link)


def _one_path(entry: Entry, item: Entry) -> bool:
    return path_of(entry.link) == path_of(item.link) != ""


def _other_guid(entry: Entry, item: Entry) -> bool:
    return bool(entry.guid and item.guid) and entry.guid != item.guid


def _is_another(entry: Entry, item: Entry) -> bool:
    """Whether guid and text, and the day or the address, all speak against what a lesser identity says.

    A daily briefing at one address, an edition of another town, two press releases of one moment.
    """
    if not _other_guid(entry, item) or not texts_unlike(entry, item):
        return False
    here, there = entry.published, item.published
    days_apart = here is not None and there is not None and abs(here - there) > APART
    return days_apart or not _one_path(entry, item)


def _published(entry: Entry) -> datetime | None:
    """When it came out; None where only a date of its last change may be told, which differs by nature."""
    return None if entry.published == entry.updated else entry.published


def _date_agrees(entry: Entry, item: Entry) -> bool:
    return entry.published is not None and entry.published == item.published


def _date_differs(entry: Entry, item: Entry) -> bool:
    here, there = _published(entry), _published(item)
    return bool(here and there) and here != there
