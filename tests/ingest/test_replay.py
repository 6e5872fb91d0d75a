from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from ingest.entry import Reports, pack
from ingest.models import SetAside
from issues.models import Issue
from projects.models import Project

pytestmark = pytest.mark.django_db
BODY = b'{"csp-report":{"blocked-uri":"https://evil.example/x.js","effective-directive":"script-src-elem"}}'


def aside(project: Project, entry: str) -> SetAside:
    raw = pack(Reports(project.id, 1, 1_700_000_000_000, 1, BODY))
    return SetAside.objects.create(project_id=project.id, partition="0", entry=entry, raw=raw, error="x")


def test_what_was_set_aside_is_recorded_once_and_what_cant_be_says_so(shop: Project) -> None:
    good = aside(shop, "1")
    bad = SetAside.objects.create(project_id=None, partition="0", entry="2", raw=b"\x91\xa2r9", error="x")
    said, complaints = StringIO(), StringIO()
    for _ in range(2):
        call_command("replay", stdout=said, stderr=complaints)
    assert Issue.objects.get().reports == 1
    assert said.getvalue().splitlines() == ["1 of 2 set-aside entries recorded.", "0 of 1 set-aside entries recorded."]
    assert complaints.getvalue().startswith(f"{bad.pk}: still can't be recorded (Unreadable")
    good.refresh_from_db()
    assert good.replayed_at


def test_one_can_be_named(shop: Project) -> None:
    rows = [aside(shop, entry) for entry in "12"]
    call_command("replay", str(rows[0].pk), stdout=StringIO())
    assert [row.pk for row in SetAside.objects.filter(replayed_at=None)] == [rows[1].pk]
