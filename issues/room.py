"""How many rows of each table a project may hold: PROJECT_ISSUES times what an issue has on average (docs/storage.md).

An issue alone is bounded too (issues.record), but at 300 rows of evidence on 100 days each a hundred thousand of them would
be three thousand million rows. Real traffic comes nowhere near: most issues are seen on a day or two, and a few hundred on
all. What is over loses its oldest days first. Counted once an hour, and only where the whole table could be over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, F
from django.db.models.functions import TruncDate

from issues.bites import BITE, Pace, Rows, delete
from issues.bounds import ROWS_PER_ISSUE
from issues.models import Activity, DailyCount, Evidence, EvidenceDay, Facet, HourlyCount, Sample, Spot
from issues.retiring import shuffled_projects


@dataclass(frozen=True, slots=True)
class Room:
    """`day` is what rows are put in order by."""

    rows: Callable[[], Rows]
    project: str
    day: Any
    size: int = BITE
    take: Callable[[Sequence[int]], int] | None = None


def take_evidence(ids: Sequence[int]) -> int:
    EvidenceDay.objects.filter(evidence__in=ids).delete()
    return Evidence.objects.filter(pk__in=ids).delete()[0]


ROOMS = (
    Room(EvidenceDay.objects.all, "evidence__issue__project", F("day")),
    Room(Evidence.objects.all, "issue__project", TruncDate("last_seen"), 100, take_evidence),
    Room(HourlyCount.objects.all, "issue__project", F("hour") / 24),
    Room(DailyCount.objects.all, "issue__project", F("day")),
    Room(Facet.objects.all, "issue__project", TruncDate("issue__last_seen")),
    Room(Spot.objects.all, "issue__project", TruncDate("issue__last_seen")),
    Room(Sample.objects.all, "issue__project", TruncDate("seen_at")),
    Room(Activity.objects.all, "project", TruncDate("at")),
)


def make_room(pace: Pace) -> None:
    if not settings.PROJECT_ISSUES:
        return
    for room in ROOMS:
        rows = room.rows()
        most = settings.PROJECT_ISSUES * ROWS_PER_ISSUE[rows.model.__name__]
        if pace.may_go_on() and rows.count() > most:
            for project_id in shuffled_projects():
                _cut(pace, room, project_id, most)


def _cut(pace: Pace, room: Room, project_id: int, most: int) -> None:
    mine = room.rows().filter(**{room.project: project_id}).annotate(on=room.day)
    days = list(mine.order_by("on").values_list("on").annotate(rows=Count("pk")))
    over = sum(rows for _, rows in days) - most
    for day, rows in days:
        if over <= 0:
            return
        over -= delete(pace, mine.filter(on=day), most=min(rows, over), size=room.size, take=room.take)
