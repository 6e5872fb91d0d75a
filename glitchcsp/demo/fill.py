"""The demo's road: each day through the same code as a day of real reports, in one transaction, exactly once.

The project's label says how far it is, and moves in the transaction that records the day: a task that runs twice, or
starts again after a crash, adds nothing twice.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from alerts.models import Told
from glitchcsp.demo.month import BLOG_CHANGED, CHANGED, DAYS, day
from glitchcsp.demo.templates import BLOG, CANDIDATE, OLD_BLOG, OLD_POLICY, POLICY
from ingest import intake
from ingest.parse import Batch, Count, add_reports
from issues import actions as issue_actions
from issues.lab_actions import confirm
from issues.models import Issue
from issues.record import record
from issues.watch import watch
from projects import actions
from projects.models import Organization, Project, User

NAME = "Demo shop"
LABEL = "Sample data"
SITES = ("www.shop.example", "blog.shop.example", "shop.example", "*.shop.example")
CONFIRMED = (
    (DAYS * 24, "www.shop.example", "enforce", OLD_POLICY),
    (CHANGED, "www.shop.example", "enforce", POLICY),
    (12 * 24, "www.shop.example", "report", CANDIDATE),
    (DAYS * 24, "blog.shop.example", "report", OLD_BLOG),
    (BLOG_CHANGED, "blog.shop.example", "report", BLOG),
)
"""Hours ago, site, disposition, text."""
_PROGRESS = re.compile(rf"{LABEL}, (\d+) of \d+ days")


def _label(days: int) -> str:
    return f"{LABEL}, {days} of {DAYS} days" if days < DAYS else LABEL


def project_for(organization: Organization) -> Project:
    """The organization's demo project, made if there is none; finished or not."""
    found = organization.projects.live().filter(label__startswith=LABEL).order_by("id").first()
    if found:
        return found
    project = actions.create_project(organization, NAME, SITES, label=_label(0))
    actions.change_project(project, {"sensitive_pages": ["/checkout/payment*", "/login*"]})
    for kind in ("attack", "breaking"):
        # Nobody is woken by an attack on a shop that does not exist.
        Told.objects.update_or_create(project=project, kind=kind, defaults={"at": timezone.now()})
    return project


def days_done(project: Project) -> int:
    found = _PROGRESS.fullmatch(project.label)
    return int(found[1]) if found else DAYS


@transaction.atomic
def fill_next_day(project_id: int) -> int:
    """Record one more day, the newest first, so that the kept samples are fresh. Returns how many days are still to come."""
    project = Project.objects.live().select_for_update().filter(pk=project_id).first()
    done = days_done(project) if project else DAYS
    if project is None or done == DAYS:
        return 0
    end = int(project.created_at.timestamp() * 1000)
    key = project.key
    batch = Batch()
    for request in day(project.pk, key.pk if key else 0, end, done):
        add_reports(batch, request)
    counts: Counter[Count] = batch.counts
    for counted, reports in record(batch.sightings).counted.items():
        counts[counted, "counted", ""] += reports
    intake.add(counts, batch.samples)
    first = min(sighting.seen_at for sighting in batch.sightings)
    Project.objects.filter(pk=project.pk).update(label=_label(done + 1), first_report_at=datetime.fromtimestamp(first / 1000, UTC))
    return DAYS - done - 1


def decide(project: Project, actor: User) -> None:
    """What somebody of the shop has decided already: the moved bundle is fixed, one annoyance is ignored, the policies are theirs."""
    fixed = Issue.objects.filter(project=project, status="open", source__in=("static.shop.example", "fonts.gstatic.com"))
    issue_actions.resolve(project, actor, list(fixed.values_list("pk", flat=True)))
    ignored = Issue.objects.filter(project=project, status="open", source="api-iam.intercom.io")
    issue_actions.ignore(project, actor, list(ignored.values_list("pk", flat=True)), kind="forever")
    if not project.confirmed_policies.exists():
        _confirm(project, actor)
        watch(project)


def _confirm(project: Project, actor: User) -> None:
    """As if each policy had been confirmed on the day it came."""
    for hours_ago, site, disposition, text in CONFIRMED:
        made = confirm(project, actor, text=text, disposition=disposition, site=site, origin="sample data")
        at = project.created_at - timedelta(hours=hours_ago)
        project.confirmed_policies.filter(pk=made.pk).update(confirmed_at=at)
        project.confirmed_policies.filter(site=site, disposition=disposition, replaced_at__gt=at).update(replaced_at=at)
