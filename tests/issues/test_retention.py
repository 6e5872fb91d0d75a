"""What is too old goes, what is not stays; ignored-until-a-time wakes."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from issues import retention
from issues.actions import correct
from issues.bounds import ROWS_PER_ISSUE
from issues.models import (
    DailyCount,
    Evidence,
    EvidenceDay,
    Facet,
    HourlyCount,
    IgnoreRule,
    Issue,
    ObservedPolicy,
    RuleHit,
    Sample,
)
from issues.record import Sighting, record
from issues.retention import prune
from issues.waking_due import wake_due
from tests.factories import make_evidence, make_facet, make_issue, make_policy, make_project, make_sample
from tests.issues.reports import violation

pytestmark = pytest.mark.django_db


def test_it_prunes_only_what_is_too_old(shop):
    issue = make_issue(shop)
    for table in (HourlyCount, DailyCount, Sample):
        table.objects.all().delete()
    now = timezone.now()
    hour, day = int(time.time() // 3600), int(time.time() // 86400)
    HourlyCount.objects.bulk_create(HourlyCount(issue=issue, hour=hour - age * 24, reports=1) for age in (0, 89, 91, 200))
    DailyCount.objects.bulk_create(DailyCount(issue=issue, day=day - age, reports=1) for age in (0, 399, 401))
    for slot, age in enumerate((1, 29, 31)):
        Sample.objects.create(issue=issue, slot=slot, seen_at=now - timedelta(days=age), received="{}")
    assert prune().finished
    assert HourlyCount.objects.count() == 2
    assert DailyCount.objects.count() == 2
    assert Sample.objects.count() == 2


def old(days: int) -> dict[str, object]:
    seen = timezone.now() - timedelta(days=days)
    return {"first_seen": seen, "last_seen": seen}


def test_an_issue_that_nobody_decided_about_goes_when_nobody_reports_it_any_more(shop, owner):
    rule = IgnoreRule.objects.create(organization=shop.organization, project=shop, name="a rule")
    gone = [
        make_issue(shop, "noise.example", "extension", **old(91)),
        make_issue(shop, "ruled.example", "extension", status="ignored", until={"kind": "rule"}, rule=rule, **old(91)),
        make_issue(shop, "signal.example", "attack", **old(401)),
    ]
    for issue in gone:
        make_sample(issue, seen_at=timezone.now())
        make_facet(issue)
        EvidenceDay.objects.create(evidence=make_evidence(issue, last_seen=timezone.now()), day=int(time.time() // 86_400))
    stay = [
        make_issue(shop, "fresh.example", "extension", **old(89)),
        make_issue(shop, "signal-too.example", "attack", **old(399)),
        make_issue(shop, "corrected.example", "extension", corrected=True, **old(900)),
        make_issue(shop, "ignored.example", "extension", status="ignored", until={"kind": "forever"}, status_by=owner, **old(900)),
        make_issue(shop, "resolved.example", status="resolved", status_by=owner, **old(900)),
    ]
    assert prune().finished
    assert set(Issue.objects.values_list("source", flat=True)) == {issue.source for issue in stay}
    assert not Facet.objects.exists()
    assert not Evidence.objects.exists()


def test_over_the_projects_room_the_longest_unseen_noise_goes_first_and_attacks_last(shop, acme, settings):
    settings.PROJECT_ISSUES = 3
    kinds = {"a": "attack", "b": "third-party", "c": "extension", "d": "extension", "e": "own"}
    for number, (source, verdict) in enumerate(kinds.items()):
        make_issue(shop, source, verdict, **old(9 - number))
    make_issue(make_project(acme, "blog"), "other", **old(20))
    prune()
    assert set(Issue.objects.values_list("source", flat=True)) == {"a", "b", "e", "other"}
    settings.PROJECT_ISSUES = 1
    prune()
    assert set(Issue.objects.values_list("source", flat=True)) == {"a", "other"}


def test_a_correction_outlives_its_issue(shop, owner):
    record([Sighting(shop.pk, violation({"blocked-uri": "https://a.example/x.js"}), b"{}", int(time.time() * 1000))])
    first = Issue.objects.get()
    correct(shop, owner, [first.pk], "extension")
    Issue.objects.update(corrected=False, last_seen=timezone.now() - timedelta(days=500))
    prune()
    assert not Issue.objects.exists()
    record([Sighting(shop.pk, violation({"blocked-uri": "https://a.example/x.js"}), b"{}", int(time.time() * 1000))])
    again = Issue.objects.get()
    assert (again.verdict, again.corrected) == ("extension", True)
    assert again.number == first.number + 1


def test_a_tables_oldest_days_go_where_a_project_has_more_than_its_room(shop, acme, settings, monkeypatch):
    settings.PROJECT_ISSUES = 2
    monkeypatch.setitem(ROWS_PER_ISSUE, "HourlyCount", 5)
    monkeypatch.setitem(ROWS_PER_ISSUE, "Evidence", 1)
    issue, hour = make_issue(shop), int(time.time() // 3600)
    other = make_issue(make_project(acme, "blog"))
    HourlyCount.objects.bulk_create(HourlyCount(issue=issue, hour=hour - age * 24, reports=1) for age in range(14))
    HourlyCount.objects.bulk_create(HourlyCount(issue=other, hour=hour - age * 24, reports=1) for age in range(10))
    for age in range(4):
        one = make_evidence(issue, digest=str(age), last_seen=timezone.now() - timedelta(days=age))
        EvidenceDay.objects.create(evidence=one, day=hour // 24 - age)
    prune()
    assert HourlyCount.objects.filter(issue=issue).count() == 10
    assert HourlyCount.objects.filter(issue=issue, hour=hour - 9 * 24).exists()
    assert HourlyCount.objects.filter(issue=other).count() == 10
    assert set(Evidence.objects.values_list("digest", flat=True)) == {"0", "1"}
    assert EvidenceDay.objects.count() == 2


def test_it_stops_when_its_time_is_over_and_goes_on_where_it_stopped(shop):
    issue, hour = make_issue(shop), int(time.time() // 3600)
    HourlyCount.objects.bulk_create(HourlyCount(issue=issue, hour=hour - 91 * 24 - age, reports=1) for age in range(4_500))
    assert not prune(seconds=0).finished
    assert HourlyCount.objects.count() == 4_500
    assert prune().done["hourlycount"] == 4_500


def test_a_policy_that_nobody_sends_any_more_makes_room_and_its_evidence_stays(shop, owner):
    long_ago = timezone.now() - timedelta(days=101)
    gone, kept, confirmed = (make_policy(shop, f"img-src {name}.example") for name in ("a", "b", "c"))
    ObservedPolicy.objects.exclude(pk=kept.pk).update(last_seen=long_ago)
    ObservedPolicy.objects.filter(pk=confirmed.pk).update(confirmed_at=long_ago, confirmed_by=owner)
    evidence = make_evidence(make_issue(shop), policy=gone)
    assert prune().finished
    assert set(ObservedPolicy.objects.all()) == {kept, confirmed}
    assert Evidence.objects.get().pk == evidence.pk
    assert Evidence.objects.get().policy is None


def test_an_example_of_a_rule_lives_as_long_as_a_sample(shop):
    day = int(time.time() // 86_400)
    for age in (29, 31):
        RuleHit.objects.create(project=shop, rule="ext-scheme", day=day - age, reports=3, example="{}")
    prune()
    assert list(RuleHit.objects.order_by("day").values_list("example", "reports")) == [("", 3), ("{}", 3)]


def test_a_whole_pass_is_not_made_again_within_the_hour(shop, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(retention, "_complete_for", -1)
    issue, hour = make_issue(shop), int(time.time() // 3600)
    HourlyCount.objects.create(issue=issue, hour=hour - 91 * 24, reports=1)
    assert retention.prune_if_due() == {"hourlycount": 1}
    with django_assert_num_queries(0):
        assert retention.prune_if_due() == {}


def test_the_time_wakes_an_ignored_issue_without_a_report(shop):
    early = make_issue(shop, "a.example", status="ignored", until={"kind": "time", "at": (timezone.now() - timedelta(hours=1)).isoformat()})
    late = make_issue(shop, "b.example", status="ignored", until={"kind": "time", "at": (timezone.now() + timedelta(hours=1)).isoformat()})
    assert wake_due() == 1
    assert Issue.objects.get(id=early.id).status == "open"
    assert Issue.objects.get(id=late.id).status == "ignored"
