"""What a project declares changes verdicts of issues that exist already, and never a key."""

from __future__ import annotations

import pytest
from django.db.models import F

from issues.models import Activity, Issue
from issues.record import record
from issues.rejudging import rejudge_changed
from projects.models import Project, Site
from tests.issues.test_record import sightings, violation

pytestmark = pytest.mark.django_db


def declare(project: Project, *hosts: str) -> None:
    project.sites.all().delete()
    Site.objects.bulk_create(Site(project=project, host=host) for host in hosts)
    Project.objects.filter(pk=project.pk).update(settings_version=F("settings_version") + 1)


def test_a_site_declared_later_brings_its_issues_back(shop):
    declare(shop, "www.acme.example")
    record(sightings(shop, violation(page="/news")))
    before = Issue.objects.get()
    assert (before.verdict, before.noise) == ("foreign", True)
    declare(shop, "www.acme.example", "shop.example")
    assert rejudge_changed() == 1
    after = Issue.objects.get()
    assert (after.verdict, after.noise, after.key) == ("third-party", False, before.key)
    assert Activity.objects.filter(issue=after, kind="verdict").exists()
    assert rejudge_changed() == 0


def test_a_page_that_is_no_longer_declared_becomes_foreign(shop):
    record(sightings(shop, violation(page="/news")))
    declare(shop, "other.example")
    assert rejudge_changed() == 1
    assert Issue.objects.get().verdict == "foreign"


def test_reports_after_the_change_agree_with_it(shop):
    declare(shop, "www.acme.example")
    record(sightings(shop, violation(page="/news")))
    declare(shop, "shop.example")
    record(sightings(shop, violation(page="/news")))
    assert Issue.objects.get().verdict == "third-party"


def test_a_persons_word_stands(shop):
    record(sightings(shop, violation(page="/news")))
    Issue.objects.update(corrected=True, verdict="adware", noise=True)
    declare(shop, "other.example")
    assert rejudge_changed() == 0
    assert Issue.objects.get().verdict == "adware"
