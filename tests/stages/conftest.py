"""The golden pairs of tests/data/pages: NAME.html, what is known of it (NAME.json), its article (NAME.article.html)."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def update_golden(request) -> bool:
    """Whether `--update-golden` asks to write what comes out as what is expected. CI must never do that."""
    wanted = bool(request.config.getoption("--update-golden", default=False))
    if wanted and os.environ.get("CI"):
        pytest.fail("--update-golden would make every result right; it is not for CI")
    return wanted
