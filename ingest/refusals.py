"""What was turned away today, in words, for the set-up page (projects.refusals)."""

from __future__ import annotations

from django.utils import timezone

from ingest.models import IntakeCount
from ingest.status import REASONS
from projects.refusals import Refusal

MOST = 12


def refusals_today(project_id: int) -> list[Refusal]:
    rows = (
        IntakeCount.objects.filter(project_id=project_id, kind__in=("rejected", "shed"), day=timezone.now().date())
        .order_by("-reports")
        .values_list("reason", "reports", "sample")[:MOST]
    )
    return [Refusal(_words(reason), reports, sample) for reason, reports, sample in rows]


def _words(reason: str) -> str:
    name, meaning = REASONS.get(reason, (reason.replace("-", " ").capitalize(), ""))
    return f"{name}. {meaning}".strip()
