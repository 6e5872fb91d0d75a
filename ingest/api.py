"""The API's intake: what became of a project's reports since it began."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from ingest.buffer import BufferAway, open_buffer
from ingest.intake import intake_of
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
