"""What is stored, as the Policy Lab reads it: rows of evidence with their weight, and which of it may be trusted.

Everybody can post reports (trust.md). A claim - this directive, this address, this code - is trusted when enough client
networks made it on enough days about a declared site; networks are counted by day, because their hashes change every day.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone

from issues.lab_models import LabSettings
from issues.lab_rows import MOST_IDS, MOST_ROWS, chosen, folded, raw, single_days
from issues.lab_trust import Scale
from issues.models import Evidence as EvidenceRow
from issues.models import Issue, ObservedPolicy
from issues.rows import aware
from issues.verdicts.evidence import covers, declared_hosts
from policies.evidence import Evidence
from policies.replay_rows import Row
from projects.models import Project

OTHER = "other"
MOST_POLICIES = 300  # as many as record() keeps
DAYS = 30
DAY = 86_400
SIGNAL = frozenset({"own", "third-party", "policy", "unsure"})
"""Verdicts whose block is felt by visitors: not noise, not an attack, not a stranger's frame."""


@dataclass(frozen=True, slots=True)
class IssueFacts:
    """What the lab shows of an issue."""

    id: int
    number: int
    title: str
    source: str
    verdict: str
    noise: bool
    status: str
    first_seen: datetime
    test: bool
    doubted: bool = False
    """Looks like a misspelling or an imitation, and nobody has said what it is."""

    @property
    def open(self) -> bool:
        return self.status == "open"

    @property
    def felt(self) -> bool:
        """Whether a block of it would be a page that breaks: open, and nobody has said that it shall be blocked."""
        return self.open and self.verdict in SIGNAL and not self.test


@dataclass(frozen=True, slots=True)
class Piece:
    """One row of evidence within the days asked for. `networks` is the most on one day; `observed` the policy it came from;
    `days` are bits, the first day of the reading is bit 0."""

    issue: IssueFacts
    evidence: Evidence
    page: str
    observed: int | None
    first_seen: datetime
    last_seen: datetime
    reports: int = 0
    days: int = 0
    networks: int = 0
    trusted: bool = False

    @property
    def row(self) -> Row:
        return Row(self.evidence, self.reports, self.networks, self.days.bit_count(), self.issue.id)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and what it was read by. `busy_days` are those on which enough networks reported anything (bits, as a piece's
    days), `observed` the ids of the policies that enough of them reported, `held` how many of a hundred reports the rows hold that
    were read."""

    pieces: tuple[Piece, ...]
    since: datetime
    sites: tuple[str, ...] = ()
    settings: LabSettings = field(default_factory=LabSettings)
    policies: tuple[ObservedPolicy, ...] = ()
    busy_days: int = 0
    observed: frozenset[int] = frozenset()
    held: int = 100

    @property
    def trusted(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.trusted)

    @property
    def reports(self) -> int:
        return sum(piece.reports for piece in self.pieces)

    @property
    def cut(self) -> str:
        """What the figures leave out, in a sentence; "" where everything was read."""
        if self.held == 100:
            return ""
        return (
            f"There is more evidence than a page reads. Figures are of the {MOST_ROWS:,} rows that count most, at least one of every issue "
            f"as far as they go; they hold {self.held} % of all reports."
        )

    def of_issue(self, issue_id: int) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.issue.id == issue_id)


def settings_of(project: Project) -> LabSettings:
    """The project's thresholds, or the defaults (not saved)."""
    return LabSettings.objects.filter(project=project).first() or LabSettings(project=project)


def read(project: Project, days: int = 0, *, issues: Sequence[int] | None = None, settings: LabSettings | None = None) -> Reading:
    """The project's evidence of the last days (0: as many as readiness needs), in six queries. With `issues`, of these alone."""
    limits = settings or settings_of(project)
    since = timezone.now() - timedelta(days=days or max(DAYS, limits.days))
    sites = tuple(project.sites.values_list("host", flat=True))
    found = EvidenceRow.objects.filter(issue__project=project, last_seen__gte=since)
    if issues is not None:
        found = found.filter(issue_id__in=issues)
    rows, held = chosen(found, _COLUMNS)
    scale = _weighed(rows, day_of(since), declared_hosts(sites), limits)
    facts = _issues_of(project, {row[1] for row in rows})
    policies = tuple(project.policies.order_by("first_seen", "id")[:MOST_POLICIES])
    texts = {policy.pk: policy.text for policy in policies}
    pieces = tuple(_piece(row, facts[row[1]], texts, scale) for row in rows if row[1] in facts)
    return Reading(pieces, since, sites, limits, policies, scale.busy_days, scale.policies, held)


