"""What became of the reports, for people: of one project for its members, of the whole road for superusers."""

from __future__ import annotations

from contextlib import suppress

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ingest.buffer import BufferAway, open_buffer
from ingest.intake import Intake, intake_of
from ingest.status import overview, reasons_today
from projects.access import get_project, user_of


@require_safe
def intake(request: HttpRequest, org: str, project: str) -> HttpResponse:
    found = get_project(request, org, project)
    figures: Intake | None = None
    with suppress(BufferAway):  # the page says that nobody knows what waits
        figures = intake_of(found.pk, open_buffer())
    page = {"project": found, "tab": "settings", "intake": figures, "reasons": reasons_today(found.pk)}
    return render(request, "ingest/intake.html", page)


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    if not user_of(request).is_superuser:
        raise Http404("Only superusers see the whole road.")
    return render(request, "ingest/status.html", {"now": overview(open_buffer())})
