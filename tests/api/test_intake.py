"""What became of a project's reports."""

from __future__ import annotations

from datetime import date

from ingest.models import TOTAL_DAY, IntakeCount
from tests.api.calls import api

PATH = "/api/0/projects/acme/shop/intake/"


def test_a_new_project_has_received_nothing(viewer, shop):
    assert api(viewer).get(PATH).json() == {
        "accepted": 0, "counted": 0, "by_type": {}, "shed": {}, "rejected": {}, "set_aside": 0, "backlog": 0, "oldest_seconds": 0,
    }  # fmt: skip


def test_figures_add_up_by_reason(viewer, shop):
    rows = [
        ("accepted", "", 14),
        ("counted", "", 7),
        ("type", "deprecation", 3),
        ("shed", "rate", 4),
        ("rejected", "no-fields", 2),
        ("set_aside", "", 1),
    ]
    for kind, reason, reports in rows:
        IntakeCount.objects.create(project_id=shop.pk, kind=kind, reason=reason, reports=reports, day=date.fromisoformat(TOTAL_DAY))
    answer = api(viewer).get(PATH).json()
    assert answer["accepted"] == answer["counted"] + 4 + 2 + answer["set_aside"] + answer["backlog"]
    assert answer["by_type"] == {"csp-violation": 7, "deprecation": 3}
    assert (answer["shed"], answer["rejected"]) == ({"rate": 4}, {"no-fields": 2})


def test_a_stranger_gets_404(stranger, shop, client):
    assert api(stranger).get(PATH).status_code == 404
    assert client.get(PATH).status_code == 401
