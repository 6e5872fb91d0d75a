"""Reads of issues that are used twice."""

from __future__ import annotations

from typing import Self

from django.db import models


class IssueQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(status="open")

    def needing_decision(self) -> Self:
        """What the default tab shows: open and not noise."""
        return self.filter(status="open", noise=False)

    def for_list(self) -> Self:
        return self.select_related("project__organization", "status_by")
