"""What is too old goes, what is not stays; ignored-until-a-time wakes."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from issues.models import DailyCount, HourlyCount, Issue, Sample
from issues.retention import prune
from issues.waking_due import wake_due
from tests.factories import make_issue

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
    prune()
    assert HourlyCount.objects.count() == 2
    assert DailyCount.objects.count() == 2
    assert Sample.objects.count() == 2


def test_the_time_wakes_an_ignored_issue_without_a_report(shop):
    early = make_issue(shop, "a.example", status="ignored", until={"kind": "time", "at": (timezone.now() - timedelta(hours=1)).isoformat()})
    late = make_issue(shop, "b.example", status="ignored", until={"kind": "time", "at": (timezone.now() + timedelta(hours=1)).isoformat()})
    assert wake_due() == 1
    assert Issue.objects.get(id=early.id).status == "open"
    assert Issue.objects.get(id=late.id).status == "ignored"
