"""This page's policy: ours, in words, graded by the evaluator that grades everybody's."""

from __future__ import annotations

from dataclasses import dataclass

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from policies.directives import facts_of
from policies.observatory import grade_csp, judge_csp
from policies.policy import Directive, parse_header
from policies.strength import weaknesses
from projects.setup import ENFORCE, REPORT_ONLY


@dataclass(frozen=True, slots=True)
class Line:
    directive: str
    values: str
    words: str


@require_safe
def own_policy(request: HttpRequest) -> HttpResponse:
    """As the settings have it; each answer adds where its violations are reported."""
    enforced = settings.CONTENT_SECURITY_POLICY
    config = enforced or settings.CONTENT_SECURITY_POLICY_REPORT_ONLY or {}
    directives = config.get("DIRECTIVES", {})
    text = build_policy(config=directives)
    policies = parse_header(text)
    order = {name: place for place, name in enumerate(directives)}
    judged = judge_csp([text] if enforced else [], report_only=not enforced, https=settings.HTTPS)
    _, score, grade = grade_csp(judged)
    page = {
        "header": ENFORCE if enforced else REPORT_ONLY,
        "lines": sorted(
            (_line(directive) for policy in policies for directive in policy.directives), key=lambda line: order.get(line.directive, 0)
        ),
        "grade": grade,
        "score": score,
        "findings": weaknesses(policies),
    }
    return render(request, "projects/own_policy.html", page)


def _line(directive: Directive) -> Line:
    return Line(directive.name, " ".join(directive.values), facts_of(directive.name).words)
