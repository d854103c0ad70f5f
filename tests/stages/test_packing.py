from __future__ import annotations

import math
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from bot.stages.markers import Asked, Line, write
from bot.stages.packing import Room, fill, pack


def lines(*texts: str) -> list[Asked]:
    return [write(Line((text,))) for text in texts]


def test_lines_stay_in_their_order() -> None:
    sent = lines("a" * 40, "b" * 40, "c" * 40)
    assert pack(sent, Room(100)) == [sent[:2], sent[2:]]


def test_another_order_is_taken_where_it_needs_fewer_requests() -> None:
    sent = lines("a" * 60, "b" * 60, "c" * 38, "d" * 38)
    assert len(pack(sent, Room(100))) == 2


def test_bytes_of_an_address_count_too() -> None:
    sent = lines("я" * 50, "ж" * 50)
    assert len(pack(sent, Room(1000))) == 1
    assert len(pack(sent, Room(1000, url_bytes=400))) == 2


def test_spare_room_is_filled_with_whole_groups() -> None:
    requests = [lines("a" * 50)]
    fill(requests, [lines("b" * 20, "c" * 20), lines("d" * 30), lines("e" * 5)], Room(100))
    assert [asked.text[0] for asked in requests[0]] == ["a", "b", "c", "e"]


@given(st.lists(st.text(alphabet="aя字 ", min_size=1, max_size=90), max_size=40))
def test_no_request_is_too_long_and_no_line_is_lost(texts: list[str]) -> None:
    room = Room(100, url_bytes=900)
    sent = [asked for asked in lines(*texts) if room.fits(asked.text)]
    requests = pack(sent, room)
    for request in requests:
        joined = "\n".join(asked.text for asked in request)
        assert len(joined) <= 100
        assert len(quote(joined)) <= 900
    key = id
    assert sorted(key(asked) for request in requests for asked in request) == sorted(map(key, sent))
    assert len(requests) >= math.ceil(sum(room.share(asked.text) for asked in sent) - 1e-9)
