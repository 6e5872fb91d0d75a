"""A project's daily quota, decided where the counting is exact: what is over is shed. The door hears of it with its keys."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime

from ingest.models import IntakeCount
from ingest.parse import Batch
from issues.record import Sighting
from projects.models import Project

_KNOWN_SECONDS = 5.0
_quotas: dict[int, tuple[float, int]] = {}


def shed_over_quota(batch: Batch) -> None:
    """A project lives in one partition, and a partition is drained by one worker at a time: nobody counts beside us."""
    limited = _limited({sighting.project_id for sighting in batch.sightings})
    if not limited:
        return
    today = datetime.now(UTC).date()
    counted = IntakeCount.objects.filter(project_id__in=limited, kind="counted", day=today).values_list("project_id", "reports")
    left = limited | {project: limited[project] - reports for project, reports in counted}
    kept: list[Sighting] = []
    shed: Counter[int] = Counter()
    for sighting in batch.sightings:
        project = sighting.project_id
        if project in left and left[project] <= 0:
            shed[project] += 1
            continue
        if project in left:
            left[project] -= 1
        kept.append(sighting)
    batch.sightings = kept
    for project, reports in shed.items():
        batch.counts[project, "shed", "quota"] += reports


def _limited(projects: set[int]) -> dict[int, int]:
    """The quota of those projects that have one."""
    now = time.monotonic()
    unknown = {project for project in projects if project not in _quotas or now - _quotas[project][0] > _KNOWN_SECONDS}
    if unknown:
        if len(_quotas) > 10_000:
            _quotas.clear()
        found = dict(Project.objects.filter(id__in=unknown).values_list("id", "daily_quota"))
        _quotas.update({project: (now, found.get(project, 0)) for project in unknown})
    return {project: _quotas[project][1] for project in projects if project in _quotas and _quotas[project][1]}
