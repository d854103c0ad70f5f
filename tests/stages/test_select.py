"""The select stage: what is taken, what is skipped, in what order and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.config import FeedConfig
from bot.model import CleanArticle, Entry, SafeHtml, Skip, Take
from bot.stages.select import LONGEST_WAIT, choose, spread, unsuitable

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def feed(**options) -> FeedConfig:
    return FeedConfig(
        **{"name": "f", "url": "https://x.example/f", "language": "en", "sites": ("s",), "rights": "open"}
        | options
    )


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


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"rights": "unknown"}, 'set rights to "open", "permission" or "licensed"'),
        ({"rights": "excerpt"}, 'rights = "excerpt" leaves its page unread'),
        ({"content": "excerpt"}, 'content = "excerpt" leaves its page unread'),
        ({"content": "feed"}, 'content = "feed" leaves its page unread'),
    ],
)
def test_a_bare_title_is_skipped_where_its_page_may_not_be_read(options, key):
    entries = [
        entry("a"),
        entry("b", summary_html="<p>Words</p>"),
        entry("c", content_html="<p>&nbsp;<img></p>"),
    ]
    decisions = decided(entries, source=feed(**options))
    assert taken(decisions) == "b"
    assert all(key in reason for reason in reasons(decisions).values())
    assert sorted(taken(decided(entries))) == ["a", "b", "c"]


def rule(action, **patterns):
    return {"action": action, **patterns}


class TestRules:
    @pytest.mark.parametrize(
        ("field", "told"),
        [
            ("title", {"title": "On Whales"}),
            ("text", {"summary_html": "<p>All about <b>whales</b>.</p>"}),
            ("text", {"content_html": "<p>All about <b>whales</b>.</p>"}),
            ("link", {"link": "https://x.example/whales/1"}),
            ("author", {"author": "W. Whales"}),
            ("category", {"categories": ("Sea", "Whales")}),
        ],
    )
    def test_look_into_their_own_field(self, field, told):
        fields = ("title", "text", "link", "author", "category")
        for asked in fields:
            source = feed(rules=[rule("skip", **{asked: "WHALES"})])
            assert taken(decided([entry("a", **told)], source=source)) == ("" if asked == field else "a")

    def test_all_patterns_of_one_must_be_found(self):
        source = feed(rules=[rule("skip", category="^sport$", title="tennis")])
        entries = [
            entry("a", categories=("Sport",), title="Tennis: final"),
            entry("b", categories=("Sport",), title="Football"),
            entry("c", title="Table tennis"),
        ]
        decisions = decided(entries, source=source)
        assert sorted(taken(decisions)) == ["b", "c"]
        assert reasons(decisions) == {
            "a": 'matches the rule that skips title "tennis" and category "^sport$"'
        }

    def test_several_are_alternatives_and_skipping_has_the_last_word(self):
        source = feed(
            include=("harbour",),
            rules=[rule("take", title="sea"), rule("take", author="smith"), rule("skip", any="war")],
        )
        entries = [
            entry("a", title="Harbour"),
            entry("b", title="Sea"),
            entry("c", author="J. Smith"),
            entry("d", title="Warships at sea"),
            entry("e"),
        ]
        decisions = decided(entries, source=source)
        assert sorted(taken(decisions)) == ["a", "b", "c"]
        assert reasons(decisions) == {
            "d": 'matches the rule that skips any "war"',
            "e": "matches none of include or the rules that take",
        }

    def test_an_exception_is_a_pattern_that_must_not_be_there(self):
        source = feed(rules=[rule("skip", category="sport", title="^(?!.*breaking)")])
        entries = [
            entry("a", categories=("Sport",), title="Breaking: gold"),
            entry("b", categories=("Sport",), title="Silver"),
        ]
        assert taken(decided(entries, source=source)) == "a"

    @pytest.mark.parametrize(
        "faulty", [{"action": "skip"}, {"action": "drop", "title": "x"}, {"action": "skip", "title": "("}]
    )
    def test_that_mean_nothing_are_refused(self, faulty):
        with pytest.raises(ValueError, match="rules"):
            feed(rules=[faulty])


def test_what_is_too_old_is_skipped_and_what_has_no_date_is_not():
    entries = [entry("a", 3), entry("b", 1), entry("c", None)]
    decisions = decided(entries, source=feed(max_age="2d"))
    assert sorted(taken(decisions)) == ["b", "c"]
    assert reasons(decisions) == {"a": "older than max_age (2d): it is from 2026-03-07 12:00 UTC"}


class TestTurns:
    def turns(self, keys, turns=(), **options):
        decisions = [Take(entry(key, 0)) for key in keys]
        return spread(decisions, feed(max_per_hour=2, **options), turns, NOW)

    def test_within_an_hour_only_so_many_begin(self):
        placed = self.turns("abcde")
        hour = timedelta(hours=1)
        assert [take.not_before for take in placed] == [None, None, NOW + hour, NOW + hour, NOW + 2 * hour]

    def test_those_given_before_count(self):
        earlier = NOW - timedelta(minutes=20)
        assert [take.not_before for take in self.turns("ab", [earlier])] == [
            None,
            earlier + timedelta(hours=1),
        ]

    def test_what_is_skipped_has_none(self):
        decisions = [Skip(entry("a"), "no"), Take(entry("b")), Skip(entry("c"), "no"), Take(entry("d"))]
        assert spread(decisions, feed(max_per_hour=2), [], NOW) == decisions

    def test_a_turn_that_would_come_too_late_is_none(self):
        keys = [f"k{n}" for n in range(60)]
        last = [take.not_before for take in self.turns(keys) if isinstance(take, Take)][-1]
        assert last == NOW + LONGEST_WAIT
        placed = self.turns("abcd", max_age="30m")
        assert reasons(placed) == dict.fromkeys("cd", "its turn (max_per_hour = 2) would come too late")

    def test_without_a_limit_there_is_nothing_to_wait_for(self):
        decisions = [Take(entry(key)) for key in "abc"]
        assert spread(decisions, feed(), [], NOW) == decisions


ENGLISH = (
    "<p>The harbour has opened again after eleven days of ice, the council said on Monday morning.</p>" * 8
)
SPANISH = (
    "<p>El puerto ha vuelto a abrir tras once días de hielo, dijo el ayuntamiento el lunes por la mañana.</p>"
    * 8
)


def read(body, title="T") -> CleanArticle:
    return CleanArticle("https://x.example/a", title, SafeHtml(body), "readability")


class TestUnsuitable:
    def test_too_short_a_text(self):
        source = feed(min_chars=100, rights="open")
        assert unsuitable(entry("a"), read(ENGLISH), source) == ""
        short = "<p>See our video.</p>" + '<img alt="' + "x" * 500 + '" src="y">'
        assert (
            unsuitable(entry("a"), read(short), source)
            == "its text has 14 characters, fewer than min_chars (100)"
        )

    def test_of_an_excerpt_the_feeds_own_text_counts(self):
        told = entry("a", content_html=ENGLISH)
        assert unsuitable(told, read("<p>Short.</p>"), feed(min_chars=100, rights="excerpt")) == ""
        assert unsuitable(told, read("<p>Short.</p>"), feed(min_chars=100, rights="open"))

    def test_another_language(self):
        source = feed(languages=("en", "fr"), rights="open")
        assert unsuitable(entry("a"), read(ENGLISH), source) == ""
        assert unsuitable(entry("a"), read(SPANISH), source) == "reads like es, and languages are en, fr"
        assert unsuitable(
            entry("a"), read(SPANISH), feed(languages=("pt",), rights="open")
        )  # alike, but told apart

    @pytest.mark.parametrize("body", ["<p>12 : 5</p>", "", "<p>Ja, vi elsker</p>"])
    def test_what_cannot_be_told_is_taken(self, body):
        assert unsuitable(entry("a"), read(body), feed(languages=("en",), rights="open")) == ""

    def test_nothing_is_asked_where_nothing_is_wanted(self):
        assert unsuitable(entry("a"), read(""), feed()) == ""
