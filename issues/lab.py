"""What is stored, as the Policy Lab reads it: rows of evidence with their weight, and which of it may be trusted.

Everybody can post reports (trust.md). A claim - this directive, this address, this code - is trusted when enough client
networks made it on enough days about a declared site; networks are counted by day, because their hashes change every day.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from django.utils import timezone

from issues.lab_models import LabSettings
from issues.models import Evidence as EvidenceRow
from issues.models import EvidenceDay, Issue, ObservedPolicy
from issues.verdicts.evidence import covers, declared_hosts
from policies.evidence import Evidence
from policies.replay_rows import Row
from projects.models import Project

MOST_ROWS = 20_000
"""Rows of evidence that a page reads, the newest first."""
MOST_POLICIES = 300  # as many as record() keeps
MOST_IDS = 10_000  # in one query: SQLite takes 32,766 parameters
DAYS = 30
DAY = 86_400
SIGNAL = frozenset({"own", "third-party", "policy", "unsure"})
"""Verdicts whose block is felt by visitors: not noise, not an attack, not a stranger's frame."""

Claim = tuple[str, str, str, str]
Key = TypeVar("Key")


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

    @property
    def open(self) -> bool:
        return self.status == "open"

    @property
    def felt(self) -> bool:
        """Whether a block of it would be a page that breaks: open, and nobody has said that it shall be blocked."""
        return self.open and self.verdict in SIGNAL and not self.test


