"""The shared conformance cases (facts from CSP3, Salvation, Chromium's unit tests and web-platform-tests), by both profiles."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policies.cases import match_case

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "csp_match.json"


def shared() -> list[dict[str, Any]]:
    return json.loads(CASES.read_text())["cases"] if CASES.exists() else []


def by_profile() -> Iterator[Any]:
    for case in shared():
        yield pytest.param(case, "spec", case["expected"], id=f"{case['id']}-spec")
        yield pytest.param(case, "chromium", case.get("expected_chromium", case["expected"]), id=f"{case['id']}-chromium")


def test_the_shared_cases_are_there() -> None:
    if not CASES.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared/cases/csp_match.json is missing")
        pytest.skip("../shared/cases/csp_match.json is not beside this checkout")
    assert len(shared()) == 544


@pytest.mark.parametrize(("case", "profile", "expected"), list(by_profile()))
def test_a_shared_case(case: dict[str, Any], profile: Any, expected: str) -> None:
    assert match_case(case, profile).verdict == expected


@pytest.mark.parametrize(("case", "wrong"), [
    ({"kind": "guess", "policy": ""}, "kind"),
    ({"kind": "url", "policy": 3}, "policy"),
    ({"kind": "inline", "policy": "", "inline_type": "poem"}, "inline_type"),
    ({"kind": "url", "policy": "img-src *", "directive": ["img-src"]}, "directive"),
])
def test_a_case_that_cannot_be_run_says_why(case: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        match_case(case)
