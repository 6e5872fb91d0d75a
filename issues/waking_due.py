"""Issues ignored until a time wake when it comes, also where no report arrives to wake them."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from issues.models import Activity, Issue, Status

MOST = 500  # a tick
WORDS = "Open again: the time it was ignored for is over."


@transaction.atomic
def wake_due() -> int:
    """How many were opened again."""
    now = timezone.now()
    sleeping = Issue.objects.select_for_update().filter(status=Status.IGNORED, until__kind="time", until__at__lte=now.isoformat())
    due = list(sleeping.order_by("id")[:MOST])
    Issue.objects.filter(id__in=[issue.id for issue in due]).update(status=Status.OPEN, until={})
    Activity.objects.bulk_create(
        Activity(project_id=issue.project_id, issue=issue, action=uuid.uuid4(), kind="wake", words=WORDS) for issue in due
    )
    return len(due)
