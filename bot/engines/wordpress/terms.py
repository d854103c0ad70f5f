"""Category and tag names to ids: looked up, remembered for an hour, made where missing, one at a time.

WordPress makes a term twice when two posts name a new one at once, and refuses every later post that names
the doubled category. So names are settled before the post, under one lock a site, and posts carry ids.
"""

from __future__ import annotations

import html
import re
import threading
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot import log
from bot.engines.wordpress import shim
from bot.engines.wordpress.connection import Connection, read_id
from bot.engines.wordpress.outcomes import AnswerLost, Faulted
from bot.errors import SiteRefused

logger = log.get()

CATEGORY, TAG = "category", "post_tag"
REMEMBERED_SECONDS = 3600.0

_LONGEST_NAME_CHARS = 200  # wp_terms.name
_EXISTS = 500  # wp_insert_term: "already exists", in the site's language, and every other failure
_NOT_ALLOWED = 401


@dataclass(frozen=True, slots=True)
class Listed:
    """A term as wp.getTerms lists it; `parent` is 0 at the top, and for tags."""

    id: int
    name: str
    parent: int


def _listed(term: shim.WordPressTerm) -> Listed:
    return Listed(read_id(term.id), term.name, int(getattr(term, "parent", 0) or 0))


class Terms:
    """The terms of one site."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float] = time.monotonic,
        *,
        may_create: bool = True,
    ) -> None:
        self._may_create = may_create
        self._connection = connection
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int | None, str], int] = {}
        self._known_until = 0.0

    def resolve(self, categories: Sequence[str], tags: Sequence[str]) -> tuple[list[int], list[int]]:
        """The ids of these names, in their order, each once. See ports.Site.resolve_terms.

        A category may be a path, "Monde/Europe", unless one of that very name exists, or an id, "#12". Names
        that are missing are made; where the owner does not want that (`create_terms`), they are left out.
        """
        with self._lock:
            if self._clock() >= self._known_until:
                self._known.clear()
                self._known_until = self._clock() + REMEMBERED_SECONDS
            category_ids = [self._category(name) for name in _clean(categories)]
            tag_ids = [self._tag(name) for name in _clean(tags)]
        return _each_once(filter(None, category_ids)), _each_once(filter(None, tag_ids))

    def forget(self) -> None:
        """Look all of them up again: one that was known is gone."""
        with self._lock:
            self._known_until = 0.0

    def _tag(self, name: str) -> int:
        return self._look_up(TAG, name) or self._make(TAG, name)

    def _category(self, name: str) -> int:
        if re.fullmatch(r"#\d+", name):
            return int(name[1:])
        whole = self._look_up(CATEGORY, name)
        path = _clean(name.split("/"))
        if whole is not None or len(path) < 2:
            return whole or self._make(CATEGORY, name)
        parent = 0
        for part in path:
            parent = self._look_up(CATEGORY, part, parent) or self._make(CATEGORY, part, parent)
            if not parent:
                return 0
        self._known[CATEGORY, None, fold(name)] = parent
        return parent

    def _look_up(self, taxonomy: str, name: str, parent: int | None = None) -> int | None:
        """The id of a term that is known or that the site has; `parent` None: wherever it hangs."""
        key = taxonomy, parent, fold(name)
        if key not in self._known:
            found = self._ask(taxonomy, name, parent, searchable(name))
            if found is None:
                return None
            self._known[key] = found
        return self._known[key]

    def _ask(self, taxonomy: str, name: str, parent: int | None, search: str) -> int | None:
        """Ask the site for the terms that `search` finds ('': all) and choose the one of this name.

        Of several, those at the top come before others, and old ones before new ones.
        """
        call = shim.GetTerms(taxonomy, {"search": search} if search else {})
        listed = self._connection.call(call, lambda terms: [_listed(term) for term in terms])
        matches = [t for t in listed if fold(t.name) == fold(name) and parent in (None, t.parent)]
        oldest = min(matches, key=lambda term: (term.parent != 0, term.id), default=None)
        return oldest.id if oldest else None

    def _make(self, taxonomy: str, name: str, parent: int | None = None) -> int:
        """The id of a term made now; 0 where none may be made."""
        if not self._may_create:
            logger.warning("term left out", site=self._connection.site, taxonomy=taxonomy, name=name)
            return 0
        made = self._known[taxonomy, parent, fold(name)] = self._send(taxonomy, name, parent)
        return made

    def _send(self, taxonomy: str, name: str, parent: int | None) -> int:
        term = shim.WordPressTerm()
        term.taxonomy, term.name = taxonomy, name
        if parent:
            term.parent = parent
        try:
            return self._connection.call(shim.NewTerm(term), read_id)
        except (AnswerLost, Faulted) as error:
            refused = error
        return self._after(refused, taxonomy, name, parent)

    def _after(self, error: AnswerLost | Faulted, taxonomy: str, name: str, parent: int | None) -> int:
        """The call failed: the term may be there all the same, made by it or by somebody else."""
        if isinstance(error, Faulted) and error.code == _NOT_ALLOWED:
            what = "category" if taxonomy == CATEGORY else "tag"
            remedy = "let an editor create it on the site, or give the bot's account the role editor"
            problem = f'the {what} "{name}" does not exist and the bot\'s account may not create it'
            raise SiteRefused(self._connection.site, problem, remedy=remedy) from error
        if isinstance(error, AnswerLost) or error.code == _EXISTS:
            found = self._ask(taxonomy, name, parent, search="")
            if found is not None:
                return found
        raise error


def fold(name: str) -> str:
    """A name as WordPress compares it: entities resolved, blanks and case levelled."""
    return " ".join(unicodedata.normalize("NFC", html.unescape(name)).split()).casefold()


def searchable(name: str) -> str:
    """The longest stretch of a name that the site's search takes literally.

    wp.getTerms searches for quotes and backslashes with a backslash before them, and for `&` where the
    database holds `&amp;`: such a name would never be found, and be made again.
    """
    return max(re.split(r"[^\w \-.]", name), key=len).strip()


def _clean(names: Iterable[str]) -> list[str]:
    """Names as WordPress would keep them: it takes tags out, and refuses what is too long for its table."""
    bare = (" ".join(re.sub(r"<[^<>]*>", "", name[:1_000]).split()) for name in names)
    stripped = (name[:_LONGEST_NAME_CHARS].strip() for name in bare)
    return [name for name in stripped if name]


def _each_once(ids: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(ids))
