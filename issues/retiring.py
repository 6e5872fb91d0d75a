"""Issues that go as a whole: nobody decided anything about them and nobody has reported them for long.

Why they may: anybody can begin NEW_ISSUES_PER_HOUR issues in a project, 4.4 million a year. What a person decided stays, as
long as the project: an issue that was corrected, resolved or ignored by hand grows with hands, not with reports. One that
comes back after it went is a new issue, under a new number; a correction is kept by its key and applies to it again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from issues.bites import Pace, Rows, delete
from issues.models import Activity, DailyCount, Evidence, EvidenceDay, Facet, HourlyCount, Issue, Sample
from projects.models import Project

BITE = 50
"""Issues a transaction. One that nobody has reported for months has few rows left: what is older went before."""
UNDECIDED = Q(corrected=False) & (Q(status="open", status_by=None) | Q(rule__isnull=False))
"""Hidden by a rule is the rule's decision; the rule stays."""


def retire(pace: Pace, now: datetime) -> None:
    """Noise after NOISE_DAYS unseen, all else after DAILY_DAYS, when none of its counts and evidence is left."""
    crowded = settings.PROJECT_ISSUES and Issue.objects.count() > settings.PROJECT_ISSUES
    for project_id in shuffled_projects():
        for rows in _unseen(project_id, now):
            delete(pace, rows, size=BITE, take=take)
        if crowded:
            _make_room(pace, project_id)


def shuffled_projects() -> list[int]:
    """In another order each time, so that a run that is cut off short neglects nobody for ever."""
    ids = list(Project.objects.values_list("pk", flat=True))
    random.shuffle(ids)
    return ids


def _unseen(project_id: int, now: datetime) -> Iterator[Rows]:
    mine = Issue.objects.filter(UNDECIDED, project=project_id)
    yield mine.filter(noise=True, last_seen__lt=now - timedelta(days=min(settings.NOISE_DAYS, settings.DAILY_DAYS)))
    yield mine.filter(last_seen__lt=now - timedelta(days=settings.DAILY_DAYS))


def _make_room(pace: Pace, project_id: int) -> None:
    """Over PROJECT_ISSUES, noise goes first and likely attacks last, the longest unseen of each first."""
    over = Issue.objects.filter(project=project_id).count() - settings.PROJECT_ISSUES
    mine = Issue.objects.filter(UNDECIDED, project=project_id).order_by("last_seen", "pk")
    for rows in (mine.filter(noise=True), mine.filter(noise=False).exclude(verdict="attack"), mine.filter(verdict="attack")):
        if over > 0:
            over -= delete(pace, rows, most=over, size=BITE, take=take)


def take(ids: Sequence[int]) -> int:
    """Locked by the caller's transaction, so a report that comes now waits and then makes the issue anew."""
    EvidenceDay.objects.filter(evidence__issue__in=ids).delete()
    for table in (HourlyCount, DailyCount, Evidence, Facet, Sample, Activity):
        table._default_manager.filter(issue__in=ids).delete()
    return Issue.objects.filter(pk__in=ids).delete()[0]
