"""What a perfect translation by the loopback engine looks like, found without any code of the translation step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import lxml.html

from bot.errors import EngineUnavailable
from bot.model import CleanArticle, SafeHtml, Translation
from bot.ports import Memory, Translator
from bot.stages.check import weigh
from bot.stages.sanitise import sanitise
from bot.stages.translate import DictMemory, TranslateOptions, translate
from tests.servers.translate_page import speak

ARTICLES = Path(__file__).parent / "data" / "articles"
_KEPT = {"code", "kbd", "samp", "var", "pre"}
_ADDRESS = re.compile(r"https?://[^\s<>]*[\w/]|[\w.]+@[\w.]+\w")
# Engines set quotes and apostrophes as they like; that is no fault.
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'"})


@dataclass(frozen=True)
class Outcome:
    """How a translation compares with the perfect one."""

    perfect: bool
    structure_kept: bool
    reported: bool  # there is a finding, or nothing to report
    held: bool


def articles() -> list[Path]:
    return sorted(ARTICLES.glob("*.html"))


def article(path: Path) -> CleanArticle:
    """The article in a file, with a title and a lead of its own."""
    title = f"What happened on day {len(path.stem)} and why it matters"
    markup = sanitise(path.read_text(encoding="utf-8"))
    return CleanArticle(
        f"https://example.org/{path.stem}", title, markup, "feed", lead=f"{title}, told in short."
    )


def source_of(path: Path) -> str:
    names = {"german": "de", "russian": "ru", "chinese": "zh", "arabic": "ar"}
    return next(
        (code for name, code in names.items() if name in path.stem), "ru" if "-ru" in path.stem else "en"
    )


def relayed(
    given: CleanArticle,
    engine: Translator,
    source: str = "en",
    memory: Memory | None = None,
    attempts: int = 6,
) -> Translation:
    """The article translated as the relay would: an item that has to wait is tried again."""
    memory = memory or DictMemory()
    for attempt in range(attempts):
        try:
            return translate(
                given, [engine], source, "fr", TranslateOptions(typography=False), sanitise, memory
            )
        except EngineUnavailable:
            if attempt == attempts - 1:
                raise
    raise AssertionError("unreachable")


def compare(given: CleanArticle, done: Translation) -> Outcome:
    wanted, got = _shape(given.html, translated=True), _shape(done.html, translated=False)
    perfect = (
        wanted == got
        and _norm(done.title) == _norm(speak(given.title))
        and _norm(done.lead) == _norm(speak(given.lead))
    )
    tags = [[(tag, attributes) for tag, attributes, *_ in shape] for shape in (wanted, got)]
    held = weigh(done.findings) >= 1
    return Outcome(perfect, tags[0] == tags[1], perfect or bool(done.findings), held)


def _shape(markup: SafeHtml, *, translated: bool) -> list[tuple[str, tuple[tuple[str, str], ...], str, str]]:
    """Every element in order: its tag, its attributes, the text attributes among them, and its own texts."""
    root = lxml.html.fragment_fromstring(markup, create_parent="div")
    shape: list[tuple[str, tuple[tuple[str, str], ...], str, str]] = []

    def walk(element: lxml.html.HtmlElement, *, kept: bool) -> None:
        kept = kept or element.tag in _KEPT
        say = _say if translated and not kept else str
        plain = tuple(sorted((k, v) for k, v in element.attrib.items() if k not in {"alt", "title"}))
        told = [_file_or(say, element.attrib[k]) for k in ("alt", "title") if k in element.attrib]
        own = [element.text or "", *(child.tail or "" for child in element)]
        shape.append((element.tag, plain, "|".join(told), "|".join(_norm(say(text)) for text in own)))
        for child in element:
            walk(child, kept=kept)

    walk(root, kept=False)
    return shape


def _file_or(say, text: str) -> str:
    return text if re.fullmatch(r"\S+\.\w+", text) else say(text)


def _say(text: str) -> str:
    parts, at = [], 0
    for match in _ADDRESS.finditer(text):
        parts += [speak(text[at : match.start()]), match[0]]
        at = match.end()
    return "".join(parts) + speak(text[at:])


def _norm(text: str) -> str:
    return re.sub(r"\s+", " ", text.translate(_QUOTES)).replace(' "', '"').replace('" ', '"').strip()
