"""What became of the reports, in numbers: written by the drain in the recording transaction, read by status page and API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db.models import Sum

from ingest.buffer import Buffer
from ingest.models import TOTAL_DAY, IntakeCount, Position
from ingest.parse import Count
from issues.upsert import upsert

TOTAL = date.fromisoformat(TOTAL_DAY)
_LOOKS = 5
MOST_TYPES = 40


def add(counts: Mapping[Count, int], samples: Mapping[Count, str]) -> None:
    """To today's row and to the one for ever, in one statement. A day keeps its first sample."""
    counts = _with_few_types(counts)
    today = datetime.now(UTC).date()
    rows = [
        (project, kind, reason[:60], day, reports, samples.get((project, kind, reason), "")[:500])
        for (project, kind, reason), reports in counts.items()
        if reports
        for day in (TOTAL, today)
    ]
    upsert(
        IntakeCount,
        ("project_id", "kind", "reason", "day", "reports", "sample"),
        rows,
        key=("project_id", "kind", "reason", "day"),
        how={"reports": "add", "sample": "first"},
    )


def _with_few_types(counts: Mapping[Count, int]) -> Mapping[Count, int]:
    """Types are named by whoever posts: a project keeps its first MOST_TYPES names, the others are one."""
    named = {(project, reason[:60]) for project, kind, reason in counts if kind == "type"}
    if not named:
        return counts
    rows = IntakeCount.objects.filter(project_id__in={project for project, _ in named}, kind="type", day=TOTAL)
    known = set(rows.values_list("project_id", "reason"))
    held = Counter(project for project, _ in known)
    for project, reason in sorted(named - known):
        if held[project] < MOST_TYPES:
            held[project] += 1
            known.add((project, reason))
    few: Counter[Count] = Counter()
    for (project, kind, reason), reports in counts.items():
        few[project, kind, reason if kind != "type" or (project, reason[:60]) in known else "more"] += reports
    return few


@dataclass(frozen=True, slots=True)
class Intake:
    """A project's figures since it began; accepted = counted + shed + rejected + set_aside + backlog."""

    counted: int = 0
    by_type: dict[str, int] = field(default_factory=dict)
    shed: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    set_aside: int = 0
    backlog: int = 0
    oldest_seconds: int = 0
    recorded: int = 0
    """What the door said of all that the drain has read: the sum of the above but the backlog."""

    @property
    def accepted(self) -> int:
        return self.recorded + self.backlog

    @property
    def other_types(self) -> dict[str, int]:
        return {name: reports for name, reports in self.by_type.items() if name != "csp-violation"}

    def as_dict(self) -> dict[str, object]:
        return {
            "accepted": self.accepted, "counted": self.counted, "by_type": self.by_type, "shed": self.shed, "rejected": self.rejected,
            "set_aside": self.set_aside, "backlog": self.backlog, "oldest_seconds": self.oldest_seconds,
        }


def intake_of(project: int, buffer: Buffer, day: date | None = None) -> Intake:
    """Since the project began, or of one UTC day (then without what waits)."""
    partition = buffer.partition_of(project)
    for _ in range(_LOOKS):
        position = _position(buffer, partition)
        waiting = buffer.reports_waiting(partition, position, project) if day is None else 0
        oldest = buffer.backlog(partition, position).oldest if waiting else 0
        rows = list(IntakeCount.objects.filter(project_id=project, day=day or TOTAL).values_list("kind", "reason", "reports"))
        if not waiting or _position(buffer, partition) == position:
            break  # else a drain recorded some of what was just seen waiting: look again
    return _intake(rows, waiting, oldest)


def _position(buffer: Buffer, partition: str) -> str:
    return Position.objects.filter(partition=partition).values_list("position", flat=True).first() or buffer.START


def _intake(rows: Iterable[tuple[str, str, int]], waiting: int, oldest: int) -> Intake:
    by_kind: dict[str, Counter[str]] = {}
    for kind, reason, reports in rows:
        by_kind.setdefault(kind, Counter())[reason] += reports
    sums = {kind: reasons.total() for kind, reasons in by_kind.items()}
    counted, types = sums.get("counted", 0), _sorted(by_kind.get("type"))
    return Intake(
        counted=counted,
        by_type={"csp-violation": counted, **types} if counted else types,
        shed=_sorted(by_kind.get("shed")),
        rejected=_sorted(by_kind.get("rejected")),
        set_aside=sums.get("set_aside", 0),
        backlog=waiting,
        oldest_seconds=age_of(oldest),
        recorded=sums.get("accepted", 0),
    )


def _sorted(reasons: Counter[str] | None) -> dict[str, int]:
    return dict(sorted(reasons.items())) if reasons else {}


def age_of(milliseconds: int) -> int:
    """Whole seconds since a moment, 0 for none and for one in the future."""
    return max(0, int(datetime.now(UTC).timestamp() - milliseconds / 1000)) if milliseconds else 0


def totals_of(day: date) -> dict[str, int]:
    """Reports of all projects by kind, on a day or (TOTAL) ever, for gauges and the status page."""
    rows = IntakeCount.objects.filter(day=day).exclude(kind="private").values_list("kind").annotate(reports=Sum("reports"))
    return dict(rows)
