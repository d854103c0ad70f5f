from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import lxml.html
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import EngineConfig
from bot.engines.translators import make
from bot.errors import EngineRefused, EngineUnavailable
from bot.model import CleanArticle, Picture, Translation
from bot.stages.check import weigh
from bot.stages.sanitise import sanitise
from bot.stages.translate import DictMemory, TranslateOptions, translate
from tests.article_maker import ArticleMaker
from tests.fakes.translator import FakeTranslator
from tests.perfect import article, articles, compare, relayed, source_of
from tests.servers.translate_page import DISTORTING, FAITHFUL, TranslatePage, speak

PLAIN = TranslateOptions(typography=False)
BODY = (
    '<p>The <a href="https://example.org/a">city council</a> voted on Tuesday to rebuild the old bridge.</p>'
    "<h2>What comes next</h2><p>Engineers will look at the river bed. The work starts in March.</p>"
    "<p>Nobody knows yet who will pay for it, and the next meeting is in 14 days.</p>"
)


def clean(html: str, **more: object) -> CleanArticle:
    return CleanArticle("https://example.org/1", "A bridge comes back", sanitise(html), "feed", **more)


def done(
    given_: CleanArticle, *engines: FakeTranslator, options: TranslateOptions = PLAIN, **more
) -> Translation:
    return translate(given_, engines, "en", "fr", options, sanitise, **more)


# --- the bar ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", articles(), ids=lambda path: path.stem)
def test_a_faithful_engine_gives_a_perfect_article_in_few_requests(path: Path) -> None:
    given_ = article(path)
    with TranslatePage(FAITHFUL) as page:
        engine = make("google", EngineConfig(url=page.url), data_dir=Path(), contact="")
        translation = relayed(given_, engine, source_of(path))
    outcome = compare(given_, translation)
    assert outcome.perfect
    assert not outcome.held
    assert translation.requests == page.requests


def test_a_distorting_engine_spoils_nothing_and_costs_little() -> None:
    paths = articles()[::3]
    outcomes, requests, least = [], 0, 0
    for seed, path in enumerate(paths):
        given_ = article(path)
        with TranslatePage(DISTORTING, seed=seed, hang_seconds=1.0) as page:
            config = EngineConfig(url=page.url, timeout="1s")
            outcomes.append(compare(given_, relayed(given_, make_quick(config), source_of(path))))
            requests += page.requests
        with TranslatePage(FAITHFUL) as page:
            least += relayed(given_, make_quick(EngineConfig(url=page.url)), source_of(path)).requests
    assert all(outcome.structure_kept for outcome in outcomes)
    assert all(outcome.reported for outcome in outcomes)
    assert sum(outcome.perfect and not outcome.held for outcome in outcomes) >= 0.97 * len(outcomes) - 1e-9
    assert requests <= 1.6 * least


def make_quick(config: EngineConfig):
    """google behind a guard that does not sleep."""
    from bot.engines.translators.google import GoogleTranslator
    from bot.engines.translators.guard import Budget, GuardedTranslator, StatesInMemory

    engine = GoogleTranslator(config, data_dir=Path(), contact="")
    budget = Budget(faults_in_row=100, first_pause_seconds=0.0)
    return GuardedTranslator(engine, budget, StatesInMemory(), sleep=lambda _seconds: None)


def structure(html: str) -> list[tuple[str, list[tuple[str, str]]]]:
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    return [
        (e.tag, sorted((k, v) for k, v in e.attrib.items() if k not in {"alt", "title"})) for e in root.iter()
    ]


def nesting(html: str) -> list[tuple[list[str], list[tuple[str, str]]]]:
    """Every element with those it stands in, in no order: other languages put words elsewhere, and their links."""
    root = lxml.html.fragment_fromstring(html, create_parent="div")
    places = [
        ([a.tag for a in e.iterancestors()], own) for e, own in zip(root.iter(), structure(html), strict=True)
    ]
    return sorted(places)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False), st.booleans())
def test_no_answer_whatever_changes_the_structure(seed: int, rng: random.Random, keeps: bool) -> None:  # noqa: FBT001 - drawn
    alphabet = [
        "[[1]]",
        "[[/1]]",
        "[[2/]]",
        "{{1}}",
        "<b>",
        "<script>x</script>",
        '"',
        "'",
        "&",
        "é.",
        "\u200b",
        "\n",
        "1",
        "word",
        "Word.",
    ]

    def anything(lines: Sequence[str]) -> list[str]:
        return [
            " ".join(rng.choices(alphabet, k=rng.randint(0, 12))) if rng.random() < 0.5 else speak(line)
            for line in lines
        ]

    given_ = clean(ArticleMaker(seed, paragraphs=(2, 4)).html)
    translation = done(given_, FakeTranslator(anything, keeps_markers=keeps))
    assert nesting(translation.html) == nesting(given_.html)
    moved = keeps and any(finding.check == "order" for finding in translation.findings)
    assert moved or structure(translation.html) == structure(given_.html)
    assert "<script" not in translation.html
    assert sanitise(translation.html) == translation.html


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_an_engine_that_sends_everything_back_leaves_the_article_as_it_was(seed: int) -> None:
    given_ = clean(ArticleMaker(seed, paragraphs=(1, 3)).html)
    translation = done(given_, FakeTranslator(list))
    assert translation.html == given_.html
    assert weigh(translation.findings) >= 1


