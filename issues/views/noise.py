"""What was taken for noise, by rule: how much, why, one example, and the switch that stops a rule in this project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from issues import counts, pauses
from issues.models import Issue, ProjectHour, RuleHit
from issues.strangers import strangers
from issues.verdicts import RULES, Rule
from issues.words import counted
from policies.words import VERDICTS
from projects import actions
from projects.access import get_project, may, user_of
from projects.models import Project, Role

DAYS = 30


@dataclass(frozen=True, slots=True)
class RuleLine:
    rule: Rule
    today: int
    month: int
    paused: bool
    example: str = ""
    example_at: datetime | None = None

    @property
    def reason(self) -> str:
        return self.rule.words

    @property
    def chip(self) -> str:
        return VERDICTS[self.rule.verdict].slug


@require_GET
def noise(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project)
    lines = _lines(shop)
    context = {
        "project": shop, "organization": shop.organization, "tab": "issues", "lines": lines, "days": DAYS,
        "reports": _noise_of(shop), "fired": sum(1 for line in lines if line.month),
        "issues": counts.capped([Issue.objects.filter(project=shop).open().judged_noise(True)])[0],
        "may_act": may(shop.role, Role.MEMBER), "strangers": strangers(shop),
    }  # fmt: skip
    return render(request, "issues/noise.html", context)


@require_POST
def declare(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """ "This is ours": one more site of the project. Its issues are judged again within seconds."""
    shop = get_project(request, org, project, Role.MEMBER)
    host = request.POST.get("host", "")
    if any(one.host == host and one.trusted for one in strangers(shop)):
        actions.change_project(shop, {}, [*shop.sites.values_list("host", flat=True), host])
        messages.success(request, f"{host} is one of this project's sites now. What it reported is judged again within seconds.")
    else:
        messages.error(request, "Too few client networks reported that host to take it from here. Add it under Settings, Sites.")
    return redirect("issues:noise", org, project)


@require_POST
def pause(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """Stop or restart one built-in rule here; what it alone had made noise comes back with its counts."""
    shop = get_project(request, org, project, Role.MEMBER)
    rule = RULES.get(request.POST.get("rule", ""))
    if rule is None or not VERDICTS[rule.verdict].noise:  # a paused rule of attacks would hide them
        messages.error(request, "There is no such rule of noise.")
    elif request.POST.get("verb") == "resume":
        brought = pauses.resume(shop, rule.id, user_of(request))
        again = " The issues it had brought back become noise again at their next report." if brought else ""
        messages.success(request, f"“{rule.title}” judges new reports again.{again}")
    else:
        messages.success(request, f"“{rule.title}” is paused in this project. {_came_back(pauses.pause(shop, rule.id, user_of(request)))}")
    return redirect("issues:noise", org, project)


def _came_back(paused: pauses.Paused) -> str:
    back = f"{counted(paused.back)} came back to the list" if paused.back else "Nothing came back"
    more = paused.others - len(paused.muted)
    ids = ", ".join(paused.muted) + (f" and {more:,} more" if more else "")
    return f"{back}{';' if paused.back else ':'} other rules also mute {ids}." if ids else f"{back}."


def _noise_of(project: Project) -> int:
    """Reports that were noise when they came."""
    since = (counts.this_day() - DAYS + 1) * 24
    found = ProjectHour.objects.filter(project=project, noise=True, hour__gte=since).aggregate(all=Sum("reports"))
    return int(found["all"] or 0)


def _lines(project: Project) -> list[RuleLine]:
    """Noise rules that fired within 30 days or are paused, the loudest first."""
    today = counts.this_day()
    hits = RuleHit.objects.filter(project=project, day__gt=today - DAYS).order_by()
    months = dict(hits.values_list("rule").annotate(total=Sum("reports")))
    days = dict(hits.filter(day=today).values_list("rule", "reports"))
    examples = _examples(project, today)
    paused = set(project.paused_rules.values_list("rule", flat=True))
    lines = [
        RuleLine(rule, days.get(name, 0), months.get(name, 0), name in paused, *examples.get(name, ()))
        for name, rule in RULES.items()
        if VERDICTS[rule.verdict].noise and (name in months or name in paused)
    ]
    return sorted(lines, key=lambda line: -line.month)


def _examples(project: Project, today: int) -> dict[str, tuple[str, datetime]]:
    """The newest example of each rule; one is kept for each day."""
    kept = RuleHit.objects.filter(project=project, day__gt=today - DAYS).exclude(example="").order_by()
    last = dict(kept.values_list("rule").annotate(last=Max("day")))
    rows = kept.filter(day__in=set(last.values())).values_list("rule", "day", "example")
    return {rule: (example, datetime.fromtimestamp((day + 0.5) * 86_400, UTC)) for rule, day, example in rows if last[rule] == day}
