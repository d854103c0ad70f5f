"""Withdrawal: a source that is gone for good takes its posts along, where the owner wants that."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot import log
from bot.config import Config
from bot.errors import FetchGone, FetchTooSoon, Permanent, StoreUnavailable, Temporary
from bot.ledger import Ledger, report
from bot.model import Recheck
from bot.ports import Ports
from bot.states import Event, Publication, State

logger = log.get()

YOUNGER_THAN = timedelta(days=30)
LOOKS_A_ROUND = 20
SOON_AGAIN = timedelta(
    hours=23
)  # ago: a source whose host wants time is due in an hour, behind which others come
MOST_GONE_OF_A_HOST = 5
"""In one round. More is a site that moved or broke, not so many articles taken back."""
DOUBT = timedelta(days=2)
"""For so long no source of such a host counts as gone: its other posts come in the next rounds."""


class Withdrawer:
    """Looks at the sources of young posts, each once a day."""

    def __init__(self, config: Config, ports: Ports, ledger: Ledger) -> None:
        self._sites = {site.name: site for site in config.sites if site.on_withdrawn != "keep"}
        self._feeds = {feed.name: feed for feed in config.feeds}
        self._doubted: dict[str, datetime] = {}  # hosts, and until when
        self._ports = ports
        self._ledger = ledger

    def recheck(self, now: datetime) -> list[Publication]:
        """Look at some; a source that is gone for the second time, a day later, is withdrawn.

        Of a host with more than MOST_GONE_OF_A_HOST sources gone nothing is withdrawn.
        Gives what was retracted. Raises StoreUnavailable.
        """
        if not self._sites:
            return []
        looks, gone = self._look(now)
        self._doubt(gone, now)
        withdrawn = []
        for look in looks:
            gone_at = None
            if look in gone:
                sure = self._doubted.get(_host(look), now) <= now
                if sure and look.gone_at is not None:
                    withdrawn += self._withdraw(look.key)
                gone_at = look.gone_at or (now if sure else None)
            self._ports.store.save_recheck(dataclasses.replace(look, checked_at=now, gone_at=gone_at))
        return withdrawn

    def _look(self, now: datetime) -> tuple[list[Recheck], list[Recheck]]:
        """Ask for some sources; gives those that were asked for, and those of them that are gone."""
        looks, gone = [], []
        for look in self._ports.store.to_recheck(now, YOUNGER_THAN, LOOKS_A_ROUND):
            try:
                if self._is_gone(look):
                    gone.append(look)
            except FetchTooSoon:
                self._ports.store.save_recheck(dataclasses.replace(look, checked_at=now - SOON_AGAIN))
                continue
            looks.append(look)
        return looks, gone

    def _doubt(self, gone: Iterable[Recheck], now: datetime) -> None:
        """Note and tell the hosts where too much is gone at once."""
        for host, n in Counter(map(_host, gone)).items():
            if n > MOST_GONE_OF_A_HOST:
                self._doubted[host] = now + DOUBT
                reason = f"{n} sources are gone at once; no post is withdrawn; see whether the site has moved"
                logger.warning("host needs a look", host=host, reason=reason)

    def retract(self, publication: Publication, *, to_trash: bool) -> Publication | None:
        """Take a post back. Raises SiteUnavailable, SiteUnusable, SiteRefused, KeyError (no such site)."""
        site = self._ports.sites[publication.site]
        if publication.remote is not None:
            site.withdraw(publication.remote.id, to_trash=to_trash)
        return self._ledger.record(publication, Event.RETRACTED)

    def _is_gone(self, look: Recheck) -> bool:
        source = self._feeds.get(look.feed)
        if source is None:
            return False  # without the access of its feed, a page may well look gone
        try:
            self._ports.pages.get(look.link, access=source.access)
        except FetchGone:
            return True
        except (StoreUnavailable, FetchTooSoon):
            raise
        except (Temporary, Permanent):
            return False  # not to be had today says nothing about tomorrow
        return False

    def _withdraw(self, key: str) -> list[Publication]:
        done = []
        for publication in self._ports.store.publications(key=key, states=[State.PUBLISHED]):
            settings = self._sites.get(publication.site)
            if settings is None:
                continue
            with log.bind(feed=publication.feed, site=publication.site, item=publication.key):
                try:
                    after = self.retract(publication, to_trash=settings.on_withdrawn == "trash")
                except (Temporary, Permanent) as error:
                    logger.warning("not withdrawn yet", error=str(error))
                    continue
                if after is not None:
                    report(after)
                    done.append(after)
        return done


def _host(look: Recheck) -> str:
    return urlsplit(look.link).hostname or ""
