"""Every project one can see: what arrived today, what needs a decision, what looks like an attack. Seven queries, however many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from issues import charts, counts
from issues.models import Issue, SiteStanding
from issues.views.rows import day_chart, lines_of
from projects.access import user_of
from projects.models import Membership, Project

CARDS = 24
SEARCHED = 200  # projects
FOUND = 50


@dataclass(frozen=True, slots=True)
class Card:
    project: Project
    chart: charts.Chart
    reports: int
    decisions: int
    attacks: int
    standing: str = ""

    @property
    def state(self) -> str:
        if not self.project.first_report_at and not self.reports:
            return "waiting"
        return "attack" if self.attacks else "decisions" if self.decisions else "quiet"

    @property
    def order(self) -> tuple[bool, int, int, str]:
        """Attacks, decisions, quiet; the project that watches this app after the others."""
        return bool(self.project.label), -self.attacks, -self.decisions, self.project.slug


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Projects come in pages by name; within a page what is urgent stands first."""
    if request.GET.get("q", "").strip():
        return _search(request, request.GET["q"].strip()[:255])
    after = request.GET.get("after", "")
    visible = Project.objects.visible_to(user_of(request)).select_related("organization").order_by("organization__slug", "slug", "id")
    number = int(after) if after.isdecimal() and len(after) < 7 else 0
    projects = list(visible[number : number + CARDS + 1])
    cards = sorted(_cards(projects[:CARDS]), key=lambda card: card.order)
    context = {
        "cards": [card for card in cards if card.state != "waiting"],
        "waiting": [card for card in cards if card.state == "waiting"],
        "older": f"?after={number + CARDS}" if len(projects) > CARDS else "",
        "newer": f"?after={max(0, number - CARDS)}" if number else "",
        "attack": any(card.attacks for card in cards),
        "organizations": _organizations(request),
    }
    return render(request, "issues/overview.html", context)


def _search(request: HttpRequest, text: str) -> HttpResponse:
    """Across all projects: SHOP-42 leads there, a host or its beginning lists where it was seen."""
    projects = {project.pk: project for project in Project.objects.visible_to(user_of(request)).select_related("organization")[:SEARCHED]}
    prefix, _, number = text.rpartition("-")
    if number.isdecimal() and len(number) < 18:
        named = Issue.objects.filter(project__in=projects, project__prefix__iexact=prefix, number=int(number)).first()
        if named:
            named.project = projects[named.project_id]
            return redirect(named)
    start = text.lower()
    found = Issue.objects.filter(project__in=projects, source__gte=start, source__lt=start + chr(0x10FFFF)).order_by()[:FOUND]
    issues = sorted(found, key=lambda issue: issue.last_seen, reverse=True)
    for issue in issues:
        issue.project = projects[issue.project_id]
    return render(request, "issues/found.html", {"q": text, "lines": lines_of(issues), "full": len(issues) == FOUND})


def _organizations(request: HttpRequest) -> list[Membership]:
    return list(Membership.objects.filter(user=user_of(request)).select_related("organization").order_by("organization__name")[:20])


def _cards(projects: Sequence[Project]) -> list[Card]:
    series = counts.hours_of_projects([project.pk for project in projects])
    issues = [Issue.objects.filter(project=project) for project in projects]
    numbers = counts.capped(
        [each.needing_decision() for each in issues] + [each.open().filter(verdict="attack") for each in issues]
    )  # fmt: skip
    decisions, attacks = numbers[: len(projects)], numbers[len(projects) :]
    standings = _standings(projects)
    return [
        Card(project, day_chart(series[project.pk], charts.CARD), sum(series[project.pk]), decided, attacked, standings.get(project.pk, ""))
        for project, decided, attacked in zip(projects, decisions, attacks, strict=True)
    ]


def _standings(projects: Sequence[Project]) -> dict[int, str]:
    """One sentence each on the way to an enforced policy: what breaks, else what has gone silent, else what is ready."""
    rows = SiteStanding.objects.filter(project__in=projects).filter(Q(state__in=("ready", "regressed")) | Q(silent=True))
    order = {"regressed": 0, "ready": 2}
    sentences: dict[int, str] = {}
    for row in sorted(rows, key=lambda row: (order.get(row.state, 1) if not row.silent else 1, row.site)):
        sentences.setdefault(row.project_id, row.sentence)
    return sentences
