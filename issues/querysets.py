"""Reads of issues that are used twice."""

from __future__ import annotations

from typing import Self

from django.db import models


class IssueQuerySet(models.QuerySet):
    def open(self) -> Self:
        return self.filter(status="open")

    def needing_decision(self) -> Self:
        """What the default tab shows: open and not noise."""
        return self.open().judged_noise(False)

    def judged_noise(self, noise: bool) -> Self:
        """`noise = false` is compiled to `NOT noise`, which no index of SQLite answers; `noise IN (false)` is."""
        return self.filter(noise__in=(noise,))

    def for_list(self) -> Self:
        return self.select_related("project__organization", "status_by")
