"""A month of a busy project through the real record path, with retention as beat runs it, on a clock that is passed on.

The lifetimes are shortened by the share that the run is shorter than a year, so that every bound is reached and has to hold.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection

from ingest import intake
from ingest.parse import Batch, add_reports
from issues.bounds import BYTES_PER_ROW, bounds
from issues.models import EvidenceDay, HourlyCount, Issue
from issues.record import Sighting, record
from issues.retention import prune
from projects.models import Project
from tests.factories import make_evidence, make_issue
from tests.issues.reports import violation
from tests.storage import measured
from tests.storage.traffic import Plan, hour

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600
STATEMENT_SECONDS = 0.5
"""999 of 1,000 statements of retention must be quicker (usual: below 0.1); the machine of the tests may stall, so one may be STALLED."""
STALLED_SECONDS = 10.0
BLOCKED_SECONDS = 2.0
EMPTY_BYTES = 20_000_000
"""What a database takes before the first report."""


@pytest.fixture
def short_lives(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    """A run of `days` days stands for DAILY_DAYS and more, with `issues` for PROJECT_ISSUES."""

    def shorten(days: int, issues: int) -> None:
        for name, usual in (("SAMPLE_DAYS", 30), ("HOURLY_DAYS", 90), ("EVIDENCE_DAYS", 100), ("NOISE_DAYS", 90), ("DAILY_DAYS", 400)):
            monkeypatch.setattr(settings, name, max(1, usual * days // 500))
        monkeypatch.setattr(settings, "PROJECT_ISSUES", issues)
        monkeypatch.setattr(settings, "NEW_ISSUES_PER_HOUR", max(5, issues // (24 * days // 3)))

    return shorten


def run(shop: Project, plan: Plan, days: int, now: float) -> list[tuple[float, str]]:
    """Each hour's reports, then retention, for `days` days that end at `now`; what retention asked, and how long it took."""
    asked: list[tuple[float, str]] = []
    key = shop.key
    for past in range(days * 24, 0, -1):
        at = now - past * HOUR
        batch = Batch()
        for request in hour(plan, shop.pk, key.pk if key else 0, int(at) * 1000):
            add_reports(batch, request)
        batch.counts[shop.pk, "counted", ""] = record(batch.sightings, at + HOUR).counted[shop.pk]
        intake.add(batch.counts, batch.samples)
        with measured.timed() as statements:
            pace = prune(datetime.fromtimestamp(at + HOUR, UTC), seconds=60)
        assert pace.finished, f"an hour of this traffic is not pruned within a minute: {pace.done}"
        asked += statements
        if past % 6 == 0:
            measured.vacuum()
    return asked


def within_bounds(standing: int) -> None:
    held, most = measured.rows(), {bound.table: bound.rows for bound in bounds()}
    over = {table: (held[table], limit) for table, limit in most.items() if held[table] > limit}
    assert not over, f"rows held and allowed: {over}"
    unbounded = {table for table, number in held.items() if number > 500 and table not in most}
    assert not unbounded, f"tables that grew and have no bound: {unbounded}"
    assert Issue.objects.filter(source__startswith="vendor-").count() == standing, "what is seen every hour is not what goes"


def quick(asked: list[tuple[float, str]]) -> None:
    """Waiting for its turn (BEGIN, where SQLite has one writer) holds nobody up."""
    waited = sorted((one for one in asked if not one[1].startswith("BEGIN")), reverse=True)
    usual, slowest = waited[len(waited) // 1000], waited[0]
    print(f"{len(asked)} statements, 99.9 % within {usual[0] * 1000:.0f} ms, the slowest {slowest[0] * 1000:.0f} ms: {slowest[1][:100]}")
    assert usual[0] < (STATEMENT_SECONDS if len(waited) > 1000 else STALLED_SECONDS), usual[1][:200]
    assert slowest[0] < STALLED_SECONDS, slowest[1][:200]


def test_days_at_the_limit_of_everything_stay_within_the_documented_rows(
    shop: Project, short_lives: Callable[[int, int], None]
) -> None:  # fmt: skip
    short_lives(3, 200)
    asked = run(shop, Plan(standing=5, passing=3, pages=30, forged=2 * settings.NEW_ISSUES_PER_HOUR), 3, time.time() // HOUR * HOUR)
    within_bounds(5)
    quick(asked)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_month_stays_within_the_documented_bytes(shop: Project, short_lives: Callable[[int, int], None]) -> None:
    short_lives(30, 3_000)
    asked = run(shop, Plan(standing=20, passing=15, pages=200, forged=2 * settings.NEW_ISSUES_PER_HOUR), 30, time.time() // HOUR * HOUR)
    within_bounds(20)
    held, sizes, whole = measured.rows(), measured.sizes(), measured.file_bytes()
    each = {table: sizes[table] / held[table] for table in BYTES_PER_ROW if held[table] > 1_000}
    print(f"{whole / 1e6:.1f} MB in all; rows and bytes a row:", {table: (held[table], round(size)) for table, size in each.items()})
    heavy = {table: (round(size), BYTES_PER_ROW[table]) for table, size in each.items() if size > BYTES_PER_ROW[table]}
    assert not heavy, f"bytes a row, measured and documented: {heavy}"
    assert whole < sum(bound.bytes for bound in bounds()) + EMPTY_BYTES
    quick(asked)


def test_recording_goes_on_while_much_is_pruned(shop: Project) -> None:
    """A stock of old rows that took months to come, all of it too old at once."""
    now = int(time.time())
    issues = [make_issue(shop, f"old-{number}.example") for number in range(40)]
    HourlyCount.objects.bulk_create(
        HourlyCount(issue=issue, hour=now // 3600 - 91 * 24 - past, reports=1) for issue in issues for past in range(800)
    )
    evidence = [make_evidence(issue, digest=str(number)) for issue in issues for number in range(5)]
    EvidenceDay.objects.bulk_create(
        EvidenceDay(evidence=one, day=now // 86_400 - 101 - past, reports=1) for one in evidence for past in range(150)
    )
    stop, waits = threading.Event(), []
    recorder = threading.Thread(target=_record_until, args=(stop, waits, shop))
    recorder.start()
    try:
        with measured.timed() as asked:
            pace = prune(seconds=60)
    finally:
        stop.set()
        recorder.join()
    assert pace.done == {"hourlycount": 32_000, "evidenceday": 30_000}
    assert pace.finished
    quick(asked)
    print(f"{len(waits)} batches recorded meanwhile, the slowest in {max(waits) * 1000:.0f} ms")
    assert len(waits) > 5
    assert max(waits) < BLOCKED_SECONDS


def _record_until(stop: threading.Event, waits: list[float], shop: Project) -> None:
    try:
        while not stop.is_set():
            began = time.monotonic()
            record([Sighting(shop.pk, violation({"blocked-uri": "https://old-1.example/x.js"}), b"{}", int(time.time() * 1000))])
            waits.append(time.monotonic() - began)
            time.sleep(0.02)
    finally:
        connection.close()
