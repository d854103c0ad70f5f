"""What the tests of fetching share: a fetcher, and what it says where it fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.config import FetchConfig
from bot.engines.http import HttpFetcher
from bot.errors import RelaypressError

PATIENT_SECONDS = 20.0  # far more than any bound that is tried, far less than a hang


def fetcher(seconds: float = 5, max_bytes: int = 10_000_000, *, private: bool = True):
    config = FetchConfig(
        allow_private_networks=private, timeout=timedelta(seconds=seconds), max_bytes=max_bytes
    )
    return HttpFetcher(config, "ops@example.org")


def failure(fetch: HttpFetcher, url: str) -> RelaypressError:
    with pytest.raises(RelaypressError) as caught:
        fetch.get(url)
    assert "\n" not in str(caught.value)
    return caught.value
