from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model import CleanArticle, Entry, SafeHtml
from bot.stages.imprint import Dates, imprint, is_one_story, told_before, twin, wrong_beside

HOME = "<p>" + " ".join(f"The {n}. story of the home page tells what the council of Osk did on day {n}." for n in range(20)) + "</p>"  # fmt: skip
OTHER = "<p>" + " ".join(f"Lamp {n} stands where the old wall meets the {n}. gate of the town." for n in range(20)) + "</p>"  # fmt: skip


def page(key: str, title: str, html: str = HOME, *, headline: str = "", link: str = ""):
    """What is remembered of the page that an item of this title leads to."""
    entry = Entry(key, "f", key, link or f"https://x.example/{key}", title)
    return imprint(CleanArticle(entry.link, headline or title, SafeHtml(html), "readability"), entry)


ICE = page("a", "The ice has gone from the harbour")
BOAT = page("b", "First boat of the year brings bread")


def test_one_text_under_two_titles_is_refused():
    assert twin(BOAT, [ICE]) == ICE
    assert twin(BOAT, [page("c", "Another", OTHER), ICE]) == ICE


def test_small_changes_make_no_other_text():
    later = HOME.replace("day 3.", "day 4, 12:31.").replace("</p>", " Read by 4,711 people today.</p>")
    assert twin(page("b", BOAT.title, later), [ICE]) == ICE


def test_another_text_is_another_text():
    assert twin(page("b", BOAT.title, OTHER), [ICE]) is None


def test_a_form_that_is_filled_in_anew_is_another_text():
    def quake(place: str, force: str, hour: str) -> str:
        return (
            f"<p>An earthquake of magnitude {force} was felt near {place} at {hour} on Monday, the survey said. "
            f"It struck {hour[:2]} kilometres below {place}, where {force[0]} houses were damaged. No one was hurt. "
            "The survey asks all who have felt it to fill in the form on its pages.</p>"
        )

    one = page("a", "Quake near Osk", quake("Osk", "4.1", "10:20"))
    assert twin(page("b", "Tremor off Port Hallin", quake("Port Hallin", "5.7", "23:04")), [one]) is None


@pytest.mark.parametrize(
    "title",
    ["The ice has gone from the harbour", "UPDATE 2: The ice has gone from the harbour", "Ice has gone from the harbour"],
)  # fmt: skip
def test_a_story_at_two_addresses_is_one_story(title):
    assert twin(page("b", title), [ICE]) is None


def test_a_daily_report_is_no_error():
    one, other = (page(day, f"Exchange rates of the bank for {day} November 2026") for day in ("23", "24"))
    assert twin(other, [one]) is None


def test_entries_that_lead_to_parts_of_one_page():
    one, other = (page(v, f"Release {v}", link=f"https://x.example/log/#v{v}") for v in ("one", "two"))
    assert twin(other, [one]) is None


def test_the_page_that_bears_its_own_title_is_right():
    astray = page("a", ICE.title, headline=BOAT.title)
    assert twin(BOAT, [astray]) is None
    assert wrong_beside(BOAT, [ICE, astray, page("c", "Another", OTHER)]) == [astray]
    lost = page("b", BOAT.title, headline="Before you go on")
    assert twin(lost, [astray]) == astray
    assert wrong_beside(lost, [astray]) == []


def test_an_item_is_not_compared_with_itself():
    assert twin(replace(BOAT, key="a"), [ICE]) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", ""),
        ("", "First boat of the year brings bread"),
        ("!", "?"),
        ("Update", "Update: the ice has gone from the harbour"),
        ("Video", "Photo"),
        ("In pictures", "The harbour of Osk in 17 pictures"),
        ("Update 1", "Update 2"),
    ],
)
def test_a_missing_title_or_a_word_or_two_of_another_are_not_one_title(one, other):
    home = "Osk Post"
    first, second = page("a", one, headline=home), page("b", other, headline=home)
    assert twin(second, [first]) == first
    assert twin(first, [second]) == second


@pytest.mark.parametrize("title", ["Video", "Weekly round-up"])
def test_one_title_is_one_title_however_short(title):
    assert twin(page("b", title.upper()), [page("a", title)]) is None


