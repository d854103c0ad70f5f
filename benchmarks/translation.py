"""Requests and faults of the translation step, beside the naive way, on the same articles in the same run.

    python -m benchmarks.translation [--articles N]

A loopback engine answers like Google's keyless page: faithfully, then distorting as the real ones do. The
naive way is deep-translator's own class, called once a text node. The last part is real: the local model.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import deep_translator.google
import lxml.html
from deep_translator.exceptions import NotValidLength

from bot.config import EngineConfig
from bot.engines.translators import make, models
from bot.engines.translators.transport import Transport
from bot.model import CleanArticle, Translation
from bot.stages.check import weigh
from bot.stages.sanitise import sanitise
from bot.stages.translate import TranslateOptions, translate
from tests.perfect import article, articles, compare, relayed, source_of
from tests.servers.translate_page import DISTORTING, FAITHFUL, Distortion, TranslatePage

LIMIT_CHARS = 4900
LIMIT_URL_BYTES = 15_000
NAIVE_ARTICLES = 20  # it takes its time


@dataclass
class Sum:
    """What a run of all articles came to."""

    perfect: int = 0
    held: int = 0
    broken: int = 0
    unreported: int = 0
    requests: int = 0
    minimum: int = 0
    seconds: float = 0.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--articles", type=int, default=0, help="so many only (0: all)")
    count = arguments.parse_args().articles or None
    paths = articles()[:count]
    words = sum(len(_text(article(path)).split()) for path in paths)
    print(f"{len(paths)} articles, {words} words")
    print(
        f"{'':24}{'perfect':>9}{'held':>6}{'broken':>8}{'unreported':>12}{'requests':>10}{'x minimum':>11}{'s':>7}"
    )
    for name, distortion in (("faithful", FAITHFUL), ("distorting", DISTORTING)):
        _print(name, _run(paths, distortion), len(paths))
    few = paths[:NAIVE_ARTICLES]
    _print(f"naive, faithful, {len(few)}", _naive(few), len(few))
    _local(paths)


def _run(paths: list[Path], distortion: Distortion) -> Sum:
    total = Sum()
    for seed, path in enumerate(paths):
        given = article(path)
        with TranslatePage(distortion, seed=seed, hang_seconds=1.5) as page:
            config = EngineConfig(url=page.url, timeout="1s")
            engine = make("google", config, data_dir=Path(), contact="")
            start = time.perf_counter()
            done = relayed(given, engine, source_of(path))
            total.seconds += time.perf_counter() - start
            total.requests += page.requests
        outcome = compare(given, done)
        total.perfect += outcome.perfect and not outcome.held
        total.held += outcome.held
        total.broken += not outcome.structure_kept
        total.unreported += not outcome.reported
        total.minimum += _minimum(given)
    return total


def _naive(paths: list[Path]) -> Sum:
    """deep-translator, once a text node, as most scripts do it."""
    total = Sum()
    for path in paths:
        given = article(path)
        with TranslatePage() as page, Transport("naive", timeout_seconds=5).active():
            engine = deep_translator.google.GoogleTranslator(source="en", target="fr")
            engine._base_url = page.url  # noqa: SLF001 - it has no other way to another address
            start = time.perf_counter()
            root = lxml.html.fragment_fromstring(given.html, create_parent="div")
            for element in root.iter():
                if element.text and element.text.strip():
                    element.text = _naively(engine, element.text)
                if element.tail and element.tail.strip():
                    element.tail = _naively(engine, element.tail)
            markup = sanitise(lxml.html.tostring(root, encoding="unicode"))
            title, lead = engine.translate(given.title), engine.translate(given.lead)
            total.seconds += time.perf_counter() - start
            total.requests += page.requests
        outcome = compare(given, Translation(title, lead, markup, "en", "fr", "naive"))
        total.perfect += outcome.perfect
        total.broken += not outcome.structure_kept
        total.unreported += not outcome.perfect
        total.minimum += _minimum(given)
    return total


def _naively(engine: deep_translator.google.GoogleTranslator, text: str) -> str:
    try:
        return engine.translate(text) or ""
    except NotValidLength:
        return text


def _local(paths: list[Path]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        models.add("en", "pt", Path(folder), lambda _name, _size: None)
        engine = make("local", EngineConfig(models_dir=Path(folder)), data_dir=Path(), contact="")
        english = [article(path) for path in paths if source_of(path) == "en"][:12]
        speeds, held = [], 0
        for given in english:
            plain = [line for line in _text(given).split("\n") if line.strip()]
            start = time.perf_counter()
            engine.translate(plain, "en", "pt")
            bare = time.perf_counter() - start
            start = time.perf_counter()
            done = translate(given, [engine], "en", "pt", TranslateOptions(), sanitise)
            speeds.append(bare / (time.perf_counter() - start))
            held += weigh(done.findings) >= 1
        words = sum(len(_text(given).split()) for given in english)
    print(f"local en-pt: {len(english)} articles, {words} words, {held} held; with markup at ", end="")
    print(f"{statistics.median(speeds):.0%} of the model's own speed on their plain text")


def _text(given: CleanArticle) -> str:
    root = lxml.html.fragment_fromstring(given.html, create_parent="div")
    return "\n".join([given.title, given.lead, str(root.text_content())])


def _minimum(given: CleanArticle) -> int:
    text = _text(given)
    encoded = sum(1 if char.isascii() else 3 * len(char.encode()) for char in text)
    return max(1, math.ceil(len(text) / LIMIT_CHARS), math.ceil(encoded / LIMIT_URL_BYTES))


def _print(name: str, total: Sum, count: int) -> None:
    ratio = total.requests / total.minimum
    print(
        f"{name:24}{total.perfect / count:>9.1%}{total.held:>6}{total.broken:>8}{total.unreported:>12}"
        f"{total.requests:>10}{ratio:>11.2f}{total.seconds:>7.1f}"
    )


if __name__ == "__main__":
    main()
