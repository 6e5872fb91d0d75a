"""The road from the first report to an enforced policy, as numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from issues.lab import read
from issues.lab_actions import confirm
from issues.lab_policies import confirmed_of
from issues.models import Issue, LabSettings
from issues.readiness import Facts, Thresholds, judge
from issues.standing import standings_of
from tests.issues.lab_seed import POLICY, report

READY = Facts(confirmed=True, days=20, reports=5_000, browsers=("Chrome", "Firefox"), proved=True, silent=0)


@pytest.mark.parametrize(
    "changed, state",
    [
        ({"confirmed": False}, "unconfirmed"),
        ({"days": 13}, "collecting"),
        ({"reports": 99}, "collecting"),
        ({"browsers": ("Chrome",)}, "collecting"),
        ({"proved": False}, "collecting"),
        ({"decisions": 1}, "stabilising"),
        ({"new_issues": 1}, "stabilising"),
        ({"broken_pages": 2}, "stabilising"),
        ({"silent": 3}, "stabilising"),
        ({}, "ready"),
        ({"enforced": True}, "enforced"),
        ({"enforced": True, "breaking": 1}, "regressed"),
    ],
)
def test_one_number_decides(changed, state):
    readiness = judge(replace(READY, **changed), Thresholds())
    assert readiness.state == state
    if state in ("collecting", "stabilising"):
        assert len(readiness.unmet) == 1


def test_the_days_before_enough_was_seen_come_before_what_is_open():
    assert judge(replace(READY, days=1, decisions=4), Thresholds()).state == "collecting"


def test_silence_is_noticed_after_enforcing_too():
    assert judge(replace(READY, enforced=True, silent=4), Thresholds()).is_silent
    assert not judge(replace(READY, enforced=True, silent=2), Thresholds()).is_silent


@pytest.fixture
def watched(shop, owner):
    """Twenty days of a noise report under the policy, from two browsers."""
    confirm(shop, owner, text=POLICY, disposition="report")
    for agent in ("Chrome", "Firefox"):
        version = "Chrome/141.0.0.0 Safari/537.36" if agent == "Chrome" else "Gecko/20100101 Firefox/143.0"
        report(
            shop, "chrome-extension://abcdefghijklmnopabcdefghijklmnop/x.js", days=range(20), disposition="report",
            **{"user-agent": f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {version}"},
        )  # fmt: skip
    return shop


def state_of(project) -> dict[str, str]:
    return {f"{one.site} {one.policy.disposition}": one.readiness.state for one in standings_of(read(project), confirmed_of(project))}


@pytest.mark.django_db
def test_a_site_becomes_ready_is_enforced_and_regresses(watched, owner):
    assert state_of(watched) == {"shop.example report": "ready"}
    confirm(watched, owner, text=POLICY, disposition="enforce")
    assert state_of(watched) == {"shop.example enforce": "enforced"}
    watched.confirmed_policies.update(confirmed_at="2026-01-01T00:00:00Z")
    report(watched, disposition="enforce", days=range(3))
    Issue.objects.filter(source="cdn.widgets.example").update(verdict="third-party", noise=False)
    assert state_of(watched) == {"shop.example enforce": "regressed"}


@pytest.mark.django_db
def test_an_open_decision_holds_it_back_until_the_policy_allows_it(watched, owner):
    report(watched, disposition="report", days=range(3))
    Issue.objects.filter(source="cdn.widgets.example").update(verdict="third-party", noise=False)
    assert state_of(watched) == {"shop.example report": "stabilising"}
    confirm(watched, owner, text=POLICY.replace("'report-sample'", "https://cdn.widgets.example"), disposition="report")
    LabSettings.objects.create(project=watched)
    standing = standings_of(read(watched), confirmed_of(watched))[0]
    assert {reason.words for reason in standing.readiness.unmet} == {"A report under this policy, or a test report"}


@pytest.mark.django_db
def test_an_accepted_block_does_not_hold_it_back(watched):
    report(watched, disposition="report", days=range(3))
    Issue.objects.filter(source="cdn.widgets.example").update(verdict="third-party", noise=False, status="ignored")
    assert state_of(watched) == {"shop.example report": "ready"}


@pytest.mark.django_db
def test_the_page_says_it_in_a_line(watched, viewer_client):
    page = viewer_client.get("/acme/shop/policy/").content.decode()
    assert ">Ready</span>" in page
    assert "<strong>0</strong> of your own pages would break." in page
    assert "<code>shop.example</code>: before B → report-only since " in page
    assert ", worth A+" in page
