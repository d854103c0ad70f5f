"""A pattern that would take for ever: nothing hangs, nothing is lost, and the owner learns which it was."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bot.config import FeedConfig
from bot.model import Article, CleanArticle, Entry, SafeHtml, Take
from bot.stages import patterns
from bot.stages.classify import classify
from bot.stages.clean import clean
from bot.stages.patterns import Patterns
from bot.stages.select import choose

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
URL = "https://news.example/a"
ENDLESS = r"^(a|aa)+$"
TRAP = "a" * 90 + "b"  # a stranger's text, on which it takes centuries


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(patterns, "_SECONDS", 0.05)


def feed(**options) -> FeedConfig:
    return FeedConfig(name="news", url=URL, language="en", sites=("monde",), rights="open", **options)


def taken(entry: Entry, **options) -> bool:
    (decision,) = choose([entry], (), feed(**options), first_poll=False, now=NOW)
    return isinstance(decision, Take)


@pytest.mark.parametrize(
    "options",
    [
        {"exclude": (ENDLESS,)},
        {"include": (ENDLESS,)},
        {"rules": ({"action": "skip", "title": ENDLESS},)},
        {"rules": ({"action": "take", "title": ENDLESS},)},
    ],
)
def test_an_entry_that_a_pattern_cannot_judge_is_taken_and_the_log_says_why(options, capsys):
    assert taken(Entry("k", "news", "k", link=URL, title=TRAP), **options)
    (line,) = capsys.readouterr().out.splitlines()
    assert "pattern given up" in line
    assert "feed=news" in line
    assert ENDLESS in line
    assert f"setting={next(iter(options))}" in line
    assert TRAP not in line


def test_what_another_text_or_pattern_says_still_counts():
    entry = Entry("k", "news", "k", link=URL, title=TRAP, categories=("aaa",))
    assert not taken(entry, exclude=(ENDLESS,))  # found in its category
    assert not taken(entry, exclude=("^(aa|a)+$", "b$"))
    assert not taken(entry, rules=({"action": "take", "title": ENDLESS, "category": "x"},))


def test_a_paragraph_that_a_pattern_cannot_judge_stays():
    html = f"<p>The harbour is open again.</p><p>{TRAP}</p><p>Subscribe now</p>"
    article = Article(URL, "A title", html, "readability")
    cleaned = clean(article, feed(remove_text=(ENDLESS, "^Subscribe")))
    assert cleaned.html == f"<p>The harbour is open again.</p>\n<p>{TRAP}</p>"


def test_a_text_that_a_pattern_cannot_judge_stays_as_it_is(capsys):
    article = Article(URL, "Ice", f"<p>The harbour is open again.</p><p>{TRAP}</p>", "readability")
    cleaned = clean(article, feed(replace={ENDLESS: "x", "open": "shut"}))
    assert cleaned.html == f"<p>The harbour is shut again.</p>\n<p>{TRAP}</p>"
    (line,) = capsys.readouterr().out.splitlines()
    assert "setting=replace" in line


def test_a_category_that_a_pattern_cannot_judge_is_not_given():
    keywords = {"Endless": (ENDLESS,), "Harbours": ("b",)}
    article = CleanArticle(URL, TRAP, SafeHtml(""), "readability")
    categories, _ = classify(
        Entry("k", "news", "k", link=URL, title="x"), article, feed(category_keywords=keywords)
    )
    assert categories == ("Harbours",)


def test_after_a_few_such_texts_it_is_not_tried_any_more(monkeypatch, capsys):
    tried = Patterns("news")
    texts = [TRAP + str(n) for n in range(1000)]
    assert not any(tried.find("exclude", ENDLESS, [text], in_doubt=False) for text in texts)
    assert tried.find("exclude", "b999$", texts, in_doubt=False)
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("pattern", "other", "text"),
    [
        (r"(\d+) May", r"May \1", "12 May, 13 May"),
        (r"x*", "-", "abxd"),
        (r"(?i)OSK", r"\g<0>!", "osk Osk"),
        (r"(?P<day>\d+)\.", r"\g<day>th", "12. May"),
        (r"[^\W\d_]+", "w", "Ça va 12"),
        (r"\bPt\.", "Port", "at Pt. Hallin"),
        (r"(a)|b", r"[\1]", "ab"),
        (r"(?s).(?=\n)", "", "a\nb"),
        (r"^a$|\Z", "z", "a\na"),
        ("x{d}", "-", "ab x{d} x x2"),
        ("Hello {d}", "-", "Hello World"),
        ("{e}", "-", "{e} e"),
        (r"\{i}{2,}[{s}]{,1}a{,}", "-", "{i}}{aa {i}"),
        (r"[]{}[(]a", "-", "[a]a{a(a"),
        (r"[^][:a]", "-", "[:a]b"),
        (r"[a&&b||d~~e]", "-", "a&b-c|d~e"),
        (r"[--/]+|[+-]", "-", "+-./"),
        (r"\N{BULLET}{1}[\N{BULLET}{}]", "-", "\u2022\u2022{}"),
        ("(?x) a{d} # of [them\n {e}", "-", "a{d}{e} a"),
        ("(?#{e}[)a{e}", "-", "a{e}a"),
    ],
)
@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")  # of the one that ours are compared with
def test_patterns_mean_what_pythons_own_mean(pattern, other, text):
    tried = Patterns("news")
    assert tried.replace("replace", pattern, other, text) == re.sub(pattern, other, text)
    assert tried.find("include", pattern, [text], in_doubt=False) == bool(re.search(pattern, text))


def test_a_long_pattern_is_told_by_its_beginning(capsys):
    Patterns("news").find("exclude", ENDLESS + "|" + "x" * 5000, [TRAP], in_doubt=False)
    (line,) = capsys.readouterr().out.splitlines()
    assert ENDLESS in line
    assert len(line) < 700


@pytest.mark.parametrize(
    "pattern", ["(", "a{e<=1,x}(", "[z-a]", "(?P<n>", "(" * 3000 + ")" * 3000, "(?a)(?u)"]
)
def test_what_cannot_be_tried_is_refused_with_the_config(pattern):
    with pytest.raises(ValidationError):
        feed(exclude=(pattern,))


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("a{99999999999}", r'counts too far: "{99999999999}"; write no more than 99999'),
        ("a{2,1000000}b", r'counts too far: "{2,1000000}"; write no more than 99999'),
        ("[[:alpha:]]", r'knows no "[:alpha:]"; write [^\W\d_] for letters'),
        ("x[[:^digit:]", r'knows no "[:^digit:]"; write [^\W\d_] for letters'),
        ("ab(c", 'not a regular expression (missing ), unterminated subpattern, at "(c")'),
        ("*", 'not a regular expression (nothing to repeat, at "*")'),
    ],
)
def test_the_refusal_says_in_a_line_what_to_write_instead(pattern, told):
    with pytest.raises(ValidationError) as caught:
        feed(exclude=(pattern,))
    (fault,) = caught.value.errors()
    assert told in fault["msg"]
    assert "\n" not in fault["msg"]


@pytest.mark.parametrize("pattern", [r"[[(]Video[])]", "[a||b]", "a{d}", r"\[:a:\]", "[:a:]", "a{99999}"])
def test_what_re_takes_literally_is_taken_without_a_warning(pattern):
    assert feed(exclude=(pattern,), replace={pattern: "x"}).exclude == (pattern,)
