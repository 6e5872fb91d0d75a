"""Evidence for the Policy Lab's tests, through issues.record with violations as browsers send them."""

from __future__ import annotations

import time
from collections.abc import Iterable

from issues.record import Sighting, record
from projects.models import Project
from tests.issues.reports import violation

DAY = 86_400_000
POLICY = "default-src 'self'; script-src 'self' 'report-sample'; style-src 'self'; img-src 'self'"


def report(
    project: Project,
    blocked: str = "https://cdn.widgets.example/w.js",
    *,
    directive: str = "script-src-elem",
    networks: Iterable[int] = (11, 12, 13, 14),
    days: Iterable[int] = (1, 2, 3),
    page: str = "https://shop.example/cart",
    policy: str = POLICY,
    **fields: str,
) -> None:
    """One report a network and day; `days` are days ago."""
    seen = violation({
        "document-uri": page, "blocked-uri": blocked, "effective-directive": directive, "violated-directive": directive,
        "original-policy": policy, **fields,
    })  # fmt: skip
    now = int(time.time() * 1000)
    record(
        Sighting(project.pk, seen, b"{}", now - ago * DAY, visitor=network * 1_000_003 + ago, network=network * 7_919 + ago)
        for ago in days
        for network in networks
    )
