"""Content codings (RFC 9110, 8.4.1), unpacked piece by piece: bombs go off slowly, and half a body is none.

urllib3 unpacks as well, but takes a stream that breaks off for a whole one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli  # type: ignore[import-untyped] # the library has no types

ACCEPTED = "gzip, deflate, br"
"""What servers are asked for."""

_PIECE_BYTES = 65_536
_MOST_CODINGS = 5  # one in another
_MEMBER = b"\x1f\x8b"  # how each one of gzip begins (RFC 1952, 2.3.1)
_GZIP, _ZLIB, _BARE = zlib.MAX_WBITS + 16, zlib.MAX_WBITS, -zlib.MAX_WBITS


class Broken(Exception):
    """A body is not coded as its header says, or breaks off."""


def unpacked(chunks: Iterator[bytes], codings: str) -> Iterator[bytes]:
    """The body that was coded into `chunks`; `codings` is its Content-Encoding, '' where there is none.

    A coding that is not known is left as it is, and nothing coded is nothing. What stands behind the end of a coded
    body is passed over, as everybody does. The iterator raises Broken.
    """
    names = [name.strip().lower() for name in codings.split(",")]
    if len(names) > _MOST_CODINGS:
        raise Broken(f"{len(names)} codings")
    for name in reversed(names):
        if name in _WAYS:
            chunks = _told(_WAYS[name](filter(None, chunks)))
    return chunks


def _told(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except (zlib.error, brotli.error) as error:
        raise Broken(str(error)) from error


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """One member after the other; what stands behind them and does not begin as one is passed over."""
    stream, rest, members = None, b"", 0
    for chunk in chunks:
        rest += chunk
        while rest:
            if stream is None and members:
                if not _MEMBER.startswith(rest[:2]):
                    return
                if len(rest) < len(_MEMBER):
                    break
            stream = stream or zlib.decompressobj(_GZIP)
            yield from _inflated_by(stream, rest)
            rest = stream.unused_data
            if stream.eof:
                stream, members = None, members + 1
    if stream is not None:
        raise Broken("breaks off")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """With the header that the RFC wants (zlib), or without it."""
    stream, beginning = None, b""
    for chunk in chunks:
        if stream is None:
            beginning += chunk
            if len(beginning) < 2:
                continue
            stream = zlib.decompressobj(_ZLIB if _is_zlib(beginning) else _BARE)
            yield from _inflated_by(stream, beginning)
        elif stream.eof:
            return
        else:
            yield from _inflated_by(stream, chunk)
    if beginning and (stream is None or not stream.eof):
        raise Broken("breaks off")


def _is_zlib(beginning: bytes) -> bool:
    """RFC 1950, 2.2: the method, and a check of both bytes."""
    return beginning[0] & 15 == zlib.DEFLATED and int.from_bytes(beginning[:2], "big") % 31 == 0


def _inflated_by(stream: zlib._Decompress, rest: bytes) -> Iterator[bytes]:
    while True:
        piece = stream.decompress(rest, _PIECE_BYTES)
        rest = stream.unconsumed_tail
        yield piece
        if stream.eof or not (rest or len(piece) == _PIECE_BYTES):
            return


def _unbrotlied(chunks: Iterable[bytes]) -> Iterator[bytes]:
    stream, before, given_bytes = brotli.Decompressor(), list[bytes](), 0
    for chunk in chunks:
        if stream.is_finished():
            return
        try:
            for piece in _unbrotlied_by(stream, chunk):
                yield piece
                given_bytes += len(piece)
        except brotli.error:
            yield from _end_of_brotli(before, chunk, given_bytes)
            return
        before.append(chunk)
    if before and not stream.is_finished():
        raise Broken("breaks off")


def _unbrotlied_by(stream: brotli.Decompressor, chunk: bytes) -> Iterator[bytes]:
    piece = stream.process(chunk, output_buffer_limit=_PIECE_BYTES)
    while piece or not stream.can_accept_more_data():  # it says that it can while pieces are left
        yield piece
        piece = stream.process(b"", output_buffer_limit=_PIECE_BYTES)


def _end_of_brotli(before: list[bytes], last: bytes, given_bytes: int) -> Iterator[bytes]:
    """What `last` holds of a stream that may end in the midst of it. Raises brotli.error where it is broken.

    The library fails in both cases, and what it had unpacked is lost: so once more, and at the end byte by byte.
    """
    stream = brotli.Decompressor()
    for chunk in (*before, *(last[at : at + 1] for at in range(len(last)))):
        for piece in _unbrotlied_by(stream, chunk):
            yield piece[given_bytes:]
            given_bytes = max(given_bytes - len(piece), 0)
        if stream.is_finished():
            return
    raise Broken("breaks off")


_WAYS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,  # RFC 9110, 8.4.1.3
    "deflate": _inflated,
    "br": _unbrotlied,
}
