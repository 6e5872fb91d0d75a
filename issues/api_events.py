"""Kept samples as events, and facets as tags. Only what was scrubbed before storage is here to be shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from rest_framework import serializers

from issues.models import Facet, Issue, Sample

TAG_VALUES = 10
TAG_KINDS = ("page", "browser", "family", "os", "source", "referrer", "environment", "release")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventFields(serializers.Serializer[Any]):
    id = serializers.CharField()
    eventID = serializers.CharField()
    groupID = serializers.CharField()
    projectID = serializers.CharField()
    title = serializers.CharField()
    message = serializers.CharField()
    culprit = serializers.CharField()
    type = serializers.CharField()
    platform = serializers.CharField()
    dateCreated = serializers.DateTimeField()
    dateReceived = serializers.DateTimeField()
    tags = serializers.ListField(child=serializers.DictField())
    entries = serializers.ListField(child=serializers.DictField())
    metadata = serializers.DictField()
    contexts = serializers.DictField()
    context = serializers.DictField()
    packages = serializers.DictField()
    user = serializers.DictField(allow_null=True)
    sdk = serializers.DictField(allow_null=True)
    dist = serializers.CharField(allow_null=True)
    userReport = serializers.DictField(allow_null=True)
    previousEventID = serializers.CharField(allow_null=True)
    nextEventID = serializers.CharField(allow_null=True)


class TagFields(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    totalValues = serializers.IntegerField()
    uniqueValues = serializers.IntegerField()
    topValues = serializers.ListField(child=serializers.DictField())


def event_id(sample: Sample) -> str:
    """32 hex digits: issue, slot, and when it was seen, for a slot is used again."""
    milliseconds = (sample.seen_at - _EPOCH) // timedelta(milliseconds=1)
    return f"{sample.issue_id:016x}{sample.slot:04x}{milliseconds & 0xFFFFFFFFFFFF:012x}"


def issue_of_event(text: str) -> int | None:
    """The issue that an event's id names."""
    try:
        return int(text[:16], 16) if len(text) == 32 else None
    except ValueError:
        return None


def sample_of_event(samples: Sequence[Sample], text: str) -> Sample | None:
    """None where the sample was overwritten by a newer one."""
    return next((sample for sample in samples if event_id(sample) == text.lower().replace("-", "")), None)


def samples_of(issue: Issue) -> list[Sample]:
    """All of them, newest first: an issue never has more than a few."""
    return list(Sample.objects.filter(issue=issue).order_by("-seen_at", "-slot"))


def event_as_json(issue: Issue, sample: Sample, around: Sequence[Sample]) -> dict[str, Any]:
    """`around` is newest first, as samples_of gives it; the neighbours in it are the previous and the next event."""
    place = next(number for number, one in enumerate(around) if one.pk == sample.pk)
    name, _, version = sample.browser.rpartition(" ")
    identity = event_id(sample)
    return {
        "id": identity,
        "eventID": identity,
        "groupID": str(issue.pk),
        "projectID": str(issue.project_id),
        "title": issue.title,
        "message": issue.title,
        "culprit": issue.directive,
        "type": "csp",
        "platform": "csp",
        "dateCreated": sample.seen_at,
        "dateReceived": sample.seen_at,
        "tags": _tags(sample),
        "entries": _entries(issue, sample),
        "metadata": {"directive": issue.directive, "uri": sample.normalised.get("blocked", ""), "message": issue.title},
        "contexts": {"browser": {"name": name or sample.browser, "version": version if name else ""}},
        "context": {"rules": sample.rules},
        "packages": {},
        "user": None,
        "sdk": None,
        "dist": None,
        "userReport": None,
        "previousEventID": event_id(around[place + 1]) if place + 1 < len(around) else None,
        "nextEventID": event_id(around[place - 1]) if place else None,
    }


def _tags(sample: Sample) -> list[dict[str, str]]:
    said = sample.normalised
    tags = {
        "effective-directive": said.get("directive", ""), "blocked-uri": said.get("blocked", ""), "disposition": sample.disposition,
        "browser": sample.browser, "os": said.get("os", ""), "page": sample.page,
    }  # fmt: skip
    return [{"key": key, "value": value} for key, value in tags.items() if value]


def _entries(issue: Issue, sample: Sample) -> list[dict[str, Any]]:
    said = sample.normalised
    report = {
        "document_uri": said.get("document", ""),
        "referrer": said.get("referrer", ""),
        "effective_directive": said.get("directive", ""),
        "violated_directive": said.get("directive", ""),
        "blocked_uri": said.get("blocked", ""),
        "source_file": said.get("source", ""),
        "line_number": said.get("line") or None,
        "column_number": said.get("column") or None,
        "script_sample": said.get("sample", ""),
        "status_code": said.get("status") or None,
        "disposition": sample.disposition,
    }
    return [
        {"type": "csp", "data": report},
        {"type": "message", "data": {"formatted": issue.title}},
        {"type": "request", "data": {"url": said.get("document", ""), "method": None, "headers": [], "query": [], "data": None}},
    ]


def tags_as_json(issue: Issue, kinds: Sequence[str] = TAG_KINDS) -> list[dict[str, Any]]:
    """Facets by kind, the most frequent values first; what came after the cap counts in totalValues alone."""
    rows: dict[str, list[Facet]] = {}
    for facet in Facet.objects.filter(issue=issue, kind__in=kinds).order_by("kind", "-reports", "value"):
        rows.setdefault(facet.kind, []).append(facet)
    return [_tag(kind, rows[kind]) for kind in kinds if kind in rows]


def _tag(kind: str, facets: Sequence[Facet]) -> dict[str, Any]:
    named = [facet for facet in facets if facet.value]
    return {
        "key": kind,
        "name": kind.capitalize(),
        "totalValues": sum(facet.reports for facet in facets),
        "uniqueValues": len(named),
        "topValues": [{"key": kind, "name": facet.value, "value": facet.value, "count": facet.reports} for facet in named[:TAG_VALUES]],
    }
