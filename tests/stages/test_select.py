"""The select stage: what is taken, what is skipped, in what order and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.config import FeedConfig
from bot.model import Entry, Skip, Take
from bot.stages.select import choose

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def feed(**options) -> FeedConfig:
    return FeedConfig(name="f", url="https://x.example/feed", language="en", sites=("s",), **options)


def entry(key: str, age_days: float | None = 0, **options) -> Entry:
    published = None if age_days is None else NOW - timedelta(days=age_days)
    fields = {"guid": key, "link": f"https://x.example/{key}", "title": f"Title {key}"} | options
    return Entry(key=key, feed="f", published=published, **fields)


def decided(entries, known=(), source=None, *, first_poll=False):
    return choose(entries, known, source or feed(), first_poll=first_poll, now=NOW)


def taken(decisions) -> str:
    return "".join(d.entry.key for d in decisions if isinstance(d, Take))


def reasons(decisions) -> dict[str, str]:
    return {d.entry.key: d.reason for d in decisions if isinstance(d, Skip)}


def test_only_new_entries_are_decided_on():
    decisions = decided([entry("a"), entry("b")], known={"a"})
    assert decisions == [Take(entry("b"))]


def test_the_oldest_comes_first_whatever_the_order_of_the_feed():
    for order in ("abc", "cba", "bac"):
        ages = {"a": 3, "b": 2, "c": 1}
        assert taken(decided([entry(key, ages[key]) for key in order])) == "abc"


def test_without_dates_the_first_in_the_feed_is_the_newest():
    assert taken(decided([entry(key, None) for key in "cba"])) == "abc"


def test_with_equal_dates_the_first_in_the_feed_is_the_newest():
    assert taken(decided([entry(key, 1) for key in "cba"])) == "abc"


def test_an_entry_without_a_date_stays_beside_its_neighbour():
    entries = [entry("d", None), entry("c", 1), entry("b", None), entry("a", 2)]
    assert taken(decided(entries)) == "abcd"


def test_a_date_from_the_future_is_not_believed():
    entries = [entry("c", 1), entry("b", -400), entry("a", 2)]
    assert taken(decided(entries, source=feed(backfill=1), first_poll=True)) == "c"


class TestFirstPoll:
    def test_takes_the_newest_and_tells_why_not_the_others(self):
        entries = [entry(key, age) for age, key in enumerate("edcba")]
        decisions = decided(entries, source=feed(backfill=2), first_poll=True)
        assert taken(decisions) == "de"
        assert reasons(decisions) == dict.fromkeys(
            "abc", "older than the newest 2 of the first poll (backfill)"
        )
        assert [d.entry.key for d in decisions] == list("abcde")

    def test_may_take_none(self):
        assert taken(decided([entry("a")], source=feed(backfill=0), first_poll=True)) == ""

    def test_counts_only_what_the_owner_wants(self):
        entries = [entry("d", 1), entry("c", 2, title="Sport"), entry("b", 3), entry("a", 4)]
        decisions = decided(entries, source=feed(backfill=2, exclude=("sport",)), first_poll=True)
        assert taken(decisions) == "bd"
        assert reasons(decisions)["c"] == 'matches exclude "sport"'

    def test_later_polls_take_all(self):
        entries = [entry(key, age) for age, key in enumerate("edcba")]
        assert taken(decided(entries, source=feed(backfill=1))) == "abcde"


class TestPatterns:
    @pytest.mark.parametrize(
        "field",
        [
            {"title": "On Whales"},
            {"summary_html": "<p>All about <b>whales</b>.</p>"},
            {"link": "https://x.example/whales/1"},
            {"author": "W. Whales"},
            {"categories": ("Sea", "Whales")},
        ],
    )
    def test_are_tried_on_every_field_whatever_the_case(self, field):
        entries = [entry("a", **field), entry("b", link="https://x.example/2")]
        assert taken(decided(entries, source=feed(include=("WHALES",)))) == "a"
        assert taken(decided(entries, source=feed(exclude=("whale.",)))) == "b"

    def test_see_the_text_and_not_the_markup(self):
        told = entry("a", summary_html='<a class="ad">Tom &amp; Jerry</a>')
        assert taken(decided([told], source=feed(exclude=("class",)))) == "a"
        assert taken(decided([told], source=feed(include=("Tom & Jerry",)))) == "a"

    def test_anchors_mean_the_ends_of_a_field(self):
        entries = [entry("a", title="Opinion: no"), entry("b", title="An opinion")]
        assert taken(decided(entries, source=feed(exclude=("^opinion",)))) == "b"

    def test_any_of_include_is_enough_and_exclude_has_the_last_word(self):
        source = feed(include=("sea", "ship"), exclude=("war",))
        entries = [entry("a", title="Sea"), entry("b", title="Ship"), entry("c", title="Warship"), entry("d")]
        decisions = decided(entries, source=source)
        assert sorted(taken(decisions)) == ["a", "b"]
        assert reasons(decisions) == {"c": 'matches exclude "war"', "d": "matches none of include"}


def test_an_entry_with_nothing_to_relay_is_skipped():
    entries = [entry("a", link=""), entry("b", link="", content_html="<p>Text</p>"), entry("c")]
    decisions = decided(entries)
    assert sorted(taken(decisions)) == ["b", "c"]
    assert reasons(decisions) == {"a": "has neither a link nor content"}
