"""An overflow issue taken apart: the hosts it gathered, by how many client networks reported them, and issues made of them.

Counts move, none is made or lost: per day as the evidence has them, per hour as the overflow issue has them on that day.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from issues import signals
from issues.actions import Done
from issues.facts import states_of
from issues.fingerprint import fingerprint
from issues.models import Activity, Evidence, EvidenceDay, Issue
from issues.moving import Group, move
from issues.overflow import VERSION
from issues.rekey import violation_of
from issues.sketch import networks
from issues.verdicts import judge
from issues.weigh import strongest
from issues.words import counted
from policies.address import parse_address
from projects.models import Project, User

MOST_ISSUES = 50
"""Made in one go, those that most networks reported first."""
MOST_ROWS = 400
OTHER = "other"


@dataclass(slots=True)
class HostLine:
    """What an overflow issue gathered about one host."""

    host: str
    reports: int = 0
    networks: int = 0


def hosts_of(issue: Issue, most: int = 20) -> list[HostLine]:
    """Ranked by the most networks of one day."""
    rows = _rows(issue)
    wide = _networks_of(rows)
    lines: dict[str, HostLine] = {}
    for row in rows:
        address = parse_address(row.blocked)
        line = lines.setdefault(address.host or row.blocked_kind or address.scheme, HostLine(address.host or row.blocked_kind))
        line.reports += row.reports
        line.networks = max(line.networks, wide.get(row.pk, 0))
    return sorted(lines.values(), key=lambda line: (-line.networks, -line.reports, line.host))[:most]


@transaction.atomic
def unfold(project: Project, actor: User, issue_ids: Iterable[int]) -> Done:
    """Issues of what the first of these that is an overflow issue gathered."""
    overflow = Issue.objects.filter(project=project, pk__in=list(issue_ids), key_version=VERSION).order_by("pk").first()
    if overflow is None:
        return Done("Only an issue that gathers what came over the limit can be taken apart.")
    groups = sorted(_groups(project, _rows(overflow)), key=lambda group: (-group.networks, -group.reports))[:MOST_ISSUES]
    keys = [group.words.key for group in groups]
    # In the order in which record() locks: by key, and an overflow issue after all others.
    held = Issue.objects.select_for_update().filter(project=project, key__in=keys).order_by("key_version", "key")
    known = set(held.values_list("key_version", "key"))
    overflow = Issue.objects.select_for_update().filter(pk=overflow.pk).first()
    if overflow is None or not groups:
        return Done("There is nothing left to make issues of.")
    fresh = Evidence.objects.filter(issue=overflow).in_bulk()  # as counted until the lock
    for group in groups:
        group.rows = [fresh[row.pk] for row in group.rows if row.pk in fresh]
    groups = [group for group in groups if group.rows]
    new = [group for group in groups if (group.words.version, group.words.key) not in known]
    made = move(project, overflow, groups, new)
    action = uuid.uuid4()
    Activity.objects.bulk_create(
        Activity(project=project, issue_id=pk, action=action, kind="unfold", words="made of what came over the limit", actor=actor)
        for pk in made
    )
    transaction.on_commit(partial(signals.issues_opened.send, sender=Issue, issues=made))
    return Done(f"{counted(len(groups))} made or added to.", changed=len(groups))


def _rows(issue: Issue) -> list[Evidence]:
    found = Evidence.objects.filter(issue=issue).exclude(digest=OTHER).select_related("policy")
    return list(found.order_by("-reports", "pk")[:MOST_ROWS])


def _networks_of(rows: Sequence[Evidence]) -> dict[int, int]:
    wide: dict[int, int] = {}
    for pk, bitmap in EvidenceDay.objects.filter(evidence__in=[row.pk for row in rows]).values_list("evidence_id", "networks"):
        wide[pk] = max(wide.get(pk, 0), networks(bitmap))
    return wide


def _groups(project: Project, rows: Sequence[Evidence]) -> Iterable[Group]:
    facts, wide = states_of([project.pk])[project.pk].facts, _networks_of(rows)
    groups: dict[str, Group] = {}
    for row in rows:
        violation = violation_of(row)
        judgement = judge(violation, facts)
        words = fingerprint(violation, judgement)
        group = groups.setdefault(words.key, Group(words, judgement))
        group.judgement = strongest((group.judgement, judgement))
        group.rows.append(row)
        group.networks = max(group.networks, wide.get(row.pk, 0))
    return groups.values()
