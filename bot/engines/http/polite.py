"""PoliteFetcher: fetches the pages that their publishers let us have, as fast as they let us."""

from __future__ import annotations

from bot.engines.http.fetcher import HttpFetcher
from bot.engines.http.reservations import Reservations
from bot.engines.http.robots import Robots
from bot.model import ANYBODY, Access, Fetched, NotModified


class PoliteFetcher:
    """Implements ports.Fetcher for pages: every address on the way is asked about, redirects included.

    Feeds are made for bots and are fetched without.
    """

    def __init__(self, fetcher: HttpFetcher, *, robots: bool = True, tdm: bool = True) -> None:
        self._robots = Robots(fetcher) if robots else None
        self._reservations = Reservations(fetcher) if tdm else None
        self._fetcher = fetcher.checked_by(self._check)

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        accept: str = "*/*",
        access: Access = ANYBODY,
    ) -> Fetched | NotModified:
        """As HttpFetcher.get; FetchRefused also where a publisher keeps robots, or miners of text, away."""
        page = self._fetcher.get(url, etag=etag, last_modified=last_modified, accept=accept, access=access)
        if self._reservations and isinstance(page, Fetched):
            self._reservations.check_page(page, access)
        return page

    def _check(self, url: str, access: Access) -> float:
        apart_seconds = self._robots.check(url, access) if self._robots else 0.0
        if self._reservations:
            self._reservations.check(url, access)
        return 0.0 if access.continues else apart_seconds
