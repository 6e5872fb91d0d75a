"""Bring issues of an older key version to today's: rename them or merge them by their evidence (design.md, "Key").

Where one old key becomes several, the old issue keeps its past under the key most of its reports have now; the other
keys start a new issue with their next report, and the history of the old one says so.
"""

from __future__ import annotations

import uuid
from collections import Counter

from django.db import transaction

from issues import overflow
from issues.fingerprint import VERSION, Fingerprint, fingerprint
from issues.merge import merge
from issues.models import Activity, Correction, Evidence, Issue
from issues.verdicts import Judgement
from policies.address import parse_address
from policies.violation import Violation


def rekey(limit: int = 500) -> Counter[str]:
    """Bring at most `limit` issues up to date, each in a transaction of its own: "renamed", "merged", "split", "kept"."""
    outcomes: Counter[str] = Counter()
    old = Issue.objects.exclude(key_version__in=(VERSION, overflow.VERSION))
    for issue_id in list(old.order_by("id").values_list("id", flat=True)[:limit]):
        with transaction.atomic():
            outcomes[_rekey_one(Issue.objects.select_for_update().get(id=issue_id))] += 1
    return outcomes


def _rekey_one(issue: Issue) -> str:
    weights, words = _keys_now(issue)
    if not weights:
        Issue.objects.filter(id=issue.id).update(key_version=VERSION)
        return "kept"
    key = max(sorted(weights), key=lambda one: weights[one])
    _move_correction(issue, key)
    twin = Issue.objects.select_for_update().filter(project_id=issue.project_id, key_version=VERSION, key=key).first()
    if twin:
        merge(issue, twin)
        return "merged"
    now = words[key]
    Issue.objects.filter(id=issue.id).update(
        key=key, key_version=VERSION, family=now.family, source=now.source[:255], title=now.title[:300], grouped_by=now.grouped_by[:300]
    )
    if len(weights) > 1:
        said = f"Grouping changed: {len(weights) - 1} more kinds of violation that were in here start issues of their own from now on."
        Activity.objects.create(project_id=issue.project_id, issue=issue, action=uuid.uuid4(), kind="split", words=said)
        return "split"
    return "renamed"


def _keys_now(issue: Issue) -> tuple[Counter[str], dict[str, Fingerprint]]:
    """Reports by the key that today's rules give each row of evidence."""
    weights: Counter[str] = Counter()
    words: dict[str, Fingerprint] = {}
    judged = Judgement(issue.verdict, "hint", "", noise_class=issue.judged.get("noise_class", ""))
    for row in issue.evidence.exclude(digest="other"):
        now = fingerprint(violation_of(row), judged)
        weights[now.key] += row.reports
        words[now.key] = now
    return weights, words


def violation_of(row: Evidence) -> Violation:
    """The violation that a row of evidence stands for, as far as storage kept it."""
    return Violation(
        document=parse_address(f"{row.origin.partition('://')[0]}://{row.page}" if row.origin else row.page),
        directive=row.directive,
        directives=(row.directive,),
        blocked=parse_address(row.blocked),
        blocked_kind=row.blocked_kind or "unknown",  # type: ignore[arg-type]  # written from a BlockedKind
        source=parse_address(row.source),
        sample=row.sample,
        disposition=row.disposition,  # type: ignore[arg-type]  # written from a Disposition
        policy=row.policy.text if row.policy else "",
    )


def _move_correction(issue: Issue, key: str) -> None:
    """What a person said of the old key holds for the new one, unless somebody has spoken on that already."""
    said = Correction.objects.filter(project_id=issue.project_id, key_version=issue.key_version, key=issue.key)
    if Correction.objects.filter(project_id=issue.project_id, key_version=VERSION, key=key).exists():
        said.delete()
    else:
        said.update(key=key, key_version=VERSION)
