"""The golden pages of tests/data/pages, and how near a text comes to the one that a careful editor would keep.

NAME.html is the page, NAME.article.html the body that comes of it, NAME.json what is known of the article, or why there
is none. ground-truth.json has the words to be found, in the form of scrapinghub/article-extraction-benchmark: written
by hand, never from a result, and so no flag updates it.
"""

from __future__ import annotations

import hashlib
import json
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parent / "data" / "pages"
TRUTH = PAGES / "ground-truth.json"
NAMES = sorted(path.stem for path in PAGES.glob("*.html") if not path.stem.endswith(".article"))

_SHINGLE_WORDS = 4
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sample:
    """A page, and the words of its article ('' where it shows none)."""

    name: str
    body: bytes
    expected: str


@dataclass(frozen=True)
class Score:
    """Shares of runs of four words: found ones that are right, right ones that were found.

    None where there is nothing to divide by: nothing was found, or nothing was to be found.
    """

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float:
        return harmonic(self.precision or 0, self.recall or 0) if self != NOTHING else 1.0


NOTHING = Score(None, None)


def samples() -> list[Sample]:
    truth = json.loads(TRUTH.read_text(encoding="utf-8"))
    return [Sample(name, (PAGES / f"{name}.html").read_bytes(), truth[name]["articleBody"]) for name in NAMES]


def digest() -> str:
    """Of all pages and their texts: a score belongs to the pages that it was measured on."""
    whole = hashlib.sha256(TRUTH.read_bytes())
    for each in samples():
        whole.update(each.name.encode() + each.body)
    return whole.hexdigest()[:16]


def score(expected: str, found: str) -> Score:
    """As `evaluate.py` of scrapinghub/article-extraction-benchmark counts a page."""
    right, given = _shingles(expected), _shingles(found)
    common = (right & given).total()
    return Score(
        common / given.total() if given else None,
        common / right.total() if right else None,
    )


def mean(scores: Sequence[Score]) -> Score:
    """Each page counts alike, however long it is; pages without anything to divide by are left out."""
    return Score(
        statistics.mean(each.precision for each in scores if each.precision is not None),
        statistics.mean(each.recall for each in scores if each.recall is not None),
    )


def harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - _SHINGLE_WORDS + 1)) if words else ()
    return Counter(tuple(words[start : start + _SHINGLE_WORDS]) for start in starts)
