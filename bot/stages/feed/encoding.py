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
_WIDER = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
}
"""Encodings whose name is used for a larger one (as browsers do: encoding.spec.whatwg.org)."""


def utf8(body: bytes, content_type: str) -> bytes:
    """`body` in UTF-8.

    In this order: byte order mark; UTF-8 wherever the bytes are valid UTF-8, whatever is claimed (text in
    another encoding almost never is); the declaration; the header's charset; a guess by chardet. RFC 7303 and
    browsers go by the header, but who wrote the text wrote the declaration, too, and headers are mostly set for a
    whole server: us-ascii for text/xml (RFC 3023), iso-8859-1, to which every byte is a letter. Where the
    declaration itself is such a default, a header that says more goes before it.
    """
    if encoding := next((name for mark, name in _MARKS if body.startswith(mark)), ""):
        return body.decode(encoding, "replace").encode()
    if _is_utf8(body) and not (body.isascii() and b"\x1b$" in body):  # ISO-2022-JP looks like ASCII
        return body
    start = body[:200]
    declared = _DECLARED.match(_ebcdic(start) if start.startswith(_EBCDIC_MARK) else start.lstrip())
    claims = (declared[1].decode("latin-1") if declared else "", parse_content_type(content_type)[1])
    for claimed in sorted((claim.strip().lower() for claim in claims), key=_says_nothing):
        text = _decoded(body, _WIDER.get(claimed, claimed))
        if text is not None:
            return text.encode("utf-8", "replace")
    guess = guessed_encoding(body[:_GUESSED_BYTES]) or "cp1252"
    return (_decoded(body, guess) or body.decode("cp1252", "replace")).encode("utf-8", "replace")


def _ebcdic(start: bytes) -> bytes:
    """The start of a document in ASCII; all kinds of EBCDIC have the same letters for a declaration."""
    return start.decode("cp037").encode("ascii", "replace")


def _says_nothing(claimed: str) -> bool:
    """Whether it is the name that software gives without looking."""
    return _WIDER.get(claimed) == "cp1252"


def _decoded(body: bytes, encoding: str) -> str | None:
    """The text, or None where `encoding` is unknown, is not meant for files, or does not fit."""
    name = codec(encoding)
    if name.startswith(("utf-16", "utf-32")) and b"\0" not in body:
        return None  # nearly all pairs of bytes are Chinese in it, but no mark-up is without zeros
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
