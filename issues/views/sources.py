"""The sources page: every external host with who decided what, as a list and as CSV."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from issues.inventory import LIMITS, Source, as_csv, sources_of
from issues.lab import read
from issues.lab_actions import Refused, decide_source
from issues.lab_models import Decision
from issues.lab_policies import confirmed_of
from projects.access import get_project, may, user_of
from projects.models import Project, Role

PAGE = 50
DAYS = 90
NEW = {"1": "a day", "7": "7 days", "30": "30 days"}


@require_safe
def sources(request: HttpRequest, org: str, project: str) -> HttpResponse:
    shop = get_project(request, org, project)
    found = _chosen(shop, request)
    number = request.GET.get("page", "")
    at = int(number) if number.isdecimal() and len(number) < 4 else 0
    page = {
        "project": shop, "organization": shop.organization, "tab": "policy", "lines": found[at * PAGE : at * PAGE + PAGE],
        "count": len(found), "kinds": sorted({source.family for source in found}), "decisions": Decision.choices, "since": NEW.items(),
        "older": at + 1 if len(found) > (at + 1) * PAGE else None, "newer": at, "given": request.GET, "days": DAYS,
        "may_act": may(shop.role, Role.MEMBER), "may_everywhere": may(shop.role, Role.ADMIN), "limits": LIMITS,
        "sensitive": request.GET.get("sensitive") == "1",
    }  # fmt: skip
    return render(request, "issues/policy_sources.html", page)


@require_safe
def sources_file(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """The same list as CSV; with `sensitive=1` the scripts of sensitive pages, dated, with what CSP can't see."""
    shop = get_project(request, org, project)
    sensitive = request.GET.get("sensitive") == "1"
    today = f"{timezone.now():%Y-%m-%d}"
    notes: tuple[str, ...] = ()
    if sensitive:
        pages = ", ".join(shop.sensitive_pages) or "none declared"
        notes = (f"Scripts of the sensitive pages of {shop} ({pages}), made on {today}, by reports of {DAYS} days.", *LIMITS)
    name = f"script-inventory-{today}.csv" if sensitive else f"sources-{today}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(as_csv(_chosen(shop, request), notes), content_type="text/csv; charset=utf-8", headers=headers)


def _chosen(shop: Project, request: HttpRequest) -> list[Source]:
    given = request.GET
    found = sources_of(shop, read(shop, DAYS), confirmed_of(shop), sensitive=given.get("sensitive") == "1")
    if given.get("noise") != "1":
        found = [source for source in found if not source.noise]
    if given.get("kind"):
        found = [source for source in found if source.family == given["kind"]]
    if given.get("decision") in Decision.values:
        found = [source for source in found if source.decided == given["decision"]]
    if given.get("new") in NEW:
        since = timezone.now() - timedelta(days=int(given["new"]))
        found = [source for source in found if source.first_seen and source.first_seen >= since]
    return found


@require_POST
def decide(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """Members decide for their project, admins for the organization."""
    shop = get_project(request, org, project, Role.ADMIN if request.POST.get("everywhere") else Role.MEMBER)
    given: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in ("family", "host", "decision", "reason", "owner")}
    known = {(source.family, source.host) for source in sources_of(shop, read(shop, DAYS), confirmed_of(shop))}
    try:
        if (given["family"], given["host"]) not in known:
            raise Refused("This source is not in the list any more.")
        made = decide_source(shop, user_of(request), everywhere=bool(request.POST.get("everywhere")), **given)
        messages.success(request, f"{made.host} as {made.family}: {made.get_decision_display().lower()}.")
    except Refused as problem:
        messages.error(request, str(problem))
    there = reverse("issues:sources", args=[org, project])
    return redirect(f"{there}?sensitive=1" if request.POST.get("sensitive") == "1" else there)
