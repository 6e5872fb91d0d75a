"""How the road is doing, for the status page, /health/ and the gauges; and what each reason to shed or reject means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from ingest.buffer import Buffer, BufferAway
from ingest.intake import TOTAL, age_of, totals_of
from ingest.models import Incident, IntakeCount, Position, SetAside
from ingest.spool import size_of
from issues.models import ProjectHour

REASONS = {
    "disabled-key": ("Disabled key", "The key was switched off in the project's settings; switch it on again or replace it in the header."),
    "quota": ("Daily quota", "The project's daily quota is used up; raise it in the project's settings."),
    "sampled": ("Sampled", "The project keeps only a share of its reports; change the percentage in the project's settings."),
    "client-rate": ("One client too fast", "One address sent more than CLIENT_RATE reports a second for longer than half a minute."),
    "key-rate": ("Key too fast", "One key brought more than KEY_RATE reports a second for longer than half a minute."),
    "too-many": ("Batch too long", "A request may hold 1,000 reports; the rest of a longer one is not looked at."),
    "too-big": ("Too big", "One report may have 256 KiB, a batch 4 MiB."),
    "expired": ("Waited too long", "Nothing recorded them within RAW_DAYS; look whether worker, database and buffer run."),
    "erased": ("Erased", "They held a text that somebody asked to be erased while they waited."),
    "project-deleted": ("Project deleted", "The project was deleted while the reports were on their way."),
    "wrong-key": ("Wrong key", "The address named this project with a key that is not its own; copy the endpoint from the set-up page."),
    "content-type": ("Not a report's type", "Reports are application/csp-report, application/reports+json or another JSON type."),
    "too-slow": ("Body too slow", "The body did not arrive in time."),
    "empty": ("Empty", "The body was empty."),
    "not-json": ("Not JSON", "The body was not JSON."),
    "too-deep": ("Nested too deeply", "The JSON was nested too deeply."),
    "too-many-values": ("Too many values", "The JSON held more values than a thousand reports of any browser."),
    "not-a-report": ("Not a report", "The JSON held no CSP report."),
    "unknown-encoding": ("Unknown encoding", "Bodies are plain, gzip or deflate."),
    "not-compressed": ("Not compressed", "The body was not what its Content-Encoding said."),
    "not-an-object": ("Entry is no object", "An entry of a batch was not an object."),
    "no-body": ("Entry without body", "An entry of a batch had no body."),
    "no-fields": ("Entry says nothing", "An entry named neither what was blocked nor by which directive."),
}
"""Slug of a reason: (name, what it means and what changes it)."""


@dataclass(frozen=True, slots=True)
class Partition:
    name: str
    entries: int
    oldest_seconds: int
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """Reports of one reason, for people: "Rejected today: 12 wrong key, 3 too big"."""

    kind: str
    reason: str
    name: str
    words: str
    reports: int
    sample: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Figures of all projects: of today (UTC) and `ever` by kind, `minute_rate` of this hour and the last.

    `away` says why the buffer can't be looked at; then nothing is known of what waits."""

    partitions: tuple[Partition, ...]
    today: dict[str, int]
    minute_rate: float
    set_aside: int
    incidents: tuple[Incident, ...]
    incidents_today: int
    spool_bytes: int
    ever: dict[str, int]
    reasons: tuple[ReasonCount, ...]
    away: str = ""

    @property
    def entries(self) -> int:
        return sum(part.entries for part in self.partitions)

    @property
    def oldest_seconds(self) -> int:
        return max((part.oldest_seconds for part in self.partitions), default=0)


def overview(buffer: Buffer) -> Overview:
    parts, away = _partitions(buffer)
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Overview(
        partitions=parts,
        today=totals_of(midnight.date()),
        minute_rate=_minute_rate(),
        set_aside=SetAside.objects.filter(replayed_at=None).count(),
        incidents=tuple(Incident.objects.order_by("-at")[:20]),
        incidents_today=Incident.objects.filter(at__gte=midnight).count(),
        spool_bytes=size_of(settings.DATA_DIR / "spool"),
        ever=totals_of(TOTAL),
        reasons=tuple(reasons_today()),
        away=away,
    )


def _minute_rate() -> float:
    """Reports counted a minute, over the running hour and the one before: an average since midnight says nothing of now."""
    now = datetime.now(UTC).timestamp()
    hours = ProjectHour.objects.filter(hour__gte=int(now) // 3600 - 1, hour__lte=int(now) // 3600)
    return (hours.aggregate(reports=Sum("reports"))["reports"] or 0) / (60 + now % 3600 / 60)


def _partitions(buffer: Buffer) -> tuple[tuple[Partition, ...], str]:
    try:
        buffer.server()  # also where nothing was recorded yet, so that nobody reads "0 wait" of a buffer that is away
        rows = Position.objects.order_by("partition")
        return tuple(_partition(buffer, row) for row in rows), ""
    except BufferAway as error:
        return (), str(error)


def _partition(buffer: Buffer, row: Position) -> Partition:
    waiting = buffer.backlog(row.partition, row.position)
    return Partition(row.partition, waiting.entries, age_of(waiting.oldest), row.updated_at)


def health_words(buffer: Buffer) -> dict[str, object]:
    parts, away = _partitions(buffer)
    return {
        "backlog": sum(part.entries for part in parts),
        "oldest_seconds": max((part.oldest_seconds for part in parts), default=0),
        "buffer": away or "ok",
        "set_aside": SetAside.objects.filter(replayed_at=None).count(),
        "incidents": Incident.objects.filter(at__gte=timezone.now() - timedelta(days=1)).count(),
    }


def reasons_today(project: int | None = None) -> list[ReasonCount]:
    """What was shed and rejected since midnight UTC, of a project or (without samples, which are its members') of all; most first."""
    rows = IntakeCount.objects.filter(kind__in=("shed", "rejected"), day=datetime.now(UTC).date())
    if project is not None:
        rows = rows.filter(project_id=project)
    sums: dict[tuple[str, str], tuple[int, str]] = {}
    for kind, reason, reports, sample in rows.values_list("kind", "reason", "reports", "sample"):
        held = sums.get((kind, reason), (0, ""))
        sums[kind, reason] = (held[0] + reports, sample if project is not None else "")
    found = [
        ReasonCount(kind, reason, *REASONS.get(reason, (reason, "")), reports, sample) for (kind, reason), (reports, sample) in sums.items()
    ]
    return sorted(found, key=lambda one: (-one.reports, one.reason))
