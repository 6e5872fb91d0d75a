"""What was confirmed is looked after: changes are remembered, breaks are marked and told, silence is noticed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from issues import signals
from issues.lab_actions import confirm
from issues.models import Activity, EvidenceDay, Issue, SiteStanding
from issues.watch import watch, watch_due
from tests.issues.lab_seed import POLICY, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def enforced(shop, owner):
    report(shop, "chrome-extension://abcdefghijklmnopabcdefghijklmnop/x.js", days=range(3))
    made = confirm(shop, owner, text=POLICY, disposition="enforce")
    shop.confirmed_policies.filter(pk=made.pk).update(confirmed_at=timezone.now() - timedelta(days=5))
    return shop


def breaks(shop) -> Issue:
    report(shop, days=range(3))
    Issue.objects.filter(source="cdn.widgets.example").update(verdict="third-party", noise=False)
    return Issue.objects.get(source="cdn.widgets.example")


def test_a_break_after_enforcing_is_marked_told_once_and_remembered(enforced, django_capture_on_commit_callbacks):
    told = []
    signals.issues_breaking.connect(lambda issues, **_: told.append(issues), weak=False, dispatch_uid="test")
    try:
        watch(enforced)
        issue = breaks(enforced)
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                watch(enforced)
    finally:
        signals.issues_breaking.disconnect(dispatch_uid="test")
    issue.refresh_from_db()
    assert issue.breaking
    assert told == [[issue.pk]]
    assert Activity.objects.get(kind="readiness").words == "shop.example went from enforced to regressed"


def test_silence_is_noticed_and_the_overview_says_so(enforced, viewer_client):
    watch(enforced)
    EvidenceDay.objects.update(day=F("day") - 10)
    watch(enforced)
    assert SiteStanding.objects.get().silent
    assert "shop.example: its policy has gone silent" in viewer_client.get("/").content.decode()


def test_the_overview_says_what_breaks(enforced, viewer_client):
    breaks(enforced)
    watch(enforced)
    assert "shop.example: breaking under the enforced policy" in viewer_client.get("/").content.decode()


def test_each_project_with_a_policy_twice_an_hour(enforced):
    assert watch_due() == 1
    assert watch_due() == 0
    SiteStanding.objects.update(checked_at=timezone.now() - timedelta(hours=2))
    assert watch_due() == 1


def test_a_break_is_marked_on_its_first_day_but_not_by_one_network(enforced):
    report(enforced, networks=[666], days=[0])
    issue = Issue.objects.get(source="cdn.widgets.example")
    Issue.objects.filter(pk=issue.pk).update(verdict="third-party", noise=False)
    assert watch(enforced)[0].breaking == ()
    report(enforced, days=[0])
    assert watch(enforced)[0].breaking == (issue.number,)


def test_a_project_without_a_confirmed_policy_is_left_alone(shop):
    report(shop)
    assert watch_due() == 0


def test_what_breaks_is_named_and_drafted_from_the_policy_page(enforced, member_client):
    issue = breaks(enforced)
    page = member_client.get("/acme/shop/policy/").content.decode()
    named = page.partition("Breaking now:")[2].partition("</p>")[0]
    assert f'/acme/shop/issues/{issue.number}/">' in named
    assert "cdn.widgets.example" in named
    link = page.split("Draft what these need")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "https://cdn.widgets.example" in member_client.get(link).content.decode()
