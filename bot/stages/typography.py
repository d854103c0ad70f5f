"""Set a translated text the way its language is set, without touching its words or its marks.

French: U+202F before ; ! ? and inside guillemets, U+00A0 before the colon (Imprimerie nationale); Swiss
French: U+202F throughout. Spanish: an opening ¿ or ¡. German and others: their own quotation marks.
Chinese and Japanese: full-width punctuation after their characters. Right-to-left: isolates around Latin runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.stages.language import base
from bot.stages.segment import Item, Items, Mark

_MARK = "\x00"  # stands for a mark: no markup can hold a NUL, so no text does
_THIN, _NBSP = "\u202f", "\xa0"
_SPACES = f"[ {_NBSP}{_THIN}]"
_BEFORE = rf"(?<=[^\s;!?:(\[{_MARK}]){_SPACES}*+({_MARK}*+){_SPACES}*+"  # a sign that French sets off

_DEEPEST_QUOTATION = 5

_QUOTES = {
    "de": "„“", "cs": "„“", "sk": "„“", "sl": "„“", "bg": "„“", "is": "„“", "lt": "„“", "et": "„“",
    "pl": "„”", "ro": "„”", "hu": "„”", "hr": "„”", "nl": "“”", "pt": "“”", "tr": "“”",
    "sv": "””", "fi": "””", "ru": "«»", "uk": "«»", "be": "«»", "es": "«»", "it": "«»", "el": "«»", "no": "«»",
}  # fmt: skip
_RTL = frozenset({"ar", "fa", "he", "ur", "yi", "ps", "ug", "ckb", "sd"})
_FULL_WIDTH = str.maketrans(",;:!?", "，；：！？")


def typeset(items: Items, language: str) -> Items:
    """The items in the typography of `language` (BCP 47)."""
    rules = _RULES.get(base(language))
    if rules is None and base(language) not in _QUOTES:
        return items
    text = "".join(item if isinstance(item, str) else _MARK for item in items)
    text = _quoted(text, _QUOTES.get(base(language), ""))
    if rules:
        text = rules(text, language)
    return _items(text, [item for item in items if isinstance(item, Mark)])


def _items(text: str, marks: list[Mark]) -> Items:
    items: list[Item] = []
    for index, part in enumerate(text.split(_MARK)):
        if index:
            items.append(marks[index - 1])
        if part:
            items.append(part)
    return tuple(items)


def _quoted(text: str, quotes: str) -> str:
    """Straight double quotes, where they come in pairs, as the language's own."""
    if not quotes or text.count('"') % 2 or '"' not in text:
        return text
    pairs = re.sub(r'"([^"]*)"', rf"{quotes[0]}\1{quotes[1]}", text)
    # An inch or a second sign is no quotation mark.
    return text if re.search(r'\d"', text) else pairs


def _french(text: str, language: str) -> str:
    colon = _THIN if language.lower().endswith("-ch") else _NBSP
    if text.count('"') % 2 == 0 and not re.search(r'\d"', text):
        text = re.sub(r'"([^"]*)"', r"«\1»", text)
    for _ in range(_DEEPEST_QUOTATION):  # from the inside out: the Imprimerie nationale sets all alike
        text = re.sub(r"“([^“”]*)”", r"«\1»", text)
    text = re.sub(rf"«({_MARK}*){_SPACES}*", rf"«\1{_THIN}", text)
    text = re.sub(rf"(?<!{_SPACES}){_SPACES}*+({_MARK}*+)»", rf"{_THIN}\1»", text)
    text = re.sub(rf"{_BEFORE}(?=[;!?](?:[\s;!?.»)\]”’…{_MARK}]|$))", rf"\1{_THIN}", text)
    return re.sub(rf"{_BEFORE}:(?=[\s{_MARK}]|$)", rf"\1{colon}:", text)


def _spanish(text: str, _language: str) -> str:
    """An opening mark where a sentence ends in ? or ! and has none."""

    def opened(match: re.Match[str]) -> str:
        before, sentence, end = match.groups()
        if not end or not any(map(str.isalnum, sentence)) or "¿" in sentence or "¡" in sentence:
            return match[0]
        return f"{before}{'¿' if '?' in end else '¡'}{sentence}{end}"

    return re.sub(rf"([\s«“\"(—{_MARK}]*+)([^.!?…]*+)([!?]*+)", opened, text)


def _chinese(text: str, _language: str) -> str:
    """Punctuation right after a Chinese or Japanese character is full-width."""
    han = r"[\u3040-\u30ff\u3400-\u9fff」』）》]"
    text = re.sub(rf"(?<={han})({_MARK}*)([,;:!?]) ?", lambda m: m[1] + m[2].translate(_FULL_WIDTH), text)
    return re.sub(rf"(?<={han})({_MARK}*)\.(?=[\s{_MARK}]|$) ?", r"\1。", text)


def _rtl(text: str, _language: str) -> str:
    """Latin names with numbers or signs at their edge keep their order between right-to-left words."""
    run = r"[A-Za-z][\w.&'’+/-]*(?: [A-Za-z0-9][\w.&'’+/-]*)*[\w)%+!]"
    needs = re.compile(rf"(?<![\u2066-\u2069\w])({run})(?![\w\u2066-\u2069])")
    return needs.sub(lambda m: f"\u2068{m[1]}\u2069" if re.search(r"[\d\W]", m[1]) else m[1], text)


_RULES: dict[str, Callable[[str, str], str]] = {
    "fr": _french,
    "es": _spanish,
    "zh": _chinese,
    "ja": _chinese,
    **dict.fromkeys(_RTL, _rtl),
}
