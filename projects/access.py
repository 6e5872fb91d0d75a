"""The first line of every view: fetch with the permission check built in. A stranger gets 404, a weaker role 403."""

from __future__ import annotations

from typing import cast

from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest

from projects.models import RANK, Membership, Organization, Project, Role, User


class TwoFactorNeeded(Exception):
    """The organization asks for two-factor and this person has none; the middleware leads there."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"{slug} requires two-factor authentication.")
        self.slug = slug


def user_of(request: HttpRequest) -> User:
    """The signed-in person; SignInMiddleware has already sent everybody else to the sign-in page."""
    return cast(User, request.user)


def get_membership(request: HttpRequest, org: str, role: str = Role.VIEWER) -> Membership:
    """The person's membership, with its organization."""
    membership = (
        Membership.objects.select_related("organization", "user")
        .filter(user=user_of(request), organization__slug=org, organization__deleted_at=None)
        .first()
        if request.user.is_authenticated
        else None
    )
    if membership is None:
        raise Http404("No organization of yours has this address.")
    organization = membership.organization
    organization.role = membership.role  # type: ignore[attr-defined]  # the templates ask for it
    _demand_two_factor(request, organization)
    request.organization = organization  # type: ignore[attr-defined]  # for projects.context
    _demand(membership.role, role)
    return membership


def get_organization(request: HttpRequest, org: str, role: str = Role.VIEWER) -> Organization:
    """The organization, with `.role` set to the person's role in it."""
    return get_membership(request, org, role).organization


def get_project(request: HttpRequest, org: str, project: str, role: str = Role.VIEWER) -> Project:
    """The project, with `.role` set to the person's role in its organization."""
    found = (
        Project.objects.live()  # type: ignore[no-redef]  # the annotation fills Project.role
        .select_related("organization")
        .filter(organization__slug=org, slug=project, organization__memberships__user=user_of(request))
        .annotate(role=F("organization__memberships__role"))
        .first()
        if request.user.is_authenticated
        else None
    )
    if found is None:
        raise Http404("No project of yours has this address.")
    _demand_two_factor(request, found.organization)
    request.project = found  # type: ignore[attr-defined]  # for projects.context
    _demand(found.role, role)
    return found


def current_project(request: HttpRequest) -> Project | None:
    """The project this request was let into."""
    return getattr(request, "project", None)


def current_organization(request: HttpRequest) -> Organization | None:
    return getattr(request, "organization", None)


def may(role_held: str, role_needed: str) -> bool:
    return RANK.get(role_held, 0) >= RANK[role_needed]


def _demand(role_held: str, role_needed: str) -> None:
    if not may(role_held, role_needed):
        raise PermissionDenied(f"You are signed in as {role_held} here; this needs {role_needed}.")


def _demand_two_factor(request: HttpRequest, organization: Organization) -> None:
    if organization.requires_two_factor and not is_mfa_enabled(user_of(request)):
        raise TwoFactorNeeded(organization.slug)
