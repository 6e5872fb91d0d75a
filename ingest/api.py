"""The API's intake: what became of a project's reports since it began."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from ingest.buffer import BufferAway, open_buffer
from ingest.intake import intake_of
from ingest.status import overview
from projects.access import get_project
from projects.api_access import ApiView


class IntakeFields(serializers.Serializer[Any]):
    """accepted = counted + shed + rejected + set_aside + backlog, at any moment."""

    accepted = serializers.IntegerField()
    counted = serializers.IntegerField()
    by_type = serializers.DictField(child=serializers.IntegerField())
    shed = serializers.DictField(child=serializers.IntegerField(), help_text="By reason: dropped on purpose and answered 204.")
    rejected = serializers.DictField(child=serializers.IntegerField(), help_text="By reason: no report.")
    set_aside = serializers.IntegerField(help_text="Could not be recorded; kept for an admin to replay.")
    backlog = serializers.IntegerField(help_text="Accepted and not recorded yet.")
    oldest_seconds = serializers.IntegerField(help_text="How long the oldest of the backlog has waited.")


class StatusFields(serializers.Serializer[Any]):
    """How the whole road is doing."""

    partitions = serializers.ListField(child=serializers.DictField(), help_text="name, entries, oldest_seconds, moved_at of each.")
    buffer = serializers.CharField(help_text="ok, or why it can't be looked at.")
    reports_a_minute = serializers.FloatField(help_text="Counted, over the running hour and the one before.")
    today = serializers.DictField(child=serializers.IntegerField(), help_text="By what became of them, since midnight UTC.")
    not_counted_today = serializers.ListField(child=serializers.DictField(), help_text="kind, reason, reports and what changes it.")
    set_aside = serializers.IntegerField()
    spool_bytes = serializers.IntegerField(help_text="Of the machine that answers.")
    incidents = serializers.ListField(child=serializers.DictField(), help_text="at, partition, words of the last twenty.")


class Status(ApiView):
    @extend_schema(responses=StatusFields)
    def get(self, request: Request) -> Response:
        if not request.user.is_superuser:
            raise Http404("Only superusers see the whole road.")
        now = overview(open_buffer())
        parts = [
            {"name": part.name, "entries": part.entries, "oldest_seconds": part.oldest_seconds, "moved_at": part.moved_at}
            for part in now.partitions
        ]
        return Response({
            "partitions": parts, "buffer": now.away or "ok", "reports_a_minute": round(now.minute_rate, 1), "today": now.today,
            "not_counted_today": [
                {"kind": one.kind, "reason": one.reason, "reports": one.reports, "detail": one.words} for one in now.reasons
            ],
            "set_aside": now.set_aside, "spool_bytes": now.spool_bytes,
            "incidents": [{"at": one.at, "partition": one.partition, "words": one.words} for one in now.incidents],
        })  # fmt: skip


class BufferUnreachable(APIException):
    status_code = 503
    default_detail = "The buffer can't be reached, so nobody knows what waits in it. Try again in a moment."


class Intake(ApiView):
    @extend_schema(responses=IntakeFields)
    def get(self, request: Request, org: str, project: str) -> Response:
        found = get_project(request, org, project)
        try:
            return Response(intake_of(found.pk, open_buffer()).as_dict())
        except BufferAway:
            raise BufferUnreachable from None
