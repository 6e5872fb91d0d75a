"""After a change of the rules old issues are renamed or merged by their evidence, and no report is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from ingest.normalise import normalise
from ingest.wire import read
from issues.fingerprint import VERSION
from issues.models import Activity, Correction, Evidence, Facet, HourlyCount, Issue
from issues.record import Sighting, record
from policies.address import parse_address
from tests.issues.test_record import NOON, sightings, violation
from tests.issues.test_spots import inline

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


def test_one_key_that_becomes_several_keeps_its_past_and_is_linked(shop, member_client):
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
    record(sightings(shop, violation("b.example"), 1))
    again = Issue.objects.get(source="b.example")
    assert (again.reports, Issue.objects.get(pk=issue.pk).reports) == (1, 7)
    for one, words, other in ((issue, "Split into", again), (again, "Split from", issue)):
        page = member_client.get(one.get_absolute_url()).content.decode()
        assert words in page
        assert other.get_absolute_url() in page


def test_a_merged_issues_address_leads_on(shop, member_client):
    record(sightings(shop, violation(page="/cart"), 3))
    old = Issue.objects.get()
    aged(old)
    record(sightings(shop, violation(page="/checkout"), 4))
    call_command("rekey")
    answer = member_client.get(old.get_absolute_url())
    assert (answer.status_code, answer.headers["Location"]) == (301, Issue.objects.get().get_absolute_url())


def test_what_the_rules_said_of_a_whole_report_stands(shop):
    """The payload in the page's address was cut before storage: the issue of the hole still is one of its own."""
    echo = violation(
        blocked=parse_address("inline"), blocked_kind="inline", sample="alert(document.domain)",
        document=parse_address("https://shop.example/s?q=%3Cscript%3Ealert(document.domain)%3C/script%3E"),
    )  # fmt: skip
    script = violation(source=parse_address("moz-extension:"))
    record(sightings(shop, echo, 2) + sightings(shop, script, 3))
    right = dict(Issue.objects.values_list("verdict", "key"))
    assert set(right) == {"attack", "extension"}
    for number, issue in enumerate(Issue.objects.all()):
        aged(issue, f"{number:032}")
    call_command("rekey")
    assert dict(Issue.objects.values_list("verdict", "key")) == right


def test_a_rule_that_came_later_makes_noise_of_old_evidence(shop):
    """An older version did not know this font to be an extension's; its issue joins what the rules say now."""
    font = violation(directive="font-src", directives=("font-src",), source=parse_address("chrome-extension:"))
    record(sightings(shop, font, 2))
    right = Issue.objects.get().key
    Issue.objects.update(verdict="third-party", noise=False, rules=["third-party"], judged={"noise_class": ""})
    aged(Issue.objects.get())
    call_command("rekey")
    assert Issue.objects.get().key == right


def test_reports_that_only_joined_split_nothing(shop):
    named, mute = inline("startShop(document.body)"), inline()
    record(sightings(shop, named, 1))
    record(sightings(shop, mute, 5))
    issue = Issue.objects.get()
    aged(issue)
    call_command("rekey")
    again = Issue.objects.get()
    assert (again.key, again.reports) == (issue.key, 6)
    record(sightings(shop, mute, 1) + sightings(shop, named, 1))
    assert Issue.objects.get().reports == 8


def test_the_labelled_reports_keep_their_issues_and_counts(shop, settings):
    """Stored evidence has the key of the reports it stands for, whatever the browser, the class and the scrubbing."""
    settings.NEW_ISSUES_PER_HOUR = 0
    cases = json.loads((Path(__file__).parent.parent / "cases" / "reports.json").read_text())
    batch = []
    for case in cases:
        report = read(json.dumps(case["body"]).encode()).reports[0]
        found = normalise(report, user_agent=case["headers"].get("user-agent", ""))
        batch.append(Sighting(shop.id, found, b"{}", NOON, visitor=1, network=1))
    record(batch)
    right = dict(Issue.objects.values_list("number", "key"))
    for number in right:
        Issue.objects.filter(number=number).update(key_version=0, key=f"{number:032}")
    call_command("rekey")
    assert dict(Issue.objects.values_list("number", "key")) == right
    assert sum(Issue.objects.values_list("reports", flat=True)) == len(cases)
