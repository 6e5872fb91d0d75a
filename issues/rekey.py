"""Bring issues of an older key version to today's: rename them or merge them by their evidence (`manage.py rekey`).

Where one old key becomes several, the old issue keeps its past under the key most of its reports have now; the other
keys start a new issue with their next report, and the history of the old one says so.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace

from django.db import transaction

from issues import overflow
from issues.fingerprint import VERSION, Fingerprint, fingerprint
from issues.merge import merge
from issues.models import Activity, Correction, Evidence, Issue
from issues.verdicts import RULES, Judgement, ProjectFacts, judge
from policies.address import parse_address
from policies.violation import Violation

MOST_OTHERS = 20
"""Keys that a split issue's history names, those with most reports first."""


def rekey(limit: int = 500) -> Counter[str]:
    """Bring at most `limit` issues up to date, each in a transaction of its own: "renamed", "merged", "split", "kept"."""
    outcomes: Counter[str] = Counter()
    old = Issue.objects.exclude(key_version__in=(VERSION, overflow.VERSION))
    for issue_id in list(old.order_by("id").values_list("id", flat=True)[:limit]):
        with transaction.atomic():
            outcomes[_rekey_one(Issue.objects.select_for_update().get(id=issue_id))] += 1
    return outcomes


def _rekey_one(issue: Issue) -> str:
    issue.spots.all().delete()  # of the old version; the next report with a sample notes today's
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
    others = [words[other] for other, _ in weights.most_common() if other != key]
    action = uuid.uuid4()
    Activity.objects.bulk_create(
        Activity(project_id=issue.project_id, issue=issue, action=action, kind="split", before={"key": other.key},
                 words=f"Grouping changed: {other.grouped_by} has an issue of its own from its next report on; the past stays here."[:300])
        for other in others[:MOST_OTHERS]
    )  # fmt: skip
    return "split" if others else "renamed"


def _keys_now(issue: Issue) -> tuple[Counter[str], dict[str, Fingerprint]]:
    """Reports by the key that today's rules give each row of evidence, reports apart that only joined (issues.spots)."""
    weights: Counter[str] = Counter()
    words: dict[str, Fingerprint] = {}
    joined: Counter[str] = Counter()
    for row in issue.evidence.exclude(digest="other").select_related("policy"):
        now = fingerprint(violation := violation_of(row), _judged(issue, violation))
        words[now.key] = now
        (joined if now.spot and not now.bare else weights)[now.key] += row.reports
    return weights or joined, words


def _judged(issue: Issue, violation: Violation) -> Judgement:
    """What the rules that are still there said of the whole report, much of which is not stored; else what today's say of the rest."""
    now = judge(violation, ProjectFacts())
    still = tuple(RULES[name] for name in issue.rules if name in RULES)
    held = issue.judged.get("noise_class", "")
    noise = held if any(rule.verdict == held for rule in still) else now.noise_class
    return replace(now, marks=(*now.marks, *(rule.mark() for rule in still)), noise_class=noise)


def violation_of(row: Evidence) -> Violation:
    """The violation that a row of evidence stands for, as far as storage kept it.

    Storage drops report addresses and the sender's user agent. The report came, so its policy had an address.
    """
    return Violation(
        document=parse_address(f"{row.origin.partition('://')[0]}://{row.page}" if row.origin else row.page),
        directive=row.directive,
        directives=(row.directive,),
        blocked=parse_address(row.blocked),
        blocked_kind=row.blocked_kind or "unknown",  # type: ignore[arg-type]  # written from a BlockedKind
        source=parse_address(row.source),
        sample=row.sample,
        disposition=row.disposition,  # type: ignore[arg-type]  # written from a Disposition
        policy=f"{row.policy.text}; report-uri /" if row.policy else "",
    )


def _move_correction(issue: Issue, key: str) -> None:
    """What a person said of the old key holds for the new one, unless somebody has spoken on that already."""
    said = Correction.objects.filter(project_id=issue.project_id, key_version=issue.key_version, key=issue.key)
    if Correction.objects.filter(project_id=issue.project_id, key_version=VERSION, key=key).exists():
        said.delete()
    else:
        said.update(key=key, key_version=VERSION)
