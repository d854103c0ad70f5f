"""Entries that are known by what another one is known by: each is an item of its own, and stays the one it was."""

from __future__ import annotations

import pytest

from tests.stages.test_recognise import HOST, Feed, item

DAY = "Sun, {:02} Mar 2026 10:00:00 GMT"


def bulletin(n: int, **changes: str) -> dict[str, str]:
    return item(n, pubDate=DAY.format(n), title="Midday news", link=f"{HOST}/midday", **changes)


def of_day(n: int, **changes: str) -> dict[str, str]:
    return item(n, pubDate=DAY.format(n), **changes)


def test_guids_that_are_places_in_the_document():
    feed = Feed()
    feed.poll(of_day(3, guid="1"), of_day(2, guid="2"), of_day(1, guid="3"))
    assert feed.poll(of_day(4, guid="1"), of_day(3, guid="2"), of_day(2, guid="3")) == [True, False, False]
    assert feed.poll(of_day(4, guid="1"), of_day(3, guid="2"), of_day(2, guid="3")) == [False] * 3
    assert feed.poll(of_day(5, guid="1"), of_day(4, guid="2"), of_day(3, guid="3")) == [True, False, False]


def test_places_as_guids_of_entries_without_dates():
    feed = Feed()
    feed.poll(item(2, guid="1", pubDate=""), item(1, guid="2", pubDate=""))
    assert feed.poll(item(3, guid="1", pubDate=""), item(2, guid="2", pubDate="")) == [True, False]


def test_one_link_for_one_entry_at_a_time():
    feed = Feed()
    for n, title in enumerate(("Picture: comet", "Picture: moon", "Picture: ice"), 1):
        assert feed.poll(of_day(n, title=title, link=f"{HOST}/picture")) == [True]
        assert feed.poll(of_day(n, title=title, link=f"{HOST}/picture")) == [False]


def test_one_guid_for_all_entries():
    feed = Feed()
    assert feed.poll(of_day(2, guid="x"), of_day(1, guid="x")) == [True, True]
    assert feed.poll(of_day(3, guid="x"), of_day(2, guid="x")) == [True, False]
    assert feed.poll(of_day(4, guid="x")) == [True]
    assert feed.poll(of_day(4, guid="x"), of_day(3, guid="x"), of_day(2, guid="x")) == [False] * 3


def test_one_guid_for_entries_of_one_moment():
    feed = Feed()
    assert feed.poll(item(2, guid="x", pubDate=""), item(1, guid="x", pubDate="")) == [True, True]
    assert feed.poll(item(3, guid="x", pubDate=""), item(2, guid="x", pubDate="")) == [True, False]


def test_the_address_of_the_site_as_guid():
    feed = Feed()
    for n in (1, 2, 3):
        assert feed.poll(item(n, guid=f"{HOST}/", pubDate="")) == [True]
        assert feed.poll(item(n, guid=f"{HOST}/", pubDate="")) == [False]


def test_an_item_that_had_the_guid_alone_keeps_it_until_another_comes():
    feed = Feed()
    feed.poll(of_day(1, guid="x"))
    assert feed.poll(of_day(2, guid="x"), of_day(1, guid="x")) == [True, False]
    assert feed.poll(of_day(2, guid="x", title="Story number 2, corrected")) == [False]


def test_guids_that_change_places():
    feed = Feed()
    feed.poll(item(1, guid="a"), item(2, guid="b"))
    assert feed.poll(item(2, guid="a"), of_day(9, guid="b"), item(1, guid="c")) == [False, True, False]


def test_one_title_and_link_for_all():
    feed = Feed()
    assert feed.poll(bulletin(3), bulletin(2), bulletin(1)) == [True] * 3
    assert feed.poll(bulletin(4), bulletin(3)) == [True, False]
    assert feed.poll(bulletin(5)) == [True]


def test_one_title_and_link_that_come_one_by_one():
    feed = Feed()
    feed.poll(bulletin(1))
    assert feed.poll(bulletin(2), bulletin(1)) == [True, False]


@pytest.mark.parametrize("name", ["guid", "link"])
def test_numbered_parts_of_one_page(name):
    def part(n: int) -> dict[str, str]:
        return item(n, **{"guid": "", "pubDate": "", name: f"{HOST}/thread#{n}"})

    feed = Feed()
    assert feed.poll(part(3), part(2), part(1)) == [True] * 3
    assert feed.poll(part(4), part(3)) == [True, False]
    assert feed.poll(part(5)) == [True]
    assert feed.poll(part(5), part(4), part(3)) == [False] * 3


def test_a_number_that_counts_the_versions_of_a_page():
    feed = Feed()
    feed.poll(item(1, guid=f"{HOST}/2026/story-1#0"))
    later = item(1, guid=f"{HOST}/2026/story-1#1", title="All is different now", pubDate=DAY.format(9))
    assert feed.poll(later) == [False]


