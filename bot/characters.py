r"""The characters that a text may hold: those that XML 1.0 ("Char") knows; and the encodings they come in.

Strangers send others too, for instance half a character in JSON ("\ud800"). No database takes all of them, nor
does XML-RPC; so each place where a stranger's text comes in takes them out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from html import unescape
from itertools import pairwise

import chardet

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SOFT_HYPHEN, _ZERO_WIDTH_SPACE, _WORD_JOINER, _NO_BREAK = "\u00ad", "\u200b", "\u2060", "\ufeff"
# Thai, Lao, Khmer, Burmese, Tibetan and the scripts of East Asia part words by ZERO WIDTH SPACE.
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u1950-\u1aaf\u2e80-\uffef\U00020000-\U0003ffff]")
_BREAK_REFERENCE = re.compile(
    r"&(?:shy|ZeroWidthSpace|NoBreak|#0*(?:173|8203|8288|65279)|#[xX]0*(?:[aA][dD]|200[bB]|2060|[fF][eE][fF][fF]));"
)
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,6})(?![0-9a-fA-F])|0*(\d{1,7})(?!\d));?")
_LABEL = re.compile(r"[A-Za-z0-9][\w.:+-]{0,40}", re.ASCII)
_OF_NO_FILE = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7"})
_LINE_ENDS = re.compile(r"[\t\r\n]")
_LONG_WORD = re.compile(rb"[A-Za-z]{40}[A-Za-z]+")


def legible(text: str) -> str:
    """The text without what is no character in XML."""
    return _FORBIDDEN.sub("", text)


def unbroken(text: str) -> str:
    """The text without unseen signs that only tell where a word may be broken.

    To a translation engine, and to whoever searches, "re\u00adgio\u00adnal" is three words or none. The joiners of Persian,
    Hindi and emoji (U+200C, U+200D) are letters, and stay.
    """
    text = text.replace(_SOFT_HYPHEN, "").replace(_NO_BREAK, "")
    text = _but_where(lambda before, after: _UNSPACED.search(before + after), _ZERO_WIDTH_SPACE, text)
    # It goes from between letters only, for one of our own keeps shortcodes apart.
    return _but_where(lambda before, after: not (before.isalpha() and after.isalpha()), _WORD_JOINER, text)


def _but_where(stays: Callable[[str, str], object], sign: str, text: str) -> str:
    """The text without this sign but where it `stays` by the characters before and after it."""
    if sign not in text:
        return text
    first, *others = text.split(sign)
    kept = (
        sign + after if stays(before[-1:], after[:1]) else after
        for before, after in pairwise((first, *others))
    )
    return first + "".join(kept)


def unbroken_markup(html: str) -> str:
    """As `unbroken`, also where markup names the signs (`&shy;`)."""
    if "&" in html:
        html = _BREAK_REFERENCE.sub(lambda sign: unescape(sign[0]), html)
    return unbroken(html)


def without_bad_references(html: str) -> str:
    """The markup without references to what is no character in XML.

    libxml2 reads `&#1;` as the character, and lxml refuses to write it anywhere.
    """
    return _REFERENCE.sub(_kept, html) if "&#" in html else html


def _kept(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return "" if number <= 0x10FFFF and _FORBIDDEN.match(chr(number)) else reference[0]


def shortened(text: str, most_chars: int) -> str:
    """The text, cut after a word where it is longer than `most_chars`; an ellipsis follows."""
    if len(text) <= most_chars:
        return text
    cut = text[:most_chars]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–—-") + "…"


def codec(label: str) -> str:
    """Python's codec for the encoding of this label; '' where it has none that documents are written in."""
    if not _LABEL.fullmatch(label.strip()):
        return ""
    try:
        found = codecs.lookup(label.strip())
    except LookupError:
        return ""
    if not found._is_text_encoding:  # noqa: SLF001 - the only mark of "rot13", "zip" and the like
        return ""
    return "" if found.name in _OF_NO_FILE else found.name


def guessed_encoding(sample: bytes) -> str:
    """The encoding that bytes seem to be in; '' where there is nothing to guess by.

    chardet takes time by the square of a word's length, so no word stays longer than any language has.
    """
    return chardet.detect(_LONG_WORD.sub(b" ", sample))["encoding"] or ""


UNSEEN = "\u2060"
"""WORD JOINER: a reader does not see it."""

# WordPress lets a shortcode be named by anything but blanks and a few signs (add_shortcode in
# wp-includes/shortcodes.php): "[3d-flip-book]" is one. "[1]" and "[2, 3]" are notes of the text.
_SHORTCODE = re.compile(r"\[(?=[\w/\[])(?!\d+(?:[\s,;–-]+\d+)*\])")


def without_shortcodes(text: str) -> str:
    """The text with UNSEEN behind each `[` that WordPress might take for the beginning of a shortcode."""
    return _SHORTCODE.sub(f"[{UNSEEN}", text)


def browsed(address: str) -> str:
    """An address as browsers read it: tabs and line ends within are nothing (URL Standard, "basic URL parser").

    `urllib.parse.urljoin` leaves them where the base has another scheme.
    """
    return _LINE_ENDS.sub("", address).strip()
