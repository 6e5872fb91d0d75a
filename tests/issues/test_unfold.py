"""An overflow issue: its page ranks what it gathered by networks, and one button makes issues of it without losing a report."""

from __future__ import annotations

import pytest
from django.db.models import Sum
from django.test import Client

from issues.models import Activity, DailyCount, Evidence, EvidenceDay, HourlyCount, Issue
from issues.record import record
from issues.unfold import hosts_of, unfold
from projects.models import Project, User
from tests.factories import make_issue
from tests.issues.test_budget import flood

pytestmark = pytest.mark.django_db


@pytest.fixture
def overflow(shop: Project, settings) -> Issue:
    """Ten hosts of network 77 and, over the whole limit, one that two others report."""
    settings.NEW_ISSUES_PER_HOUR = 1
    record(flood(shop, range(10)))
    record([*flood(shop, range(20, 21), network=5), *flood(shop, range(20, 21), network=6)])
    return Issue.objects.get(key="overflow-signal")


def sums() -> set[int]:
    return {table.objects.aggregate(all=Sum("reports"))["all"] for table in (Issue, Evidence, EvidenceDay, DailyCount, HourlyCount)}


def test_hosts_are_ranked_by_networks(overflow: Issue) -> None:
    lines = hosts_of(overflow)
    assert (lines[0].host, lines[0].networks, lines[0].reports) == ("cdn-x.host20.example", 2, 2)
    assert len(lines) == 10


def test_issues_are_made_and_the_counts_move(overflow: Issue, shop: Project, member: User) -> None:
    before = sums()
    assert before == {12}
    done = unfold(shop, member, [overflow.pk])
    assert done.changed == 10
    assert sums() == before
    assert not Issue.objects.filter(pk=overflow.pk).exists(), "nothing is left in it"
    made = Issue.objects.get(evidence__blocked__contains="host20")
    assert (made.reports, made.family, made.pages) == (2, "script", 1)
    assert sorted(Issue.objects.values_list("number", flat=True)) == [1, *range(3, 13)]
    assert Activity.objects.filter(kind="unfold", actor=member).count() == 10


def test_a_second_time_adds_to_the_same_issues(overflow: Issue, shop: Project, member: User, settings) -> None:
    unfold(shop, member, [overflow.pk])
    record(flood(shop, range(10)))
    record(flood(shop, range(30, 32)))
    again = Issue.objects.get(key="overflow-signal")
    assert unfold(shop, member, [again.pk]).changed == 2
    assert sums() == {24}


def test_an_hour_that_is_no_longer_kept(overflow: Issue, shop: Project, member: User) -> None:
    HourlyCount.objects.filter(issue=overflow).delete()
    unfold(shop, member, [overflow.pk])
    assert Issue.objects.aggregate(all=Sum("reports"))["all"] == 12


def test_the_page_and_its_button(overflow: Issue, member_client: Client, viewer_client: Client) -> None:
    address = f"/acme/shop/issues/{overflow.number}/"
    text = viewer_client.get(address).content.decode()
    assert "cdn-x.host20.example" in text
    assert "Make issues of these" not in text
    assert "Make issues of these" in member_client.get(address).content.decode()
    assert viewer_client.post("/acme/shop/actions/", {"verb": "unfold", "issue": overflow.number}).status_code == 403
    answer = member_client.post("/acme/shop/actions/", {"verb": "unfold", "issue": overflow.number, "next": "/acme/shop/"})
    assert answer.headers["Location"] == "/acme/shop/"
    assert not Issue.objects.filter(key="overflow-signal").exists()


def test_an_ordinary_issue_is_left_alone(shop: Project, member: User) -> None:
    issue = make_issue(shop)
    assert unfold(shop, member, [issue.pk]).changed == 0


def test_they_are_judged_by_what_storage_kept(shop: Project, member: User, settings) -> None:
    """Stored policies name no report address and evidence no user agent; that makes nobody a forger."""
    settings.NEW_ISSUES_PER_HOUR = 1
    record(flood(shop, range(5), page="/news"))
    unfold(shop, member, [Issue.objects.get(key="overflow-signal").pk])
    assert set(Issue.objects.values_list("verdict", flat=True)) == {"third-party"}
