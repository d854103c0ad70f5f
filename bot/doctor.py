"""The doctor: tries for real whatever the config names, and says what does not work and what to do about it.

    feed     fetch -> read: entries, language
    engine   a short sentence for each pair of languages in use
    websub   ask the public address -> it is this bot that answers
    site     login -> terms -> picture -> private post -> read back -> find by its key -> take all of it away

THE ORDER, and nothing else: what is contacted stands behind ports. The bot's own store is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from bot.checkup import Diagnosis, ExaminedSite, Level, Visit
from bot.config import Config, FeedConfig, WebSubConfig
from bot.errors import ConfigError, FetchPrivate, FetchUnavailable, RelaypressError
from bot.model import NotModified, ParsedFeed
from bot.ports import Clock, Fetcher, Translator
from bot.stages import feed as feed_stage
from bot.stages import language

_SENTENCE = "The harbour is open again after eleven days of ice."
_SHOWN_CHARS = 60
_TELLING_CHARS = 8  # of a secret: by so many it is found where its end is cut off

Pair = tuple[str, str]
"""Source and target language."""


class Callback(Protocol):
    """What stands behind `websub.public_url`."""

    def question(self, nonce: str) -> str:
        """The address, under the public one, at which the bot answers with `nonce`, and nobody else can."""

    def answering(self) -> AbstractContextManager[None]:
        """Answer in this context; the service does where it runs."""


@dataclass(frozen=True, slots=True)
class Instruments:
    """What the doctor examines with; `sites` by their names."""

    feeds: Fetcher
    translators: Sequence[Translator]
    sites: Mapping[str, ExaminedSite]
    clock: Clock
    callback: Callable[[], Callback | None] = lambda: None  # None: it has no key yet; raises ConfigError


def examine(config: Config, instruments: Instruments, token: str) -> Iterator[Diagnosis]:
    """Everything that the config names, in its order; `token` makes the names of test posts and terms unique.

    What a site was given is taken away again, also where the caller stops in the middle.
    """
    read: dict[str, ParsedFeed] = {}
    for source in config.feeds:
        yield from _examine_feed(source, instruments.feeds, read)
    for pair, sentence in _pairs(config, read).items():
        yield from _examine_engines(pair, sentence, instruments)
    if config.websub.public_url is not None:
        yield _examine_hubs(config.websub, instruments, token)
    for site in config.sites:
        feeds = [source for source in config.feeds if site.name in source.sites]
        visit = Visit(instruments.sites[site.name], site, feeds, token, instruments.clock.now())
        try:
            yield from visit.examine()
        finally:
            left = visit.tidy()
        yield from left


# --- feeds --------------------------------------------------------------------------------------


def _examine_feed(source: FeedConfig, fetcher: Fetcher, read: dict[str, ParsedFeed]) -> Iterator[Diagnosis]:
    """Fetch and read a feed; it is put into `read`."""
    subject = f"feed {source.name}"
    try:
        answer = fetcher.get(source.url, accept=feed_stage.ACCEPT, access=source.access)
        if isinstance(answer, NotModified):
            yield Diagnosis(Level.FAIL, subject, "answered 304 although nothing was asked conditionally")
            return
        parsed = feed_stage.read(source, answer)
    except RelaypressError as error:
        yield Diagnosis.of(error, subject)
        return
    read[source.name] = parsed
    said = f"{len(parsed.entries)} entries, language {parsed.language or 'not told'}"
    yield Diagnosis(Level.OK if parsed.entries else Level.WARN, subject, said)
    if parsed.warning:
        yield Diagnosis(Level.WARN, subject, f"has faults that are forgiven: {parsed.warning}")
    if _contradicts(source.language, parsed.language):
        told = f'calls itself "{parsed.language}", the config says "{source.language}"'
        yield Diagnosis(Level.WARN, subject, told, f"check the key language of the feed {source.name}")


def _contradicts(configured: str, told: str) -> bool:
    return bool(told) and configured != "auto" and language.base(configured) != language.base(told)


# --- hubs ---------------------------------------------------------------------------------------


def _examine_hubs(websub: WebSubConfig, instruments: Instruments, nonce: str) -> Diagnosis:
    """Ask at the public address, as a hub would."""
    try:
        callback = instruments.callback()
        if callback is None:
            told = f"{websub.public_url} is not tried: the service has not run yet, so there is no key"
            return Diagnosis(Level.WARN, "websub", told, "let it run once, then ask the doctor again")
        with callback.answering():
            return _examine_callback(websub, callback.question(nonce), instruments.feeds, nonce)
    except ConfigError as error:
        return Diagnosis(Level.FAIL, "websub", str(error))


def _examine_callback(websub: WebSubConfig, question: str, fetcher: Fetcher, nonce: str) -> Diagnosis:
    url, subject = websub.public_url, "websub"
    pass_on = f"let your web server pass {url} on to {websub.listen}"
    try:
        answer = fetcher.get(question)
    except RelaypressError as error:
        return _unanswered(error, url, _concealed(error.problem, question, nonce), pass_on)
    if isinstance(answer, NotModified) or answer.body != nonce.encode():
        return Diagnosis(Level.FAIL, subject, f"{url} is answered by another program", pass_on)
    if _written_alike(answer.url) != _written_alike(question):
        told = f"{url} redirects to {_concealed(answer.url, question, nonce)}"
        return Diagnosis(Level.WARN, subject, told, "write that into public_url: hubs need not follow")
    return Diagnosis(Level.OK, subject, f"{url}: this bot answers there")


def _unanswered(error: RelaypressError, url: str | None, problem: str, pass_on: str) -> Diagnosis:
    if isinstance(error, FetchPrivate):
        told = f"{url} cannot be tried from here: it {problem}"
        return Diagnosis(Level.WARN, "websub", told, "hubs come from outside: try it from there")
    if isinstance(error, FetchUnavailable):
        nobody = "look at its name, the firewall, and whether a web server is there"
        told = f"{url} cannot be reached: {problem}"
        return Diagnosis(Level.FAIL, "websub", told, pass_on if error.status else nobody)
    told = f"{url} is not answered by this bot: {problem}"
    return Diagnosis(Level.FAIL, "websub", told, f"hubs come from outside, without a login: {pass_on}")


def _concealed(text: str, question: str, nonce: str) -> str:
    """`text` without what nobody else is to know of the question, which redirects may have carried on or cut."""
    secret = re.escape(urlsplit(question).path.rpartition("/")[2][:_TELLING_CHARS])
    return re.sub(rf"/?(?:{secret}|{re.escape(nonce)})[^\s)]*", "", text)


def _written_alike(url: str) -> tuple[str, str, int | None, str, str]:
    """An address as a person writes it, and as it is asked for, become one: case, escapes, other alphabets."""
    parts = urlsplit(url)
    host = ".".join(_letters(label) for label in (parts.hostname or "").split("."))
    return parts.scheme, normalize("NFKC", host), parts.port, unquote(parts.path), unquote(parts.query)


def _letters(label: str) -> str:
    """A part of a host name in its own letters (RFC 5890: an A-label begins with "xn--")."""
    ascii_part = label.removeprefix("xn--")
    return label if ascii_part == label else ascii_part.encode().decode("punycode", "replace")


# --- engines ------------------------------------------------------------------------------------


def _pairs(config: Config, read: Mapping[str, ParsedFeed]) -> dict[Pair, str]:
    """The pairs of languages in use, each with a sentence: a headline of a feed in the source language."""
    pairs: dict[Pair, str] = {}
    targets = {site.name: site.language for site in config.sites}
    for source in config.feeds:
        parsed = read.get(source.name)
        spoken = source.language if source.language != "auto" else parsed.language if parsed else ""
        headlines = [entry.title for entry in parsed.entries if " " in entry.title] if parsed else []
        for target in (targets[name] for name in source.sites):
            if spoken and not language.same(spoken, target):
                pairs.setdefault((spoken, target), headlines[0] if headlines else _SENTENCE)
    return pairs


def _examine_engines(pair: Pair, sentence: str, instruments: Instruments) -> Iterator[Diagnosis]:
    """Ask every engine; it is a failure only where none can do it, for the next one takes over."""
    found = [_try(engine, pair, sentence, instruments.clock) for engine in instruments.translators]
    yield from found
    if all(diagnosis.level != Level.OK for diagnosis in found):
        told = f"{pair[0]} -> {pair[1]}: no engine can do it now; articles would wait"
        yield Diagnosis(Level.FAIL, "translation", told, "mend one of the engines, or add one to engines")


def _try(engine: Translator, pair: Pair, sentence: str, clock: Clock) -> Diagnosis:
    subject, what = f"engine {engine.name}", f"{pair[0]} -> {pair[1]}"
    began = clock.now()
    try:
        if not engine.supports(*pair):
            return Diagnosis(Level.WARN, subject, f"{what}: does not translate this pair")
        lines = engine.translate([sentence], *pair)
    except RelaypressError as error:
        return Diagnosis(Level.WARN, subject, f"{what}: {error.problem}", error.remedy)
    seconds = (clock.now() - began).total_seconds()
    said = " ".join(" ".join(lines).split())
    if len(lines) != 1 or said in ("", sentence):
        return Diagnosis(
            Level.WARN, subject, f"{what}: gave back no translation, but {said[:_SHOWN_CHARS]!r}"
        )
    return Diagnosis(Level.OK, subject, f"{what} in {seconds:.1f} s: {said[:_SHOWN_CHARS]}")
