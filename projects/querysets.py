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
        """The live projects of the person's organizations."""
        return self.live().filter(organization__memberships__user=user)

    def live(self) -> Self:
        """Without those being deleted in the background."""
        return self.filter(deleted_at=None)
