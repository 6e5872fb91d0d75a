"""Nothing is kept for ever: each table's old rows go in small bites, so that no lock is held long (trust.md)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from issues.models import Activity, DailyCount, Evidence, EvidenceDay, HourlyCount, NewIssueCount, ProjectHour, RuleHit, Sample

BITE = 2_000  # rows a statement
DAY = 86_400


def prune(seconds: float = 20.0) -> dict[str, int]:
    """Delete what is too old, for at most about `seconds`; rows deleted by table. The next tick goes on where this one stopped."""
    until = time.monotonic() + seconds
    deleted: dict[str, int] = {}
    for old in _old_rows():
        name = old.model._meta.model_name or ""
        while time.monotonic() < until:
            ids = list(old.values_list("id", flat=True)[:BITE])
            if not ids:
                break
            deleted[name] = deleted.get(name, 0) + old.model._default_manager.filter(id__in=ids).delete()[0]
    return deleted


def _old_rows() -> Iterator[models.QuerySet[models.Model]]:
    now = int(time.time())
    hours, days = now // 3600, now // DAY
    yield HourlyCount.objects.filter(hour__lt=hours - settings.HOURLY_DAYS * 24)
    yield ProjectHour.objects.filter(hour__lt=hours - settings.HOURLY_DAYS * 24)
    yield NewIssueCount.objects.filter(hour__lt=hours - 1)
    yield DailyCount.objects.filter(day__lt=days - settings.DAILY_DAYS)
    yield EvidenceDay.objects.filter(day__lt=days - settings.DAILY_DAYS)
    yield Evidence.objects.filter(last_seen__lt=timezone.now() - timedelta(days=settings.DAILY_DAYS))
    yield RuleHit.objects.filter(day__lt=days - settings.DAILY_DAYS)
    yield Sample.objects.filter(seen_at__lt=timezone.now() - timedelta(days=settings.SAMPLE_DAYS))
    yield Activity.objects.filter(at__lt=timezone.now() - timedelta(days=settings.DAILY_DAYS))
