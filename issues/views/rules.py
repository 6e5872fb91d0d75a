"""Ignore rules: the page that lists them, and the form with its preview of what it would hide."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from issues import rules as ignore_rules
from issues.conditions import FIELDS, MOST, OPS, Condition, conditions_of, problems_of
from issues.models import IgnoreRule, Issue
from issues.rules import Preview
from issues.verdicts import RULES
from issues.words import counted
from policies.words import VERDICTS
from projects.access import get_project, may, user_of
from projects.models import Project, Role
from projects.visible import visible

MOST_RULES = 200


@dataclass(frozen=True, slots=True)
class RuleLine:
    rule: IgnoreRule
    conditions: tuple[Condition, ...]
    today: int
    month: int
    covered_by: IgnoreRule | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds, from its own GET or POST."""

    conditions: tuple[Condition, ...]
    name: str = ""
    note: str = ""
    everywhere: bool = False
    yes: bool = False
    in_part: str = ""
    """The issue that it comes from, where that shares too little for one rule."""

    @property
    def rows(self) -> list[Condition]:
        """As many as may be filled in, empty ones at the end."""
        return [*self.conditions, *[Condition("", "is", "")] * (MOST - len(self.conditions))][:MOST]


@require_GET
def rules(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project)
    found = ignore_rules.rules_of(shop)
    hits, covered = ignore_rules.hits_of(found), ignore_rules.redundant(found)
    lines = [
        RuleLine(rule, conditions_of(rule.conditions), *hits[rule.pk], covered.get(rule.pk), ignore_rules.is_silent(rule)) for rule in found
    ]
    paused = set(shop.paused_rules.values_list("rule", flat=True))
    context = {
        "project": shop, "organization": shop.organization, "tab": "rules", "lines": lines, "may_act": may(shop.role, Role.MEMBER),
        "built_in": [(rule, rule.words, rule.id in paused) for rule in RULES.values() if VERDICTS[rule.verdict].noise],
    }  # fmt: skip
    return render(request, "issues/rules.html", context)


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project, Role.MEMBER)
    rule = IgnoreRule(organization=shop.organization, project=shop, created_by=user_of(request))
    return _form(request, shop, rule, _prefilled(request, shop))


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    shop = get_project(request, org, project, Role.MEMBER)
    rule = _get_rule(shop, pk)
    held = Draft(conditions_of(rule.conditions), rule.name, rule.note, rule.project_id is None, rule.hides_attacks or rule.hides_own)
    return _form(request, shop, rule, held)


