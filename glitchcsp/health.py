"""GET /health/ for orchestrators, GET /metrics for Prometheus (off without METRICS_TOKEN, no project names)."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from ingest import status
from ingest.buffer import open_buffer


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 while this process can serve, in words where something waits: an orchestrator must not kill the healthy for a backlog.

    Pages need the database; a process that only takes reports does not, and answers before Django is asked (glitchcsp.asgi).
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        details = status.health_words(open_buffer()) if getattr(request, "user", None) and request.user.is_superuser else {}
    except DatabaseError:
        return JsonResponse({"status": "the database is away"}, status=503)
    return JsonResponse({"status": "ok", **details})


_GAUGES = {
    "glitchcsp_backlog_entries": "Entries that wait in the buffer, by partition.",
    "glitchcsp_backlog_oldest_seconds": "Age of the oldest entry that waits, by partition.",
    "glitchcsp_reports_today": "Reports since midnight UTC, by what became of them.",
    "glitchcsp_reports": "Reports since this instance began, by what became of them: what rates are made of.",
    "glitchcsp_reports_minute_rate": "Reports counted a minute, over the running hour and the one before.",
    "glitchcsp_not_counted_today": "Reports shed or rejected since midnight UTC, by reason.",
    "glitchcsp_spool_bytes": "Bytes in this machine's spool.",
    "glitchcsp_set_aside": "Entries set aside and not replayed.",
    "glitchcsp_incidents_today": "Incidents of the buffer since midnight UTC.",
}
_LABELS = {
    "glitchcsp_backlog_entries": ["partition"],
    "glitchcsp_backlog_oldest_seconds": ["partition"],
    "glitchcsp_reports_today": ["kind"],
    "glitchcsp_reports": ["kind"],
    "glitchcsp_not_counted_today": ["kind", "reason"],
}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not settings.METRICS_TOKEN or not constant_time_compare(token, settings.METRICS_TOKEN):
        raise Http404
    return HttpResponse(generate_latest(_registry(status.overview(open_buffer()))), content_type="text/plain; version=0.0.4; charset=utf-8")


def _registry(now: status.Overview) -> CollectorRegistry:
    registry = CollectorRegistry()
    gauges = {name: Gauge(name, words, _LABELS.get(name, []), registry=registry) for name, words in _GAUGES.items()}
    for part in now.partitions:
        gauges["glitchcsp_backlog_entries"].labels(part.name).set(part.entries)
        gauges["glitchcsp_backlog_oldest_seconds"].labels(part.name).set(part.oldest_seconds)
    for kind, reports in now.today.items():
        gauges["glitchcsp_reports_today"].labels(kind).set(reports)
    for kind, reports in now.ever.items():
        gauges["glitchcsp_reports"].labels(kind).set(reports)
    for one in now.reasons:
        gauges["glitchcsp_not_counted_today"].labels(one.kind, one.reason).set(one.reports)
    gauges["glitchcsp_reports_minute_rate"].set(now.minute_rate)
    gauges["glitchcsp_spool_bytes"].set(now.spool_bytes)
    gauges["glitchcsp_set_aside"].set(now.set_aside)
    gauges["glitchcsp_incidents_today"].set(now.incidents_today)
    return registry
