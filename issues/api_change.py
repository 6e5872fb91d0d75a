"""{"status": "ignored", ...} as GlitchTip's and Sentry's clients write it, carried out by issues.actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied, ValidationError

from issues import actions
from issues.models import Issue
from projects.access import may
from projects.models import Project, Role, User

STATUSES = {
    "resolved": "resolved",
    "resolvedInNextRelease": "resolved",
    "ignored": "ignored",
    "archived": "ignored",
    "muted": "ignored",
    "unresolved": "unresolved",
}
MOST_MINUTES = 525_600  # a year


class StatusDetails(serializers.Serializer[Any]):
    """`inNextRelease`: resolved when the next policy is seen. `ignoreDuration` and `ignoreWindow` are minutes."""

    inNextRelease = serializers.BooleanField(required=False)
    ignoreDuration = serializers.IntegerField(required=False, min_value=1, max_value=MOST_MINUTES, allow_null=True)
    ignoreUntil = serializers.DateTimeField(required=False, allow_null=True)
    ignoreCount = serializers.IntegerField(required=False, min_value=1, max_value=10**9, allow_null=True)
    ignoreWindow = serializers.IntegerField(required=False, min_value=1, max_value=10_080, allow_null=True)


class IssueChange(serializers.Serializer[Any]):
    status = serializers.ChoiceField(list(STATUSES))
    statusDetails = StatusDetails(required=False)
    substatus = serializers.CharField(required=False, allow_null=True, allow_blank=True)
    ignoreDuration = serializers.IntegerField(required=False, min_value=1, max_value=MOST_MINUTES, allow_null=True)

    def to_change(self) -> Change:
        given = self.validated_data
        details = dict(given.get("statusDetails") or {})
        if given.get("ignoreDuration"):
            details.setdefault("ignoreDuration", given["ignoreDuration"])
        if given["status"] == "resolvedInNextRelease":
            details["inNextRelease"] = True
        return Change(STATUSES[given["status"]], details, given.get("substatus") or "")


@dataclass(frozen=True, slots=True)
class Change:
    """A status, and until when."""

    status: str
    details: dict[str, Any]
    substatus: str

    @transaction.atomic
    def apply(self, actor: User, issues: Sequence[Issue]) -> int:
        """How many changed. A viewer may not; a likely attack is left alone unless an admin hides it, which is an error only alone."""
        done = [self._apply_in(project, actor, ids) for project, ids in _by_project(issues).items()]
        changed = sum(one.changed for one in done)
        refused = [reason for one in done for reason in one.left if "needs an admin" in reason]
        if refused and not changed:
            raise PermissionDenied(f"Nothing was changed: {refused[0]}.")
        return changed

    def _apply_in(self, project: Project, actor: User, ids: list[int]) -> actions.Done:
        role = project.role
        if not may(role, Role.MEMBER):
            raise PermissionDenied(f"You are {role} here; this needs {Role.MEMBER.value}.")
        if self.status == "resolved":
            return actions.resolve(project, actor, ids, with_policy=bool(self.details.get("inNextRelease")))
        if self.status == "unresolved":
            return actions.reopen(project, actor, ids)
        return actions.ignore(project, actor, ids, self._kind(), self._per_hour(), role, self._until())

    def _kind(self) -> str:
        """For good, as these clients expect, unless the body says until when."""
        if self.details.get("ignoreCount"):
            return "rate"
        return "page" if self.substatus == "archived_until_escalating" else "forever"

    def _per_hour(self) -> int:
        count, window = self.details.get("ignoreCount"), self.details.get("ignoreWindow")
        if not count:
            return 100
        if not window:
            raise ValidationError({"detail": "ignoreCount needs ignoreWindow, in minutes: issues wake by rate, not by a total."})
        return max(1, round(count * 60 / window))

    def _until(self) -> datetime | None:
        if minutes := self.details.get("ignoreDuration"):
            return timezone.now() + timedelta(minutes=minutes)
        return self.details.get("ignoreUntil")


def _by_project(issues: Sequence[Issue]) -> dict[Project, list[int]]:
    ids: dict[Project, list[int]] = {}
    for issue in issues:
        ids.setdefault(issue.project, []).append(issue.pk)
    return ids
