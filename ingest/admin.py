"""How far the drain is and what it could not record, as rows. Raw bytes stay out of the lists (trust.md)."""

from __future__ import annotations

from django.contrib import admin

from ingest.models import Incident, IntakeCount, Position, SetAside, SpoolPosition
from projects.admin import ReadOnly


@admin.register(Position)
class PositionAdmin(ReadOnly):
    list_display = ["partition", "position", "attempts", "updated_at"]


@admin.register(SpoolPosition)
class SpoolPositionAdmin(ReadOnly):
    list_display = ["file", "offset", "updated_at"]


@admin.register(SetAside)
class SetAsideAdmin(ReadOnly):
    list_display = ["partition", "entry", "project_id", "reports", "error", "created_at", "replayed_at"]
    exclude = ["raw"]
    ordering = ["-id"]


@admin.register(IntakeCount)
class IntakeCountAdmin(ReadOnly):
    list_display = ["project_id", "kind", "reason", "day", "reports"]
    list_filter = ["kind"]
    ordering = ["-id"]


@admin.register(Incident)
class IncidentAdmin(ReadOnly):
    list_display = ["at", "partition", "words"]
    ordering = ["-id"]
