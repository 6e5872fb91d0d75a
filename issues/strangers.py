"""Pages that reported and are on none of the project's sites: a new own host nobody declared, or somebody else's copy.

Anybody can post reports that name any page, so a host is offered as "this is ours" only when enough client networks on
enough days were seen (the thresholds of the Policy page); the rest is listed apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from issues import counts
from issues.lab import host_of, settings_of
from issues.models import EvidenceDay, Issue
from issues.sketch import networks
from projects.models import Project

DAYS = 30
MOST_ISSUES = 500  # foreign ones, the last seen first
MOST_ROWS = 20_000
SHOWN = 20
UNDECLARED = ("foreign", "development")
COPIES = {"doc-copy"}  # archives and proxies: known for what they are, and nobody's site


@dataclass(slots=True)
class Stranger:
    """One host that reported. A network's hash changes every day, so networks are told apart within a day only."""

    host: str
    reports: int = 0
    days: dict[int, int] = field(default_factory=dict)
    trusted: bool = False

    @property
    def networks(self) -> int:
        """Client networks on the day that had most of them."""
        return max((networks(bitmap) for bitmap in self.days.values()), default=0)


def strangers(project: Project) -> list[Stranger]:
    """The loudest first, those that may be declared before the others."""
    foreign = Issue.objects.filter(project=project, verdict__in=UNDECLARED).order_by("-last_seen").values_list("pk", "rules")
    issues = [pk for pk, rules in foreign[:MOST_ISSUES] if not COPIES & set(rules[:1])]
    rows = EvidenceDay.objects.filter(evidence__issue__in=issues, day__gt=counts.this_day() - DAYS)
    found: dict[str, Stranger] = {}
    for origin, day, reports, bitmap in rows.values_list("evidence__origin", "day", "reports", "networks")[:MOST_ROWS]:
        if host := host_of(origin):
            stranger = found.setdefault(host, Stranger(host))
            stranger.reports += reports
            stranger.days[day] = stranger.days.get(day, 0) | bitmap
    limits = settings_of(project)
    for stranger in found.values():
        wide = sum(networks(bitmap) >= limits.networks for bitmap in stranger.days.values())
        stranger.trusted = wide >= limits.evidence_days
    return sorted(found.values(), key=lambda one: (not one.trusted, -one.reports, one.host))[:SHOWN]
