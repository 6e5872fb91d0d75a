"""Fold one issue into another: every count is added, nothing is lost."""

from __future__ import annotations

import uuid

from issues.models import Activity, DailyCount, Evidence, EvidenceDay, Facet, HourlyCount, Issue, Sample
from issues.sketch import visitors
from issues.upsert import upsert


def merge(old: Issue, into: Issue, words: str = "") -> None:
    """Within the caller's transaction, both rows locked. The history keeps the old number, so that its address still leads here."""
    _add(HourlyCount, old, into, ("hour",))
    _add(Facet, old, into, ("kind", "value"))
    _add_days(old, into)
    _add_evidence(old, into)
    free = sorted(set(range(20)) - set(into.samples.values_list("slot", flat=True)))
    for sample, slot in zip(old.samples.order_by("-seen_at"), free, strict=False):
        Sample.objects.filter(id=sample.id).update(issue=into, slot=slot)
    Activity.objects.filter(issue=old).update(issue=into)
    Activity.objects.create(
        project_id=into.project_id, issue=into, action=uuid.uuid4(), kind="merge", before={"number": old.number},
        words=(words or f"Merged with {old.short_id} when grouping changed.")[:300],
    )  # fmt: skip
    Issue.objects.filter(id=into.id).update(
        reports=into.reports + old.reports,
        enforced=into.enforced + old.enforced,
        unsaid=into.unsaid + old.unsaid,
        suspect=into.suspect + old.suspect if into.corrected else 0,
        first_seen=min(into.first_seen, old.first_seen),
        last_seen=max(into.last_seen, old.last_seen),
        pages=into.facets.filter(kind="page").exclude(value="").count(),
        browsers=into.facets.filter(kind="family").exclude(value="").count(),
    )
    old.delete()


def _add(table: type[HourlyCount] | type[Facet], old: Issue, into: Issue, key: tuple[str, ...]) -> None:
    rows = [(into.id, *values) for values in table.objects.filter(issue=old).values_list(*key, "reports")]
    upsert(table, ("issue_id", *key, "reports"), rows, key=("issue_id", *key), how={"reports": "add"})


def _add_days(old: Issue, into: Issue) -> None:
    held = {day.day: bytes(day.visitors) for day in into.days.all()}
    rows = []
    for day in old.days.all():
        sketch = (int.from_bytes(bytes(day.visitors), "little") | int.from_bytes(held.get(day.day, b""), "little")).to_bytes(128, "little")
        rows.append((into.id, day.day, day.reports, sketch, day.networks))
    columns = ("issue_id", "day", "reports", "visitors", "networks")
    upsert(DailyCount, columns, rows, key=columns[:2], how={"reports": "add", "visitors": "replace", "networks": "or"})
    last = DailyCount.objects.filter(issue=into).order_by("-day").first()
    if last:
        Issue.objects.filter(id=into.id).update(visitors=visitors(bytes(last.visitors)))


def _add_evidence(old: Issue, into: Issue) -> None:
    columns = (
        "digest", "directive", "blocked_kind", "blocked", "origin", "page", "source", "sample", "policy_id", "disposition", "first_seen",
        "last_seen", "reports",
    )  # fmt: skip
    rows = [(into.id, *values) for values in old.evidence.values_list(*columns)]
    answers = upsert(
        Evidence, ("issue_id", *columns), rows, key=("issue_id", "digest"),
        how={"reports": "add", "first_seen": "min", "last_seen": "max"}, returning=("digest", "id"),
    )  # fmt: skip
    ids = dict(answers)
    days = EvidenceDay.objects.filter(evidence__issue=old).values_list("evidence__digest", "day", "reports", "networks")
    upsert(
        EvidenceDay, ("evidence_id", "day", "reports", "networks"), [(ids[digest], *rest) for digest, *rest in days],
        key=("evidence_id", "day"), how={"reports": "add", "networks": "or"},
    )  # fmt: skip
