"""Looking after what was confirmed: each site's standing is written down, its changes become history, and what breaks is marked.

Twice an hour for each project with a confirmed policy, by the clock, and whenever a person confirms one.
"""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from issues import signals
from issues.lab import read
from issues.lab_models import SiteStanding
from issues.lab_policies import confirmed_of
from issues.models import Activity, Issue
from issues.standing import Standing, standings_of
from projects.models import Project

EVERY = timedelta(minutes=30)
MOST_PROJECTS = 200


def watch_due(seconds: float = 20.0) -> int:
    """The projects not looked at for half an hour, the longest ago first, for at most about `seconds`."""
    until = time.monotonic() + seconds
    waiting = Project.objects.live().filter(confirmed_policies__replaced_at=None, confirmed_policies__isnull=False)
    stale = Q(seen=None) | Q(seen__lt=timezone.now() - EVERY)
    done = 0
    for project in waiting.annotate(seen=Min("standings__checked_at")).filter(stale).order_by("seen", "pk").distinct()[:MOST_PROJECTS]:
        if time.monotonic() > until:
            break
        watch(project)
        done += 1
    return done


@transaction.atomic
def watch(project: Project) -> list[Standing]:
    """Look at every site of a project, remember where it stands, and say what changed."""
    found = standings_of(read(project), confirmed_of(project))
    held = {(row.site, row.disposition): row for row in SiteStanding.objects.filter(project=project)}
    for standing in found:
        key = (standing.site, standing.policy.disposition if standing.policy else "")
        _remember(project, held.pop(key, None), key, standing)
    SiteStanding.objects.filter(pk__in=[row.pk for row in held.values()]).delete()
    _mark_breaking(project, {number for standing in found for number in standing.breaking})
    return found


def _remember(project: Project, row: SiteStanding | None, key: tuple[str, str], standing: Standing) -> None:
    now, readiness = timezone.now(), standing.readiness
    if row is None:
        row = SiteStanding(project=project, site=key[0], disposition=key[1], state=readiness.state, changed_at=now)
    elif (row.state, row.silent) != (readiness.state, readiness.is_silent):
        moved = row.state != readiness.state
        words = f"{key[0]} went from {row.state} to {readiness.state}" if moved else f"{key[0]}: {_heard(readiness.is_silent)}"
        Activity.objects.create(project=project, action=uuid.uuid4(), kind="readiness", words=words[:300])
        row.changed_at = now
    row.state, row.silent, row.checked_at = readiness.state, readiness.is_silent, now
    row.save()


def _heard(silent: bool) -> str:
    return "nothing is reported any more" if silent else "reports come again"


def _mark_breaking(project: Project, numbers: set[int]) -> None:
    """After enforcing, a block of own code or a third party is "Breaking now", and people are told once."""
    broken = Issue.objects.filter(project=project, number__in=numbers, status="open", breaking=False)
    ids = list(broken.order_by("pk").values_list("pk", flat=True))
    if ids:
        Issue.objects.filter(pk__in=ids).update(breaking=True)
        transaction.on_commit(partial(signals.issues_breaking.send, sender=Issue, issues=ids))
