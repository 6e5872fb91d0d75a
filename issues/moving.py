"""Move evidence from one issue to others: per day as the evidence has it, per hour as the old issue has it on that day.

No count is made or lost. What evidence does not hold (browsers, visitors, kept samples) stays where it was counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import F

from issues.facts import states_of
from issues.fingerprint import Fingerprint
from issues.models import DailyCount, Evidence, EvidenceDay, Facet, HourlyCount, Issue
from issues.upsert import upsert
from issues.verdicts import Judgement
from issues.weigh import judged_as
from policies.words import NOISE_SLUGS
from projects.models import Project

_EVIDENCE = (
    "directive", "blocked_kind", "blocked", "origin", "page", "source", "sample", "policy_id", "disposition", "first_seen", "last_seen",
    "reports",
)  # fmt: skip


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


def move(project: Project, source: Issue, groups: Sequence[Group], new: Sequence[Group]) -> list[int]:
    """Out of `source` into the issues of the groups' keys, with evidence, days, hours and pages; the ids of those that are new.

    Within the caller's transaction, which has locked `source` and the issues that exist already. An issue that is left empty goes.
    """
    Project.objects.filter(pk=project.pk).update(last_number=F("last_number") + len(new))
    last = Project.objects.values_list("last_number", flat=True).get(pk=project.pk)
    numbers = {group.words.key: last - place for place, group in enumerate(reversed(new))}
    version = states_of([project.pk])[project.pk].version
    ids = _write_issues(project, groups, numbers, version)
    for group in groups:
        _move_evidence(ids[group.words.key], group)
    _move_days(source, [(ids[group.words.key], group) for group in groups])
    _take_from(source, groups)
    for issue_id in (source.pk, *ids.values()):
        pages = Facet.objects.filter(issue=issue_id, kind="page").exclude(value="").count()
        Issue.objects.filter(pk=issue_id).update(pages=pages)
    return [ids[group.words.key] for group in new]


def _write_issues(project: Project, groups: Sequence[Group], numbers: dict[str, int], version: int) -> dict[str, int]:
    columns = (
        "project_id", "key_version", "key", "number", "family", "directive", "source", "title", "grouped_by", "verdict", "noise",
        "confidence", "reason", "rules", "tags", "judged", "corrected", "status", "regressed", "breaking", "until", "first_seen",
        "last_seen", "reports", "enforced", "unsaid", "pages", "browsers", "visitors", "test",
    )  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for group in groups:
        words, judged = group.words, group.judgement
        enforced, unsaid = _modes(group.rows)
        rows.append((
            project.pk, words.version, words.key, numbers.get(words.key, 0), words.family, words.directive[:60], words.source[:255],
            words.title[:300], words.grouped_by[:300], judged.verdict, judged.verdict in NOISE_SLUGS, judged.confidence,
            judged.reason[:500], [mark.rule for mark in judged.marks], list(judged.tags), judged_as(judged, version), False, "open",
            False, False, {}, min(row.first_seen for row in group.rows), max(row.last_seen for row in group.rows), group.reports,
            enforced, unsaid, len({row.page for row in group.rows}), 1, 0, False,
        ))  # fmt: skip
    answers = upsert(
        Issue, columns, rows, key=("project_id", "key_version", "key"),
        how={"reports": "add", "enforced": "add", "unsaid": "add", "first_seen": "min", "last_seen": "max"}, returning=("key", "id"),
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


def _move_days(source: Issue, groups: Sequence[tuple[int, Group]]) -> None:
    hours = {row.hour: row.reports for row in HourlyCount.objects.filter(issue=source)}
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
        DailyCount.objects.filter(issue=source, day=day).update(reports=F("reports") - reports)
    for hour, left in hours.items():
        HourlyCount.objects.filter(issue=source, hour=hour).update(reports=left)


def _taken(hours: dict[int, int], day: int, count: int) -> Iterable[tuple[int, int]]:
    """(hour, reports) taken out of `hours`, the latest of the day first; less where hours were pruned."""
    for hour in sorted((hour for hour in hours if hour // 24 == day), reverse=True):
        part = min(count, hours[hour])
        if part:
            hours[hour] -= part
            count -= part
            yield hour, part


def _take_from(source: Issue, groups: Sequence[Group]) -> None:
    """An issue that is empty goes: the next one is new and raises its own alarm."""
    for group in groups:
        for row in group.rows:
            Facet.objects.filter(issue=source, kind="page", value=row.page[:300]).update(reports=F("reports") - row.reports)
    rows = [row for group in groups for row in group.rows]
    Evidence.objects.filter(pk__in=[row.pk for row in rows]).delete()
    reports = sum(row.reports for row in rows)
    enforced, unsaid = _modes(rows)
    Facet.objects.filter(issue=source, reports__lte=0).delete()
    if source.reports <= reports:
        source.delete()
    else:
        left = {"reports": F("reports") - reports, "enforced": F("enforced") - enforced, "unsaid": F("unsaid") - unsaid}
        Issue.objects.filter(pk=source.pk).update(**left)


def _modes(rows: Iterable[Evidence]) -> tuple[int, int]:
    """Reports under an enforced policy, and those that did not say."""
    counts = Counter[str]()
    for row in rows:
        counts[row.disposition] += row.reports
    return counts["enforce"], counts[""]
