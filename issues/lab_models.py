"""What people decided: confirmed policies, drafts, sources, and when a site counts as ready. Nothing here comes from a report."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from projects.models import Organization, Project


class ConfirmedPolicy(models.Model):
    """A policy that a person said a site sends: the base of everything that can be copied (trust.md, "Forged reports").

    The one without `replaced_at` holds; the others are its history. `site` is a declared site's host, "" for all of them.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="confirmed_policies")
    site = models.CharField(max_length=255, blank=True, default="")
    disposition = models.CharField(max_length=8, choices=[("enforce", "Enforced"), ("report", "Report-only")])
    text = models.TextField()
    origin = models.CharField(max_length=60, blank=True, default="", help_text="A paste and its format, a draft, the reports.")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    confirmed_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "site", "disposition"], condition=models.Q(replaced_at=None), name="one_confirmed_policy"
            )
        ]
        indexes = [models.Index(fields=["project", "-confirmed_at"], name="confirmed_by_age")]

    def __str__(self) -> str:
        return f"{self.get_disposition_display()} on {self.site or 'all sites'}"

    @property
    def header_name(self) -> str:
        return "Content-Security-Policy" + ("-Report-Only" if self.disposition == "report" else "")


class PolicyDraft(models.Model):
    """A named candidate. Who changed what is in its Activity (kind "draft")."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="drafts")
    name = models.CharField(max_length=60)
    text = models.TextField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_draft_name")]

    def __str__(self) -> str:
        return self.name


class Decision(models.TextChoices):
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Refused"
    UNKNOWN = "unknown", "Not decided"


class SourceDecision(models.Model):
    """What somebody said of a host for one kind of load, in one project or (without one) in the whole organization."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="source_decisions")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, blank=True, related_name="source_decisions")
    family = models.CharField(max_length=30)
    host = models.CharField(max_length=255)
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.UNKNOWN)
    reason = models.CharField(max_length=300, blank=True, default="")
    owner = models.CharField(max_length=80, blank=True, default="", help_text="Who answers for it.")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "family", "host"], name="one_source_decision"),
            models.UniqueConstraint(
                fields=["organization", "family", "host"], condition=models.Q(project=None), name="one_organization_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.host}: {self.decision}"


class LabSettings(models.Model):
    """How much evidence is enough in a project, and when a site is ready. Absent: the defaults below."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="lab_settings")
    networks = models.PositiveSmallIntegerField(
        "client networks a day", default=3, validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text="Evidence counts when at least this many client networks reported it on one day …",
    )  # fmt: skip
    evidence_days = models.PositiveSmallIntegerField(
        "on so many days", default=2, validators=[MinValueValidator(1), MaxValueValidator(14)],
        help_text="… and on at least this many days. Fewer makes it easier to forge.",
    )  # fmt: skip
    days = models.PositiveSmallIntegerField(
        "days to watch", default=14, validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text="Days with reports before a site can be ready; two full weeks hold every weekday twice.",
    )  # fmt: skip
    reports = models.PositiveIntegerField(
        "reports", default=100, validators=[MinValueValidator(1)], help_text="In that time; noise counts, it proves that reporting works."
    )
    browsers = models.PositiveSmallIntegerField(
        "browser families", default=2, validators=[MinValueValidator(1), MaxValueValidator(6)], help_text="Chrome, Firefox, Safari …"
    )
    quiet_days = models.PositiveSmallIntegerField(
        "days without a new issue", default=7, validators=[MinValueValidator(0), MaxValueValidator(60)]
    )
    silent_days = models.PositiveSmallIntegerField(
        "days until silence is noticed", default=3, validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text="A policy that nobody reports on any more may have been taken away.",
    )  # fmt: skip

    def __str__(self) -> str:
        return f"Thresholds of {self.project}"


class SiteStanding(models.Model):
    """Where a site stood when it was last looked at, for the overview and for telling that it changed; see issues.watch."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="standings")
    site = models.CharField(max_length=255)
    disposition = models.CharField(max_length=8, blank=True, default="")
    state = models.CharField(max_length=12)
    silent = models.BooleanField(default=False)
    changed_at = models.DateTimeField(default=timezone.now)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "site", "disposition"], name="one_standing")]

    def __str__(self) -> str:
        return f"{self.site}: {self.state}"

    @property
    def sentence(self) -> str:
        """What the overview says; "" where nothing has to be said."""
        if self.silent:
            return f"{self.site}: its policy has gone silent"
        return {"ready": f"{self.site} is ready to enforce", "regressed": f"{self.site}: breaking under the enforced policy"}.get(
            self.state, ""
        )
