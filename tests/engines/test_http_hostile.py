"""HttpFetcher against answers that are no honest HTTP: each ends in time, in one line, or in the document."""

from __future__ import annotations

import gzip
import random
import zlib
from functools import partial
from itertools import repeat
from time import monotonic

import brotli
import pytest

from bot.engines.http.codings import Broken, unpacked
from bot.errors import FetchRefused, FetchUnavailable, RelaypressError
from tests.engines.fetching import PATIENT_SECONDS, failure
from tests.servers import serve
from tests.servers.routes import FEED, MEGABYTE

OK = b"HTTP/1.1 200 OK\r\n"
FOUND = b"HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: "
WHOLE = OK + b"Content-Length: %d\r\n\r\n%s" % (len(FEED), FEED)


STORY = random.Random(5).randbytes(1000) * 150  # more than the pieces that it is unpacked in
PACKERS = {"gzip": gzip.compress, "br": partial(brotli.compress, quality=1), "deflate": zlib.compress}


@pytest.fixture
def sends():
    """A function that makes a server send these bytes, piece by piece, to whoever asks; gives its address."""
    servers = []

    def begin(*pieces: bytes, for_ever: bytes = b"") -> str:
        def route(handler):
            handler.close_connection = True
            for piece in pieces:
                handler.wfile.write(piece)
            while for_ever and not handler.server.stopping.is_set():
                handler.wfile.write(for_ever)

        running = serve({"/": route})
        servers.append(running)
        return f"{running.__enter__().base_url}/feed"

    yield begin
    for running in servers:
        running.__exit__(None, None, None)


def packed(body: bytes, *ways: str) -> bytes:
    for way in ways:
        body = gzip.compress(body) if way == "gzip" else brotli.compress(body)
    return body


class TestHeads:
    @pytest.mark.parametrize("line", [b"Set-Cookie: a=%d\r\n", b"X-%d: y\r\n"])
    def test_lines_without_number(self, http, sends, line):
        error = failure(http, sends(OK, *(line % n for n in range(10_000)), b"\r\n", FEED))
        assert isinstance(error, FetchUnavailable)
        assert "headers" in str(error)

    def test_a_line_of_ten_megabytes(self, http, sends):
        error = failure(http, sends(OK, b"X-Long: ", *repeat(MEGABYTE, 10), b"\r\n\r\n", FEED))
        assert isinstance(error, FetchUnavailable)
        assert len(str(error)) < 400

    def test_a_status_line_without_end(self, http, sends):
        assert isinstance(failure(http, sends(b"HTTP/1.1 200 ", for_ever=MEGABYTE)), FetchUnavailable)

    @pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
    def test_word_before_the_answer(self, http, sends, status):
        interim = b"HTTP/1.1 %s\r\nLink: </style.css>\r\n\r\n" % status
        assert http.get(sends(interim, interim, WHOLE)).body == FEED

    @pytest.mark.parametrize("status", [b"100 Continue", b"103 Early Hints"])
    def test_nothing_but_words_before_the_answer(self, http, sends, status):
        begun = monotonic()
        error = failure(http, sends(for_ever=b"HTTP/1.1 %s\r\nLink: </x>\r\n\r\n" % status * 1000))
        assert monotonic() - begun < 4  # not only when the time is up
        assert isinstance(error, RelaypressError)

    def test_no_http_at_all(self, http, sends):
        assert "no answer" in str(failure(http, sends(b"SSH-2.0-OpenSSH_9.6\r\n")))

    def test_headers_that_are_no_text(self, http, sends):
        junk = bytes(range(0x80, 0x100))
        head = OK + b"ETag: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (junk, junk, len(FEED))
        assert http.get(sends(head, FEED)).body == FEED


