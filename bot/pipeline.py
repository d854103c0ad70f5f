"""The way of an item: THE ORDER of the stages, and nothing else.

    poll     feed -> fetch (conditionally) -> parse -> select -> items            one transaction
    prepare  item -> page -> extract -> clean -> sanitise                         kept with the item
                  -> translate (with its checks) -> compose -> Post               kept: the outbox
    publish  post -> pictures -> terms -> INTENT -> create -> id                  each committed by itself
    confirm  a post whose answer was lost: look it up by its key; create it only when it is not there
             and the first call cannot still be running

`bot run`, `bot run-once` and the tests call these same methods. Each leaves the store in a state from which
the next process goes on, wherever it is stopped. Expected errors become a state with a reason, never an
exception; anything else is a bug and goes up.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import log
from bot.config import Config, FeedConfig, SiteConfig, TranslationConfig
from bot.errors import (
    EngineRefused,
    EngineUnavailable,
    FetchGone,
    FetchRefused,
    FetchUnavailable,
    OutcomeUnknown,
    Permanent,
    RelaypressError,
    SiteRefused,
    SiteUnusable,
    StoreUnavailable,
    Temporary,
)
from bot.ledger import Ledger, report
from bot.model import (
    Article,
    CleanArticle,
    Decision,
    Entry,
    FeedState,
    Fetched,
    Media,
    NotModified,
    ParsedFeed,
    Picture,
    Polled,
    Prepared,
    RemotePost,
)
from bot.ports import Ports, Site
from bot.stages import clean, compose, extract, feed, sanitise, select, translate
from bot.states import Event, Publication, RetryPolicy, State

logger = log.get()

LOOK_BACK = timedelta(minutes=10)  # a site's clock may be behind ours
ENGINE_PAUSE = timedelta(minutes=5)  # where an engine does not say when to come back
OWNER_PAUSE = timedelta(hours=1)  # where only a change of the config, or on the site, can help


class Pipeline:
    """Runs the stages over the ports. Thread-safe as far as no two threads work on one publication."""

    def __init__(self, config: Config, ports: Ports, retry: RetryPolicy | None = None) -> None:
        self._config = config
        self._ports = ports
        self._store = ports.store
        self._ledger = Ledger(ports.store, ports.clock, retry or RetryPolicy())

    # --- poll -----------------------------------------------------------------------------------

    def poll(self, source: FeedConfig) -> Polled:
        """Fetch a feed and queue its new entries. Raises StoreUnavailable; nothing is lost then."""
        state = self._store.feed_state(source.name)
        now = self._ports.clock.now()
        with log.bind(feed=source.name):
            try:
                polled = self._poll(source, state, now)
            except StoreUnavailable:
                raise
            except RelaypressError as error:
                self._ledger.poll_failed(state, error)
                logger.warning("poll failed", error=str(error))
                return Polled(source.name, error=error)
            logger.info("polled", new=polled.new, skipped=polled.skipped, unchanged=polled.unchanged)
        return polled

    def _poll(self, source: FeedConfig, state: FeedState, now: datetime) -> Polled:
        same_address = state.url == source.url
        fetched = self._ports.feeds.get(
            source.url,
            etag=state.etag if same_address else "",
            last_modified=state.last_modified if same_address else "",
            accept=feed.ACCEPT,
        )
        if isinstance(fetched, NotModified):
            self._store.save_feed_state(state.succeeded(now))
            return Polled(source.name, unchanged=True)
        parsed = self._parse(source, fetched)
        decisions = self._choose(source, parsed, state, now)
        after = dataclasses.replace(state.succeeded(now), url=source.url)
        if not parsed.cut_off:  # else a 304 would hide the entries that did not come through
            after = dataclasses.replace(after, etag=fetched.etag, last_modified=fetched.last_modified)
        new = self._store.save_poll(after, decisions, source.sites, now)
        return Polled(source.name, new=new, skipped=len(decisions) - new)

    def decide(self, source: FeedConfig) -> list[Decision]:
        """What a poll would take now. Nothing is stored. Raises what fetching and parsing raise."""
        state, now = self._store.feed_state(source.name), self._ports.clock.now()
        fetched = _whole(self._ports.feeds.get(source.url, accept=feed.ACCEPT))
        return self._choose(source, self._parse(source, fetched), state, now)

    def _parse(self, source: FeedConfig, fetched: Fetched) -> ParsedFeed:
        parsed = feed.parse(fetched.body, fetched.content_type, source.name, fetched.url)
        if parsed.warning:
            logger.warning("feed has faults", warning=parsed.warning)
        return parsed

    def _choose(
        self, source: FeedConfig, parsed: ParsedFeed, state: FeedState, now: datetime
    ) -> list[Decision]:
        known = self._store.known(entry.key for entry in parsed.entries)
        first_poll = state.polled_at is None
        return select.choose(parsed.entries, known, source, first_poll=first_poll, now=now)

    # --- an item --------------------------------------------------------------------------------

    def advance(self, publication: Publication) -> Publication | None:
        """Take a publication as far as it goes now; None where somebody else has changed it meanwhile.

        Raises StoreUnavailable; the next process goes on from what is stored.
        """
        steps: dict[State, Callable[[Publication], Publication | None]] = {
            State.QUEUED: self._prepare,
            State.READY: self._publish,
            State.PUBLISHING: self._confirm,
        }
        current: Publication | None = publication
        with log.bind(feed=publication.feed, site=publication.site, item=publication.key):
            while current is not None and current.is_due(self._ports.clock.now()):
                before, current = current, steps[current.state](current)
                if current is not None and current.state == before.state:
                    break  # postponed with a time that has already come: the next round's business
            if current is not None:
                report(current)
        return current

    # --- prepare --------------------------------------------------------------------------------

    def _prepare(self, publication: Publication) -> Publication | None:
        source, site = self._configured(publication)
        if source is None or site is None:
            missing = "feed" if source is None else "site"
            reason = f"the {missing} is no longer in the config"
            return self._ledger.record(publication, Event.SKIPPED, reason=reason)
        try:
            entry = self._store.entry(publication.key)
            article = self._article(entry, source)
            prepared = self.compose(entry.key, article, source, site)
        except EngineUnavailable as error:
            wished = error.retry_after_seconds
            pause = timedelta(seconds=wished) if wished else ENGINE_PAUSE
            return self._ledger.postpone(publication, error, pause)
        except (EngineRefused, SiteUnusable) as error:
            return self._ledger.postpone(publication, error, OWNER_PAUSE)
        except (Temporary, Permanent) as error:
            return self._ledger.give_way(publication, error)
        if prepared.doubtful and site.on_doubt == "hold":
            reason = "; ".join(f"{doubt.check}: {doubt.detail}" for doubt in prepared.findings)
            return self._ledger.record(
                publication, Event.HELD, reason=reason, post=prepared.post, findings=prepared.findings
            )
        return self._ledger.record(
            publication, Event.PREPARED, post=prepared.post, findings=prepared.findings
        )

    def _article(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        """The article of an item, fetched once for all sites and attempts."""
        kept = self._store.article(entry.key)
        if kept is None:
            kept = self.read(entry, source)
            self._store.save_article(entry.key, kept)
        return kept

    def read(self, entry: Entry, source: FeedConfig) -> CleanArticle:
        """Entry -> CleanArticle: the page, or what the feed itself holds. Nothing is stored."""
        return sanitise.to_article(clean.clean(self._found(entry, source), source))

    def _found(self, entry: Entry, source: FeedConfig) -> Article:
        if source.depth == "excerpt":
            return extract.excerpt(entry)
        if source.depth == "feed" or not entry.link:
            return extract.from_feed(entry)
        try:
            page = self._ports.pages.get(entry.link, accept="text/html,application/xhtml+xml")
        except FetchGone:
            raise  # withdrawn: what the feed still holds is not to be relayed either
        except FetchRefused as error:
            # The publisher keeps robots out, but hands the text out in the feed.
            logger.warning("page refused, the feed's own text is taken", error=str(error))
            return extract.from_feed(entry)
        page = _whole(page)
        return extract.extract(page.body, page.content_type, page.url, entry, remove=source.remove)

    def compose(self, key: str, article: CleanArticle, source: FeedConfig, site: SiteConfig) -> Prepared:
        """CleanArticle -> Post: translated, checked and composed. Nothing is stored."""
        language = article.language if source.language == "auto" and article.language else source.language
        translation = translate.translate(
            article,
            self._ports.translators,
            language,
            site.language,
            options_of(self._config.translation, site.language),
            sanitise=sanitise.sanitise,
            memory=self._ports.memory,
        )
        layout = compose.Layout(source, site, self._ports.templates[site.name], sanitise.inert)
        post = compose.compose(layout, article, translation, key, self._ports.clock.now())
        prepared = Prepared(post, translation.findings)
        if prepared.doubtful and site.on_doubt != "hold":
            post = dataclasses.replace(post, status=site.on_doubt)
        return dataclasses.replace(prepared, post=post)

    # --- publish --------------------------------------------------------------------------------

    def _publish(self, publication: Publication) -> Publication | None:
        post, site = publication.post, self._site(publication)
        if post is None or site is None:
            return self._unpublishable(publication)
        try:
            thumbnail = self._thumbnail(site, post.picture)
            categories, tags = site.resolve_terms(post.categories, post.tags)
        except SiteRefused as error:
            return self._ledger.record(publication, Event.FAILED, reason=str(error))
        except (Temporary, Permanent) as error:
            return self._ledger.postpone(publication, error)
        intended = self._ledger.record(publication, Event.BEGUN)
        if intended is None:
            return None
        return self._create(
            intended, lambda: site.create(post, categories, tags, thumbnail), site_name=site.name
        )

    def _create(
        self, intended: Publication, call: Callable[[], RemotePost], site_name: str
    ) -> Publication | None:
        """The one call that must not happen twice; its intent is committed."""
        try:
            remote = call()
        except OutcomeUnknown as error:
            logger.warning("answer lost", site=site_name, error=str(error))
            return self._ledger.postpone(intended, error, self._config.publish.confirm_after)
        except SiteRefused as error:
            return self._ledger.record(intended, Event.FAILED, reason=str(error))
        except (Temporary, Permanent) as error:
            return self._ledger.postpone(intended, error, event=Event.NOT_SENT)
        return self._ledger.record(intended, Event.PUBLISHED, remote=remote)

    def _thumbnail(self, site: Site, picture: Picture | None) -> Media | None:
        """The attachment for this picture: known, or uploaded now. A broken one never holds up a post."""
        if picture is None:
            return None
        try:
            file = self._ports.pictures.get(picture.url)
        except (Temporary, Permanent) as error:
            logger.warning("picture left out", error=str(error))
            return None
        known = self._store.media(site.name, file.sha256)
        if known is not None:
            return known
        try:
            media = site.upload(file, picture.alt, picture.caption)
        except SiteRefused as error:
            logger.warning("picture left out", error=str(error))
            return None
        self._store.save_media(site.name, file.sha256, media)
        return media

    # --- confirm --------------------------------------------------------------------------------

    def _confirm(self, publication: Publication) -> Publication | None:
        """The intent stands without an answer: it was lost, or the bot was stopped in the call."""
        site, began, post = self._site(publication), publication.intent_at, publication.post
        if site is None or began is None or post is None:
            return self._unpublishable(publication)
        try:
            remote = site.find(post.key, since=began - LOOK_BACK)
        except (Temporary, Permanent) as error:
            return self._ledger.postpone(publication, error)
        if remote is not None:
            return self._ledger.record(publication, Event.PUBLISHED, remote=remote)
        may_run_until = began + self._config.publish.confirm_after
        if self._ports.clock.now() < may_run_until:
            return self._ledger.record(
                publication,
                Event.POSTPONED,
                reason="its answer was lost; it is looked up again before anything is sent",
                not_before=may_run_until,
            )
        return self._ledger.record(publication, Event.NOT_SENT, reason=publication.reason)

    def _configured(self, publication: Publication) -> tuple[FeedConfig | None, SiteConfig | None]:
        feeds = {each.name: each for each in self._config.feeds}
        sites = {each.name: each for each in self._config.sites}
        return feeds.get(publication.feed), sites.get(publication.site)

    def _site(self, publication: Publication) -> Site | None:
        return self._ports.sites.get(publication.site)

    def _unpublishable(self, publication: Publication) -> Publication | None:
        """Its site was taken out of the config: it waits, for the site may come back."""
        error = SiteUnusable(publication.site, "the site is no longer in the config")
        return self._ledger.postpone(publication, error, OWNER_PAUSE)


def options_of(settings: TranslationConfig, language: str) -> translate.TranslateOptions:
    """What the config says about translating into `language`; "pt-BR" takes the glossary of "pt"."""
    base = language.split("-", maxsplit=1)[0]
    glossary = settings.glossary.get(language) or settings.glossary.get(base, {})
    return translate.TranslateOptions(settings.do_not_translate, glossary)


def _whole(answer: Fetched | NotModified) -> Fetched:
    """The answer to an unconditional request."""
    if isinstance(answer, NotModified):
        problem = "answered 304 although nothing was asked conditionally"
        raise FetchUnavailable(answer.url, problem)
    return answer
