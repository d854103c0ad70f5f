"""The owner's patterns, tried on what strangers write: however the two meet, the bot goes on.

A pattern such as `^(a|aa)+$` takes more time with each letter than the universe has. So each has a while for each
text; after a few texts that took longer it is not tried any more, on this poll or article. The package `regex` can be
told how long to try, which the standard library's `re` cannot; bot/dialect.py tells how little else it differs in.

The time is the processor's, of all threads of the process together: a machine that others keep busy takes none of it,
our own local translation does. What is sound needs milliseconds of it, so there is room for that many times over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import regex  # type: ignore[import-untyped] # the library has no types

from bot import log
from bot.dialect import plain

logger = log.get()

T = TypeVar("T")

_SECONDS = 5.0  # for one text
_MOST_TIMEOUTS = 3  # of one pattern
_SHOWN_CHARS = 200  # of a pattern


class Patterns:
    """Tries the patterns of one feed, for one poll or one article, and tells of the first time that one fails."""

    def __init__(self, feed: str) -> None:
        self._feed = feed
        self._timeouts: Counter[str] = Counter()

    def find(
        self, setting: str, pattern: str, texts: Sequence[str], *, in_doubt: bool, ignore_case: bool = False
    ) -> bool:
        """Whether `pattern`, written at the key `setting`, is found in one of `texts`.

        `in_doubt` is the answer for a text where that cannot be told in time.
        """
        compiled = regex.compile(plain(pattern), regex.IGNORECASE if ignore_case else 0)

        def tried(text: str) -> bool:
            return compiled.search(text, timeout=_SECONDS) is not None

        return any(self._in_time(setting, pattern, text, tried, in_doubt) for text in texts)

    def replace(self, setting: str, pattern: str, other: str, text: str) -> str:
        """`text` with `other` in place of what `pattern` finds; unchanged where that cannot be told in time."""

        def tried(text: str) -> str:
            return str(regex.sub(plain(pattern), other, text, timeout=_SECONDS))

        return self._in_time(setting, pattern, text, tried, text)

    def _in_time(self, setting: str, pattern: str, text: str, attempt: Callable[[str], T], otherwise: T) -> T:
        if self._timeouts[pattern] >= _MOST_TIMEOUTS:
            return otherwise
        try:
            return attempt(text)
        except TimeoutError:
            self._timeouts[pattern] += 1
            if self._timeouts[pattern] == 1:
                self._tell(setting, pattern, len(text))
            return otherwise

    def _tell(self, setting: str, pattern: str, chars: int) -> None:
        reason = f"not done with a text of {chars} characters in {_SECONDS:g}s of work, so it was passed over"
        remedy = (
            "write a shorter one, with no repetition of a repetition and no alternatives that begin alike"
        )
        logger.warning(
            "pattern given up",
            feed=self._feed,
            setting=setting,
            pattern=pattern if len(pattern) <= _SHOWN_CHARS else f"{pattern[: _SHOWN_CHARS - 1]}…",
            reason=reason,
            remedy=remedy,
        )
