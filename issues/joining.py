"""What was counted before a spot was known, moved to where it belongs now (issues.spots).

So the same reports end in the same issues in whatever order they come. Each kind of code of a project is a transaction of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction

from issues.facts import states_of
from issues.fingerprint import VERSION, Fingerprint, fingerprint
from issues.merge import merge
from issues.models import Activity, Evidence, Issue, Spot, Status
from issues.moving import Group, move
from issues.rekey import violation_of
from issues.spots import takes
from issues.verdicts import Judgement, judge
from issues.weigh import strongest
from issues.words import counted
from projects.models import Project


def settle(most: int = 200) -> int:
    """How many reports were moved. Can be stopped and started again."""
    moved = 0
    for project_id, bare in sorted(set(Spot.objects.filter(settled=False).values_list("project_id", "bare")[:most])):
        with transaction.atomic():
            moved += _settle_kind(Project.objects.select_related("organization").get(pk=project_id), bare)
    return moved


def _settle_kind(project: Project, bare: str) -> int:
    """All new spots of one kind of code: reports without a sample go to the one issue there, or back to their own."""
    new = set(Spot.objects.filter(project=project, bare=bare, settled=False).values_list("spot", flat=True))
    on_spot: dict[str, set[int]] = {}
    for spot, issue_id in Spot.objects.filter(project=project, spot__in=new).values_list("spot", "issue_id"):
        on_spot.setdefault(spot, set()).add(issue_id)
    ids = {pk for held in on_spot.values() for pk in held}
    mine = Issue.objects.filter(project=project, key_version=VERSION, key=bare).values_list("pk", flat=True)
    # Locked in the order in which record() locks.
    locked = Issue.objects.select_for_update().filter(pk__in=[*ids, *mine]).order_by("project_id", "key_version", "key")
    issues = {issue.pk: issue for issue in locked}
    unnamed = next((issue for issue in issues.values() if issue.key == bare), None)
    alone = {spot: issues[min(held)] for spot, held in on_spot.items() if len(held) == 1 and held <= issues.keys()}
    shared = {spot for spot, held in on_spot.items() if len(held) > 1}
    moved = _join(project, unnamed, alone) if unnamed else 0
    for pk in sorted({pk for spot in shared for pk in on_spot[spot]} & issues.keys()):
        moved += _part(project, issues[pk], shared, unnamed)
    Spot.objects.filter(project=project, bare=bare, spot__in=new).update(settled=True)
    return moved


def _join(project: Project, unnamed: Issue, alone: dict[str, Issue]) -> int:
    """What a person has settled stays where it is; reports to come join all the same."""
    if unnamed.status != Status.OPEN or unnamed.corrected:
        return 0
    rows: dict[int, list[tuple[Evidence, Fingerprint]]] = {}
    takers = {issue.pk: issue for issue in alone.values() if takes(issue.verdict)}
    for row, found in _mute_rows(unnamed):
        taker = alone.get(found.spot)
        if taker and taker.pk in takers:
            rows.setdefault(taker.pk, []).append((row, found))
    if len(rows) == 1 and sum(row.reports for held in rows.values() for row, _ in held) >= unnamed.reports:
        (taker_id,) = rows
        merge(unnamed, takers[taker_id], f"Joined by {unnamed.short_id}: the same code, from browsers that send no sample.")
        return unnamed.reports
    groups = [_group(project, _words_of(takers[pk]), held) for pk, held in sorted(rows.items())]
    if groups:
        move(project, unnamed, groups, [])
        for pk, group in zip(sorted(rows), groups, strict=True):
            said = f"Joined by {counted(group.reports, 'report')} of the same code without a sample, counted in {unnamed.short_id} so far."
            _log(project, takers[pk], said)
    return sum(group.reports for group in groups)


def _part(project: Project, named: Issue, shared: set[str], unnamed: Issue | None) -> int:
    """A second piece of code was seen where this one was alone: from now on nobody can tell which one a report means."""
    held = [(row, found) for row, found in _mute_rows(named) if found.spot in shared]
    if not held:
        return 0
    group = _group(project, held[0][1], held)
    exists = unnamed is not None and Issue.objects.filter(pk=unnamed.pk).exists()
    move(project, named, [group], [] if exists else [group])
    went = counted(group.reports, "report")
    said = f"{went} without a sample went: other code of this kind was seen on the same page, and it may be either."
    _log(project, named, said)
    return group.reports


def _mute_rows(issue: Issue) -> list[tuple[Evidence, Fingerprint]]:
    rows = issue.evidence.filter(sample="").exclude(digest="other").select_related("policy")
    read = [(row, fingerprint(violation_of(row), Judgement("unsure", "hint", ""))) for row in rows]
    return [(row, found) for row, found in read if found.spot and not found.bare]


def _group(project: Project, words: Fingerprint, held: Sequence[tuple[Evidence, Fingerprint]]) -> Group:
    facts = states_of([project.pk])[project.pk].facts
    return Group(words, strongest(judge(violation_of(row), facts) for row, _ in held), [row for row, _ in held])


def _words_of(issue: Issue) -> Fingerprint:
    return Fingerprint(issue.key, issue.key_version, issue.family, issue.directive, issue.source, issue.title, issue.grouped_by)


def _log(project: Project, issue: Issue, words: str) -> None:
    Activity.objects.create(project=project, issue=issue, action=uuid.uuid4(), kind="join", words=words[:300])
