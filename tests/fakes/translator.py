"""A translation engine of our own port that does what a test tells it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.errors import RelaypressError
from tests.servers.translate_page import speak


class FakeTranslator:
    """Answers each request with `answer(lines)`; `error` is raised instead while it is set."""

    def __init__(
        self,
        answer: Callable[[Sequence[str]], list[str]] | None = None,
        *,
        name: str = "fake",
        error: RelaypressError | None = None,
        pairs: tuple[tuple[str, str], ...] = (),
        max_chars: int = 4900,
        max_url_bytes: int = 15_000,
        keeps_markers: bool = True,
    ) -> None:
        self.answer = answer or (lambda lines: [speak(line) for line in lines])
        self.name, self.error, self.pairs = name, error, pairs
        self.max_chars, self.max_url_bytes, self.keeps_markers = max_chars, max_url_bytes, keeps_markers
        self.requests: list[list[str]] = []

    def supports(self, source: str, target: str) -> bool:
        return not self.pairs or (source, target) in self.pairs

    def translate(self, lines: Sequence[str], source: str, target: str) -> list[str]:
        self.requests.append(list(lines))
        if self.error:
            raise self.error
        return self.answer(lines)
