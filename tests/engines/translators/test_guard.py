from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.engines.translators.guard import Budget, GuardedTranslator, StatesInMemory
from bot.errors import EngineBlocked, EngineUnavailable
from bot.ports import EngineState
from tests.fakes.translator import FakeTranslator

ACCIDENT = EngineUnavailable("fake", "answered with status 500")
BLOCK = EngineBlocked("fake", "turns us away with status 429")


class Guarded:
    """A guard around a fake engine, with a clock that a test moves."""

    def __init__(self, states: StatesInMemory | None = None, **budget: float) -> None:
        self.now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
        self.slept: list[float] = []
        self.engine = FakeTranslator()
        self.states = states or StatesInMemory()
        self.guard = GuardedTranslator(
            self.engine, Budget(**budget), self.states, now=lambda: self.now, sleep=self.sleep
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def ask(self, text: str = "Hello") -> list[str]:
        return self.guard.translate([text], "en", "fr")


def test_an_accident_is_tried_once_more() -> None:
    guarded = Guarded()
    failing = iter([ACCIDENT, None])

    def answer(lines):
        if error := next(failing):
            raise error
        return ["ok"]

    guarded.engine.answer = answer
    assert guarded.ask() == ["ok"]
    assert guarded.slept == [1.0]


def test_a_wait_that_the_engine_asks_for_is_kept_where_it_is_short() -> None:
    guarded = Guarded()
    guarded.engine.error = EngineBlocked("fake", "429", retry_after_seconds=7)
    with pytest.raises(EngineBlocked):
        guarded.ask()
    assert guarded.slept == [7]


def test_a_block_opens_the_breaker_with_a_pause_that_grows() -> None:
    guarded = Guarded(first_pause_seconds=60)
    guarded.engine.error = BLOCK
    for minutes in (1, 2, 4, 8):
        with pytest.raises(EngineBlocked):
            guarded.ask()
        asked = len(guarded.engine.requests)
        with pytest.raises(EngineUnavailable, match="is left alone until") as raised:
            guarded.ask()
        assert raised.value.retry_after_seconds == minutes * 60
        assert len(guarded.engine.requests) == asked
        guarded.now += timedelta(minutes=minutes)


def test_accidents_open_it_only_in_a_row() -> None:
    guarded = Guarded(faults_in_row=2)
    guarded.engine.error = ACCIDENT
    with pytest.raises(EngineUnavailable, match="status 500"):
        guarded.ask()
    guarded.engine.error = None
    guarded.ask()
    guarded.engine.error = ACCIDENT
    for _ in range(2):
        with pytest.raises(EngineUnavailable, match="status 500"):
            guarded.ask()
    with pytest.raises(EngineUnavailable, match="is left alone"):
        guarded.ask()


def test_a_success_after_the_pause_closes_it() -> None:
    guarded = Guarded()
    guarded.engine.error = BLOCK
    with pytest.raises(EngineBlocked):
        guarded.ask()
    guarded.now += timedelta(hours=1)
    guarded.engine.error = None
    assert guarded.ask()
    assert guarded.states.load("fake").failures == 0


def test_a_breaker_that_a_wrong_clock_has_opened_for_years_is_closed() -> None:
    states = StatesInMemory()
    guarded = Guarded(states)
    states.save(EngineState("fake", failures=3, open_until=guarded.now + timedelta(days=3650)))
    assert guarded.ask()


def test_the_breaker_stays_open_over_a_restart() -> None:
    first = Guarded()
    first.engine.error = BLOCK
    with pytest.raises(EngineBlocked):
        first.ask()
    with pytest.raises(EngineUnavailable, match="is left alone"):
        Guarded(first.states).ask()


def test_the_characters_of_a_day_are_kept() -> None:
    guarded = Guarded(characters_per_day=20)
    guarded.ask("x" * 15)
    with pytest.raises(EngineUnavailable, match="20 characters a day") as raised:
        guarded.ask("x" * 15)
    assert raised.value.retry_after_seconds == 14 * 3600
    assert guarded.states.load("fake").failures == 0
    guarded.now += timedelta(days=1)
    assert guarded.ask("x" * 15)


def test_requests_wait_for_their_turn() -> None:
    guarded = Guarded(requests_per_minute=2)
    for _ in range(5):
        guarded.ask()
    assert guarded.slept == [60.0, 60.0]


def test_a_turn_that_is_far_off_is_not_waited_for() -> None:
    guarded = Guarded(requests_per_minute=1, longest_wait_seconds=30)
    guarded.ask()
    with pytest.raises(EngineUnavailable, match="1 requests a minute"):
        guarded.ask()
