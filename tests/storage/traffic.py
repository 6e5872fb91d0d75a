"""An hour of a busy project's reports, thinned: what makes rows is variety, so each combination comes once and not a thousand times.

Three kinds of traffic: what is standing (seen every hour by several, on many pages, under the policy of the day), what passes (a
release's own trouble, seen for a day), and a flood of forged hosts at twice the budget of new issues, half of it noise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from ingest.entry import Reports
from tests.issues.reports import CHROME, FIREFOX, SAFARI

HOUR = 3_600_000
SITE = "https://shop.example"
AGENTS = (CHROME, FIREFOX, SAFARI)


@dataclass(frozen=True, slots=True)
class Plan:
    """How many standing and passing kinds there are, pages, and forged hosts an hour."""

    standing: int
    passing: int
    pages: int
    forged: int


def hour(plan: Plan, project: int, key: int, at: int) -> Iterator[Reports]:
    """The requests of the hour that begins at `at` (milliseconds since 1970)."""
    random = Random(at)
    number, day = at // HOUR, at // HOUR // 24
    policy = f"default-src 'self'; script-src 'self' https://cdn-{day}.example; img-src 'self'"
    for kind in range(plan.standing):
        for _ in range(3):
            blocked = f"https://vendor-{kind}.example/lib.js"
            yield _report(random, project, key, at, f"{SITE}/p/{random.randrange(plan.pages)}", blocked, policy)
    for kind in range(plan.passing):
        blocked = f"https://release-{day}-{kind}.example/app.js"
        yield _report(random, project, key, at, f"{SITE}/p/{random.randrange(plan.pages)}", blocked, policy)
    for kind in range(plan.forged):
        page = f"{SITE}/p/{random.randrange(plan.pages)}" if kind % 2 else f"https://copy-{number}-{kind}.example/"
        yield _report(random, project, key, at, page, f"https://forged-{number}-{kind}.example/x.js", policy)


def _report(random: Random, project: int, key: int, at: int, page: str, blocked: str, policy: str) -> Reports:
    body = {"csp-report": {
        "document-uri": page, "blocked-uri": blocked, "effective-directive": "script-src-elem", "original-policy": policy,
        "disposition": "enforce", "source-file": f"{page}/app.js", "line-number": random.randrange(200), "status-code": 200,
    }}  # fmt: skip
    return Reports(
        project, key, at + random.randrange(HOUR), 1, json.dumps(body).encode(), random.choice(AGENTS), SITE,
        random.getrandbits(63) | 1, random.getrandbits(63) | 1,
    )  # fmt: skip
