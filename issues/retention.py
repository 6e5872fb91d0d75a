"""Nothing is kept for ever and nothing grows without end: what goes by age, in small bites (trust.md; docs/storage.md).

Three steps, each of which can stop anywhere and go on later, since what is left to do is what is still there: rows by their
age (here), issues that nobody decided about and nobody reports any more (issues.retiring), and what a project may hold at
most of each table (issues.room). Everything is asked of a moment, so that a test can run a year.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.utils import timezone

from issues import retiring, room
from issues.bites import Pace, Rows, delete, locked
from issues.models import (
    Activity,
    DailyCount,
    Evidence,
    EvidenceDay,
    HourlyCount,
    NewIssueCount,
    ObservedPolicy,
    ProjectHour,
    RuleHit,
    Sample,
)

DAY = 86_400
SECONDS = 5.0
"""Of one run: the embedded worker does nothing else meanwhile."""
EVIDENCE_BITE = 100
"""Rows of evidence a statement: each has up to EVIDENCE_DAYS rows below it."""
_complete_for = -1


def prune(now: datetime | None = None, seconds: float = SECONDS) -> Pace:
    """One run. `finished` tells whether nothing is left that is too old or too much."""
    at = now or timezone.now()
    pace = Pace(seconds)
    for old in _old_rows(at):
        delete(pace, old)
    _forget_examples(pace, at)
    _prune_evidence(pace, at)
    _prune_policies(pace, at)
    retiring.retire(pace, at)
    room.make_room(pace)
    return pace


def prune_if_due() -> dict[str, int]:
    """Everything above is by the hour or the day, so after a whole pass this process rests until the next hour: a quiet instance
    is asked nothing. Rows deleted by table."""
    global _complete_for
    hour = int(timezone.now().timestamp()) // 3600
    if hour == _complete_for:
        return {}
    pace = prune()
    if pace.finished:
        _complete_for = hour
    return pace.done


def _old_rows(now: datetime) -> Iterator[Rows]:
    hours, days = int(now.timestamp()) // 3600, int(now.timestamp()) // DAY
    yield HourlyCount.objects.filter(hour__lt=hours - settings.HOURLY_DAYS * 24)
    yield ProjectHour.objects.filter(hour__lt=hours - settings.HOURLY_DAYS * 24)
    yield NewIssueCount.objects.filter(hour__lt=hours - 1)
    yield DailyCount.objects.filter(day__lt=days - settings.DAILY_DAYS)
    yield EvidenceDay.objects.filter(day__lt=days - settings.EVIDENCE_DAYS)
    yield RuleHit.objects.filter(day__lt=days - settings.DAILY_DAYS)
    yield Sample.objects.filter(seen_at__lt=now - timedelta(days=settings.SAMPLE_DAYS))
    yield Activity.objects.filter(at__lt=now - timedelta(days=settings.DAILY_DAYS))


def _forget_examples(pace: Pace, now: datetime) -> None:
    """A rule's example of a day is a sample, and lives no longer than one; its count stays."""
    old = RuleHit.objects.filter(day__lt=int(now.timestamp()) // DAY - settings.SAMPLE_DAYS).exclude(example="")
    while pace.may_go_on() and pace.bite("example", lambda: RuleHit.objects.filter(pk__in=locked(old, 500)).update(example="")):
        pass


def _prune_evidence(pace: Pace, now: datetime) -> None:
    old = Evidence.objects.filter(last_seen__lt=now - timedelta(days=settings.DAILY_DAYS))
    delete(pace, old, size=EVIDENCE_BITE, take=room.take_evidence)


def _prune_policies(pace: Pace, now: datetime) -> None:
    """A project names at most 300 policies, so one that nobody confirmed and nobody sends any more makes room for the next."""
    old = ObservedPolicy.objects.filter(confirmed_at=None, last_seen__lt=now - timedelta(days=settings.EVIDENCE_DAYS))
    for policy_id in list(old.values_list("pk", flat=True)[:500]):
        if not _unname(pace, policy_id):
            return
        pace.bite("observedpolicy", partial(_gone, old.filter(pk=policy_id)))


def _gone(rows: Rows) -> int:
    return rows.delete()[0]


def _unname(pace: Pace, policy_id: int) -> bool:
    """Evidence of a policy that goes stays, as of one that was never named; True when there is none left."""
    held = Evidence.objects.filter(policy=policy_id)
    while pace.may_go_on():
        if not pace.bite("unnamed", lambda: Evidence.objects.filter(pk__in=locked(held, 500)).update(policy=None)):
            return not held.exists()
    return False