def test_a_short_text_tells_nothing():
    text = "<p>The weekly cartoon, by Ann Hale of Osk, who draws what she sees.</p>"
    assert twin(page("b", "Cartoon: lamps", text), [page("a", "Ann Hale: a boat", text)]) is None


@pytest.mark.parametrize(
    "text",
    [
        "港の氷が十一日ぶりに解け、最初の船が朝のうちにパンと手紙を運んできた。三百人が桟橋で待っていたという。",
        (
            "ท่าเรือเปิดอีกครั้งหลังน้ำแข็งละลาย เรือลำแรกนำขนมปังและจดหมายมาในตอนเช้า "
            "ชาวเมืองสามร้อยคนรออยู่ที่ท่าเพื่อต้อนรับเรือ สภาเมืองจ่ายค่ารองเท้าให้คนจุดโคมไฟ"
        ),
    ],
)
def test_scripts_without_spaces(text):
    one, other = page("a", "氷が解けた", f"<p>{text}</p>"), page("b", "夜の火事", f"<p>{text}</p>")
    assert twin(other, [one]) == one


def test_links_that_cannot_be_read_and_empty_pages_break_nothing():
    broken = page("b", BOAT.title, link="http://[")
    assert twin(broken, [ICE]) == ICE
    assert twin(page("b", BOAT.title, ""), [page("a", ICE.title, "")]) is None


DAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
ON_THE_DAY = Dates(DAY, None)


class TestOneStoryAtTwoAddresses:
    def told(self, title: str, mine: Dates = ON_THE_DAY, theirs: Dates = ON_THE_DAY, **more) -> bool:
        one = page("b", title, **more)
        return any(is_one_story(one, each, mine, theirs) for each in told_before(one, [one, ICE]))

    @pytest.mark.parametrize(
        "title",
        [
            ICE.title,
            "Updated: the ice has gone from the harbour",
            "The ice has gone form teh harbor",
        ],
    )
    def test_is_known_by_text_date_and_nearly_the_title(self, title):
        assert self.told(title)

    @pytest.mark.parametrize(
        "title", ["First boat of the year brings bread", "The ice has gone from the harbour 2", "", "Ice"]
    )
    def test_is_another_where_the_title_is(self, title):
        assert not self.told(title)

    def test_is_another_where_the_text_is(self):
        assert not self.told(ICE.title, html=OTHER)

    @pytest.mark.parametrize(
        ("mine", "theirs", "expected"),
        [
            (ON_THE_DAY, Dates(DAY + timedelta(seconds=59), None), True),
            (ON_THE_DAY, Dates(DAY + timedelta(hours=1), None), False),
            (ON_THE_DAY, Dates(DAY, DAY + timedelta(days=1)), True),
            (Dates(None, DAY), Dates(None, DAY + timedelta(days=1)), False),
            (Dates(None, DAY), Dates(DAY, DAY + timedelta(days=1)), False),
            (Dates(None, DAY), Dates(DAY + timedelta(hours=8), None), True),
            (Dates(None, DAY), Dates(DAY + timedelta(days=2), None), False),
            (Dates(None, None), Dates(None, None), True),
            (Dates(None, None), ON_THE_DAY, True),
        ],
    )
    def test_a_daily_report_has_another_date(self, mine, theirs, expected):
        assert self.told(ICE.title, mine, theirs) is expected
        assert self.told(ICE.title, theirs, mine) is expected

    @pytest.mark.parametrize(
        ("title", "link"),
        [
            ("The ice has gone from the harbor", ""),
            ("The ice has gone from the canal", ""),
            (ICE.title, "https://x.example/a/#2"),
        ],
    )
    def test_without_a_date_only_what_leaves_no_doubt_is_one(self, title, link):
        nothing = Dates(None, None)
        assert not self.told(title, nothing, nothing, link=link)

    def test_without_a_date_a_title_of_a_word_or_two_tells_nothing(self):
        one, other, nothing = page("b", "Video"), page("a", "Video"), Dates(None, None)
        assert told_before(one, [one, other]) == [other]
        assert not is_one_story(one, other, nothing, nothing)

    def test_only_what_was_read_before_tells_it(self):
        one = page("b", ICE.title)
        assert told_before(ICE, [one, ICE]) == []
        assert told_before(one, [one, ICE]) == [ICE]
