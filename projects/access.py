"""The first line of every view: fetch with the permission check built in. A stranger gets 404, a weaker role 403."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest

from projects.models import RANK, Membership, Organization, Project, Role, User


def user_of(request: HttpRequest) -> User:
    """The signed-in person; SignInMiddleware has already sent everybody else to the sign-in page."""
    return cast(User, request.user)


def get_organization(request: HttpRequest, org: str, role: str = Role.VIEWER) -> Organization:
    membership = (
        Membership.objects.select_related("organization").filter(user=user_of(request), organization__slug=org).first()
        if request.user.is_authenticated
        else None
    )
    if membership is None:
        raise Http404("No organization of yours has this address.")
    organization = membership.organization
    organization.role = membership.role  # type: ignore[attr-defined]  # the templates ask for it
    _demand(membership.role, role)
    return organization


def get_project(request: HttpRequest, org: str, project: str, role: str = Role.VIEWER) -> Project:
    """The project, with `.role` set to the person's role in its organization."""
    found = (
        Project.objects.live()
        .select_related("organization")
        .filter(organization__slug=org, slug=project, organization__memberships__user=user_of(request))
        .annotate(role=F("organization__memberships__role"))
        .first()
        if request.user.is_authenticated
        else None
    )
    if found is None:
        raise Http404("No project of yours has this address.")
    _demand(found.role, role)
    return found


def may(role_held: str, role_needed: str) -> bool:
    return RANK.get(role_held, 0) >= RANK[role_needed]


def _demand(role_held: str, role_needed: str) -> None:
    if not may(role_held, role_needed):
        raise PermissionDenied(f"You are signed in as {role_held} here; this needs {role_needed}.")