class TestLengths:
    def test_one_byte_at_a_time_for_ever(self, hurried, sends):
        begun = monotonic()
        url = sends(OK, b"Transfer-Encoding: chunked\r\n\r\n", for_ever=b"1\r\nx\r\n" * 1000)
        assert isinstance(failure(hurried, url), RelaypressError)
        assert monotonic() - begun < PATIENT_SECONDS

    @pytest.mark.parametrize(
        "endless",
        [b"x" * 100_000, b"1;" + b"x" * 100_000 + b"\r\nx\r\n", b"0" * 100_000],
        ids=["line", "extension", "zeros"],
    )
    def test_framing_without_end(self, http, sends, endless):
        url = sends(OK, b"Transfer-Encoding: chunked\r\n\r\n", for_ever=endless)
        begun = monotonic()
        assert isinstance(failure(http, url), RelaypressError)
        assert monotonic() - begun < 4

    @pytest.mark.parametrize("endless", [b"x" * 100_000, b"X: y\r\n" * 1000], ids=["line", "lines"])
    def test_trailers_without_end(self, http, sends, endless):
        url = sends(OK, b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n", for_ever=endless)
        begun = monotonic()
        assert isinstance(failure(http, url), RelaypressError)
        assert monotonic() - begun < 4

    @pytest.mark.parametrize("size", [b"-1", b"-5", b"zz", b"", b"ffffffffffffffffffff", b"0x10"])
    def test_chunks_of_no_size(self, http, sends, size):
        url = sends(OK, b"Transfer-Encoding: chunked\r\n\r\n%s\r\nbody\r\n0\r\n\r\n" % size)
        error = failure(http, url)
        assert isinstance(error, FetchUnavailable)
        assert "after 0 bytes" in str(error)

    def test_more_than_was_promised_is_not_read_nor_taken_for_the_next_answer(self, http):
        def route(handler):
            handler.wfile.write(OK + b"Content-Length: 4\r\n\r\nbody" + WHOLE.replace(FEED, b"E" * len(FEED)))

        with serve({"/": route, "/honest": lambda handler: handler.reply(200, FEED)}) as server:
            for _ in range(3):
                assert http.get(f"{server.base_url}/").body == b"body"
                assert http.get(f"{server.base_url}/honest").body == FEED

    def test_less_than_was_promised_is_no_document(self, http, sends):
        error = failure(http, sends(OK, b"Content-Length: 100\r\n\r\nbody"))
        assert "broke off after 4 bytes" in str(error)

    @pytest.mark.parametrize("lengths", [(b"4", b"5"), (b"4, 5",), (b"x",), (b"-4",), (b"9" * 5000,)])
    def test_lengths_that_are_none(self, http, sends, lengths):
        head = b"".join(b"Content-Length: %s\r\n" % length for length in lengths)
        url = sends(OK, head, b"\r\nbody")
        if lengths in ((b"x",), (b"-4",), (b"9" * 5000,)):
            assert http.get(url).body == b"body"  # it ends where the connection does
        else:
            assert isinstance(failure(http, url), FetchUnavailable | FetchRefused)

    @pytest.mark.parametrize("head", [b"4, 4", b"4,4", b"4 , 4\r\nContent-Length: 4"])
    def test_one_length_that_is_told_twice_is_one(self, http, head):
        def route(handler):
            handler.wfile.write(OK + b"Content-Length: %s\r\n\r\nbody" % head)

        with serve({"/": route}) as server:  # it keeps the connection open, so nothing else ends the body
            assert [http.get(server.base_url).body for _ in range(2)] == [b"body", b"body"]


class TestCodings:
    @pytest.mark.parametrize(
        "ways", [("gzip",) * 2, ("gzip",) * 3, ("gzip", "br", "gzip"), ("br", "br")], ids="+".join
    )
    def test_one_in_another(self, http, sends, ways):
        body = packed(FEED, *ways)
        head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (", ".join(ways).encode(), len(body))
        assert http.get(sends(OK, head, body)).body == FEED

    def test_a_hundred_in_one_another(self, http, sends):
        body = packed(FEED, *["gzip"] * 100)
        head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (
            b", ".join([b"gzip"] * 100),
            len(body),
        )
        assert type(failure(http, sends(OK, head, body))) is FetchUnavailable

    @pytest.mark.parametrize("ways", [("gzip",), ("gzip", "gzip"), ("gzip", "br", "gzip")], ids="+".join)
    def test_a_bomb_in_another(self, http, sends, ways):
        packer = zlib.compressobj(9, wbits=31)
        body = b"".join(packer.compress(MEGABYTE) for _ in range(100)) + packer.flush()
        body = packed(body, *ways)
        coding = ", ".join(("gzip", *ways)).encode()
        head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
        error = failure(http, sends(OK, head, body))
        assert type(error) is FetchRefused
        assert "larger than 10MB" in str(error)

    def test_a_coding_that_nobody_knows(self, http, sends):
        head = b"Content-Encoding: rot13\r\nContent-Length: 4\r\n\r\n"
        assert http.get(sends(OK, head, b"obql")).body == b"obql"

    @pytest.mark.parametrize("coding", [*PACKERS])
    @pytest.mark.parametrize(
        "end", [b"\n", b"\0", b"\x1f", b"\x1fx", b"junk", b"<html>" * 20, b"\0" * 70_000]
    )
    @pytest.mark.parametrize("piece", [1, 5, 10_000_000])
    def test_what_stands_behind_the_end_is_passed_over(self, coding, end, piece):
        body = PACKERS[coding](STORY) + end
        pieces = (body[at : at + piece] for at in range(0, len(body), piece))
        assert b"".join(unpacked(pieces, coding)) == STORY

    @pytest.mark.parametrize("coding", [*PACKERS])
    @pytest.mark.parametrize("end", [b"\n", b"junk"])
    def test_so_it_is_on_the_wire(self, http, sends, coding, end):
        body = PACKERS[coding](FEED) + end
        head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(body))
        assert http.get(sends(OK, head, body)).body == FEED

    @pytest.mark.parametrize("piece", [1, 5, 10_000_000])
    @pytest.mark.parametrize(
        "end",
        [packed(STORY, "gzip")[:-6] + b"\0" * 6, b"\x1f\x8bnot one", packed(STORY, "gzip")[:200] + STORY],
    )
    def test_a_second_member_that_is_broken_is_not_the_end(self, end, piece):
        body = packed(STORY, "gzip") + end
        pieces = (body[at : at + piece] for at in range(0, len(body), piece))
        with pytest.raises(Broken):
            list(unpacked(pieces, "gzip"))

    @pytest.mark.parametrize(
        ("coding", "body"),
        [
            ("gzip", packed(FEED, "gzip")[:-40]),
            ("gzip", packed(FEED, "gzip")[:-1]),
            ("gzip", packed(FEED, "gzip") + packed(FEED, "gzip")[:-1]),
            ("gzip, gzip", packed(packed(FEED, "gzip")[:-40], "gzip")),
            ("br", packed(FEED, "br")[:-10]),
            ("deflate", zlib.compress(FEED)[:-10]),
            ("deflate", zlib.compress(FEED)[:1]),
            ("deflate", zlib.compress(FEED)[2:-10]),
        ],
    )
    def test_half_a_body_is_none_however_well_it_is_framed(self, http, sends, coding, body):
        head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding.encode(), len(body))
        error = failure(http, sends(OK, head, body))
        assert type(error) is FetchUnavailable
        assert "its compressed body is broken" in str(error)

    @pytest.mark.parametrize("coding", [b"gzip", b"br", b"deflate", b"gzip, br", b"identity", b"X-GZIP", b""])
    def test_nothing_however_it_is_coded(self, http, sends, coding):
        assert http.get(sends(OK, b"Content-Encoding: %s\r\nContent-Length: 0\r\n\r\n" % coding)).body == b""

    @pytest.mark.parametrize("coding", ["gzip", "br", "deflate"])
    @pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 9_999_999])
    def test_a_body_of_any_size_comes_whole(self, http, coding, size):
        body = (random.Random(size).randbytes(1000) * 10_000)[:size]
        with serve({"/": lambda h: h.reply(200, PACKERS[coding](body), content_encoding=coding)}) as server:
            assert http.get(server.base_url).body == body


class TestLocations:
    @pytest.mark.parametrize(
        "location",
        [
            b"file:///etc/passwd",
            b"data:text/html,hello",
            b"http://user:hunter2@127.0.0.1/",
            b"http://user@127.0.0.1/",
            b"http:///feed",
            b"http://",
            b"https:",
            b"///",
            b"http://[::1",
            b"http://127.0.0.1:99999/",
            b"http://a b/",
            b"http://127.0.0.1\\@example.org/",
            b"/a\x01b",
            b"/a\tb\x7f",
            b"/\xff\xfe",
            b"http://\xff/",
            b"x" * 60_000,
            b"view-source:http://127.0.0.1/",
            b"",
        ],
    )
    def test_no_way_leads_there(self, http, sends, location):
        error = failure(http, sends(b"%s%s\r\n\r\n" % (FOUND, location)))
        assert isinstance(error, FetchRefused)
        assert "hunter2" not in str(error)
        assert len(str(error)) < 400

    def test_two_of_them(self, http, sends):
        url = sends(b"%s/feed\r\nLocation: /other\r\n\r\n" % FOUND)
        assert isinstance(failure(http, url), FetchRefused)
