"""What the count of benchmarks/crash.py finds fault with."""

from __future__ import annotations

import dataclasses

import pytest

from tests.hard_times import Count

GOOD = Count(300, (), (), (), auto_drafts=0, orphan_pictures=0, doubled_terms=())


def test_each_item_once_is_what_it_shall_be():
    assert GOOD.faults(300, lost_uploads=0) == []


@pytest.mark.parametrize(
    "change",
    [
        {"posts": 299},
        {"posts": 301},
        {"twice": ("k",)},
        {"missing": ("k",)},
        {"misnamed": ("k",)},
        {"doubled_terms": ("Mundo",)},
        {"auto_drafts": 1},
        {"orphan_pictures": 3},
    ],
)
def test_whatever_nothing_explains_is_a_fault(change):
    assert len(dataclasses.replace(GOOD, **change).faults(300, lost_uploads=2)) == 1


def test_a_picture_is_left_over_for_each_upload_whose_answer_was_lost():
    assert dataclasses.replace(GOOD, orphan_pictures=2).faults(300, lost_uploads=2) == []
