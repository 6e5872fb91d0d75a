"""Every project one can see: what arrived today, what needs a decision, what looks like an attack. Six queries, however many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from issues import charts, counts
from issues.models import Issue
from issues.views.rows import day_chart
from projects.access import user_of
from projects.models import Membership, Project

CARDS = 24


@dataclass(frozen=True, slots=True)
class Card:
    project: Project
    chart: charts.Chart
    reports: int
    decisions: int
    attacks: int

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


def _organizations(request: HttpRequest) -> list[Membership]:
    return list(Membership.objects.filter(user=user_of(request)).select_related("organization").order_by("organization__name")[:20])


def _cards(projects: Sequence[Project]) -> list[Card]:
    series = counts.hours_of_projects([project.pk for project in projects])
    issues = [Issue.objects.filter(project=project) for project in projects]
    numbers = counts.capped(
        [each.needing_decision() for each in issues] + [each.open().filter(verdict="attack") for each in issues]
    )  # fmt: skip
    decisions, attacks = numbers[: len(projects)], numbers[len(projects) :]
    return [
        Card(project, day_chart(series[project.pk], charts.CARD), sum(series[project.pk]), decided, attacked)
        for project, decided, attacked in zip(projects, decisions, attacks, strict=True)
    ]
