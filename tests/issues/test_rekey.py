"""After a change of the rules old issues are renamed or merged by their evidence, and no report is lost."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from issues.fingerprint import VERSION
from issues.models import Activity, Correction, Evidence, Facet, HourlyCount, Issue
from issues.record import record
from tests.issues.test_record import sightings, violation

pytestmark = pytest.mark.django_db


def aged(issue: Issue, key: str = "0" * 32) -> None:
    """As if an older version of the rules had grouped it."""
    Issue.objects.filter(id=issue.id).update(key_version=0, key=key)


def test_it_renames_an_issue_whose_evidence_has_one_key(shop):
    record(sightings(shop, violation(), 3))
    issue = Issue.objects.get()
    right = issue.key
    aged(issue)
    Correction.objects.create(project=shop, key="0" * 32, key_version=0, verdict="adware")
    call_command("rekey")
    again = Issue.objects.get()
    assert (again.id, again.key, again.key_version, again.reports) == (issue.id, right, VERSION, 3)
    assert Correction.objects.get().key == right


def test_it_merges_where_todays_key_has_an_issue_already(shop):
    record(sightings(shop, violation(page="/cart"), 3))
    aged(Issue.objects.get())
    record(sightings(shop, violation(page="/checkout"), 4))
    assert Issue.objects.count() == 2
    call_command("rekey")
    issue = Issue.objects.get()
    assert (issue.reports, issue.pages, issue.key_version) == (7, 2, VERSION)
    for table in (HourlyCount, Evidence):
        assert sum(table.objects.filter(issue=issue).values_list("reports", flat=True)) == 7
    assert sum(Facet.objects.filter(issue=issue, kind="family").values_list("reports", flat=True)) == 7
    assert Activity.objects.filter(issue=issue, kind="merge").exists()


def test_one_key_that_becomes_several_keeps_its_past(shop):
    record(sightings(shop, violation("a.example"), 5) + sightings(shop, violation("b.example"), 2))
    first, second = Issue.objects.order_by("-reports")
    Evidence.objects.filter(issue=second).update(issue=first)
    second.delete()
    Issue.objects.filter(id=first.id).update(reports=7)
    aged(first)
    call_command("rekey")
    issue = Issue.objects.get()
    assert (issue.source, issue.reports) == ("a.example", 7)
    assert Activity.objects.filter(issue=issue, kind="split").exists()
