"""Documents that are gzip files: `news-sitemap.xml.gz`, and feeds that a server packs without saying so."""

from __future__ import annotations

import zlib

MOST_UNPACKED_BYTES = 10_000_000
_MARK = b"\x1f\x8b\x08"  # RFC 1952, 2.3.1: gzip, deflated


class Unpackable(Exception):
    """It breaks off, is damaged, or grows too large."""


def unpacked(body: bytes) -> bytes:
    """The document in a gzip file; what is none, as it is. Raises Unpackable."""
    if not body.startswith(_MARK):
        return body
    stream = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:
        document = stream.decompress(body, MOST_UNPACKED_BYTES)
    except zlib.error as error:
        raise Unpackable("a damaged gzip file") from error
    if stream.unconsumed_tail:
        raise Unpackable(f"a gzip file of more than {MOST_UNPACKED_BYTES // 1_000_000}MB")
    if not stream.eof:
        raise Unpackable("a gzip file that breaks off")
    return document
