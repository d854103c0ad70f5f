r"""The owner's patterns, tried on what strangers write: however the two meet, the bot goes on.

A pattern such as `^(a|aa)+$` takes more time with each letter than the universe has. So each has a second for each
text; after a few texts that took longer it is not tried any more, on this poll or article. The package `regex` can be
told how long to try, which the standard library's `re` cannot. What an owner writes means the same to both, but that
`\w` is what Unicode says (TR 18, Annex C): the vowel signs of Indic scripts are in it, the figures of "m²" are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import regex  # type: ignore[import-untyped] # the library has no types

from bot import log

logger = log.get()

T = TypeVar("T")

_SECONDS = 1.0  # for one text
_MOST_TIMEOUTS = 10  # of one pattern


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
        compiled = regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)

        def tried(text: str) -> bool:
            return compiled.search(text, timeout=_SECONDS) is not None

        return any(self._in_time(setting, pattern, text, tried, in_doubt) for text in texts)

    def replace(self, setting: str, pattern: str, other: str, text: str) -> str:
        """`text` with `other` in place of what `pattern` finds; unchanged where that cannot be told in time."""

        def tried(text: str) -> str:
            return str(regex.sub(pattern, other, text, timeout=_SECONDS))

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
        reason = f"not done with a text of {chars} characters within {_SECONDS:g}s, so it was passed over"
        remedy = "write it without a repetition inside another, or of alternatives that begin alike"
        logger.warning(
            "pattern given up",
            feed=self._feed,
            setting=setting,
            pattern=pattern,
            reason=reason,
            remedy=remedy,
        )