@dataclass(frozen=True, slots=True)
class Piece:
    """One row of evidence within the days asked for. `networks` is the most on one day; `observed` the policy it came from."""

    issue: IssueFacts
    evidence: Evidence
    page: str
    observed: int | None
    first_seen: datetime
    last_seen: datetime
    reports: int = 0
    days: frozenset[int] = frozenset()
    networks: int = 0
    trusted: bool = False

    @property
    def claim(self) -> Claim:
        one = self.evidence
        return " ".join(one.directives), one.blocked_kind, one.blocked.text, one.sample

    @property
    def row(self) -> Row:
        return Row(self.evidence, self.reports, self.networks, len(self.days), self.issue.id)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, and what it was read by. `busy_days` are those on which enough networks reported anything, `observed` the ids
    of the policies that enough of them reported; `cut` says that there are more rows than were read."""

    pieces: tuple[Piece, ...]
    since: datetime
    sites: tuple[str, ...] = ()
    settings: LabSettings = field(default_factory=LabSettings)
    policies: tuple[ObservedPolicy, ...] = ()
    busy_days: frozenset[int] = frozenset()
    observed: frozenset[int] = frozenset()
    cut: bool = False

    @property
    def trusted(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.trusted)

    @property
    def reports(self) -> int:
        return sum(piece.reports for piece in self.pieces)

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
    counted = EvidenceDay.objects.filter(evidence__issue__project=project, day__gte=day_of(since))
    if issues is not None:
        found, counted = found.filter(issue_id__in=issues), counted.filter(evidence__issue_id__in=issues)
    rows = list(found.order_by("-last_seen").values_list(*_COLUMNS)[: MOST_ROWS + 1])
    senders: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for evidence_id, day, reports, networks in counted.values_list("evidence_id", "day", "reports", "networks"):
        senders[evidence_id].append((day, reports, networks))
    facts = _issues_of(project, {row[1] for row in rows})
    policies = tuple(project.policies.order_by("first_seen", "id")[:MOST_POLICIES])
    texts = {policy.pk: policy.text for policy in policies}
    kept = [row for row in rows[:MOST_ROWS] if row[1] in facts]
    pieces = [_piece(row, facts[row[1]], texts, senders.get(row[0], [])) for row in kept]
    empty = Reading((), since, sites, limits, policies, cut=len(rows) > MOST_ROWS)
    return _weighed(empty, pieces, [senders.get(row[0], []) for row in kept])


_COLUMNS = (
    "id", "issue_id", "digest", "directive", "blocked_kind", "blocked", "origin", "page", "sample", "policy_id", "disposition",
    "first_seen", "last_seen",
)  # fmt: skip


def _issues_of(project: Project, ids: Iterable[int]) -> dict[int, IssueFacts]:
    wanted = sorted(set(ids))
    columns = ("id", "number", "title", "source", "verdict", "noise", "status", "first_seen", "test")
    found: dict[int, IssueFacts] = {}
    for start in range(0, len(wanted), MOST_IDS):
        rows = Issue.objects.filter(project=project, id__in=wanted[start : start + MOST_IDS]).values_list(*columns)
        found.update((row[0], IssueFacts(*row)) for row in rows)
    return found


def _piece(row: tuple[Any, ...], issue: IssueFacts, texts: dict[int, str], days: list[tuple[int, int, int]]) -> Piece:
    _, _, digest, directive, kind, blocked, origin, page, sample, policy_id, disposition, first, last = row
    evidence = _evidence(directive, kind, blocked, origin, sample, texts.get(policy_id, ""), disposition, issue.noise, digest == "other")
    return Piece(
        issue, evidence, page, policy_id, first, last, sum(reports for _, reports, _ in days), frozenset(day for day, _, _ in days),
        max((networks.bit_count() for _, _, networks in days), default=0),
    )  # fmt: skip


@lru_cache(maxsize=8192)
def _evidence(
    directive: str, kind: str, blocked: str, origin: str, sample: str, policy: str, disposition: str, noise: bool, other: bool
) -> Evidence:
    return Evidence.stored(
        directive=directive, blocked_kind=kind or "unknown", blocked=blocked, origin=origin, sample=sample,  # type: ignore[arg-type]  # written from a BlockedKind
        policy=policy, disposition=disposition, noise=noise, other=other,  # type: ignore[arg-type]  # written from a Disposition
    )  # fmt: skip


def _weighed(reading: Reading, pieces: list[Piece], senders: list[list[tuple[int, int, int]]]) -> Reading:
    """The reading with its pieces, each with whether its claim is trusted; a policy is held to the same measure."""
    hosts, limits = declared_hosts(reading.sites), reading.settings
    claims: dict[tuple[Claim, int], int] = defaultdict(int)
    policies: dict[tuple[int, int], int] = defaultdict(int)
    everything: dict[int, int] = defaultdict(int)
    declared = [_is_declared(piece, hosts) for piece in pieces]
    for piece, days, ours in zip(pieces, senders, declared, strict=True):
        if not ours:
            continue
        claim = piece.claim
        for day, _, networks in days:
            claims[claim, day] |= networks
            everything[day] |= networks
            if piece.observed:
                policies[piece.observed, day] |= networks
    trusted, observed = _wide(claims, limits), _wide(policies, limits)
    judged = [
        replace(piece, trusted=True) if ours and not piece.evidence.other and piece.claim in trusted else piece
        for piece, ours in zip(pieces, declared, strict=True)
    ]
    busy = frozenset(day for day, networks in everything.items() if networks.bit_count() >= limits.networks)
    return replace(reading, pieces=tuple(judged), busy_days=busy, observed=frozenset(observed))


def _wide(networks: dict[tuple[Key, int], int], limits: LabSettings) -> set[Key]:
    """What enough networks said on enough days."""
    days: dict[Key, int] = defaultdict(int)
    for (key, _), bitmap in networks.items():
        if bitmap.bit_count() >= limits.networks:
            days[key] += 1
    return {key for key, number in days.items() if number >= limits.evidence_days}


def _is_declared(piece: Piece, hosts: frozenset[str]) -> bool:
    return covers(hosts, host_of(piece.evidence.document))


@lru_cache(maxsize=4096)
def host_of(origin: str) -> str:
    return next(iter(declared_hosts((origin,))), "") if origin else ""


def on_site(reading: Reading, site: str) -> Reading:
    """The part of a reading that one declared site's pages sent; a wildcard has what no other declared site names itself."""
    hosts = declared_hosts((site,))
    others = frozenset[str]() if not site.startswith("*.") else declared_hosts(tuple(one for one in reading.sites if one != site))
    kept = (piece for piece in reading.pieces if covers(hosts, host_of(piece.evidence.document)))
    return replace(reading, pieces=tuple(piece for piece in kept if not covers(others, host_of(piece.evidence.document))))


def day_of(moment: datetime | None = None) -> int:
    """Whole days since 1970 (UTC), as counters have it."""
    return int(moment.astimezone(UTC).timestamp() if moment else time.time()) // DAY
