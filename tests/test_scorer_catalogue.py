"""The figures on reports made from every item of the public lists we read, and from each class of the catalogue in each browser's and
envelope's spelling, with their twins.

They were made while the rules were, so they estimate nothing: they keep what is known known. What one report can't tell (a minified
bundle's beginning, a service that people and tools use alike) is marked as such, and counted apart.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from issues.verdicts.pages import NEEDS_SITES
from tests.scoring import Scored, mixed, run, score

CASES = Path(__file__).parent / "cases" / "catalogue_reports.json.gz"


@pytest.fixture(scope="module")
def cases() -> list[Scored]:
    return [run(case) for case in json.loads(gzip.decompress(CASES.read_bytes()))]


def test_the_figures(cases: list[Scored], capsys: pytest.CaptureFixture[str]) -> None:
    grouped = [row for row in cases if row.case["group"]]
    found = score([*(row for row in cases if row.case["label"] == "noise"), *grouped])
    with capsys.disabled():
        print(f"\n{len(cases)} reports from the catalogue: {found}")
    assert found.noise_caught >= 0.999
    assert found.pair_f1 >= 0.99


def test_no_problem_of_the_site_is_noise(cases: list[Scored]) -> None:
    lost = [row.case["id"] for row in cases if row.case["label"] == "signal" and row.is_noise]
    assert lost == []


def test_no_issue_mixes_what_can_be_decided(cases: list[Scored]) -> None:
    """What a project declares is never in the key, so pages that only that makes foreign may share an issue with its own."""
    told = [row for row in cases if not row.case["needs_context"] and row.judgement.marks[0].rule not in NEEDS_SITES]
    assert mixed(told) == []
