"""The project that watches this instance itself: our own pages' violations are reported there."""

from __future__ import annotations

from projects.models import ProjectKey

NAME = "GlitchCSP"
LABEL = "This app"


def endpoint() -> str | None:
    """Its security endpoint; None before first run, and after somebody deleted the project or revoked its keys."""
    key = (
        ProjectKey.objects.filter(is_active=True, project__watches_instance__isnull=False, project__deleted_at=None).order_by("id").first()
    )
    return key.security_endpoint if key else None
