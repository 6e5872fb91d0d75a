from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from django.test import Client

from ingest.answers import NO_REPORT
from ingest.models import Incident, IntakeCount
from ingest.parse import SHED_AT_DOOR
from ingest.status import REASONS
from issues.models import ProjectHour
from projects.models import Organization, Project, User
from tests.factories import make_project

pytestmark = pytest.mark.django_db


def count(project: Project, kind: str, reason: str, reports: int, sample: str = "") -> None:
    for day in ("1970-01-01", datetime.now(UTC).date()):
        IntakeCount.objects.create(project_id=project.id, kind=kind, reason=reason, day=day, reports=reports, sample=sample)


def test_members_see_what_was_not_counted_and_what_changes_it(viewer_client: Client, shop: Project) -> None:
    count(shop, "accepted", "", 1234)
    count(shop, "counted", "", 1219)
    count(shop, "rejected", "wrong-key", 12, "application/json, 5 bytes, begins with '<b>'")
    count(shop, "shed", "quota", 3)
    text = viewer_client.get(f"/acme/{shop.slug}/intake/").content.decode()
    assert "1,234 arrived; 1,219 are counted" in text
    assert "12 rejected: Wrong key" in text
    assert "raise it in the project" in text
    assert "&lt;b&gt;" in text


def test_strangers_see_nothing(stranger_client: Client, shop: Project) -> None:
    assert stranger_client.get(f"/acme/{shop.slug}/intake/").status_code == 404


def test_the_whole_road_is_for_superusers(client: Client, owner_client: Client) -> None:
    assert owner_client.get("/status/").status_code == 404
    client.force_login(User.objects.create_superuser("root@acme.example", "correct horse battery"))
    Incident.objects.create(partition="0", words="ids were below the position")
    text = client.get("/status/").content.decode()
    assert "0 requests wait to be recorded" in text
    assert "ids were below the position" in text


def test_what_is_not_counted_is_shown_to_superusers_on_page_and_api(
    client: Client, owner_client: Client, shop: Project, acme: Organization
) -> None:
    blog = make_project(acme, "blog")
    count(shop, "shed", "client-rate", 7, "not for them")
    count(blog, "shed", "client-rate", 5)
    count(shop, "accepted", "", 90)
    ProjectHour.objects.create(project=shop, hour=int(time.time()) // 3600, reports=90)
    assert owner_client.get("/api/0/status/").status_code == 404
    assert client.get("/api/0/status/").status_code in (401, 403)
    client.force_login(User.objects.create_superuser("root@acme.example", "correct horse battery"))
    page = client.get("/status/").content.decode()
    assert "12 shed: One client too fast" in page
    assert "CLIENT_RATE" in page
    assert "not for them" not in page
    answer = client.get("/api/0/status/").json()
    assert answer["not_counted_today"][0]["reports"] == 12
    assert (answer["today"]["accepted"], answer["buffer"]) == (90, "ok")
    assert 0.7 < answer["reports_a_minute"] <= 1.5


def test_every_reason_the_road_can_give_is_explained() -> None:
    assert {*NO_REPORT, *SHED_AT_DOOR} <= set(REASONS)
    assert all(name and words.endswith(".") for name, words in REASONS.values())