# --- what is translated -------------------------------------------------------------------------


def test_title_lead_picture_and_attributes_are_translated() -> None:
    given_ = clean(
        '<p>Look: <img src="https://e.org/a.jpg" alt="A grey cat"> here</p>',
        lead="All of it in short.",
        picture=Picture(
            "https://e.org/b.jpg", alt="A red door", caption="The house in May", credit="Ann Lee"
        ),
    )
    translation = done(given_, FakeTranslator())
    assert translation.title == speak("A bridge comes back")
    assert translation.lead == speak("All of it in short.")
    assert f'alt="{speak("A grey cat")}"' in translation.html
    assert translation.picture == Picture(
        "https://e.org/b.jpg", alt=speak("A red door"), caption=speak("The house in May"), credit="Ann Lee"
    )


def test_equal_texts_are_asked_once() -> None:
    engine = FakeTranslator()
    done(clean("<p>Share this story</p>" * 9), engine)
    assert engine.requests == [["A bridge comes back.", "Share this story."]]


def test_terms_stay_and_the_glossary_is_kept() -> None:
    options = TranslateOptions(("Relaypress",), {"bridge": "pont"}, {"vho": "le"}, typography=False)
    translation = done(
        clean("<p>Relaypress saw the bridge again today.</p>"), FakeTranslator(), options=options
    )
    assert "Relaypress" in translation.html
    assert " le pont " in translation.html
    assert "pont" in translation.title


def test_what_is_in_the_target_language_already_is_not_translated() -> None:
    engine = FakeTranslator()
    given_ = clean("<p>Le conseil de la ville a décidé mardi de reconstruire le vieux pont.</p>")
    translation = translate(given_, [engine], "auto", "fr", PLAIN, sanitise)
    assert (translation.source, translation.engine, engine.requests) == ("fr", "", [])
    assert translation.html == given_.html


def test_a_paragraph_in_the_target_language_is_left_alone_and_told() -> None:
    markup = (Path(__file__).parent.parent / "data/mixed-language.html").read_text(encoding="utf-8")
    translation = done(clean(markup), FakeTranslator())
    assert "La mer se retire doucement" in translation.html
    assert [finding.check for finding in translation.findings] == ["language"]
    assert weigh(translation.findings) == 0


def test_a_text_too_short_to_tell_its_language_is_refused() -> None:
    with pytest.raises(EngineRefused, match="set language on its feed"):
        translate(
            CleanArticle("u", "Ok", sanitise("<p>1</p>"), "feed"),
            [FakeTranslator()],
            "auto",
            "fr",
            PLAIN,
            sanitise,
        )


# --- memory -------------------------------------------------------------------------------------


def test_an_updated_article_asks_only_for_what_changed() -> None:
    memory, engine = DictMemory(), FakeTranslator()
    done(clean(BODY), engine, memory=memory)
    engine.requests.clear()
    done(clean(BODY), engine, memory=memory)
    assert engine.requests == []
    changed = done(clean(BODY.replace("in March", "in April")), engine, memory=memory)
    assert engine.requests == [["Engineers will look at the river bed. The work starts in April."]]
    assert speak("April") in changed.html


def test_another_glossary_or_engine_asks_anew() -> None:
    memory = DictMemory()
    done(clean(BODY), FakeTranslator(), memory=memory)
    for engine, options in (
        (FakeTranslator(name="other"), PLAIN),
        (FakeTranslator(), TranslateOptions(glossary={"bridge": "pont"}, typography=False)),
    ):
        done(clean(BODY), engine, memory=memory, options=options)
        assert engine.requests


def test_a_refused_line_is_never_remembered() -> None:
    memory = DictMemory()
    done(clean(BODY), FakeTranslator(list), memory=memory)
    assert memory.texts == {}


def test_a_memory_that_was_spoiled_is_not_believed() -> None:
    memory, engine = DictMemory(), FakeTranslator()
    done(clean(BODY), engine, memory=memory)
    memory.texts = dict.fromkeys(memory.texts, "Error 500 (Server Error)")
    engine.requests.clear()
    assert done(clean(BODY), engine, memory=memory).findings == ()
    assert engine.requests


# --- engines in turn ----------------------------------------------------------------------------

DOWN = EngineUnavailable("first", "did not answer", retry_after_seconds=30)


def test_the_next_engine_does_the_whole_article() -> None:
    second = FakeTranslator(name="second")
    translation = done(clean(BODY), FakeTranslator(error=DOWN), second)
    assert translation.engine == "second"
    assert len(second.requests[0]) == 5


def test_the_next_engine_is_asked_where_a_result_is_refused() -> None:
    translation = done(clean(BODY), FakeTranslator(list), FakeTranslator(name="second"))
    assert (translation.engine, translation.findings) == ("second", ())


