"""A short campaign of benchmarks/fuzz.py, the same cases each time; `make fuzz` runs a long one."""

from __future__ import annotations

from tests.fuzz.campaign import campaign

CASES = 200


def test_spoilt_feeds_and_pages_raise_nothing_but_our_own_errors():
    report = campaign(seed=2026, workers=2, goes_on=lambda report: report.cases < CASES)
    assert [(finding.case.number, finding.what) for finding in report.findings] == []
    assert report.cases >= CASES
