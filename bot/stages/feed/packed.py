"""Documents that are gzip files: `news-sitemap.xml.gz`, and feeds that a server packs without saying so."""

from __future__ import annotations

import zlib

MOST_UNPACKED_BYTES = 10_000_000
_PIECE_BYTES = 16_384  # zlib copies what follows a member: of the whole body, that is quadratic
_MARK = b"\x1f\x8b"  # RFC 1952, 2.3.1
_DEFLATED = b"\x08"


class Unpackable(Exception):
    """It breaks off, is damaged, or grows too large."""


def unpacked(body: bytes) -> bytes:
    """The document in a gzip file, of all its members (RFC 1952, 2.2); what is no such file, as it is.

    What stands behind the members and does not begin as one is passed over. Raises Unpackable.
    """
    if not body.startswith(_MARK + _DEFLATED):
        return body
    document, place = bytearray(), 0
    while body.startswith(_MARK, place):
        place = _unpack_member(body, place, document)
    return bytes(document)


def _unpack_member(body: bytes, place: int, document: bytearray) -> int:
    """Add the member that begins at this place to the document; where it ends."""
    stream = zlib.decompressobj(zlib.MAX_WBITS + 16)
    while not stream.eof:
        if place == len(body):
            raise Unpackable("a gzip file that breaks off")
        piece = body[place : place + _PIECE_BYTES]
        try:
            document += stream.decompress(piece, MOST_UNPACKED_BYTES + 1 - len(document))
        except zlib.error as error:
            raise Unpackable("a damaged gzip file") from error
        if len(document) > MOST_UNPACKED_BYTES:
            raise Unpackable(f"a gzip file of more than {MOST_UNPACKED_BYTES // 1_000_000}MB")
        place += len(piece) - len(stream.unused_data)
    return place