@require_POST
def switch(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    shop = get_project(request, org, project, Role.MEMBER)
    rule = _get_rule(shop, pk)
    if rule.paused and rule.hides_attacks and not may(shop.role, Role.ADMIN):
        raise PermissionDenied("Hiding a likely attack needs an admin.")
    changed = ignore_rules.switch(rule, not rule.paused, user_of(request))
    what = f"paused, {counted(changed)} came back" if rule.paused else f"at work again, {counted(changed)} hidden"
    messages.success(request, f"“{rule.name}” is {what}.")
    return redirect("issues:rules", org, project)


@require_POST
def delete(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    shop = get_project(request, org, project, Role.MEMBER)
    rule = _get_rule(shop, pk)
    returned = ignore_rules.delete(rule, user_of(request))
    messages.success(request, f"“{rule.name}” is deleted; {counted(returned)} came back with all counts.")
    return redirect("issues:rules", org, project)


def _form(request: HttpRequest, project: Project, rule: IgnoreRule, held: Draft) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    draft = _read(given) if "value-1" in given else held
    problems = problems_of(draft.conditions) if draft.conditions or request.method == "POST" else []
    scope = ignore_rules.projects_of(IgnoreRule(organization=project.organization, project=None if draft.everywhere else project))
    shown = ignore_rules.preview(scope, draft.conditions) if draft.conditions and not problems else None
    if request.headers.get("Accept") == "application/json" and request.method == "GET":
        return JsonResponse({**_spoken(shown, problems), "button": _button(rule, shown)})
    saving = request.method == "POST" and "preview" not in request.POST
    if saving:
        problems += _refused(project, rule, draft, shown)
        if not problems:
            return _save(request, project, rule, draft, shown)
    context = {
        "project": project, "organization": project.organization, "tab": "rules", "rule": rule, "draft": draft, "problems": problems,
        "preview": shown, "fields": FIELDS.items(), "ops": OPS.items(), "may_admin": may(project.role, Role.ADMIN),
        "button": _button(rule, shown),
    }  # fmt: skip
    return render(request, "issues/rule_form.html", context, status=422 if saving else 200)


def _button(rule: IgnoreRule, shown: Preview | None) -> str:
    return f"Ignore {counted(shown.open)}" if shown and shown.open and not rule.pk else "Save"


def _spoken(shown: Preview | None, problems: list[str]) -> dict[str, object]:
    """The preview as static/js/preview.js shows it while one types."""
    if shown is None:
        return {"words": " ".join(problems) or "Fill in a condition.", "danger": bool(problems), "issues": []}
    parted = f" · {shown.parted:,} more match in part and stay" if shown.parted else ""
    per_day = f"{counted(shown.per_day, 'report')} a day"
    words = f"{counted(shown.open, 'open issue')} · {per_day} · {shown.resolved:,} you resolved{parted}"
    danger = f" It also catches {shown.attacks:,} likely attacks and {shown.own:,} of your own code." if shown.needs_yes else ""
    return {
        "words": words + danger, "danger": shown.needs_yes,
        "issues": [f"{issue.short_id} {visible(issue.headline)}" for issue in shown.shown],
    }  # fmt: skip


def _refused(project: Project, rule: IgnoreRule, draft: Draft, shown: Preview | None) -> list[str]:
    """Why this person may not save it: an attack needs an admin and a clear yes, so does a rule for the whole organization."""
    admin = may(project.role, Role.ADMIN)
    reasons = [] if draft.name else ["Give the rule a name."]
    if (draft.everywhere or (rule.pk and rule.project_id is None)) and not admin:
        reasons.append("A rule for the whole organization needs an admin.")
    if not rule.pk and len(ignore_rules.rules_of(project)) >= MOST_RULES:
        reasons.append(f"{MOST_RULES} rules are the most there can be; delete one that hits nothing.")
    if shown and shown.attacks and not admin:
        reasons.append("Hiding a likely attack needs an admin.")
    if shown and shown.needs_yes and not draft.yes:
        reasons.append("It would hide what may matter. Tick the box if you mean that.")
    return reasons


def _save(request: HttpRequest, project: Project, rule: IgnoreRule, draft: Draft, shown: Preview | None) -> HttpResponse:
    """The yes counts for what was looked at: one to own code hides no attack that comes later."""
    attacks = bool(shown and shown.attacks) or rule.hides_attacks
    rule.name, rule.note, rule.hides_own = draft.name, draft.note, draft.yes
    rule.hides_attacks = draft.yes and attacks and may(project.role, Role.ADMIN)
    rule.project = None if draft.everywhere else project
    rule.conditions = [each.stored() for each in draft.conditions]
    hidden = ignore_rules.save(rule, user_of(request))
    words = f"“{rule.name}” hides {counted(hidden)}. What it hides is counted on; pause or delete the rule and it comes back."
    messages.success(request, words)
    return redirect("issues:rules", project.organization.slug, project.slug)


def _read(given: QueryDict) -> Draft:
    rows = [tuple(given.get(f"{part}-{row}", "").strip()[:300] for part in ("field", "op", "value")) for row in range(1, MOST + 1)]
    conditions = tuple(Condition(*row) for row in rows if row[2])
    name, note = given.get("name", "").strip()[:120], given.get("note", "").strip()[:500]
    return Draft(conditions, name, note, "everywhere" in given, "yes" in given)


def _prefilled(request: HttpRequest, project: Project) -> Draft:
    number = request.GET.get("from", "")
    issue = Issue.objects.filter(project=project, number=int(number)).first() if number.isdecimal() and len(number) < 18 else None
    if issue is None:
        return Draft(())
    issue.project = project
    conditions, whole = ignore_rules.prefilled(issue)
    return Draft(tuple(conditions), f"Like {issue.short_id}", in_part="" if whole else issue.short_id)


def _get_rule(project: Project, pk: int) -> IgnoreRule:
    """Of this project or its organization; changing the organization's needs an admin."""
    rule = get_object_or_404(IgnoreRule.objects.filter(Q(project=project) | Q(project=None)), pk=pk, organization=project.organization)
    if rule.project_id is None and not may(project.role, Role.ADMIN):
        raise PermissionDenied("A rule of the whole organization needs an admin.")
    return rule
