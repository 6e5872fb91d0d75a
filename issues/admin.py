"""Issues as rows, for a superuser who wonders why. Deciding is done on the issue's page, which keeps the history."""

from __future__ import annotations

from django.contrib import admin

from issues.models import Activity, IgnoreRule, Issue, ObservedPolicy
from projects.admin import ReadOnly


@admin.register(Issue)
class IssueAdmin(ReadOnly):
    list_display = ["short_id", "title", "verdict", "status", "reports", "last_seen"]
    list_select_related = ["project"]
    list_filter = ["status", "noise", "verdict"]
    list_per_page = 50
    ordering = ["-id"]


@admin.register(ObservedPolicy)
class ObservedPolicyAdmin(ReadOnly):
    list_display = ["fingerprint", "project", "reports", "last_seen", "confirmed_at"]
    list_select_related = ["project__organization"]
    ordering = ["-id"]


@admin.register(IgnoreRule)
class IgnoreRuleAdmin(ReadOnly):
    list_display = ["name", "organization", "project", "paused", "last_hit_at"]
    list_select_related = ["organization", "project__organization"]


@admin.register(Activity)
class ActivityAdmin(ReadOnly):
    list_display = ["at", "project", "actor", "kind", "words"]
    list_select_related = ["project__organization", "actor"]
    ordering = ["-id"]