def test_engines_are_mixed_only_where_that_is_allowed() -> None:
    def but_one(lines: Sequence[str]) -> list[str]:
        return [line if "Nobody" in line else speak(line) for line in lines]

    second = FakeTranslator(name="second")
    mixed = TranslateOptions(mix_engines=True, typography=False)
    translation = done(clean(BODY), FakeTranslator(but_one, name="first"), second, options=mixed)
    assert translation.engine == "first+second"
    assert translation.findings == ()
    assert second.requests == [["Nobody knows yet who will pay for it, and the next meeting is in 14 days."]]


def test_the_item_waits_while_an_engine_is_only_down() -> None:
    with pytest.raises(EngineUnavailable, match="did not answer"):
        done(clean(BODY), FakeTranslator(error=DOWN))
    with pytest.raises(EngineUnavailable, match="did not answer"):
        done(clean(BODY), FakeTranslator(error=DOWN), FakeTranslator(list, name="bad"))


def test_what_was_verified_before_an_engine_went_down_is_not_asked_again() -> None:
    memory, engine = DictMemory(), FakeTranslator(max_chars=120)
    answers = iter([True, True, False])

    def twice(lines: Sequence[str]) -> list[str]:
        if not next(answers, True):
            raise DOWN
        return [speak(line) for line in lines]

    engine.answer = twice
    with pytest.raises(EngineUnavailable):
        done(clean(BODY), engine, memory=memory)
    asked_before = [line for request in engine.requests[:2] for line in request]
    engine.requests.clear()
    done(clean(BODY), engine, memory=memory)
    assert not set(asked_before) & {line for request in engine.requests for line in request}


def test_a_pair_that_no_engine_knows_is_refused() -> None:
    with pytest.raises(EngineRefused, match="no engine in the config translates this pair"):
        done(clean(BODY), FakeTranslator(pairs=(("de", "fr"),)))
    with pytest.raises(EngineRefused, match="no engine in the config"):
        done(clean(BODY))


# --- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        lambda lines: [],
        lambda lines: [""] * len(lines),
        list,
        lambda lines: ["Error 500 (Server Error)!!1500.That’s an error."],
        lambda lines: [line[: len(line) // 2] for line in lines],
        lambda lines: ["La même phrase pour tous."] * len(lines),
    ],
    ids=["nothing", "empty", "echo", "error page", "cut", "one for all"],
)
def test_a_useless_engine_is_reported_and_the_post_held(answer: Callable[[Sequence[str]], list[str]]) -> None:
    engine = FakeTranslator(answer)
    translation = done(clean(BODY), engine)
    assert weigh(translation.findings) >= 1
    assert structure(translation.html) == structure(clean(BODY).html)
    assert len(engine.requests) <= 6


def test_the_number_of_requests_is_capped() -> None:
    engine = FakeTranslator(list)
    done(clean(BODY), engine, options=TranslateOptions(max_requests=2))
    assert len(engine.requests) == 2


def test_a_text_longer_than_a_request_is_parted_and_joined() -> None:
    engine = FakeTranslator(max_chars=200)
    sentence = "The group walked to the next town and slept there. "
    translation = done(clean(f"<p>{sentence * 30}<b>And it rained.</b> {sentence * 3}</p>"), engine)
    assert all(sum(map(len, request)) + len(request) - 1 <= 200 for request in engine.requests)
    assert translation.html == sanitise(
        f"<p>{speak(sentence) * 30}<b>{speak('And it rained.')}</b> {speak(sentence * 3)}</p>"
    )


def test_an_engine_of_plain_text_never_sees_a_marker() -> None:
    engine = FakeTranslator(keeps_markers=False)
    translation = done(clean(BODY), engine)
    assert not any("[[" in line for request in engine.requests for line in request)
    assert f'<a href="https://example.org/a" rel="noopener">{speak("city council")}</a>' in translation.html


def test_an_engine_of_plain_text_sees_no_pair_where_all_else_failed_either() -> None:
    engine = FakeTranslator(lambda lines: [], keeps_markers=False)
    done(clean(BODY), engine)
    assert not any(re.search(r"[\[{(]{2}/?1", line) for request in engine.requests for line in request)


def test_words_that_an_engine_of_plain_text_says_elsewhere_move_no_element() -> None:
    """As found by the property above: a quotation was put before the note that it follows."""

    def another(lines: Sequence[str]) -> list[str]:
        return [speak("The old clinic" if line.startswith("a former judge") else line) for line in lines]

    given_ = clean(
        "<p>The old clinic<sup>[19]</sup> near the market was opened by <q>a former judge</q> on Tuesday.</p>"
    )
    translation = done(given_, FakeTranslator(another, keeps_markers=False))
    assert structure(translation.html) == structure(given_.html)


def test_half_characters_in_an_answer_are_left_out() -> None:
    engine = FakeTranslator(
        lambda lines: [f"{speak(line)[:-1]}\ud800\x00{speak(line)[-1:]}" for line in lines]
    )
    given_ = clean(BODY)
    assert done(given_, engine) == done(given_, FakeTranslator())
