"""Accidents at the ports: the process is stopped, or an answer is lost, at a call that a test chose.

    accidents = Accidents(Accident({4}, after=True))
    ports = accidents.watching(ports)

Every call that the pipeline makes on a port counts, in the order in which it is made. An accident happens
before the call takes effect, or, `after`, once it has. `stopped_at_statement` goes one deeper: into the
transactions of the store.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial

import sqlalchemy as sa

from bot.ports import Ports


class Stopped(BaseException):
    """The process ends here, as by `kill -9`: no `except Exception` may see it."""


@dataclasses.dataclass(frozen=True)
class Accident:
    """Raises `error` at the calls `at`, counted from 0 among those of the method `only` ("" : any)."""

    at: Collection[int]
    after: bool
    only: str = ""
    error: Callable[[], BaseException] = Stopped


class Accidents:
    """What goes wrong in one life of the bot.

    `calls` has the name of every call made in it, `on_their_way` those that an accident kept from taking
    effect: a test may let them arrive late.
    """

    def __init__(self, *planned: Accident) -> None:
        self.calls: list[str] = []
        self.on_their_way: list[Callable[[], object]] = []
        self._planned = planned

    def watching(self, ports: Ports) -> Ports:
        """The same ports, each call counted."""
        single = ("store", "feeds", "pages", "pictures", "memory")
        return dataclasses.replace(
            ports,
            **{name: _Watched(getattr(ports, name), name, self) for name in single},
            translators=[_Watched(each, "translator", self) for each in ports.translators],
            sites={name: _Watched(each, "site", self) for name, each in ports.sites.items()},
        )

    def call(self, name: str, function: Callable[..., object], *arguments: object, **named: object) -> object:
        here = [each for each in self._planned if self._strikes(each, name)]
        self.calls.append(name)
        for accident in here:
            if not accident.after:
                self.on_their_way.append(partial(function, *arguments, **named))
                raise accident.error()
        try:
            return function(*arguments, **named)
        finally:  # also where the answer is an error
            for accident in here:
                raise accident.error()

    def _strikes(self, accident: Accident, name: str) -> bool:
        if accident.only:
            return name == accident.only and self.calls.count(name) in accident.at
        return len(self.calls) in accident.at


class _Watched:
    def __init__(self, port: object, name: str, accidents: Accidents) -> None:
        self._port, self._name, self._accidents = port, name, accidents

    def __getattr__(self, attribute: str) -> object:
        value = getattr(self._port, attribute)
        if not callable(value):
            return value
        return partial(self._accidents.call, f"{self._name}.{attribute}", value)


@contextmanager
def stopped_at_statement(n: int | None, *, of: tuple[str, ...] = ("",)) -> Iterator[list[str]]:
    """Stop before the n-th statement that any store sends within this (None: never); gives those sent.

    `of` are the words that a statement must begin with to count.
    """
    sent: list[str] = []

    def count(_connection, _cursor, statement: str, *_more) -> None:
        if not statement.startswith(of):
            return
        if len(sent) == n:
            raise Stopped
        sent.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", count)
    try:
        yield sent
    except Stopped:
        pass
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
