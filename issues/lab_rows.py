"""The rows of evidence that a page reads, and their days folded by the database: a page costs what it shows, not what was reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Min, QuerySet, Sum

from issues.models import Evidence, EvidenceDay, Issue

MOST_ROWS = 8_000
"""Each has at most one row a day beside it, which the database adds up: 240,000 in a month."""
MOST_NOISE = 800
MOST_FIRST = 2_700
"""Of MOST_ROWS, where there are more: noise with most reports, and issues that would not show otherwise."""
MOST_IDS = 10_000  # in one query: SQLite takes 32,766 parameters
LOW_DAYS = 45
"""Days are bits of two numbers, since a database's own has 63."""
MOST_DAYS = 2 * LOW_DAYS + 10

Sums = tuple[int, int, int, int]
"""Reports, most client networks on one day, days, days with enough networks."""

_FOLD = """
SELECT evidence_id, CAST(SUM(reports) AS bigint), MAX(most),
       {low_days}, {high_days}, {low_wide}, {high_wide}
FROM (SELECT evidence_id, reports, {count} AS most, day - %s AS day FROM issues_evidenceday
      WHERE evidence_id IN ({ids}) AND day >= %s AND day < %s) days
GROUP BY evidence_id"""


def chosen(found: QuerySet[Evidence], columns: Sequence[str]) -> tuple[list[tuple[Any, ...]], int]:
    """(rows, how many of a hundred reports they hold); `columns` begin with id and issue_id.

    Of more than MOST_ROWS those with most reports are read, and of each issue that has none among them its first row: an issue
    hides no other by the number of its rows, whoever sent them.
    """
    if found.order_by()[: MOST_ROWS + 1].count() <= MOST_ROWS:
        return raw(found.values_list(*columns)), 100
    picked = []
    for noise, most in ((False, MOST_ROWS - MOST_NOISE - MOST_FIRST), (True, MOST_NOISE)):
        picked += raw(found.filter(issue__noise=noise).order_by("-reports", "-id").values_list(*columns, "reports")[:most])
    picked += _first_rows(found, columns, {row[1] for row in picked})
    whole = Issue.objects.filter(pk__in=found.order_by().values("issue_id")).aggregate(reports=Sum("reports"))["reports"]
    return [row[:-1] for row in picked], min(99, 100 * sum(row[-1] for row in picked) // max(1, whole or 0))


def _first_rows(found: QuerySet[Evidence], columns: Sequence[str], shown: set[int]) -> list[tuple[Any, ...]]:
    """One row of each issue that is not shown yet, those with most reports first; no noise."""
    others = Issue.objects.filter(pk__in=found.order_by().values("issue_id"), noise=False).order_by("-reports")
    ids = [pk for pk in others.values_list("pk", flat=True)[:MOST_ROWS] if pk not in shown][:MOST_FIRST]
    first = found.filter(issue_id__in=ids).order_by().values("issue_id").annotate(first=Min("id")).values("first")
    return raw(Evidence.objects.filter(pk__in=first).values_list(*columns, "reports"))


def raw(rows: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The rows as the database's driver gives them: of SQLite, times are text and booleans numbers, which Django turns slowly."""
    with connection.cursor() as cursor:
        cursor.execute(*rows.query.sql_with_params())
        return cursor.fetchall()


def folded(ids: Sequence[int], first_day: int, networks: int) -> dict[int, Sums]:
    """The sums of each row from `first_day` (days since 1970) on; `networks` are enough on one day."""
    low, high = f"day < {LOW_DAYS}", f"day >= {LOW_DAYS}"
    sql = {
        "count": _bit_count(), "low_days": _mask(low, 0), "high_days": _mask(high, LOW_DAYS),
        "low_wide": _mask(f"{low} AND most >= {networks:d}", 0), "high_wide": _mask(f"{high} AND most >= {networks:d}", LOW_DAYS),
    }  # fmt: skip
    found: dict[int, Sums] = {}
    with connection.cursor() as cursor:
        for part in _parts(ids):
            marks = ", ".join(["%s"] * len(part))
            cursor.execute(_FOLD.format(ids=marks, **sql), [first_day, *part, first_day, first_day + MOST_DAYS])
            for pk, reports, most, days, more_days, wide, more_wide in cursor.fetchall():
                found[pk] = (reports, most, days | more_days << LOW_DAYS, wide | more_wide << LOW_DAYS)
    return found


def single_days(ids: Sequence[int], first_day: int) -> Iterator[tuple[int, int, int]]:
    """(row, day counted from `first_day`, bitmap of client networks)."""
    for part in _parts(ids):
        days = EvidenceDay.objects.filter(evidence_id__in=part, day__gte=first_day, day__lt=first_day + MOST_DAYS)
        for pk, day, networks in days.values_list("evidence_id", "day", "networks").iterator(chunk_size=5_000):
            yield pk, day - first_day, networks


def _mask(condition: str, start: int) -> str:
    """A row has one count a day, so the sum of the days' bits is the set of them."""
    return f"CAST(SUM(CASE WHEN {condition} THEN CAST(1 AS bigint) << (day - {start}) ELSE 0 END) AS bigint)"


def _bit_count() -> str:
    """How many networks a bitmap holds. SQLite is lent Python's own count."""
    if connection.vendor == "postgresql":
        return "bit_count(networks::bit(64))"
    connection.ensure_connection()
    connection.connection.create_function("bit_count", 1, int.bit_count, deterministic=True)
    return "bit_count(networks)"


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS))
