"""Ignore rules: what one would hide, hiding it, and giving it back. A rule hides evidence; an issue is hidden when all of its
evidence within 30 days is. Reports keep being counted, so a deleted rule returns its issues with their counts."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Min, Q, Sum, When
from django.utils import timezone

from issues import counts, signals
from issues.conditions import Condition, Facts, conditions_of, covers, facts_of, matches
from issues.likeness import alike
from issues.models import Activity, DailyCount, Evidence, EvidenceDay, IgnoreRule, Issue, Status
from projects.models import Project, User

DAYS = 30
SILENT = timedelta(days=60)
MOST_ISSUES = 3_000  # looked through, the last seen first
MOST_EVIDENCE = 10_000
SHOWN = 7
RISKY = ("attack", "own")
_COLUMNS = ("directive", "blocked_kind", "blocked", "page", "source", "sample")
_COLUMN_OF = {"host": "blocked", "directive": "directive", "page": "page", "source": "source", "sample": "sample", "kind": "blocked_kind"}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would hide. `shown` are a few of its issues, likely attacks first; `parted` ones match in part only, so they stay.

    `per_day` counts from the first day within 30 that there are such reports of.
    """

    shown: list[Issue]
    open: int
    parted: int
    per_day: int
    attacks: int
    own: int
    resolved: int

    @property
    def needs_yes(self) -> bool:
        return bool(self.attacks or self.own)


