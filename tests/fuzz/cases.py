"""Cases: samples that were spoilt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from tests.corpora import feedparser_files
from tests.fuzz.mutations import MUTATIONS

Kind = Literal["feed", "page"]

_KINDS: tuple[Kind, ...] = ("feed", "page")
_DATA = Path(__file__).parent.parent / "data"
_MOST_BYTES = 2_000_000
_MOST_MUTATIONS = 6
_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml; charset=utf-8",
    "text/xml",
    "application/json",
    "",
)
_PAGE_TYPES = ("text/html", "text/html; charset=utf-8", "application/xhtml+xml", "")
_LIES = (
    "text/html; charset=idna",
    "text/xml; charset=punycode",
    "text/html; charset=unicode_escape",
    "text/xml; charset=utf-16",
    "text/html;charset=iso-2022-jp",
    "application/rss+xml; charset=\x00\xff",
    "text/html; charset=" + "x" * 5000,
    "text/plain; charset*=utf-8''%ff",
    'text/html; charset="',
    "image/png",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile answer. `number` and the seed of the run make it again."""

    number: int
    kind: Kind
    body: bytes
    content_type: str
    made_of: str  # the sample and what was done to it


class Samples:
    """What the cases are made of: feedparser's corpora, and the feeds, pages and articles of the tests."""

    def __init__(self) -> None:
        own = sorted((_DATA / "feeds").iterdir())
        pages = sorted([*(_DATA / "pages").glob("*.html"), *(_DATA / "articles").glob("*.html")])
        served = {file.name: file.body for file in feedparser_files()}
        # Ours have more in them than feedparser's, which are many: both kinds get their turn.
        self.feeds = [{path.name: path.read_bytes() for path in own}, served]
        self.pages = [{path.name: path.read_bytes() for path in pages}]

    @staticmethod
    def kind(seed: int, number: int) -> Kind:
        """What the case of this number is."""
        return Random(f"{seed} {number}").choice(_KINDS)

    def case(self, seed: int, number: int) -> Case:
        """The case of this number."""
        rng = Random(f"{seed} {number}")
        kind = rng.choice(_KINDS)
        groups, types = (self.feeds, _FEED_TYPES) if kind == "feed" else (self.pages, _PAGE_TYPES)
        name, body = self._pick(rng, groups)
        other = self._pick(rng, rng.choice((self.feeds, self.pages)))[1]
        done = [name]
        for mutation in rng.choices(MUTATIONS, k=rng.randint(1, _MOST_MUTATIONS)):
            body = mutation(rng, body, other)[:_MOST_BYTES]
            done.append(mutation.__name__)
        content_type = rng.choice(_LIES if rng.random() < 0.1 else types)
        return Case(number, kind, body, content_type, " ".join(done))

    @staticmethod
    def _pick(rng: Random, groups: list[dict[str, bytes]]) -> tuple[str, bytes]:
        group = rng.choice(groups)
        name = rng.choice(list(group))
        return name, group[name]
