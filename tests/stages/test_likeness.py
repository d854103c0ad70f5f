"""Titles that one editor may have made of the other, and titles of two entries."""

from __future__ import annotations

import pytest

from bot.stages.feed.likeness import alike

TITLE = "The harbour of Port Hallin opens again after eleven days"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TITLE, TITLE.upper() + " "),
        (TITLE, "Updated: " + TITLE),
        (TITLE, TITLE + " (12 photos)"),
        (TITLE, TITLE.replace("opens", "reopens").replace("days", "nights")),
        ("Mayor resings", "Mayor resigns"),
        ("Ελλάδα", "ΕΛΛΆΔΑ"),
        ("東京で大雪の見込み交通に影響", "東京で大雪見込み交通に影響"),
    ],
)
def test_titles_that_were_edited(one, other):
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Story A", "Story B"),
        ("Picture: comet", "Picture: moon"),
        ("Episode 12 of our daily programme", "Episode 13 of our daily programme"),
        ("Morning briefing", "Evening briefing"),
        ("S1", "S2"),
        ("", "Story"),
        ("!", "?"),
        ("東京で大雪", "大阪で地震"),
    ],
)
def test_titles_of_two_entries(one, other):
    assert not alike(one, other)
    assert not alike(other, one)
