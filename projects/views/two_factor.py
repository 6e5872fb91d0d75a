"""Where members of an organization that requires two-factor land until they have it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def two_factor_needed(request: HttpRequest, org: str) -> HttpResponse:
    """Says nothing of the organization that its address does not say, so it needs no membership."""
    return render(request, "projects/two_factor_needed.html", {"slug": org})
