"""An overflow issue taken apart: the hosts it gathered, by how many client networks reported them, and issues made of them.

Counts move, none is made or lost: per day as the evidence has them, per hour as the overflow issue has them on that day.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from django.db.models import F

from issues import signals
from issues.actions import Done
from issues.facts import states_of
from issues.fingerprint import Fingerprint, fingerprint
from issues.models import Activity, DailyCount, Evidence, EvidenceDay, Facet, HourlyCount, Issue
from issues.overflow import VERSION
from issues.rekey import violation_of
from issues.sketch import networks
from issues.upsert import upsert
from issues.verdicts import Judgement, judge
from issues.weigh import judged_as, strongest
from policies.address import parse_address
from policies.words import NOISE_SLUGS
from projects.models import Project, User

MOST_ISSUES = 50
"""Made in one go, those that most networks reported first."""
MOST_ROWS = 400
OTHER = "other"
_EVIDENCE = (
    "directive", "blocked_kind", "blocked", "origin", "page", "source", "sample", "policy_id", "disposition", "first_seen", "last_seen",
    "reports",
)  # fmt: skip


@dataclass(slots=True)
class HostLine:
    """What an overflow issue gathered about one host."""

    host: str
    reports: int = 0
    networks: int = 0


@dataclass(slots=True)
class Group:
    """Evidence that belongs to one issue."""

    words: Fingerprint
    judgement: Judgement
    rows: list[Evidence] = field(default_factory=list)
    networks: int = 0

    @property
    def reports(self) -> int:
        return sum(row.reports for row in self.rows)


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
    made = _write(project, overflow, groups, new)
    _take_from(overflow, groups)
    action = uuid.uuid4()
    Activity.objects.bulk_create(
        Activity(project=project, issue_id=pk, action=action, kind="unfold", words="made of what came over the limit", actor=actor)
        for pk in made
    )
    transaction.on_commit(partial(signals.issues_opened.send, sender=Issue, issues=made))
    return Done(f"{len(groups)} {'issue' if len(groups) == 1 else 'issues'} made or added to.", changed=len(groups))


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


def _write(project: Project, overflow: Issue, groups: Sequence[Group], new: Sequence[Group]) -> list[int]:
    """The issues with their evidence, days, hours and pages; the ids of those that are new."""
    Project.objects.filter(pk=project.pk).update(last_number=F("last_number") + len(new))
    last = Project.objects.values_list("last_number", flat=True).get(pk=project.pk)
    numbers = {group.words.key: last - place for place, group in enumerate(reversed(new))}
    version = states_of([project.pk])[project.pk].version
    ids = _write_issues(project, groups, numbers, version)
    for group in groups:
        _move_evidence(ids[group.words.key], group)
    _move_days(overflow, [(ids[group.words.key], group) for group in groups])
    return [ids[group.words.key] for group in new]


def _write_issues(project: Project, groups: Sequence[Group], numbers: dict[str, int], version: int) -> dict[str, int]:
    columns = (
        "project_id", "key_version", "key", "number", "family", "directive", "source", "title", "grouped_by", "verdict", "noise",
        "confidence", "reason", "rules", "tags", "judged", "corrected", "status", "regressed", "breaking", "until", "first_seen",
        "last_seen", "reports", "enforced", "pages", "browsers", "visitors", "test",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for group in groups:
        words, judged = group.words, group.judgement
        enforced = sum(row.reports for row in group.rows if row.disposition == "enforce")
        rows.append((
            project.pk, words.version, words.key, numbers.get(words.key, 0), words.family, words.directive[:60], words.source[:255],
            words.title[:300], words.grouped_by[:300], judged.verdict, judged.verdict in NOISE_SLUGS, judged.confidence,
            judged.reason[:500], [mark.rule for mark in judged.marks], list(judged.tags), judged_as(judged, version), False, "open",
            False, False, {}, min(row.first_seen for row in group.rows), max(row.last_seen for row in group.rows), group.reports,
            enforced, len({row.page for row in group.rows}), 1, 0, False,
        ))  # fmt: skip
    answers = upsert(
        Issue, columns, rows, key=("project_id", "key_version", "key"),
        how={"reports": "add", "enforced": "add", "first_seen": "min", "last_seen": "max"}, returning=("key", "id"),
    )  # fmt: skip
    return dict(answers)


def _move_evidence(issue_id: int, group: Group) -> None:
    rows = [(issue_id, row.digest, *(getattr(row, name) for name in _EVIDENCE)) for row in group.rows]
    answers = upsert(
        Evidence, ("issue_id", "digest", *_EVIDENCE), rows, key=("issue_id", "digest"),
        how={"reports": "add", "first_seen": "min", "last_seen": "max"}, returning=("digest", "id"),
    )  # fmt: skip
    ids = dict(answers)
    days = EvidenceDay.objects.filter(evidence__in=[row.pk for row in group.rows]).select_related("evidence")
    upsert(
        EvidenceDay, ("evidence_id", "day", "reports", "networks"),
        [(ids[day.evidence.digest], day.day, day.reports, day.networks) for day in days],
        key=("evidence_id", "day"), how={"reports": "add", "networks": "or"},
    )  # fmt: skip
    pages: dict[str, int] = {}
    for row in group.rows:
        pages[row.page[:300]] = pages.get(row.page[:300], 0) + row.reports
    upsert(
        Facet, ("issue_id", "kind", "value", "reports"), [(issue_id, "page", page, reports) for page, reports in pages.items()],
        key=("issue_id", "kind", "value"), how={"reports": "add"},
    )  # fmt: skip


def _move_days(overflow: Issue, groups: Sequence[tuple[int, Group]]) -> None:
    hours = {row.hour: row.reports for row in HourlyCount.objects.filter(issue=overflow)}
    days, moved = [], []
    for issue_id, group in groups:
        wanted: dict[int, list[int]] = {}
        for day, reports, bitmap in EvidenceDay.objects.filter(evidence__in=[row.pk for row in group.rows]).values_list(
            "day", "reports", "networks"
        ):
            sums = wanted.setdefault(day, [0, 0])
            sums[0], sums[1] = sums[0] + reports, sums[1] | bitmap
        days += [(issue_id, day, reports, b"", bitmap) for day, (reports, bitmap) in wanted.items()]
        moved += [(issue_id, hour, reports) for day, (count, _) in wanted.items() for hour, reports in _taken(hours, day, count)]
    upsert(DailyCount, ("issue_id", "day", "reports", "visitors", "networks"), days, key=("issue_id", "day"),
           how={"reports": "add", "networks": "or"})  # fmt: skip
    upsert(HourlyCount, ("issue_id", "hour", "reports"), moved, key=("issue_id", "hour"), how={"reports": "add"})
    back: dict[int, int] = {}
    for _, day, reports, _, _ in days:
        back[day] = back.get(day, 0) + reports
    for day, reports in back.items():
        DailyCount.objects.filter(issue=overflow, day=day).update(reports=F("reports") - reports)
    for hour, left in hours.items():
        HourlyCount.objects.filter(issue=overflow, hour=hour).update(reports=left)


def _taken(hours: dict[int, int], day: int, count: int) -> Iterable[tuple[int, int]]:
    """(hour, reports) taken out of `hours`, the latest of the day first; less where hours were pruned."""
    for hour in sorted((hour for hour in hours if hour // 24 == day), reverse=True):
        part = min(count, hours[hour])
        if part:
            hours[hour] -= part
            count -= part
            yield hour, part


def _take_from(overflow: Issue, groups: Sequence[Group]) -> None:
    """An overflow issue that is empty goes, so that the next one is new and raises its own alarm."""
    for group in groups:
        for row in group.rows:
            Facet.objects.filter(issue=overflow, kind="page", value=row.page[:300]).update(reports=F("reports") - row.reports)
    rows = [row for group in groups for row in group.rows]
    Evidence.objects.filter(pk__in=[row.pk for row in rows]).delete()
    reports = sum(row.reports for row in rows)
    enforced = sum(row.reports for row in rows if row.disposition == "enforce")
    Facet.objects.filter(issue=overflow, reports__lte=0).delete()
    if overflow.reports <= reports:
        overflow.delete()
    else:
        Issue.objects.filter(pk=overflow.pk).update(reports=F("reports") - reports, enforced=F("enforced") - enforced)
