"""Reads of projects that are used twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from projects.models import User


class OrganizationQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """The organizations this person is a member of."""
        return self.filter(memberships__user=user)


class ProjectQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """The live projects of the person's organizations, without those that ask for a second factor the person does not have."""
        factors = user.authenticator_set.filter(type__in=("totp", "webauthn"))  # type: ignore[attr-defined]  # allauth.mfa's
        may_enter = models.Q(organization__requires_two_factor=False) | models.Exists(factors)
        return self.live().filter(may_enter, organization__memberships__user=user)

    def live(self) -> Self:
        """Without those being deleted in the background."""
        return self.filter(deleted_at=None)
