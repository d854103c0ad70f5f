"""The way of an item: THE ORDER of the stages, and nothing else.

    poll     feed -> fetch (conditionally) -> parse -> recognise -> select -> items   one transaction
    prepare  item -> page -> extract -> clean -> sanitise                         kept with the item
                  -> translate (with its checks) -> classify -> illustrate -> compose -> Post   kept: the outbox
    publish  post -> pace -> pictures -> terms -> INTENT -> create -> id          each committed by itself
    update   a post whose source changed: pictures -> INTENT -> write anew, unless a person edited it
    confirm  a post whose answer was lost: look it up by its key; create it only when it is not there
             and the first call cannot still be running
    recheck  the source of a published item, once a day: gone twice -> withdraw
             the story that another feed failed to tell -> back into the queue

`bot run`, `bot run-once` and the tests call these same methods. Each leaves the store in a state from which
the next process goes on, wherever it is stopped. Expected errors become a state with a reason, never an
exception; anything else is a bug and goes up.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from bot import log
from bot.choosing import Chooser
from bot.config import Config, FeedConfig, SiteConfig, TranslationConfig
from bot.errors import (
    EngineRefused,
    EngineUnavailable,
    FetchTooSoon,
    Permanent,
    RelaypressError,
    SiteRefused,
    SiteUnusable,
    Temporary,
)
from bot.illustration import Illustrator
from bot.ledger import Ledger, report
from bot.model import (
    CleanArticle,
    Decision,
    Entry,
    Polled,
    Post,
    Prepared,
    RemotePost,
)
from bot.pacer import Pacer
from bot.polling import Notebook, Poller
from bot.ports import Ports, Site
from bot.reading import Locks, Reader
from bot.sending import Sender
from bot.stages import blocks, classify, compose, illustrate, sanitise, select, translate
from bot.states import Event, Publication, RetryPolicy, State
from bot.withdrawal import Withdrawer

logger = log.get()

ENGINE_PAUSE = timedelta(minutes=5)  # where an engine does not say when to come back
WAITS = "the pace of its site (posts_per_hour, apart, quiet_hours)"
OWNER_PAUSE = timedelta(hours=1)  # where only a change of the config, or on the site, can help


class Pipeline:
    """Runs the stages over the ports. Thread-safe as far as no two threads work on one publication."""

    def __init__(self, config: Config, ports: Ports, retry: RetryPolicy | None = None) -> None:
        self._config = config
        self._ports = ports
        self._store = ports.store
        self._retry = retry = retry or RetryPolicy()
        self._ledger = Ledger(ports.store, ports.clock, retry)
        self._reader = Reader(ports.pages, ports.store, ports.clock)
        self._illustrator = Illustrator(ports.pictures, ports.store)
        self._chooser = Chooser(config, ports.store, self._ledger)
        self._poller = Poller(config, ports, self._chooser, retry)
        self._translating = Locks()
        self._pacer = Pacer(ports.store)
        self._sender = Sender(self._ledger, ports.clock, config.publish.confirm_after)
        self._withdrawer = Withdrawer(config, ports, self._ledger)

    # --- poll -----------------------------------------------------------------------------------

    def notebook(self, feeds: Sequence[FeedConfig]) -> Notebook:
        """For a round of polls of these feeds. Raises StoreUnavailable."""
        return self._poller.notebook(feeds)

    def poll(self, source: FeedConfig, notebook: Notebook | None = None) -> Polled:
        """Fetch a feed and queue its new entries. Raises StoreUnavailable; nothing is lost then."""
        return self._poller.poll(source, notebook)

    def decide(self, source: FeedConfig) -> list[Decision]:
        """What a poll would take now. Nothing is stored. Raises what fetching and parsing raise."""
        return self._poller.decide(source)

    # --- an item --------------------------------------------------------------------------------

    def advance(self, publication: Publication) -> Publication | None:
        """Take a publication as far as it goes now; None where somebody else has changed it meanwhile.

        Raises StoreUnavailable; the next process goes on from what is stored.
        """
        steps: dict[State, Callable[[Publication], Publication | None]] = {
            State.QUEUED: self._prepare,
            State.OUTDATED: self._prepare,
            State.READY: self._publish,
            State.PUBLISHING: self._confirm,
        }
        current: Publication | None = publication
        with log.bind(feed=publication.feed, site=publication.site, item=publication.key):
            try:
                while current is not None and current.is_due(self._ports.clock.now()):
                    before, current = current, steps[current.state](current)
                    if current is not None and current.state == before.state:
                        break  # postponed with a time that has already come: the next round's business
            except RelaypressError:
                raise
            except Exception as bug:  # noqa: BLE001 - docs/adr/0004
                current = self._ledger.stumbled(current or publication, bug)
            if current is not None:
                report(current)
        return current

    # --- prepare --------------------------------------------------------------------------------

    def _prepare(self, publication: Publication) -> Publication | None:
        source, site = self._configured(publication)
        if source is None or site is None or (publication.remote and not site.updates):
            return self._ledger.drop(publication, "feed" if source is None else "site")
        try:
            entry = self._store.entry(publication.key)
            # What is published stays rather than that a shorter text takes its place.
            patient = bool(publication.remote) or not self._retry.spent(publication.attempts + 1)
            article = self._reader.article(entry, source, trusted=publication.wanted, patient=patient)
            if aside := self._put_aside(publication, entry, article, source):
                return aside
            prepared = self.compose(entry, article, source, site)
        except EngineUnavailable as error:
            wished = error.retry_after_seconds
            pause = timedelta(seconds=wished) if wished else ENGINE_PAUSE
            return self._ledger.postpone(publication, error, pause)
        except (EngineRefused, SiteUnusable) as error:
            return self._ledger.postpone(publication, error, OWNER_PAUSE)
        except (Temporary, Permanent) as error:
            return self._ledger.give_way(publication, error)
        return self._ledger.prepared(publication, prepared, hold=site.on_doubt == "hold")

    def _put_aside(
        self, publication: Publication, entry: Entry, article: CleanArticle, source: FeedConfig
    ) -> Publication | None:
        """The publication, if it is not relayed after all: for a rule, or its story was told; None where it goes on."""
        if publication.wanted:
            return None
        if reason := select.unsuitable(entry, article, source):
            # What is published stays as it is: no rule takes it back.
            event = Event.KEPT if publication.remote else Event.SKIPPED
            return self._ledger.record(publication, event, reason=reason)
        if publication.remote:
            return None
        return self._chooser.give_way(publication, self._reader.told_before(entry, article))

    def read(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        """Entry -> CleanArticle. Nothing is stored."""
        return self._reader.read(entry, source)

    def compose(self, entry: Entry, article: CleanArticle, source: FeedConfig, site: SiteConfig) -> Prepared:
        """CleanArticle -> Post: translated, checked and composed. Nothing is stored."""
        language = article.language if source.language == "auto" and article.language else source.language
        # Two sites of one language: the second finds in the memory what the first has asked for.
        with self._translating.of(entry.key, site.language):
            translation = translate.translate(
                article,
                self._ports.translators,
                language,
                site.language,
                options_of(self._config.translation, site.language, source),
                sanitise=sanitise.sanitise,
                memory=self._ports.memory,
            )
        categories, tags = classify.classify(entry, article, source)
        picture, html = illustrate.lead(translation.picture, translation.html, site)
        translation = dataclasses.replace(translation, picture=picture, html=html)
        shape = blocks.to_blocks if site.format == "blocks" else str
        layout = compose.Layout(source, site, self._ports.templates[site.name], sanitise.inert, shape)
        post = compose.compose(layout, article, translation, entry.key, self._ports.clock.now())
        prepared = Prepared(dataclasses.replace(post, categories=categories, tags=tags), translation.findings)
        if prepared.doubtful and site.on_doubt != "hold":
            post = dataclasses.replace(prepared.post, status=site.on_doubt)
            return dataclasses.replace(prepared, post=post)
        return prepared

    # --- publish --------------------------------------------------------------------------------

    def _publish(self, publication: Publication) -> Publication | None:
        post, site = publication.post, self._ports.sites.get(publication.site)
        settings = self._configured(publication)[1]
        if post is None or site is None or settings is None:
            return self._unpublishable(publication)
        if publication.remote is not None:
            return self._update(publication, publication.remote, site, settings)
        with self._pacer.turn(settings, self._ports.clock.now()) as slot:
            if slot is not None:
                return self._ledger.record(publication, Event.WAITED, reason=WAITS, not_before=slot)
            return self._create(publication, post, site, settings)

    def _create(
        self, publication: Publication, post: Post, site: Site, settings: SiteConfig
    ) -> Publication | None:
        try:
            sent, thumbnail = self._illustrator.settle(site, post, settings, attempts=publication.attempts)
            categories, tags = site.resolve_terms(post.categories, post.tags)
        except SiteRefused as error:  # a term that the bot may not make: every post would fail alike
            return self._ledger.postpone(publication, error, OWNER_PAUSE)
        except FetchTooSoon as error:  # the host of a picture
            return self._ledger.wait(publication, error)
        except (Temporary, Permanent) as error:
            return self._ledger.postpone(publication, error)
        return self._sender.create(publication, site, sent, categories, tags, thumbnail)

    def _update(
        self, publication: Publication, remote: RemotePost, site: Site, settings: SiteConfig
    ) -> Publication | None:
        """The post is there, and its source has changed since."""
        post = publication.post
        if post is None:
            return self._unpublishable(publication)
        try:
            there = site.read(remote.id)
            if reason := self._sender.reason_to_keep(publication, there):
                return self._ledger.record(publication, Event.KEPT, reason=reason)
            sent, thumbnail = self._illustrator.settle(site, post, settings, attempts=publication.attempts)
        except FetchTooSoon as error:
            return self._ledger.wait(publication, error)
        except (Temporary, Permanent) as error:
            return self._ledger.postpone(publication, error)
        return self._sender.update(publication, site, sent, thumbnail, there)

    def _confirm(self, publication: Publication) -> Publication | None:
        """The intent stands without an answer: it was lost, or the bot was stopped in the call."""
        site = self._ports.sites.get(publication.site)
        if site is None:
            return self._unpublishable(publication)
        return self._sender.confirm(publication, site)

    # --- recheck --------------------------------------------------------------------------------

    def recheck(self) -> list[Publication]:
        """Look whether the sources of young posts are still there; give what was withdrawn, or revived."""
        now = self._ports.clock.now()
        return [*self._chooser.revive(now), *self._withdrawer.recheck(now)]

    def retract(self, publication: Publication, *, to_trash: bool) -> Publication | None:
        """Take a post back. Raises SiteUnavailable, SiteUnusable, SiteRefused."""
        if publication.site not in self._ports.sites:
            raise SiteUnusable(publication.site, "the site is no longer in the config")
        return self._withdrawer.retract(publication, to_trash=to_trash)

    def _configured(self, publication: Publication) -> tuple[FeedConfig | None, SiteConfig | None]:
        feeds = {each.name: each for each in self._config.feeds}
        sites = {each.name: each for each in self._config.sites}
        return feeds.get(publication.feed), sites.get(publication.site)

    def _unpublishable(self, publication: Publication) -> Publication | None:
        """Its site was taken out of the config: it waits, for the site may come back."""
        error = SiteUnusable(publication.site, "the site is no longer in the config")
        return self._ledger.postpone(publication, error, OWNER_PAUSE)


def options_of(
    settings: TranslationConfig, language: str, source: FeedConfig | None = None
) -> translate.TranslateOptions:
    """What the config says about translating into `language`: in general, and for this feed.

    "pt-BR" takes the glossary and the fixes of "pt", where it has none of its own.
    """
    tables = (settings, source) if source else (settings,)
    return translate.TranslateOptions(
        do_not_translate=(
            *(term for table in tables for term in table.do_not_translate),
            *((source.source,) if source else ()),  # the source is named as it calls itself
        ),
        glossary=_of_language([table.glossary for table in tables], language),
        fixes=_of_language([table.fixes for table in tables], language),
        mix_engines=settings.mix_engines,
        typography=settings.typography,
    )


def _of_language(tables: Sequence[Mapping[str, Mapping[str, str]]], language: str) -> dict[str, str]:
    base = language.split("-", maxsplit=1)[0]
    return {
        word: other
        for table in tables
        for word, other in (table.get(language) or table.get(base, {})).items()
    }