def preview(projects: Sequence[Project], conditions: Sequence[Condition]) -> Preview:
    """Over the evidence of the last 30 days of these projects."""
    whole, parted, evidence = _matched(_recent(projects), conditions)
    states = Counter(dict(Issue.objects.filter(pk__in=whole).order_by().values_list("status").annotate(n=Count("pk"))))
    verdicts = Counter(dict(Issue.objects.filter(pk__in=whole).order_by().values_list("verdict").annotate(n=Count("pk"))))
    days = EvidenceDay.objects.filter(evidence_id__in=evidence[:MOST_ISSUES], day__gt=counts.this_day() - DAYS)
    seen = days.aggregate(total=Sum("reports"), since=Min("day"))
    per_day = -(-(seen["total"] or 0) // (counts.this_day() - seen["since"] + 1)) if seen["total"] else 0
    shown = _shown(projects, whole)
    return Preview(shown, states[Status.OPEN], parted, per_day, verdicts["attack"], verdicts["own"], states[Status.RESOLVED])


def _shown(projects: Sequence[Project], whole: list[int]) -> list[Issue]:
    risky = Case(When(verdict="attack", then=0), When(verdict="own", then=1), default=2)
    issues = list(Issue.objects.filter(pk__in=whole).order_by(risky, "-reports")[:SHOWN])
    by_id = {project.pk: project for project in projects}
    for issue in issues:
        issue.project = by_id[issue.project_id]
    return issues


@transaction.atomic
def save(rule: IgnoreRule, actor: User) -> int:
    """Store the rule and hide what it matches now; issues it hid and no longer matches come back. Returns how many are hidden."""
    rule.save()
    _release(rule, actor, "no longer hidden by the rule")
    return 0 if rule.paused else _hide(rule, _recent(projects_of(rule)), actor)


@transaction.atomic
def switch(rule: IgnoreRule, paused: bool, actor: User) -> int:
    rule.paused = paused
    rule.save(update_fields=["paused"])
    return _release(rule, actor, "the rule was paused") if paused else _hide(rule, _recent(projects_of(rule)), actor)


@transaction.atomic
def delete(rule: IgnoreRule, actor: User) -> int:
    returned = _release(rule, actor, "the rule was deleted")
    rule.delete()
    return returned


@transaction.atomic
def take(issue_ids: Iterable[int]) -> int:
    """Let the rules look at issues that are new: what record() tells when a batch is committed."""
    fresh = Issue.objects.filter(pk__in=list(issue_ids), status=Status.OPEN)
    organizations = fresh.order_by().values_list("project__organization", flat=True).distinct()
    rules = IgnoreRule.objects.filter(organization__in=list(organizations), paused=False)
    return sum(_hide(rule, fresh.filter(project__in=projects_of(rule)), None) for rule in rules)


@transaction.atomic
def sweep() -> int:
    """Give back what rules hid and what has since been seen in ways they do not match, or was found to be an attack."""
    returned = 0
    since = timezone.now() - timedelta(hours=1)
    for rule in IgnoreRule.objects.filter(paused=False, issues__last_seen__gte=since).distinct():
        hidden = Issue.objects.filter(rule=rule, last_seen__gte=since).order_by("-last_seen")
        whole, _, _ = _matched(hidden, conditions_of(rule.conditions))
        stays = Q(pk__in=whole) & ~Q(verdict__in=_spared(rule))
        freed = list(hidden.exclude(stays)[:MOST_ISSUES])
        returned += _open(freed, None, f"seen in a way that the rule “{rule.name}” does not match")
        IgnoreRule.objects.filter(pk=rule.pk).update(last_hit_at=timezone.now())
    return returned


def projects_of(rule: IgnoreRule) -> list[Project]:
    """The rule's project, or all of its organization."""
    live = Project.objects.live().filter(organization=rule.organization).select_related("organization")
    return list(live.filter(pk=rule.project_id) if rule.project_id else live)


def rules_of(project: Project) -> list[IgnoreRule]:
    """The project's own and its organization's, the oldest first."""
    rules = IgnoreRule.objects.filter(Q(project=project) | Q(project=None, organization=project.organization))
    return list(rules.select_related("created_by", "project").order_by("id"))


def hits_of(rules: Sequence[IgnoreRule]) -> dict[int, tuple[int, int]]:
    """Reports today and in 30 days of what each rule hides."""
    today = counts.this_day()
    days = DailyCount.objects.filter(issue__rule__in=[rule.pk for rule in rules], day__gt=today - DAYS)
    hits = dict.fromkeys((rule.pk for rule in rules), (0, 0))
    sums = days.values_list("issue__rule").annotate(month=Sum("reports"), today=Sum("reports", filter=Q(day=today)))
    for rule_id, month, day in sums:
        hits[rule_id] = (day or 0, month or 0)
    return hits


def redundant(rules: Sequence[IgnoreRule]) -> dict[int, IgnoreRule]:
    """Rules that another active one already covers."""
    found: dict[int, IgnoreRule] = {}
    for rule in rules:
        others = [other for other in rules if other.pk != rule.pk and other.pk not in found and not other.paused]
        wider = next((other for other in others if _covers(other, rule)), None)
        if wider:
            found[rule.pk] = wider
    return found


def _covers(wide: IgnoreRule, narrow: IgnoreRule) -> bool:
    reaches = wide.project_id is None or wide.project_id == narrow.project_id
    return reaches and covers(conditions_of(wide.conditions), conditions_of(narrow.conditions))


def is_silent(rule: IgnoreRule) -> bool:
    return (rule.last_hit_at or rule.created_at) < timezone.now() - SILENT


def prefilled(issue: Issue) -> tuple[list[Condition], bool]:
    """The narrowest rule that covers an issue, and whether it does: where its reports share too little, the rule is for what
    was seen most often."""
    since = timezone.now() - timedelta(days=DAYS)
    rows = issue.evidence.filter(last_seen__gte=since).order_by("-reports", "id").values_list("digest", *_COLUMNS)[:MOST_EVIDENCE]
    named = [facts_of(*columns) for digest, *columns in rows if digest != "other"]
    if not named:
        return [Condition("directive", "is", issue.directive)], False
    found = alike(named) or _like(named[0])
    return found, len(named) == len(rows) and all(matches(found, facts) for facts in named)


def _like(facts: Facts) -> list[Condition]:
    first = Condition("host", "is", facts.host) if facts.host else Condition("kind", "is", facts.kind)
    extra = [Condition("sample", "is", facts.sample)] if not facts.host and facts.sample else []
    return [first, *extra, Condition("directive", "is", facts.directive)]


def _recent(projects: Iterable[Project]) -> Any:
    since = timezone.now() - timedelta(days=DAYS)
    return Issue.objects.filter(project__in=list(projects), last_seen__gte=since).order_by("-last_seen")


def _matched(issues: Any, conditions: Sequence[Condition]) -> tuple[list[int], int, list[int]]:
    """(issues matched whole, how many in part, the evidence matched)."""
    since = timezone.now() - timedelta(days=DAYS)
    looked = list(issues.values_list("pk", flat=True)[:MOST_ISSUES])
    evidence = Evidence.objects.filter(issue_id__in=looked, last_seen__gte=since)
    rows = evidence.filter(_roughly(conditions)).values_list("pk", "issue_id", *_COLUMNS)[:MOST_EVIDENCE]
    hit = [(pk, issue_id) for pk, issue_id, *columns in rows if matches(conditions, facts_of(*columns))]
    matched = Counter(issue_id for _, issue_id in hit)
    totals = dict(evidence.filter(issue_id__in=list(matched)).order_by().values_list("issue_id").annotate(rows=Count("pk")))
    whole = [issue_id for issue_id, number in matched.items() if number == totals.get(issue_id)]
    return whole, len(matched) - len(whole), [pk for pk, _ in hit]


def _roughly(conditions: Sequence[Condition]) -> Q:
    """What the database can say cheaply; the pure function has the last word."""
    rough = Q()
    for each in conditions:
        if each.field in _COLUMN_OF and not (each.field == "directive" and each.op == "under"):
            rough &= Q(**{f"{_COLUMN_OF[each.field]}__icontains": each.value})
    return rough


def _spared(rule: IgnoreRule) -> list[str]:
    """Verdicts that this rule does not hide: it was made by somebody who may not, or who did not see any."""
    allowed = {"attack": rule.hides_attacks, "own": rule.hides_own}
    return [verdict for verdict in RISKY if not allowed[verdict]]


def _hide(rule: IgnoreRule, issues: Any, actor: User | None) -> int:
    """An issue is hidden only while it is open; a likely attack only where the rule's maker, an admin, said so."""
    whole, _, _ = _matched(issues.filter(status=Status.OPEN), conditions_of(rule.conditions))
    chosen = Issue.objects.select_for_update().filter(pk__in=whole, status=Status.OPEN)
    chosen = chosen.exclude(verdict__in=_spared(rule))
    hidden = list(chosen.order_by("project_id", "key_version", "key"))
    now, action = timezone.now(), uuid.uuid4()
    for issue in hidden:
        issue.status, issue.until, issue.status_at, issue.status_by, issue.rule = Status.IGNORED, {"kind": "rule"}, now, actor, rule
    Issue.objects.bulk_update(hidden, ["status", "until", "status_at", "status_by", "rule"], batch_size=200)
    _log(hidden, action, actor, f"hidden by the rule “{rule.name}”")
    attacks = [issue.pk for issue in hidden if issue.verdict == "attack"]
    if attacks:
        transaction.on_commit(partial(signals.attacks_hidden.send, sender=Issue, issues=attacks))
    if hidden:
        IgnoreRule.objects.filter(pk=rule.pk).update(last_hit_at=now)
    return len(hidden)


def _release(rule: IgnoreRule, actor: User | None, words: str) -> int:
    return _open(list(Issue.objects.select_for_update().filter(rule=rule).order_by("project_id", "key_version", "key")), actor, words)


def _open(issues: list[Issue], actor: User | None, words: str) -> int:
    now = timezone.now()
    for issue in issues:
        issue.status, issue.until, issue.status_at, issue.status_by, issue.rule = Status.OPEN, {}, now, actor, None
    Issue.objects.bulk_update(issues, ["status", "until", "status_at", "status_by", "rule"], batch_size=200)
    _log(issues, uuid.uuid4(), actor, f"open again: {words}")
    return len(issues)


def _log(issues: Iterable[Issue], action: uuid.UUID, actor: User | None, words: str) -> None:
    Activity.objects.bulk_create(
        Activity(project_id=issue.project_id, issue=issue, action=action, kind="rule", words=words[:300], actor=actor) for issue in issues
    )
