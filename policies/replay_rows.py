"""Replay of many rows of evidence, weighted by reports, visitors and days."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from policies.decision import Answer, Decision
from policies.evidence import Evidence
from policies.policy import Policy, PolicyList
from policies.replay import ReplayProfile, replay


@dataclass(frozen=True, slots=True)
class Row:
    """Evidence with its weight. `key` is whatever the caller groups by (an issue's id). Visitors are an estimate."""

    evidence: Evidence
    reports: int = 1
    visitors: int = 0
    days: int = 0
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the candidate says to one row."""

    row: Row
    decision: Decision


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of one answer. `visitors` counts a visitor once per row, so it is an upper bound; `days` is the most of any row."""

    rows: int = 0
    reports: int = 0
    visitors: int = 0
    days: int = 0


def replay_rows(candidate: Policy | PolicyList, rows: Iterable[Row], profile: ReplayProfile = "both") -> list[Outcome]:
    """Replay many rows; equal evidence is judged once."""
    known: dict[Evidence, Decision] = {}
    outcomes = []
    for row in rows:
        decision = known.get(row.evidence)
        if decision is None:
            decision = known[row.evidence] = replay(candidate, row.evidence, profile)
        outcomes.append(Outcome(row, decision))
    return outcomes


def totals(outcomes: Iterable[Outcome]) -> dict[Answer, Totals]:
    """The sums for allowed, blocked and unknown."""
    groups: dict[Answer, list[Row]] = {"allowed": [], "blocked": [], "unknown": []}
    for outcome in outcomes:
        groups[outcome.decision.verdict].append(outcome.row)
    return {answer: _sum(rows) for answer, rows in groups.items()}


def _sum(rows: list[Row]) -> Totals:
    return Totals(
        len(rows), sum(row.reports for row in rows), sum(row.visitors for row in rows), max((row.days for row in rows), default=0)
    )