def test_parameters_that_only_look_like_tracking():
    feed = Feed()
    links = [f"{HOST}/x?{name}={n}" for name in ("ns_id", "at_article") for n in (1, 2)]
    entries = [item(n, guid="", link=link.replace("&", "&amp;")) for n, link in enumerate(links)]
    assert feed.poll(*entries) == [True] * 4


def test_two_blogs_with_one_path_and_title():
    feed = Feed()
    blogs = [
        of_day(n, title="Weeknotes", link=f"https://{name}.example/weeknotes")
        for n, name in ((1, "a"), (2, "b"))
    ]
    assert [feed.poll(blog) for blog in blogs] == [[True], [True]]
    assert feed.poll(*blogs) == [False, False]


def test_hosts_and_dates_that_change_together():
    feed = Feed()
    feed.poll(item(1), item(2))
    moved = [
        of_day(20 + n, guid=f"x{n}", title=f"Story number {n}", link=f"https://new.example/2026/story-{n}")
        for n in (1, 2)
    ]
    assert feed.poll(*moved) == [False, False]


def test_one_title_on_one_day_is_no_proof():
    feed = Feed()
    report = {"title": "Police report", "pubDate": "2026-03-01"}
    feed.poll(item(1, **report))
    assert feed.poll(item(2, **report)) == [True]
    assert feed.poll(item(2, **report, guid="x")) == [False]


def test_one_title_on_one_day_with_one_text_is():
    feed = Feed()
    report = {"title": "Police report", "pubDate": "2026-03-01", "description": "A bicycle was found."}
    feed.poll(item(1, **report))
    assert feed.poll(item(2, **report)) == [False]


def test_a_misspelling_that_is_mended_in_title_link_and_guid():
    feed = Feed()
    feed.poll(item(1, title="Mayor resings", link=f"{HOST}/mayor-resings", guid=f"{HOST}/mayor-resings"))
    mended = item(1, title="Mayor resigns", link=f"{HOST}/mayor-resigns", guid=f"{HOST}/mayor-resigns")
    assert feed.poll(mended) == [False]


def test_an_edited_title_on_another_host():
    feed = Feed()
    feed.poll(item(1, guid=f"{HOST}/?p=1"))
    edited = item(
        1,
        title="Story number 1 of 2",
        link="https://new.example/2026/story-1",
        guid="https://new.example/?p=1",
    )
    assert feed.poll(edited) == [False]


@pytest.mark.parametrize("told", ["title", "link", "pubDate"])
def test_a_correction_of_one_of_them_is_one_of_the_same_item(told):
    feed = Feed()
    feed.poll(item(1), item(2))
    corrected = {"title": "Other words", "link": f"{HOST}/moved", "pubDate": DAY.format(9)}
    assert feed.poll(item(2), item(1, **{told: corrected[told]})) == [False, False]


TEXTS = (
    "The boat from the islands came in at dawn with eleven bags of letters, and the clerk began to sort them at once.",
    "Bread is dearer since Monday, says the baker, whose oven was mended by two brothers from the upper valley.",
    "Nobody has rung the bell of the old school for a year; on Friday the children will hear what became of it.",
)


def texts(**same: str) -> list[dict[str, str]]:
    """Entries with guids, dates and texts of their own."""
    return [
        item(n, **{"pubDate": DAY.format(n), "description": text, **same}) for n, text in enumerate(TEXTS, 1)
    ]


def test_a_daily_briefing_at_one_address():
    feed = Feed()
    for entry in texts(title="Morning briefing", link=f"{HOST}/briefing"):
        assert feed.poll(entry) == [True]
        assert feed.poll(entry) == [False]
        assert feed.poll({**entry, "description": f"{entry['description']} A word more."}) == [False]


def test_editions_whose_pages_are_called_the_same():
    feed = Feed()
    for n, town in enumerate(("osk", "hallin", "rehn")):
        pages = [
            of_day(
                n + 1,
                guid=f"{town} {page}",
                title=page.title(),
                link=f"https://{town}.example/{page}",
                description=TEXTS[(n + m) % 3],
            )
            for m, page in enumerate(("weather", "traffic", "sport"))
        ]
        assert feed.poll(*pages) == [True] * 3
        assert feed.poll(*pages) == [False] * 3


@pytest.mark.parametrize("time", ["00:00:00 GMT", "00:00:00 +0100", "09:30:00 GMT"])
def test_releases_of_one_title_and_one_moment(time):
    feed = Feed()
    for entry in texts(title="Press release", pubDate=f"Mon, 02 Mar 2026 {time}"):
        assert feed.poll(entry) == [True]
        assert feed.poll(entry) == [False]


def test_one_guid_and_one_title_for_all():
    first, second, third = texts(guid="x", title="Press release")
    feed = Feed()
    assert feed.poll(second, first) == [True, True]
    assert feed.poll(third, second) == [True, False]


def test_entries_without_dates_that_have_one_link_and_title():
    entries = texts(title="Episode", link=f"{HOST}/show", pubDate="")
    feed = Feed()
    assert feed.poll(*entries) == [True] * 3
    assert feed.poll(*entries) == [False] * 3
