"""HTTP: `HttpFetcher` gets documents, `PoliteFetcher` only what their publishers let us have."""

from bot.engines.http.courtesy import BY_HAND, SERVICE, Courtesy, Patience
from bot.engines.http.fetcher import HttpFetcher
from bot.engines.http.polite import PoliteFetcher
from bot.engines.http.rests import Rests

__all__ = ["BY_HAND", "SERVICE", "Courtesy", "HttpFetcher", "Patience", "PoliteFetcher", "Rests"]
