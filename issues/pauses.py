"""Built-in rules that a project has switched off, and what that means for issues already judged by them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from issues.models import Activity, Issue, RulePause
from issues.verdicts import RULES
from issues.weigh import strength
from policies.words import NOISE_SLUGS
from projects.models import Project, User

MOST_ISSUES = 1_000  # brought back at once; the others follow with their next report
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Paused:
    """`back`: issues that are no longer noise. `muted`: short ids of some that other rules mute too, of `others` in all."""

    back: int
    muted: tuple[str, ...]
    others: int


@transaction.atomic
def pause(project: Project, rule: str, actor: User) -> Paused:
    """What nothing but this rule had made noise comes back."""
    RulePause.objects.get_or_create(project=project, rule=rule, defaults={"paused_by": actor})
    _settings_changed(project)
    paused = set(project.paused_rules.values_list("rule", flat=True))
    judged = Issue.objects.select_for_update().filter(project=project, noise=True, corrected=False, rules__icontains=f'"{rule}"')
    issues = list(judged.order_by("project_id", "key_version", "key")[:MOST_ISSUES])
    action, log = uuid.uuid4(), []
    for issue in issues:
        _judge_again(issue, paused)
        if not issue.noise:
            log.append(Activity(project=project, issue=issue, action=action, kind="rejudged", actor=actor, words=f"paused the rule {rule}"))
    Issue.objects.bulk_update(issues, ["verdict", "noise", "confidence", "reason", "judged"], batch_size=200)
    Activity.objects.bulk_create(log)
    muted = [f"{project.prefix}-{issue.number}" for issue in sorted(issues, key=lambda issue: issue.number) if issue.noise]
    return Paused(len(log), tuple(muted[:MOST_NAMED]), len(muted))


@transaction.atomic
def resume(project: Project, rule: str, actor: User) -> int:
    """New reports are judged by it again; issues follow with their next report. Returns how many had come back by the pause."""
    RulePause.objects.filter(project=project, rule=rule).delete()
    _settings_changed(project)
    brought = Activity.objects.filter(project=project, kind="rejudged", words=f"paused the rule {rule}", undone_at=None)
    waiting = Issue.objects.filter(project=project, noise=False, corrected=False, pk__in=brought.values("issue"))
    issues = waiting.order_by("pk").values_list("pk", flat=True)[:MOST_ISSUES]
    action = uuid.uuid4()
    words = f"resumed the rule {rule}"
    log = [Activity(project=project, issue_id=pk, action=action, kind="rejudged", actor=actor, words=words) for pk in issues]
    Activity.objects.bulk_create(log)
    return len(log)


def _judge_again(issue: Issue, paused: set[str]) -> None:
    """By the strongest of the rules that fired and still count."""
    left = [RULES[name] for name in issue.rules if name in RULES and name not in paused]
    if left:
        best = max(left, key=lambda rule: strength(rule.verdict, rule.confidence))
        issue.verdict, issue.confidence, issue.reason = best.verdict, best.confidence, best.title
    else:
        issue.verdict, issue.confidence = "unsure", "hint"
        issue.reason = "The rule that called it noise is paused in this project."
    issue.noise = issue.verdict in NOISE_SLUGS
    issue.judged = {**issue.judged, "verdict": issue.verdict, "confidence": issue.confidence, "reason": issue.reason}


def _settings_changed(project: Project) -> None:
    """Judgements are cached by project and its settings' version (design.md, "Verdicts")."""
    Project.objects.filter(pk=project.pk).update(settings_version=F("settings_version") + 1)
