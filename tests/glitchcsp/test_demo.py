"""A month of sample data: believable, complete, and safe to ask for twice."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from glitchcsp.demo import fill, month
from glitchcsp.demo.templates import templates
from glitchcsp.tasks import fill_demo
from ingest.buffer import open_buffer
from ingest.intake import intake_of
from issues.lab import read
from issues.lab_policies import confirmed_of
from issues.models import HourlyCount, Issue, Sample
from issues.standing import standings_of
from projects.models import Project, User

pytestmark = pytest.mark.django_db


def demo(*given: str) -> str:
    out = io.StringIO()
    call_command("demo", *given, stdout=out)
    return out.getvalue()


def test_every_story_has_reports_to_tell_it_with():
    assert {story.name for story in month.STORIES} == set(templates())


def test_the_same_day_is_the_same_again():
    first, again = (list(month.day(7, 1, 1_790_000_000_000, 2)) for _ in range(2))
    assert first == again
    assert first != list(month.day(7, 1, 1_790_000_000_000, 3))


def test_a_month_on_an_empty_installation():
    said = demo()
    assert "demo@shop.example, password " in said
    project = Project.objects.get(name=fill.NAME)
    assert project.label == fill.LABEL
    assert project.first_report_at < timezone.now() - timedelta(days=29), "it is not at its first day"
    issues = Issue.objects.filter(project=project)
    hours = HourlyCount.objects.filter(issue__project=project)
    assert sum(hours.values_list("reports", flat=True)) == sum(issues.values_list("reports", flat=True)) > 20_000
    span = max(hours.values_list("hour", flat=True)) - min(hours.values_list("hour", flat=True))
    assert span >= 29 * 24
    assert issues.filter(noise=True).count() > 25
    assert {"attack", "own", "third-party", "policy", "framing"} <= set(issues.filter(noise=False).values_list("verdict", flat=True))
    assert issues.get(source="widgets.stellar-reviews.example").verdict == "third-party"
    assert issues.get(source="cdn-jquery-pay.example").verdict == "attack"
    assert issues.get(source="static.shop.example").status == "resolved"
    assert issues.get(source="api-iam.intercom.io").status == "ignored"
    attacks = set(issues.filter(verdict="attack").values_list("source", flat=True))
    assert attacks <= {"cdn-jquery-pay.example", "collect-stat.example", "secure-pay-shop.example.net", "inline", ""}, attacks
    assert issues.filter(enforced__lt=1).exists(), "some of it is report-only"
    assert Sample.objects.filter(issue__project=project, seen_at__gt=timezone.now() - timedelta(days=25)).count() > 50

    standings = {(one.site, one.policy.disposition): one.readiness.state for one in standings_of(read(project), confirmed_of(project))}
    assert standings["blog.shop.example", "report"] == "ready"
    assert standings["www.shop.example", "enforce"] == "regressed", "the release of three days ago breaks something"
    assert standings["www.shop.example", "report"] == "stabilising"

    figures = intake_of(project.pk, open_buffer())
    assert figures.accepted == figures.counted == sum(issues.values_list("reports", flat=True))

    before = list(issues.order_by("pk").values("pk", "reports", "status"))
    assert "is there already" in demo()
    assert list(issues.order_by("pk").values("pk", "reports", "status")) == before


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(acme, owner, monkeypatch):
    monkeypatch.setattr(fill, "DAYS", 3)
    project = fill.project_for(acme)
    assert fill.fill_next_day(project.pk) == 2
    assert fill.project_for(acme) == project
    reports = sum(Issue.objects.filter(project=project).values_list("reports", flat=True))
    demo("--organization", "acme")
    project.refresh_from_db()
    assert project.label == fill.LABEL
    assert sum(Issue.objects.filter(project=project).values_list("reports", flat=True)) > reports
    assert fill.fill_next_day(project.pk) == 0


def test_the_first_day_is_not_enough_to_enforce(acme, owner, monkeypatch):
    """The month above ends "ready"; on its first day the same site collects."""
    monkeypatch.setattr(fill, "DAYS", 1)
    demo("--organization", "acme")
    project = Project.objects.get(name=fill.NAME)
    standings = {(one.site, one.policy.disposition): one.readiness for one in standings_of(read(project), confirmed_of(project))}
    blog = standings["blog.shop.example", "report"]
    assert blog.state == "collecting"
    assert "Days with reports" in {reason.words for reason in blog.unmet}


def test_the_task_repeated_adds_nothing(acme, owner, monkeypatch):
    monkeypatch.setattr(fill, "DAYS", 1)
    monkeypatch.setattr(fill_demo, "apply_async", lambda **_: pytest.fail("one day is all"))
    project = fill.project_for(acme)
    fill_demo(project.pk, owner.pk)
    issues = Issue.objects.filter(project=project)
    counted = sum(issues.values_list("reports", flat=True))
    fill_demo(project.pk, owner.pk)
    assert sum(issues.values_list("reports", flat=True)) == counted


def test_the_button_makes_the_project_and_starts_the_task(acme, admin_client, admin, monkeypatch):
    queued = []
    monkeypatch.setattr(fill_demo, "apply_async", lambda **call: queued.append(call["args"]))
    response = admin_client.post("/new/sample/")
    project = Project.objects.get(name=fill.NAME)
    assert response.status_code == 302
    assert response["Location"] == "/acme/demo-shop/"
    assert queued == [[project.pk, User.objects.get(email="admin@acme.example").pk]]


def test_the_button_is_for_admins_of_the_organization(acme, member_client, stranger_client, admin_client):
    assert member_client.post("/new/sample/", {"organization": "acme"}).status_code == 403
    assert member_client.post("/new/sample/").status_code == 403
    assert stranger_client.post("/new/sample/", {"organization": "acme"}).status_code == 404
    assert admin_client.get("/new/sample/").status_code == 405
    assert not Project.objects.exists()
