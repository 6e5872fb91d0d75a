"""Drafts of a policy: edit, replay on what was reported, add from issues, compare, copy. Every step is a plain form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from issues.lab import DAYS, Reading, on_site, read
from issues.lab_actions import Refused, delete_draft, history_of, readable, save_draft
from issues.lab_advice import Added, add_issues, candidates_of
from issues.lab_models import ConfirmedPolicy, PolicyDraft
from issues.lab_policies import assess, confirmed_of, copies, difference, for_host, parsed
from issues.lab_replay import replayed, unneeded
from projects.access import get_project, may, user_of
from projects.models import Project, Role

MOST_CANDIDATES = 50
MOST_AGAINST = 4
MOST_PAGES = 20
MOST_SITES = 100
SPANS = (7, 30, 90)
STARTING = "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """Begins as the confirmed policy, without one as a strict proposal; with `?issue=`, with what that issue needs added."""
    shop = get_project(request, org, project, Role.MEMBER)
    confirmed = confirmed_of(shop)
    chosen = next((one for one in confirmed if str(one.pk) == request.GET.get("from")), confirmed[-1] if confirmed else None)
    text = chosen.text if chosen else STARTING
    site = chosen.site if chosen and request.method != "POST" else ""
    return _edit(request, shop, None, request.POST.get("text", text), request.POST.get("name", "Next policy"), confirmed, site)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    """The link that a colleague opens: the draft and its evidence. Viewers read it."""
    shop = get_project(request, org, project, Role.MEMBER if request.method == "POST" else Role.VIEWER)
    found = get_object_or_404(shop.drafts.select_related("updated_by"), pk=pk)
    return _edit(request, shop, found, request.POST.get("text", found.text), request.POST.get("name", found.name), confirmed_of(shop))


@require_POST
def delete(request: HttpRequest, org: str, project: str, pk: int) -> HttpResponse:
    shop = get_project(request, org, project, Role.MEMBER)
    found = get_object_or_404(shop.drafts, pk=pk)
    delete_draft(shop, user_of(request), found)
    messages.success(request, f"The draft “{found.name}” is deleted; the history keeps its text.")
    return redirect("issues:policy", org, project)


def _edit(
    request: HttpRequest, shop: Project, found: PolicyDraft | None, text: str, name: str, confirmed: list[ConfirmedPolicy], site: str = ""
) -> HttpResponse:
    verb = request.POST.get("verb", "")
    given = request.POST if request.method == "POST" else request.GET
    issues = [int(number) for number in (*request.POST.getlist("issue"), *request.GET.getlist("issue")) if number.isdecimal()]
    page: dict[str, Any] = {
        "project": shop, "organization": shop.organization, "tab": "policy", "draft": found, "name": name, "text": text,
        "may_act": may(shop.role, Role.MEMBER), "problem": "", "saved": False,
    }  # fmt: skip
    try:
        clean = readable(text)
        page["saved"] = found is not None and found.text == clean
        if verb == "save":
            made = save_draft(shop, user_of(request), name=name, text=text, draft=found)
            messages.success(request, f"Saved “{made.name}”.")
            there = reverse("issues:draft", args=[shop.organization.slug, shop.slug, made.pk])
            kept = {name: given[name] for name in ("site", "days") if given.get(name, "") not in ("", str(DAYS))}
            return redirect(f"{there}?{urlencode(kept)}" if kept else there)
    except Refused as problem:
        return render(request, "issues/policy_draft.html", {**page, "problem": str(problem)}, status=422)
    days = next((span for span in SPANS if str(span) == given.get("days")), 0)
    whole = read(shop, days)
    site = next((one for one in whole.sites if one == given.get("site", site)), "")
    reading = on_site(whole, site)
    days = days or max(DAYS, whole.settings.days)
    page |= {"site": site, "sites": whole.sites[:MOST_SITES], "days": days, "spans": sorted({*SPANS, days})}
    if verb == "add" or (issues and request.method != "POST"):
        added = add_issues(clean, reading, issues)
        clean = added.text
        page |= {"added": added, "said": _said(added), "saved": False}
    # A text area keeps a directive on each line; the policy itself is one line.
    page["text"] = clean.replace("; ", ";\n")
    against = list(for_host(confirmed, site.removeprefix("*.")).values()) if site else confirmed
    return render(request, "issues/policy_draft.html", {**page, **_evidence(shop, clean, reading, found, against)})


def _said(added: Added) -> str:
    if not added.options:
        return "No change of the policy can be shown to fix these; see the advice on each issue."
    return f"{len(added.options)} change{'s' if len(added.options) > 1 else ''} added. Look at what each opens, then save."


def _copies(text: str, against: list[ConfirmedPolicy], endpoint: str) -> dict[str, Any]:
    """The draft in place of an enforced policy, and beside what is live: the second one's header can't stand in for the first's."""
    live = next((one for one in against if one.disposition == "enforce"), None)
    replacing = copies([(text, "enforce")], endpoint) if live else []
    return {"live": live, "replacing": replacing, "copies": copies([(text, "report")], endpoint)}


def _evidence(shop: Project, text: str, reading: Reading, found: PolicyDraft | None, against: list[ConfirmedPolicy]) -> dict[str, Any]:
    """All that the page says about a text."""
    candidates = candidates_of(text, reading)
    compared = sorted(((one, difference(one.text, text)) for one in against), key=lambda pair: pair[1].words)[:MOST_AGAINST]
    live = compared[0][0] if compared else None
    answered = replayed(parsed(text), reading.pieces, parsed(live.text) if live else None)
    key = shop.key
    return {
        "assessment": assess(text), "replay": answered, "pages": answered.pages[:MOST_PAGES], "doubtful": answered.doubtful[:MOST_PAGES],
        "as_today": bool(live and live.disposition == "enforce" and answered.only_as_today),
        "candidates": candidates[:MOST_CANDIDATES], "against": compared,
        **_copies(text, against, key.security_endpoint if key else ""),
        "unused": [word for policy in parsed(text) for word in unneeded(policy, reading.pieces)][:MOST_PAGES],
        "history": history_of(found) if found else [], "cut": reading.cut, "settings": reading.settings,
    }  # fmt: skip
