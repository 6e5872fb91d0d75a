"""Celery: tell an organization's owners and admins."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from alerts.message import Line, compose
from alerts.models import Told
from issues.models import Issue
from projects.models import Membership, Project, Role

QUIET = timedelta(hours=1)
MOST_PEOPLE = 50


@shared_task(name="alerts.tasks.tell")
def tell(kind: str, issue_ids: list[int]) -> int:
    """Mails sent. One mail a project and kind within QUIET; what comes meanwhile is on the issues page."""
    wanted = Issue.objects.filter(id__in=issue_ids, test=False).order_by("project_id", "number").select_related("project__organization")
    if kind != "hidden":
        wanted = wanted.filter(status="open")
    if kind == "attack":
        wanted = wanted.filter(verdict="attack")
    by_project: dict[Project, list[Issue]] = {}
    for issue in wanted:
        by_project.setdefault(issue.project, []).append(issue)
    return sum(_mail(kind, project, issues) for project, issues in by_project.items() if _may_tell(project, kind))


@transaction.atomic
def _may_tell(project: Project, kind: str) -> bool:
    told, new = Told.objects.select_for_update().get_or_create(project=project, kind=kind)
    if not new and told.at > timezone.now() - QUIET:
        return False
    told.at = timezone.now()
    told.save(update_fields=["at"])
    return True


def _mail(kind: str, project: Project, issues: list[Issue]) -> int:
    deciding = Membership.objects.filter(organization=project.organization, role__in=[Role.OWNER, Role.ADMIN])
    people = list(deciding.values_list("user__email", flat=True)[:MOST_PEOPLE])
    lines = [Line(issue.short_id, issue.title, settings.PUBLIC_URL + issue.get_absolute_url()) for issue in issues]
    subject, body = compose(kind, str(project), lines)
    for address in people:
        EmailMessage(subject, body, to=[address]).send()
    return len(people)
