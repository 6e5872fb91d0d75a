"""One issue: what happened, whether it matters, what to change. And its samples, as received beside as normalised."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from issues import actions, matching
from issues.advice import Advice, advice_for
from issues.lab_actions import decision_on
from issues.lab_advice import VALUE, card_for
from issues.models import Activity, Evidence, Facet, Issue, Sample
from issues.overflow import VERSION as OVERFLOW
from issues.search import DEFAULT, parse
from issues.ticket import Facts, ticket
from issues.unfold import hosts_of
from issues.verdicts import RULES, Rule
from issues.verdicts.evidence import domain_of
from issues.verdicts.pages import TEST_HOST
from issues.views.trend import SPANS, trend_of
from issues.words import Happened, happened, only_browser
from policies.address import parse_address
from policies.exporters import TARGETS
from policies.policy import parse_policy
from policies.violation import Address
from policies.words import VERDICTS
from projects.access import get_project, may
from projects.models import Project, Role

TOP = 10
SAMPLES = 20
HISTORY = 30
ALSO = 8
KIN = 1_000  # issues that are looked through for others of the same domain


@dataclass(frozen=True, slots=True)
class Share:
    """One value of a facet with its part of the whole, for the bars."""

    value: str
    reports: int
    percent: int


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule, and on how many of the kept reports it fired."""

    rule: Rule
    kept: int


@dataclass(frozen=True, slots=True)
class PolicyLine:
    text: str
    deciding: bool


@require_GET
def issue(request: HttpRequest, org: str, project: str, number: int) -> HttpResponse:
    shop = get_project(request, org, project)
    try:
        found = _get_issue(shop, number)
    except Http404:
        if moved := _merged_into(shop, number):
            return redirect(moved, permanent=True)
        raise
    evidence = list(found.evidence.select_related("policy").order_by("-reports")[:TOP])
    facets = _facets(found)
    history = list(found.activity.select_related("actor").order_by("-at", "-id")[:HISTORY])
    top = evidence[0] if evidence else None
    told, advice = _happened(found, top), _advice(found, top)
    samples = list(found.samples.order_by("-seen_at")[:SAMPLES])
    server = TARGETS.get(request.GET.get("for", ""), TARGETS[VALUE])
    context = {
        "project": shop, "organization": shop.organization, "tab": "issues", "issue": found, "attack": found.verdict == "attack",
        "happened": told, "advice": advice, "ticket": _ticket(found, told, advice, facets), "top": top,
        "parts": _parts(top), "fired": _fired(found, samples), **_split(found),
        "trend": trend_of(found, request.GET.get("span", ""), _marks(evidence, history)), "spans": SPANS,
        "pages": _shares(facets.get("page", []), found.reports), "places": _shares(facets.get("source", []), found.reports)[:5],
        "browsers": _shares(facets.get("browser", []), found.reports)[:6], "systems": _shares(facets.get("os", []), found.reports)[:5],
        "referrers": _shares(facets.get("referrer", []), found.reports)[:5], "only": only_browser(facets.get("browser", [])),
        "environments": _shares(facets.get("environment", []) + facets.get("release", []), found.reports)[:5],
        "policy": _policy(evidence), "lines": _policy_lines(evidence), "samples": samples,
        "also": _also(found), "domain": domain_of(found.source), "history": history, "neighbours": _neighbours(request, found),
        "is_test": found.source == TEST_HOST,
        "decision": decision_on(shop, found.family, found.source.rpartition("://")[2]) if domain_of(found.source) else None,
        "overflow": hosts_of(found) if found.key_version == OVERFLOW else None,
        "card": card_for(shop, found, server.slug), "servers": TARGETS.values(), "server": server,
        "may_act": may(shop.role, Role.MEMBER), "until": actions.until_choices(),
        "until_words": actions.until_words(found.until) if found.status == "ignored" else "", "verdicts": VERDICTS.values(),
    }  # fmt: skip
    return render(request, "issues/detail.html", context)


