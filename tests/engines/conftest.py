"""What the tests of engines ask for: a server that does everything wrong, and fetchers."""

from __future__ import annotations

import pytest

from tests.engines.fetching import fetcher
from tests.servers import misbehaving


@pytest.fixture(scope="module")
def server():
    with misbehaving() as server:
        yield server


@pytest.fixture
def site(server):
    return server.base_url


@pytest.fixture
def http():
    fetch = fetcher()
    yield fetch
    fetch.close()


@pytest.fixture
def hurried():
    fetch = fetcher(seconds=0.4)
    yield fetch
    fetch.close()
