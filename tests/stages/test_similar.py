"""The same story in two feeds: told by its words, and two stories never taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.model import Entry
from bot.stages.similar import APART, Index, Leads, headline_of, same_story, story_of, words

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LEAD = (
    "The harbour of Port Hallin has opened again after eleven days of ice, the council said on Monday. "
    "About 310 people waited on the pier to greet the first boat of the morning."
)


def story(title, lead=LEAD, feed="a", *, address="", source="", **more):
    summary = f"<p>{lead}</p>" if lead else ""
    entry = Entry(f"{feed}-{title}", feed, "", "https://x.example/1", title, summary_html=summary, **more)
    return story_of(headline_of(entry, NOW, address=address, source=source), entry)


def same(one, other) -> bool:
    """Both ways round: who is asked first must not matter."""
    assert same_story(one, other) == same_story(other, one)
    return same_story(one, other)


class TestTheSame:
    @pytest.mark.parametrize(
        "title",
        [
            "Ice releases Port Hallin after eleven days",
            "ICE RELEASES PORT HALLIN AFTER ELEVEN DAYS",
            "Breaking: Ice releases Port Hallin after eleven days",
            "Ice releases Port Hallin after eleven days – council",
            "After eleven days, ice releases Port Hallin",
        ],
    )
    def test_whatever_an_editor_put_around_the_title(self, title):
        assert same(story("Ice releases Port Hallin after eleven days"), story(title, feed="b"))

    @pytest.mark.parametrize(
        "lead",
        [
            f"PORT HALLIN (Agency) – {LEAD}",
            f"{LEAD} The mayor spoke of a day of joy, and the band played until noon.",
            LEAD.replace("eleven days of ice", "eleven long days of ice"),
            LEAD[:120] + " […]",
            LEAD[:120] + "&#8230; Continue reading Ice releases Port Hallin",
            f"{LEAD[:97]} The post Ice releases Port Hallin appeared first on The Hallin Times.",
            LEAD.replace("The harbour", "<b>The harbour</b>"),
        ],
    )
    def test_whatever_an_editor_added_to_the_lead_or_cut(self, lead):
        title = "Ice releases Port Hallin after eleven days"
        assert same(story(title), story(title, lead, "b"))

    def test_though_one_feed_holds_a_summary_and_the_other_the_text(self):
        title = "Ice releases Port Hallin after eleven days"
        whole = story(title, "", "b", content_html=f"<p>{LEAD}</p><p>{'More and more words. ' * 200}</p>")
        assert same(story(title), whole)

    def test_though_a_feed_signs_its_titles(self):
        title = "Ice releases Port Hallin"
        assert same(
            story(f"{title} | The Hallin Times", source="The Hallin Times"),
            story(f"Agency News: {title}", feed="b", source="Agency News"),
        )

    def test_at_one_address_whatever_the_lead(self):
        title, address = "Ice releases Port Hallin", "x.example/ice"
        assert same(story(title, address=address), story(title, "Short.", "b", address=address))

    def test_in_a_script_without_spaces(self):
        title = "哈林港冰封十一天后重新开放"
        lead = "市议会周一表示，哈林港在冰封十一天后重新开放，约三百一十人在码头等候当天早上的第一艘船。"
        assert same(story(title, lead), story(title, f"快讯：{lead}", "b"))


class TestNotTheSame:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Weather report for Monday", "Weather report for Tuesday"),
            ("Bulletin météo de lundi", "Bulletin météo de mardi"),
            ("Earthquake kills 12 in Chile", "Earthquake kills 21 in Chile"),
            ("Earthquake in Chile", "Earthquake kills 12 in Chile"),
            ("Budget 1,000 short", "Budget 10,000 short"),
            ("Minister Smith resigns over budget", "Minister Jones resigns over budget"),
            ("Morning briefing: Paris", "Morning briefing: Rome"),
            ("Episode 12: The harbour", "Episode 13: The harbour"),
            ("Hallin 2-1 Sandvik", "Hallin 1-3 Sandvik"),
            ("明天的天气：晴", "明天的天气：雨"),
            ("सोमवार की मौसम रिपोर्ट", "मंगलवार की मौसम रिपोर्ट"),
            ("On ice", "On ice, on snow, on rain and on all that falls from the sky in winter"),
        ],
    )
    def test_where_titles_differ_though_the_lead_is_the_same(self, one, other):
        assert not same(story(one), story(other, feed="b"))

    @pytest.mark.parametrize(
        "lead",
        [
            LEAD.replace("Monday", "Tuesday"),
            LEAD.replace("310", "301"),
            LEAD.replace("Port Hallin", "Port Sandvik"),
            LEAD.replace("eleven", "twelve"),
            "Three men were arrested in the capital after a long night of protest against the new law on water.",
        ],
    )
    def test_where_leads_differ_though_the_title_is_the_same(self, lead):
        assert not same(
            story("Port Hallin: the latest news"), story("Port Hallin: the latest news", lead, "b")
        )

    def test_where_who_did_it_to_whom_differs(self):
        one = "Hallin has beaten Sandvik in the last minute of a match that nobody in the town will ever forget."
        other = "Sandvik has beaten Hallin in the last minute of a match that nobody in the town will ever forget."
        assert not same(story("Hallin beats Sandvik", one), story("Sandvik beats Hallin", other, "b"))

    @pytest.mark.parametrize("lead", ["", "Read all about it."])
    def test_where_there_is_too_little_to_tell_by(self, lead):
        title = "The weekly open thread for all our readers"
        assert not same(story(title, lead), story(title, lead, "b"))

    def test_where_a_title_says_nothing(self):
        assert not same(story("News"), story("News", feed="b"))
        assert not same(story(""), story("", feed="b"))

    def test_at_one_address_that_tells_something_else_each_day(self):
        address = "met.example/forecast"
        one, other = (
            story("Forecast for Monday", address=address),
            story("Forecast for Tuesday", address=address),
        )
        assert not same(one, other)

    def test_at_a_home_page(self):
        title = "The weekly open thread"
        assert not same(story(title, "", address="x.example"), story(title, "", "b", address="x.example"))


class TestDates:
    """ "Morning briefing", "Weather forecast", "Live": one title and one lead, and every day another story."""

    LATER = NOW + timedelta(hours=20)

    def two(
        self, one_address, other_address, later=LATER, lead=LEAD, other_lead=LEAD, title="Morning briefing"
    ):
        return (
            story("Morning briefing", lead, address=one_address, published=NOW),
            story(title, other_lead, "b", address=other_address, published=later),
        )

    @pytest.mark.parametrize("title", ["Morning briefing", "Morning briefing: gold"])
    def test_two_articles_of_one_host_are_two_hours_apart(self, title):
        assert not same(*self.two("x.example/1", "x.example/2", title=title))

    @pytest.mark.parametrize("later", [NOW, NOW + APART, None])
    def test_and_one_where_they_came_out_together_or_nobody_says_when(self, later):
        assert same(*self.two("x.example/1", "x.example/2", later))

    def test_two_hosts_may_bring_one_story_hours_apart(self):
        assert same(*self.two("x.example/1", "y.example/2"))

    @pytest.mark.parametrize(
        ("lead", "later", "expected"),
        [
            ("Rain on Monday.", LATER, True),
            ("Sun on Tuesday.", LATER, False),
            ("Sun on Tuesday.", NOW + APART, True),
            ("", LATER, True),
        ],
    )
    def test_a_page_that_is_written_anew_each_day_tells_several(self, lead, later, expected):
        at = "met.example/forecast"
        assert same(*self.two(at, at, later, "Rain on Monday.", lead)) is expected


class TestALeadThatAFeedRepeats:
    def leads(self, *dates, feed="a"):
        known = Leads()
        for date in dates:
            known.add(Entry("k", feed, "", "", "T", summary_html=f"<p>{LEAD}</p>", published=date))
        return known

    def one(self, *dates, feed="a"):
        one, other = (
            story("Weekly notes on water", LEAD, name, address=f"{name}.example/1") for name in "ab"
        )
        return same_story(one, other, self.leads(*dates, feed=feed))

    @pytest.mark.parametrize("feed", ["a", "b"])
    def test_tells_nothing(self, feed):
        assert not self.one(NOW, NOW + timedelta(days=1), feed=feed)

    def test_tells_what_it_tells_where_another_feed_repeats_it(self):
        assert self.one(NOW, NOW + timedelta(days=1), feed="c")

    @pytest.mark.parametrize("dates", [(), (NOW,), (NOW, NOW), (NOW, NOW + APART), (None, NOW)])
    def test_is_one_that_came_out_on_several_days(self, dates):
        assert self.one(*dates)


class TestIndex:
    def test_finds_what_other_feeds_told_first_things_first(self):
        index = Index()
        for each in (
            story("Ice releases Port Hallin", feed="a"),
            story("Breaking: ice releases Port Hallin", feed="b"),
            story("Ice takes Port Hallin", feed="b"),
            story("Ice releases Port Hallin", feed="c"),
        ):
            index.add(each.headline)
        asked = story("Ice releases Port Hallin", feed="c").headline
        assert [found.feed for found in index.alike(asked)] == ["a", "b"]

    def test_misses_none_that_a_comparison_of_all_with_all_finds(self):
        titles = [
            "",
            "Ice",
            "Ice releases",
            "Ice releases Port",
            "Port Hallin",
            "Hallin port",
            "Ice on Port Hallin",
        ]
        stories = [story(title, feed=str(n)) for n, title in enumerate(titles)]
        index = Index()
        for each in stories:
            index.add(each.headline)
        for each in stories:
            wanted = {o.headline.feed for o in stories if o is not each and same_story(each, o)}
            assert wanted <= {found.feed for found in index.alike(each.headline)}


def test_words_have_one_spelling():
    assert words("The U.S. paid 1,000 (“don’t” & don't)") == ("the", "us", "paid", "1000", "dont", "dont")
    assert words("Ｆｕｌｌ ｗｉｄｔｈ") == ("full", "width")
    assert words("हिन्दी में") == ("हिन्दी", "में")
    assert words("冰 ice") == ("冰", "ice")
