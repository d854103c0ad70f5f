"""Bytes of a document, whatever encoding they are in and whatever they claim, as UTF-8."""

from __future__ import annotations

import re

from feedparser.encodings import parse_content_type

from bot.characters import codec, guessed_encoding

_GUESSED_BYTES = 20_000
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_EBCDIC_MARK = "<?xml".encode("cp037")  # Extensible Markup Language 1.0, appendix F
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"'>]+)")
_WIDER = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "us-ascii": "cp1252", "gb2312": "gb18030"}
"""Encodings whose name is used for a larger one (as browsers do: encoding.spec.whatwg.org)."""


def utf8(body: bytes, content_type: str) -> bytes:
    """`body` in UTF-8.

    In this order: byte order mark; UTF-8 wherever the bytes are valid UTF-8, whatever is claimed (text in
    another encoding almost never is); the header's charset; the declaration; a guess by chardet.
    """
    if encoding := next((name for mark, name in _MARKS if body.startswith(mark)), ""):
        return body.decode(encoding, "replace").encode()
    if _is_utf8(body) and not (body.isascii() and b"\x1b$" in body):  # ISO-2022-JP looks like ASCII
        return body
    start = body[:200]
    declared = _DECLARED.match(_ebcdic(start) if start.startswith(_EBCDIC_MARK) else start.lstrip())
    for claimed in (parse_content_type(content_type)[1], declared[1].decode("latin-1") if declared else ""):
        text = _decoded(body, _WIDER.get(claimed.lower(), claimed))
        if text is not None:
            return text.encode("utf-8", "replace")
    guess = guessed_encoding(body[:_GUESSED_BYTES]) or "cp1252"
    return (_decoded(body, guess) or body.decode("cp1252", "replace")).encode("utf-8", "replace")


def _ebcdic(start: bytes) -> bytes:
    """The start of a document in ASCII; all kinds of EBCDIC have the same letters for a declaration."""
    return start.decode("cp037").encode("ascii", "replace")


def _decoded(body: bytes, encoding: str) -> str | None:
    """The text, or None where `encoding` is unknown, is not meant for files, or does not fit."""
    name = codec(encoding)
    try:
        return body.decode(name) if name else None
    except UnicodeError:
        return None


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(body) - 4 and error.start > 0  # cut in the middle of a character
    return True
