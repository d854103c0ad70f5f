"""Body F1 and speed of the extraction, beside trafilatura and readability-lxml on the same pages in the same run.

    python -m benchmarks.extraction [--pages DIR] [--worst N]

Without `--pages`: the golden pages of tests/data/pages. Ends with 1 where F1 is under 0.96 or not above both rivals';
on the golden pages also where fewer than 40 pages a CPU-second are read. DIR may hold

    ground-truth.json, html/ID.html.gz        scrapinghub/article-extraction-benchmark
    NAME/source.html, NAME/expected.html      the test pages of Readability and its ports
    html/NAME.html, txt/NAME.txt              the test data of newspaper4k
    NAME.html, NAME.json ("cleaned_text")     the fixtures of Goose's ports: as they only hold the beginnings of
                                              most articles, those of 1,000 characters and more are taken

Of a public set, whose every page is an article, the `text` of `bot extract --json` is measured: what a relay would refuse,
a paid article's beginning, counts as what it is, and captions are left out, on both sides. The golden pages are measured
as they are relayed: with their captions, and with nothing where the page shows no article.

F1 is the harmonic mean of the pages' mean precision and mean recall, of runs of four words (tests/golden.py).
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import readability
import trafilatura

from bot.errors import ItemUnusable
from bot.model import SafeHtml
from bot.workbench import extract_article, plain_text, running_text, show_article
from tests.golden import Sample, Score, harmonic, mean, samples, score

LEAST_F1 = 0.96
LEAST_PER_CPU_SECOND = 40
ROUNDS = (
    5  # of which the quickest counts: what is only loaded once, or waits for others, is not the pages' cost
)
WHOLE_CHARS = 1000
URL = "https://news.example/a/story.html"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--pages", type=Path, help="a folder of pages with the texts of their articles")
    arguments.add_argument("--worst", type=int, default=0, help="name so many pages with the lowest F1")
    given = arguments.parse_args()
    pages = list(_read(given.pages)) if given.pages else samples()
    if not pages:
        sys.exit(f"{given.pages}: no pages with the text of their article")
    print(
        f"{len(pages)} pages\n{'':12}{'F1':>8}{'precision':>11}{'recall':>8}{'F1 > 0.9':>10}{'pages/CPU-s':>13}"
    )
    f1s, speed = [], 0.0
    ways = {"relaypress": _as_shown if given.pages else _as_relayed, **_RIVALS}
    measured = _measure(pages, ways, _text if given.pages else _text_and_captions)
    for name, (scores, per_second) in measured.items():
        f1s.append(_report(name, list(scores.values()), per_second))
        speed = speed or per_second
        for page in sorted(scores, key=lambda each: scores[each].f1)[: given.worst]:
            print(
                f"    {scores[page].f1:.3f}  P {scores[page].precision or 0:.3f}  R {scores[page].recall or 0:.3f}  {page}"
            )
    is_fast = speed >= LEAST_PER_CPU_SECOND or given.pages is not None
    return 0 if f1s[0] >= LEAST_F1 and f1s[0] > max(f1s[1:]) and is_fast else 1


def _measure(
    pages: list[Sample], ways: Mapping[str, Callable[[bytes], str]], text: Callable[[str], str]
) -> dict[str, tuple[dict[str, Score], float]]:
    """Of each way the pages' scores, and how many pages it reads in a CPU-second; they take turns on each page."""
    scores: dict[str, dict[str, Score]] = {name: {} for name in ways}
    seconds = dict.fromkeys(ways, 0.0)
    for page in pages:
        found, quickest = dict.fromkeys(ways, ""), dict.fromkeys(ways, math.inf)
        for _ in range(ROUNDS):
            for name, find in ways.items():
                began = time.process_time()
                found[name] = find(page.body)
                quickest[name] = min(quickest[name], time.process_time() - began)
        for name, markup in found.items():
            scores[name][page.name] = score(page.expected, text(markup))
            seconds[name] += quickest[name]
    return {name: (scores[name], len(pages) / seconds[name]) for name in ways}


def _report(name: str, scores: list[Score], per_second: float) -> float:
    all_of_them = mean(scores)
    precision, recall = all_of_them.precision or 0, all_of_them.recall or 0
    f1 = harmonic(precision, recall)
    good = sum(each.f1 > 0.9 for each in scores)
    print(f"{name:12}{f1:8.3f}{precision:11.3f}{recall:8.3f}{good:7}/{len(scores):<3}{per_second:12.0f}")
    return f1


# --- the ways: from a page to the markup of its article ----------------------------------------


def _as_relayed(body: bytes) -> str:
    """The whole of reading: decode, extract, clean, sanitise; '' where it says that there is no article."""
    try:
        return extract_article(body, "text/html", URL).html
    except ItemUnusable:
        return ""


def _as_shown(body: bytes) -> str:
    """The same, with what would be refused."""
    try:
        return show_article(body, "text/html", URL).article.html
    except ItemUnusable:
        return ""


def _by_trafilatura(body: bytes) -> str:
    return html.escape(trafilatura.extract(body, url=URL, include_comments=False) or "")


def _by_readability(body: bytes) -> str:
    try:
        return str(readability.Document(body).summary(html_partial=True))
    except readability.readability.Unparseable:
        return ""


_RIVALS = {"trafilatura": _by_trafilatura, "readability": _by_readability}


def _text(markup: str) -> str:
    return running_text(SafeHtml(markup)) if markup else ""


def _text_and_captions(markup: str) -> str:
    return plain_text(SafeHtml(markup)) if markup else ""


# --- the sets ----------------------------------------------------------------------------------


def _read(folder: Path) -> Iterator[Sample]:
    truth = folder / "ground-truth.json"
    if truth.exists():
        for name, known in json.loads(truth.read_text(encoding="utf-8")).items():
            body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
            yield Sample(name, body, known.get("articleBody", ""))
        return
    for page in sorted(folder.glob("**/*.html")):
        expected = _text_beside(page)
        if expected:
            known_by = page.parent if page.stem == "source" else page.with_suffix("")
            yield Sample(str(known_by.relative_to(folder)), page.read_bytes(), expected)


def _text_beside(page: Path) -> str:
    """The text of the article on this page, in any of the forms that sets have."""
    shown, plain, told = (
        page.with_name("expected.html"),
        page.parent.parent / "txt" / f"{page.stem}.txt",
        page.with_suffix(".json"),
    )
    if page.stem == "source" and shown.exists():
        return running_text(SafeHtml(shown.read_text(encoding="utf-8")))
    if plain.exists():
        return plain.read_text(encoding="utf-8")
    known = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
    text: str = known.get("expected", known).get("cleaned_text") or ""
    return text if len(text) >= WHOLE_CHARS else ""


if __name__ == "__main__":
    sys.exit(main())
