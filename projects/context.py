"""What every page knows: the organization and project it is about, as projects.access found them. No query of its own."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from projects.access import current_organization, current_project


def page(request: HttpRequest) -> dict[str, object]:
    """A view's own `project` and `organization` win over these."""
    project = current_project(request)
    organization = current_organization(request) or (project.organization if project else None)
    role = getattr(project or organization, "role", "")
    return {"project": project, "organization": organization, "role": role, "registration_open": settings.REGISTRATION_OPEN}
