"""One issue of a batch on its way into the tables, and what was known of it before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar

from issues.fingerprint import Fingerprint
from issues.fold import IssueKey, Tally
from issues.models import Correction
from issues.overflow import is_overflow, words_of


def aware(moment: datetime | str) -> datetime:
    """A raw cursor of SQLite answers with text or with a time that has lost its zone; both are UTC."""
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return value if value.tzinfo else value.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """The state of an issue before the batch."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "id", "status", "until", "status_at", "verdict", "noise", "confidence", "reason", "rules", "judged", "corrected", "pages",
        "browsers", "visitors", "reports", "enforced", "regressed", "breaking",
        "excused", "suspect",
    )  # fmt: skip

    id: int
    status: str
    until: dict[str, Any]
    status_at: datetime | None
    verdict: str
    noise: bool
    confidence: str
    reason: str
    rules: list[str]
    judged: dict[str, Any]
    corrected: bool
    pages: int
    browsers: int
    visitors: int
    reports: int
    enforced: int
    regressed: bool
    breaking: bool
    excused: str
    suspect: int

    @classmethod
    def of(cls, values: Sequence[Any]) -> Known:
        """From a raw row: SQLite gives JSON and times as text and booleans as numbers, PostgreSQL JSON as text."""
        plain = dict(zip(cls.COLUMNS, values, strict=True))
        for name in ("until", "rules", "judged"):
            plain[name] = json.loads(plain[name]) if isinstance(plain[name], str | bytes) else plain[name]
        for name in ("noise", "corrected", "regressed", "breaking"):
            plain[name] = bool(plain[name])
        plain["status_at"] = aware(plain["status_at"]) if plain["status_at"] else None
        return cls(**plain)


@dataclass(slots=True)
class Row:
    """One issue of the batch on its way into the tables."""

    key: IssueKey
    tallies: list[Tally]
    known: Known | None = None
    correction: Correction | None = None
    id: int = 0
    reports: int = 0
    enforced: int = 0
    unsaid: int = 0
    before: int = 0
    per_hour: int = 0
    visitors: bytes = b""
    new_pages: int = 0
    new_families: int = 0
    pages: set[str] = field(default_factory=set)
    policies: dict[str, datetime] = field(default_factory=dict)
    stands_for: list[IssueKey] = field(default_factory=list)
    """The keys gathered in an overflow issue's row (issues.budget)."""

    @property
    def words(self) -> Fingerprint:
        """Not those of a report that only joined it (issues.spots)."""
        own = (tally.unit.fingerprint for tally in self.tallies if tally.unit.key == self.key)
        return words_of(self.key) if is_overflow(self.key) else next(own, self.tallies[0].unit.fingerprint)
