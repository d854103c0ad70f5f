"""HTTP: `HttpFetcher` gets documents, `PoliteFetcher` only those that robots.txt allows."""

from bot.engines.http.fetcher import HttpFetcher
from bot.engines.http.robots import PoliteFetcher

__all__ = ["HttpFetcher", "PoliteFetcher"]