@require_GET
def sample(request: HttpRequest, org: str, project: str, number: int, pk: int) -> HttpResponse:
    shop = get_project(request, org, project)
    found = _get_issue(shop, number)
    kept = get_object_or_404(found.samples, pk=pk)
    context = {
        "project": shop, "organization": shop.organization, "tab": "issues", "issue": found, "sample": kept,
        "received": _pretty(kept.received), "normalised": json.dumps(kept.normalised, indent=2, ensure_ascii=False),
        "fired": [RULES[rule] for rule in kept.rules if rule in RULES], "may_act": may(shop.role, Role.MEMBER),
    }  # fmt: skip
    return render(request, "issues/sample.html", context)


@require_GET
def sample_file(request: HttpRequest, org: str, project: str, number: int, pk: int) -> HttpResponse:
    """Always plain text, always the same name: nothing of a stranger's report names or types a file (trust.md)."""
    kept = get_object_or_404(_get_issue(get_project(request, org, project), number).samples, pk=pk)
    headers = {"Content-Disposition": 'attachment; filename="csp-report.txt"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(kept.received, content_type="text/plain; charset=utf-8", headers=headers)


def _get_issue(project: Project, number: int) -> Issue:
    found = get_object_or_404(Issue.objects.select_related("status_by", "corrected_by", "rule"), project=project, number=number)
    found.project = project
    return found


def _merged_into(project: Project, number: int) -> Issue | None:
    """Where an issue went that is one with another now (issues.merge): addresses in mails and tickets must lead on."""
    merges = Activity.objects.filter(project=project, kind="merge", before__number=number)
    merged = merges.select_related("issue__project__organization").first()
    return merged.issue if merged else None


def _split(issue: Issue) -> dict[str, list[Issue]]:
    """Issues that a change of grouping made two of (issues.rekey): those this one came from, and those that came out of it."""
    splits = Activity.objects.filter(project_id=issue.project_id, kind="split").filter(Q(before__key=issue.key) | Q(issue=issue))
    told = list(splits.exclude(issue=None).select_related("issue"))
    keys = [entry.before.get("key", "") for entry in told if entry.issue_id == issue.pk]
    into = list(Issue.objects.filter(project_id=issue.project_id, key__in=keys).order_by("number")) if keys else []
    kin = {"split_from": [entry.issue for entry in told if entry.issue and entry.issue_id != issue.pk], "split_into": into}
    for one in [*kin["split_from"], *into]:
        one.project = issue.project
    return kin


def _facets(issue: Issue) -> dict[str, list[tuple[str, int]]]:
    """Values of each kind, most reports first; the rest that came after the cap is "other"."""
    facets: dict[str, list[tuple[str, int]]] = {}
    rows = Facet.objects.filter(issue=issue).order_by("kind", "-reports")
    for kind, value, reports in rows.values_list("kind", "value", "reports"):
        facets.setdefault(kind, []).append((value or "other", reports))
    return facets


def _shares(values: Sequence[tuple[str, int]], whole: int) -> list[Share]:
    return [Share(value, reports, round(100 * reports / whole) if whole else 0) for value, reports in values[:TOP]]


def _happened(issue: Issue, top: Evidence | None) -> Happened:
    kind, blocked, snippet = (top.blocked_kind, top.blocked, top.sample) if top else ("", issue.source, "")
    return happened(
        issue.family, issue.directive, kind, blocked, snippet,
        reports=issue.reports, enforced=issue.enforced, unsaid=issue.unsaid, pages=issue.pages, verdict=issue.verdict,
    )  # fmt: skip


def _advice(issue: Issue, top: Evidence | None) -> Advice:
    shapes = {rule: RULES[rule].shape for rule in issue.rules if rule in RULES}
    if issue.source == "blob:":
        shapes["local-data"] = "S8"
    return advice_for(issue.verdict, issue.directive, top.blocked_kind if top else "", issue.rules, shapes)


def _ticket(issue: Issue, told: Happened, advice: Advice, facets: dict[str, list[tuple[str, int]]]) -> str:
    first, last = (f"{moment:%d %b %Y %H:%M} UTC" for moment in (issue.first_seen, issue.last_seen))
    facts = Facts(
        issue.short_id, issue.headline, settings.PUBLIC_URL + issue.get_absolute_url(), issue.verdict_words.chip, issue.reason,
        issue.directive, f"{told.before} {told.thing} {told.after} {told.effect}".replace("  ", " "), first, last, issue.reports,
        facets.get("page", []), advice.steps,
    )  # fmt: skip
    return ticket(facts)


def _fired(issue: Issue, samples: Sequence[Sample]) -> list[Fired]:
    """The built-in rules that fired, those behind the verdict first, with the kept reports that each fired on."""
    kept = Counter(rule for sample in samples for rule in sample.rules)
    return [Fired(RULES[rule], kept[rule]) for rule in dict.fromkeys([*issue.rules, *kept]) if rule in RULES]


def _parts(top: Evidence | None) -> Address | None:
    """The blocked address in its parts, where it is one."""
    address = parse_address(top.blocked) if top and top.blocked_kind in ("url", "origin", "scheme") else None
    return address if address and address.scheme else None


def _policy(evidence: Sequence[Evidence]) -> Any:
    """The newest policy that these reports came from."""
    policies = [each.policy for each in evidence if each.policy]
    return max(policies, key=lambda policy: policy.last_seen) if policies else None


def _policy_lines(evidence: Sequence[Evidence]) -> list[PolicyLine]:
    """One directive a line, the one that decided marked: a fallback decides where the policy has no closer one."""
    policy = _policy(evidence)
    if not policy:
        return []
    parsed = parse_policy(policy.text)
    asked = next((each.directive for each in evidence if each.policy_id == policy.pk), "").split()
    deciding = parsed.operative(asked[0]) if asked else None
    return [PolicyLine(str(directive), directive is deciding) for directive in parsed.directives]


def _marks(evidence: Sequence[Evidence], history: Sequence[Activity]) -> list[tuple[datetime, str]]:
    """Moments for the chart: policies that came, and what people decided."""
    changed = {each.policy.pk: (each.policy.first_seen, "Policy first seen") for each in evidence if each.policy}
    return [*changed.values(), *((entry.at, entry.words.capitalize()) for entry in history if entry.kind in ("resolved", "ignored"))]


def _also(issue: Issue) -> list[Issue]:
    """The same source under other directives, and what else of its registrable domain is among the newest issues, noise too."""
    if not any(mark in issue.source for mark in ".:"):
        return []
    # Sorted here: asked for the newest, SQLite would walk the whole project in that order.
    same = Issue.objects.filter(project=issue.project).order_by().defer("rules", "tags", "judged", "until")
    found, domain = same.filter(source=issue.source), domain_of(issue.source)
    if domain:
        # No index finds the end of a name, so it is looked for among the newest.
        newest = Issue.objects.filter(project=issue.project).order_by("-last_seen", "-id").values("pk")[:KIN]
        found = found.union(same.filter(pk__in=newest, source__contains=domain), all=True)
    kin = {one.pk: one for one in found[:100] if one.pk != issue.pk and domain_of(one.source) == domain}
    others = sorted(kin.values(), key=lambda other: other.last_seen, reverse=True)[:ALSO]
    for other in others:
        other.project = issue.project
    return others


def _neighbours(request: HttpRequest, issue: Issue) -> dict[str, str]:
    """The search one came from, and the issues before and after this one in it."""
    search = parse(request.GET.get("q", DEFAULT))
    sort = matching.SORTS.get(request.GET.get("sort", ""), matching.SORTS["last"])
    kept = {name: request.GET[name] for name in ("q", "sort") if name in request.GET}
    parameters = "?" + urlencode(kept) if kept else ""
    links = {"list": issue.project.get_absolute_url() + parameters, "previous": "", "next": ""}
    if not search.problems:
        numbers = zip(("previous", "next"), matching.neighbours(issue, search, sort, timezone.now()), strict=True)
        links |= {name: _address(issue.project, number) + parameters for name, number in numbers if number}
    return links


def _address(project: Project, number: int) -> str:
    return reverse("issues:detail", args=[project.organization.slug, project.slug, number])


def _pretty(received: str) -> str:
    try:
        return json.dumps(json.loads(received), indent=2, ensure_ascii=False)
    except ValueError:
        return received
