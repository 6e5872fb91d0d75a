"""The set-up page's test report, seen from where issues are: was it grouped, and away with it again."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from issues.models import Issue
from issues.verdicts.pages import TEST_HOST
from projects.access import get_project
from projects.models import Project, Role

STALLED_SECONDS = 15


def test_issues(project: Project) -> QuerySet[Issue]:
    """By the host alone, which can be nobody's: a stranger's report of it would take the mark off."""
    return Issue.objects.filter(project=project, source=TEST_HOST)


@never_cache
@require_safe
def test_status(request: HttpRequest, org: str, project: str) -> JsonResponse:
    """`reports` grows when a test report was grouped; the page compares it with what it was before sending."""
    found = get_project(request, org, project)
    issue = test_issues(found).select_related("project__organization").order_by("-last_seen").first()
    if issue is None:
        return JsonResponse({"reports": 0, "issue": None, "url": None})
    return JsonResponse({"reports": issue.reports, "issue": issue.short_id, "url": issue.get_absolute_url()})


@never_cache
@require_safe
def test_result(request: HttpRequest, org: str, project: str) -> HttpResponse:
    """The same steps without JavaScript. `at` is when the report was sent, in milliseconds since 1970, by this server's clock."""
    found = get_project(request, org, project)
    at = request.GET.get("at", "")
    sent = int(at) if at.isdecimal() and len(at) < 16 else 0
    issue = test_issues(found).select_related("project__organization").order_by("-last_seen").first()
    grouped = issue is not None and issue.last_seen.timestamp() * 1000 >= sent
    waited = timezone.now().timestamp() - sent / 1000
    page = {"project": found, "tab": "setup", "issue": issue if grouped else None, "stalled": not grouped and waited > STALLED_SECONDS}
    return render(request, "projects/test_result.html", page)


@require_POST
def remove_test(request: HttpRequest, org: str, project: str) -> HttpResponse:
    found = get_project(request, org, project, Role.MEMBER)
    test_issues(found).delete()
    messages.success(request, "The test issue is gone.")
    return redirect("projects:setup", org, project)
