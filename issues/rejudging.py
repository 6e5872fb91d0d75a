"""After a project changes what it declares (sites, own extensions, sensitive pages), its issues are judged again by their evidence.

Evidence is scrubbed and bears no user agent, so a rule that read what was cut can't fire again: what it said stands. Only the
rules that depend on what was declared, and paused ones, are taken back or come in.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from issues import overflow
from issues.facts import ProjectState, states_of
from issues.models import Activity, Evidence, Issue
from issues.rekey import violation_of
from issues.upsert import update_many
from issues.verdicts import Judgement, judge
from issues.weigh import is_mixed, judged_as, rules_of, strongest
from policies.words import NOISE_SLUGS, VERDICTS
from projects.models import Project

DECLARED = frozenset(
    ["doc-foreign", "doc-local", "doc-preview", "doc-copy", "ext-scheme", "ext-blocked-by-own", "unknown-scheme", "in-app-scheme",
     "own-scheme", "own-host", "framing-own", "skimmer-host", "skimmer-name", "lookalike"]
)  # fmt: skip
CHUNK = 200
MOST_EVIDENCE = 20  # rows of one issue that are looked at, the most frequent first


def rejudge_changed(limit: int = 20) -> int:
    """Issues whose verdict changed, in the projects whose settings are newer than what their issues were judged under."""
    changed = 0
    stale = Project.objects.live().exclude(judged_version=F("settings_version")).order_by("id")[:limit]
    for project in stale:
        state = states_of([project.pk])[project.pk]
        changed += rejudge_project(state)
        Project.objects.filter(pk=project.pk).update(judged_version=state.version)
    return changed


def rejudge_project(state: ProjectState) -> int:
    """In chunks, each a transaction of its own, so that recording is never held up for long."""
    changed, last = 0, 0
    judged = Issue.objects.filter(project_id=state.id, corrected=False).exclude(key_version=overflow.VERSION)
    issues = judged.order_by("id").values_list("id", flat=True)
    while ids := list(issues.filter(id__gt=last)[:CHUNK]):
        last = ids[-1]
        with transaction.atomic():
            changed += _rejudge(state, list(Issue.objects.select_for_update().filter(id__in=ids).order_by("key_version", "key")))
    return changed


def _rejudge(state: ProjectState, issues: Sequence[Issue]) -> int:
    evidence = _evidence_of([issue.pk for issue in issues])
    rows, history = [], []
    for issue in issues:
        judgements = [judge(violation_of(row), state.facts) for row in evidence.get(issue.pk, [])]
        best = strongest(judgements) if judgements else None
        if best is None or not _counts(issue, best, state):
            continue
        rules = rules_of([mark.rule for mark in best.marks], judgements)
        judged = judged_as(best, state.version, is_mixed(best.confidence, judgements))
        rows.append((issue.pk, best.verdict, best.verdict in NOISE_SLUGS, best.confidence, best.reason[:500], rules, judged))
        if best.verdict != issue.verdict:
            words = f"Verdict is now {VERDICTS[best.verdict].chip}, by what the project declares: {best.reason}"[:300]
            history.append(Activity(project_id=state.id, issue=issue, action=uuid.uuid4(), kind="verdict", words=words))
    update_many(Issue, ("id", "verdict", "noise", "confidence", "reason", "rules", "judged"), rows)
    Activity.objects.bulk_create(history)
    return len(history)


def _evidence_of(ids: Sequence[int]) -> dict[int, list[Evidence]]:
    held: dict[int, list[Evidence]] = {}
    for row in Evidence.objects.filter(issue_id__in=ids).exclude(digest="other").select_related("policy").order_by("-reports").iterator():
        rows = held.setdefault(row.issue_id, [])
        if len(rows) < MOST_EVIDENCE:
            rows.append(row)
    return held


def _counts(issue: Issue, best: Judgement, state: ProjectState) -> bool:
    """Whether what the evidence says now may replace what was said when the reports came."""
    held = issue.rules[0] if issue.rules else ""
    now = best.marks[0].rule if best.marks else ""
    return held in DECLARED or now in DECLARED or held in state.facts.paused
