"""What was told already, so that a storm of reports is one mail."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from projects.models import Project


class Told(models.Model):
    """The last mail of one kind about one project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "kind"], name="one_told")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.project_id}"