def _weighed(rows: list[tuple[Any, ...]], first_day: int, hosts: frozenset[str], limits: LabSettings) -> Scale:
    scale = Scale(limits.networks, limits.evidence_days)
    sums = folded([row[0] for row in rows], first_day, limits.networks)
    for row in rows:
        claim = row[3:6] + row[8:9] if row[2] != OTHER and covers(hosts, host_of(row[6])) else None
        scale.put(row[0], claim, row[9], sums.get(row[0], (0, 0, 0, 0)))
    scale.weigh(single_days(scale.unsure(), first_day))
    return scale


def rows_of(project: Project, issues: Sequence[int], most: int) -> list[Row]:
    """Evidence of these issues with all its reports ever, for figures only: one query, and nothing in it is trusted."""
    found = EvidenceRow.objects.filter(issue__project=project, issue_id__in=issues).exclude(digest=OTHER).order_by("-reports")
    columns = ("issue_id", "directive", "blocked_kind", "blocked", "origin", "sample", "disposition", "reports")
    return [
        Row(_evidence(directive, kind, blocked, origin, sample, "", disposition, False, False), reports, key=issue_id)
        for issue_id, directive, kind, blocked, origin, sample, disposition, reports in found.values_list(*columns)[:most]
    ]


_COLUMNS = (
    "id", "issue_id", "digest", "directive", "blocked_kind", "blocked", "origin", "page", "sample", "policy_id", "disposition",
    "first_seen", "last_seen",
)  # fmt: skip


def _issues_of(project: Project, ids: Iterable[int]) -> dict[int, IssueFacts]:
    wanted = sorted(set(ids))
    columns = ("id", "number", "title", "source", "verdict", "noise", "status", "first_seen", "test", "rules", "corrected")
    found: dict[int, IssueFacts] = {}
    for start in range(0, len(wanted), MOST_IDS):
        for row in raw(Issue.objects.filter(project=project, id__in=wanted[start : start + MOST_IDS]).values_list(*columns)):
            pk, number, title, source, verdict, noise, status, first_seen, test, rules, corrected = row
            doubted = "host-typo" in str(rules) and not corrected
            found[pk] = IssueFacts(pk, number, title, source, verdict, bool(noise), status, aware(first_seen), bool(test), doubted)
    return found


def _piece(row: tuple[Any, ...], issue: IssueFacts, texts: dict[int, str], scale: Scale) -> Piece:
    pk, _, digest, directive, kind, blocked, origin, page, sample, policy_id, disposition, first, last = row
    evidence = _evidence(directive, kind, blocked, origin, sample, texts.get(policy_id, ""), disposition, issue.noise, digest == OTHER)
    return Piece(issue, evidence, page, policy_id, aware(first), aware(last), *scale.of(pk))


@lru_cache(maxsize=16_384)  # more than a reading has rows
def _evidence(
    directive: str, kind: str, blocked: str, origin: str, sample: str, policy: str, disposition: str, noise: bool, other: bool
) -> Evidence:
    return Evidence.stored(
        directive=directive, blocked_kind=kind or "unknown", blocked=blocked, origin=origin, sample=sample,  # type: ignore[arg-type]  # written from a BlockedKind
        policy=policy, disposition=disposition, noise=noise, other=other,  # type: ignore[arg-type]  # written from a Disposition
    )  # fmt: skip


@lru_cache(maxsize=4096)
def host_of(origin: str) -> str:
    return next(iter(declared_hosts((origin,))), "") if origin else ""


def on_site(reading: Reading, site: str) -> Reading:
    """The part of a reading that one declared site's pages sent ("" is all); a wildcard has what no other site names itself."""
    if not site:
        return reading
    hosts = declared_hosts((site,))
    others = frozenset[str]() if not site.startswith("*.") else declared_hosts(tuple(one for one in reading.sites if one != site))
    kept = (piece for piece in reading.pieces if covers(hosts, host_of(piece.evidence.document)))
    return replace(reading, pieces=tuple(piece for piece in kept if not covers(others, host_of(piece.evidence.document))))


def day_of(moment: datetime | None = None) -> int:
    """Whole days since 1970 (UTC), as counters have it."""
    return int(moment.astimezone(UTC).timestamp() if moment else time.time()) // DAY
