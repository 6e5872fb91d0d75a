"""How large it can get: rows of a project by table, and what a row takes. docs/storage.md explains each line; tests/storage runs it.

Bytes are measured, with indexes, on the larger of both databases: PostgreSQL, with what rows that change every minute leave behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

ROWS_PER_ISSUE = {"EvidenceDay": 50, "HourlyCount": 30, "Facet": 15, "DailyCount": 10, "Evidence": 5, "Spot": 2, "Sample": 2, "Activity": 2}
"""What PROJECT_ISSUES is multiplied with (issues.room)."""
BYTES_PER_ROW = {
    "Issue": 4_500, "EvidenceDay": 500, "HourlyCount": 300, "Facet": 350, "DailyCount": 550, "Evidence": 900, "Spot": 400, "Sample": 3_000,
    "Activity": 600, "ProjectHour": 200, "NewIssueCount": 200, "ObservedPolicy": 2_000, "RuleHit": 700, "IntakeCount": 250,
}  # fmt: skip
MOST_POLICIES = 300
MOST_RULES = 300
"""Built-in rules that can fire in one project, and people's."""
MOST_REASONS = 150
"""Kinds and reasons of one day: places of private addresses (64), other types (40), and why reports were shed or rejected."""


@dataclass(frozen=True, slots=True)
class Bound:
    table: str
    rows: int

    @property
    def bytes(self) -> int:
        return self.rows * BYTES_PER_ROW[self.table]


def bounds() -> list[Bound]:
    """Of one project under these settings, the largest first. What people decided comes on top: it grows with hands."""
    issues, days = settings.PROJECT_ISSUES, settings.DAILY_DAYS + 1
    rows = {"Issue": issues} | {table: each * issues for table, each in ROWS_PER_ISSUE.items()}
    rows |= {
        "ProjectHour": 2 * 24 * (settings.HOURLY_DAYS + 1), "NewIssueCount": 3 * 2 * 64, "ObservedPolicy": MOST_POLICIES,
        "RuleHit": MOST_RULES * days, "IntakeCount": MOST_REASONS * (days + 1),
    }  # fmt: skip
    return sorted((Bound(table, number) for table, number in rows.items()), key=lambda bound: -bound.bytes)
