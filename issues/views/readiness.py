"""Ready to enforce: the thresholds, and the page that hands over the exact headers and watches from then on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from issues.lab import read, settings_of
from issues.lab_actions import Refused, confirm, set_thresholds
from issues.lab_models import ConfirmedPolicy, LabSettings, PolicyDraft
from issues.lab_policies import assess, copies, history_of
from issues.standing import grades_over_time, standings_of
from issues.watch import watch
from projects.access import get_project, may, user_of
from projects.forms import posted
from projects.models import Project, Role


class ThresholdsForm(forms.ModelForm):
    class Meta:
        model = LabSettings
        fields = ["networks", "evidence_days", "days", "reports", "browsers", "quiet_days", "silent_days"]


@require_http_methods(["GET", "HEAD", "POST"])
def thresholds(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project, Role.ADMIN if request.method == "POST" else Role.VIEWER)
    form = ThresholdsForm(posted(request), instance=settings_of(shop))
    if form.is_valid():
        set_thresholds(form.instance, user_of(request))
        messages.success(request, "Saved. Every figure of the Policy page follows it from now on.")
        return redirect("issues:policy", org, project)
    page = {"project": shop, "organization": shop.organization, "tab": "policy", "form": form, "may_change": may(shop.role, Role.ADMIN)}
    return render(request, "issues/policy_thresholds.html", page, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def enforce(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    """Hands over the headers; "it is live" confirms the policy as enforced, and the candidate beside it as report-only."""
    shop = get_project(request, org, project, Role.MEMBER if request.method == "POST" else Role.VIEWER)
    found = get_object_or_404(shop.confirmed_policies.filter(replaced_at=None), pk=pk)
    drafts = list(shop.drafts.order_by("-updated_at")[:20])
    given = request.POST if request.method == "POST" else request.GET
    beside = next((draft for draft in drafts if str(draft.pk) == given.get("beside")), None)
    if request.method == "POST":
        return _went_live(request, shop, found, beside)
    reading, history = read(shop), history_of(shop)
    confirmed = [one for one in history if one.replaced_at is None]
    next_to = beside or _candidate(found, confirmed)
    standings = [one for one in standings_of(reading, confirmed) if one.policy and one.policy.pk == found.pk]
    key = shop.key
    page: dict[str, Any] = {
        "project": shop, "organization": shop.organization, "tab": "policy", "policy": found, "drafts": drafts, "beside": beside,
        "candidate": None if beside else next_to,
        "standings": standings, "unready": [one for one in standings if one.is_candidate and one.readiness.state != "ready"],
        "assessment": assess(found.text), "grades": grades_over_time(history, found.site),
        "copies": copies([(found.text, "enforce"), *([(next_to.text, "report")] if next_to else [])], key.security_endpoint if key else ""),
        "may_act": may(shop.role, Role.MEMBER),
    }  # fmt: skip
    return render(request, "issues/policy_enforce.html", page)


def _candidate(found: ConfirmedPolicy, confirmed: list[ConfirmedPolicy]) -> ConfirmedPolicy | None:
    """The report-only policy that the same site sends beside an enforced one."""
    if found.disposition != "enforce":
        return None
    return next((one for one in confirmed if (one.disposition, one.site) == ("report", found.site) and one.text != found.text), None)


def _went_live(request: HttpRequest, shop: Project, found: ConfirmedPolicy, beside: PolicyDraft | None) -> HttpResponse:
    person = user_of(request)
    try:
        with transaction.atomic():
            confirm(shop, person, text=found.text, disposition="enforce", site=found.site, origin="enforced from report-only")
            if beside:
                confirm(shop, person, text=beside.text, disposition="report", site=found.site, origin=f"draft “{beside.name}”")
    except Refused as problem:
        messages.error(request, str(problem))
    else:
        watch(shop)
        messages.success(request, "Enforced. Any block of your own code or a third party is Breaking now from here on.")
    return redirect("issues:policy", shop.organization.slug, shop.slug)
