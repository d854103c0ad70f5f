"""Budgets and a circuit breaker around any engine: polite, and never in the way of the relay.

requests_per_minute    a call waits for its turn, when that is soon
characters_per_day     (UTC) a call over the budget is refused until midnight; kept over restarts
breaker                after 429, a captcha or consent page at once, after other faults in a row: no call
                       before a pause that doubles each time; the first call after it tries again
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.errors import EngineBlocked, EngineUnavailable
from bot.ports import EngineState, EngineStates, Translator
from bot.units import lies_ahead


@dataclass(frozen=True, slots=True)
class Budget:
    """What an engine may be asked for, and how long it is left alone. 0 means no limit."""

    requests_per_minute: int = 0
    characters_per_day: int = 0
    faults_in_row: int = 3  # as many faults as open the breaker
    first_pause_seconds: float = 60.0
    longest_pause_seconds: float = 6 * 3600.0
    longest_wait_seconds: float = 65.0  # for a turn; more is told as unavailable
    retry_seconds: float = 1.0  # before the one second try of a call that failed by accident
    soon_seconds: float = 10.0  # a Retry-After up to this is waited for at once


class StatesInMemory:
    """EngineStates for one process."""

    def __init__(self) -> None:
        self._states: dict[str, EngineState] = {}

    def load(self, name: str) -> EngineState:
        """As EngineStates says."""
        return self._states.get(name, EngineState(name))

    def save(self, state: EngineState) -> None:
        """As EngineStates says."""
        self._states[state.name] = state


class GuardedTranslator:
    """A Translator that keeps to a budget, and leaves an engine in peace that has trouble or turns us away."""

    def __init__(
        self,
        engine: Translator,
        budget: Budget,
        states: EngineStates,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine, self._budget, self._states = engine, budget, states
        self._now, self._sleep = now, sleep
        self._lock = threading.Lock()
        self._turns: deque[datetime] = deque()
        self.name = engine.name
        self.max_chars = engine.max_chars
        self.max_url_bytes = engine.max_url_bytes
        self.keeps_markers = engine.keeps_markers

    def supports(self, source: str, target: str) -> bool:
        """As Translator says."""
        return self._engine.supports(source, target)

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        """As Translator says. An accident (a dropped connection, a 500) is tried once more, after a moment."""
        characters = sum(map(len, lines)) + len(lines)
        self._admit(characters)
        try:
            answer = self._engine.translate(lines, source, target)
        except EngineUnavailable as error:
            wait = error.retry_after_seconds
            if wait is None:
                wait = self._budget.retry_seconds * (2 if isinstance(error, EngineBlocked) else 1)
            if wait > self._budget.soon_seconds:
                self._failed(error)
                raise
            answer = self._once_more(wait, lines, source, target)
        self._succeeded()
        return answer

    def _once_more(self, wait_seconds: float, lines: Sequence[str], source: str, target: str) -> list[str]:
        self._sleep(wait_seconds)
        self._admit(sum(map(len, lines)) + len(lines))
        try:
            return self._engine.translate(lines, source, target)
        except EngineUnavailable as error:
            self._failed(error)
            raise

    def _admit(self, characters: int) -> None:
        """Let a call pass, when its turn has come. Raises EngineUnavailable; that is no failure of the engine."""
        self._spend(characters)
        self._wait_for_turn()

    def _succeeded(self) -> None:
        with self._lock:
            state = self._states.load(self.name)
            if state.failures or state.open_until:
                self._states.save(replace(state, failures=0, open_until=None))

    def _spend(self, characters: int) -> None:
        """Count a call against the day. Raises EngineUnavailable while the breaker is open or the day spent."""
        with self._lock:
            now, state = self._now(), self._states.load(self.name)
            if state.open_until and lies_ahead(state.open_until, now):
                left = (state.open_until - now).total_seconds()
                raise EngineUnavailable(
                    self.name,
                    f"is left alone until {state.open_until:%H:%M} UTC after {state.failures} failures",
                    retry_after_seconds=left,
                )
            used = state.characters if state.day == now.date() else 0
            limit = self._budget.characters_per_day
            if limit and used + characters > limit:
                raise EngineUnavailable(
                    self.name,
                    f"its budget of {limit} characters a day is spent",
                    remedy="raise characters_per_day, or add another engine",
                    retry_after_seconds=_until_midnight(now),
                )
            self._states.save(replace(state, day=now.date(), characters=used + characters))

    def _wait_for_turn(self) -> None:
        """Take the next free turn of the minute, and wait until it has come."""
        limit = self._budget.requests_per_minute
        if not limit:
            return
        with self._lock:
            now = self._now()
            turn = max(now, self._turns[-limit] + timedelta(minutes=1)) if len(self._turns) >= limit else now
            wait = (turn - now).total_seconds()
            if wait > self._budget.longest_wait_seconds:
                raise EngineUnavailable(
                    self.name, f"its {limit} requests a minute are taken", retry_after_seconds=wait
                )
            self._turns.append(turn)
            while len(self._turns) > limit:
                self._turns.popleft()
        if wait:
            self._sleep(wait)

    def _failed(self, error: EngineUnavailable) -> None:
        """Count a failure; open the breaker where that is enough."""
        with self._lock:
            now, state = self._now(), self._states.load(self.name)
            if state.open_until and lies_ahead(state.open_until, now):
                return
            failures = state.failures + 1
            blocked = isinstance(error, EngineBlocked)
            pauses = failures - (1 if blocked else self._budget.faults_in_row)
            until = state.open_until
            if pauses >= 0:
                pause = min(self._budget.first_pause_seconds * 2**pauses, self._budget.longest_pause_seconds)
                until = now + timedelta(seconds=max(pause, error.retry_after_seconds or 0.0))
            self._states.save(replace(state, failures=failures, open_until=until))


def _until_midnight(now: datetime) -> float:
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow - now).total_seconds()
