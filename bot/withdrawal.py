"""Withdrawal: a source that is gone for good takes its posts along, where the owner wants that."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from bot import log
from bot.config import Config
from bot.errors import FetchGone, Permanent, StoreUnavailable, Temporary
from bot.ledger import Ledger, report
from bot.model import Recheck
from bot.ports import Ports
from bot.states import Event, Publication, State

logger = log.get()

YOUNGER_THAN = timedelta(days=30)
LOOKS_A_ROUND = 20


class Withdrawer:
    """Looks at the sources of young posts, each once a day."""

    def __init__(self, config: Config, ports: Ports, ledger: Ledger) -> None:
        self._sites = {site.name: site for site in config.sites if site.on_withdrawn != "keep"}
        self._ports = ports
        self._ledger = ledger

    def recheck(self, now: datetime) -> list[Publication]:
        """Look at some; a source that is gone for the second time, a day later, is withdrawn.

        Gives what was retracted. Raises StoreUnavailable.
        """
        if not self._sites:
            return []
        withdrawn = []
        for look in self._ports.store.to_recheck(now, YOUNGER_THAN, LOOKS_A_ROUND):
            gone = self._is_gone(look)
            if gone and look.gone_at is not None:
                withdrawn += self._withdraw(look.key)
            gone_at = (look.gone_at or now) if gone else None
            self._ports.store.save_recheck(dataclasses.replace(look, checked_at=now, gone_at=gone_at))
        return withdrawn

    def retract(self, publication: Publication, *, to_trash: bool) -> Publication | None:
        """Take a post back. Raises SiteUnavailable, SiteUnusable, SiteRefused, KeyError (no such site)."""
        site = self._ports.sites[publication.site]
        if publication.remote is not None:
            site.withdraw(publication.remote.id, to_trash=to_trash)
        return self._ledger.record(publication, Event.RETRACTED)

    def _is_gone(self, look: Recheck) -> bool:
        try:
            self._ports.pages.get(look.link)
        except FetchGone:
            return True
        except StoreUnavailable:
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
