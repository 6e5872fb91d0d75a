"""How many and when: bounded counts for tabs, and the series that charts read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Sum
from django.utils import timezone

from issues.models import DailyCount, HourlyCount, Issue, ProjectHour

MOST_COUNTED = 1000  # beyond this a page says "1,000+"
HOUR = 3600
DAY = 24 * HOUR


def this_hour() -> int:
    return int(timezone.now().timestamp()) // HOUR


def this_day() -> int:
    return this_hour() // 24


def each_of(querysets: Sequence[models.QuerySet[Any]]) -> list[list[tuple[Any, ...]]]:
    """The rows of several values_list querysets, each with its own order and limit, in one statement.

    Django can't slice inside union() on SQLite, and `pk IN (a) OR pk IN (b)` makes PostgreSQL read the whole table.
    """
    answers: list[list[tuple[Any, ...]]] = [[] for _ in querysets]
    parts: list[str] = []
    parameters: list[Any] = []
    for place, queryset in enumerate(querysets):
        try:
            sql, given = queryset.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT {place}, part{place}.* FROM ({sql}) part{place}")
        parameters += given
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), parameters)
            for place, *row in cursor.fetchall():
                answers[place].append(tuple(row))
    return answers


def capped(querysets: Sequence[models.QuerySet[Any]]) -> list[int]:
    """How many rows each has, counted no further than 1,001, in one statement."""
    parts: list[str] = []
    parameters: list[Any] = []
    for place, queryset in enumerate(querysets):
        sql, given = queryset.order_by().values("pk")[: MOST_COUNTED + 1].query.sql_with_params()
        parts.append(f"SELECT {place}, COUNT(*) FROM ({sql}) part{place}")
        parameters += given
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return [counted for _, counted in sorted(cursor.fetchall())]


def hours_of_issues(issue_ids: Iterable[int], hours: int = 24) -> dict[int, list[int]]:
    """Reports an hour of each issue, oldest first, the running hour last."""
    last = this_hour()
    series = {issue_id: [0] * hours for issue_id in issue_ids}
    rows = HourlyCount.objects.filter(issue_id__in=list(series), hour__gt=last - hours, hour__lte=last)
    for issue_id, hour, reports in rows.values_list("issue_id", "hour", "reports"):
        series[issue_id][hour - last - 1] = reports
    return series


def hours_of_projects(project_ids: Iterable[int], hours: int = 24) -> dict[int, list[int]]:
    """Reports an hour of each project, noise included, oldest first."""
    last = this_hour()
    series = {project_id: [0] * hours for project_id in project_ids}
    rows = ProjectHour.objects.filter(project_id__in=list(series), hour__gt=last - hours, hour__lte=last)
    for project_id, hour, reports in rows.values_list("project_id", "hour").annotate(total=Sum("reports")):
        series[project_id][hour - last - 1] = reports
    return series


def noise_today(project_id: int) -> int:
    """Reports of the last 24 hours that were noise when they were recorded."""
    rows = ProjectHour.objects.filter(project_id=project_id, noise=True, hour__gt=this_hour() - 24)
    return rows.aggregate(total=Sum("reports"))["total"] or 0


def hourly(issue: Issue, hours: int) -> list[int]:
    return hours_of_issues([issue.pk], hours)[issue.pk]


def daily(issue: Issue, days: int) -> list[int]:
    """Reports a day, oldest first, today last."""
    last = this_day()
    series = [0] * days
    rows = DailyCount.objects.filter(issue=issue, day__gt=last - days, day__lte=last)
    for day, reports in rows.values_list("day", "reports"):
        series[day - last - 1] = reports
    return series
