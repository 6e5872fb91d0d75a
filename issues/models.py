"""What happened and what we make of it. Rows grow with different violations, never with reports (design.md)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.urls import reverse
from django.utils import timezone

from issues.fingerprint import title_of
from issues.lab_models import ConfirmedPolicy as ConfirmedPolicy
from issues.lab_models import LabSettings as LabSettings
from issues.lab_models import PolicyDraft as PolicyDraft
from issues.lab_models import SiteStanding as SiteStanding
from issues.lab_models import SourceDecision as SourceDecision
from issues.nonces import Mark, most_networks
from issues.querysets import IssueQuerySet
from policies.words import CHOICES, VERDICTS, Verdict
from projects.models import Organization, Project


class Status(models.TextChoices):
    OPEN = "open", "Open"
    RESOLVED = "resolved", "Resolved"
    IGNORED = "ignored", "Ignored"


class Issue(models.Model):
    """One group of violations. `key` and `key_version` come from issues.fingerprint; the verdict may change, the key does not."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="issues")
    number = models.PositiveBigIntegerField()
    key = models.CharField(max_length=32)
    key_version = models.PositiveSmallIntegerField(default=1)
    family = models.CharField(max_length=30)
    directive = models.CharField(max_length=60)
    source = models.CharField(max_length=255, blank=True, default="")
    title = models.CharField(max_length=300)
    grouped_by = models.CharField(max_length=300, blank=True, default="")

    verdict = models.CharField(max_length=12, choices=CHOICES, default="unsure")
    noise = models.BooleanField(default=False)
    confidence = models.CharField(max_length=8, default="hint")
    reason = models.CharField(max_length=500, blank=True, default="")
    rules = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    judged = models.JSONField(default=dict, help_text="What the rules said before context: verdict, confidence, reason.")
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    corrected = models.BooleanField(default=False, help_text="A person's verdict: nothing re-judges it.")
    excused = models.CharField(max_length=500, default="", db_default="", help_text="Rules that had fired when it was corrected.")
    suspect = models.BigIntegerField(default=0, db_default=0, help_text="Reports since that look like an attack; see issues.suspicion.")

    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    regressed = models.BooleanField(default=False)
    breaking = models.BooleanField(default=False, help_text="Was ignored while report-only, is seen under enforce now.")
    until = models.JSONField(default=dict, blank=True, help_text="When an ignored issue wakes, or how it was resolved; see issues.actions.")
    status_at = models.DateTimeField(null=True, blank=True)
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    rule = models.ForeignKey("IgnoreRule", on_delete=models.SET_NULL, null=True, blank=True, related_name="issues")

    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    reports = models.BigIntegerField(default=0)
    enforced = models.BigIntegerField(default=0, help_text="Reports under an enforced policy.")
    unsaid = models.BigIntegerField(default=0, db_default=0, help_text="Reports that did not say under which: WebKit's over report-uri.")
    pages = models.PositiveIntegerField(default=0)
    browsers = models.PositiveIntegerField(default=0)
    visitors = models.PositiveIntegerField(default=0, help_text="Visitors on the last day seen, an estimate.")
    test = models.BooleanField(default=False)

    objects = IssueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "key_version", "key"], name="one_issue_key"),
            models.UniqueConstraint(fields=["project", "number"], name="one_issue_number"),
        ]
        indexes = [
            # The list's tabs filter by these three and sort by one of four columns, id breaking ties (keyset paging).
            models.Index(fields=["project", "status", "noise", "-last_seen", "-id"], name="issue_by_last_seen"),
            models.Index(fields=["project", "status", "noise", "-reports", "-id"], name="issue_by_reports"),
            models.Index(fields=["project", "status", "noise", "-pages", "-id"], name="issue_by_pages"),
            models.Index(fields=["project", "status", "noise", "-first_seen", "-id"], name="issue_by_first_seen"),
            models.Index(fields=["project", "-last_seen", "-id"], name="issue_any_last_seen"),
            models.Index(fields=["project", "source"], name="issue_by_source"),
            models.Index(fields=["project", "verdict", "status", "-last_seen", "-id"], name="issue_by_verdict"),
            models.Index(fields=["project"], condition=models.Q(suspect__gt=0), name="issue_suspect"),
        ]

    def __str__(self) -> str:
        return self.short_id

    def get_absolute_url(self) -> str:
        return reverse("issues:detail", args=[self.project.organization.slug, self.project.slug, self.number])

    @property
    def short_id(self) -> str:
        return f"{self.project.prefix}-{self.number}"

    @property
    def verdict_words(self) -> Verdict:
        return VERDICTS[self.verdict]

    @property
    def headline(self) -> str:
        """The title as a sentence: "would be blocked" where all that say so were report-only."""
        return title_of(self.title, self.enforced > 0 or not self.report_only)

    @property
    def report_only(self) -> int:
        """Reports that said so; those that said nothing may be either."""
        return max(0, self.reports - self.enforced - self.unsaid)

    @property
    def modes(self) -> str:
        """`enforced + report-only`, or that no report said."""
        said = [word for word, count in (("enforced", self.enforced), ("report-only", self.report_only)) if count]
        return " + ".join(said) or "enforced or report-only"


class Spot(models.Model):
    """Where an issue of sampled code was seen: reports without a sample join it there while it is alone (issues.spots).

    `spot` and `bare`, the key that this code has without its sample, come from issues.fingerprint.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="spots")
    spot = models.CharField(max_length=32)
    bare = models.CharField(max_length=32)
    settled = models.BooleanField(default=False, help_text="What was counted before it was known has been moved.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "spot", "issue"], name="one_spot")]
        indexes = [models.Index(fields=["project", "bare"], condition=models.Q(settled=False), name="spot_to_settle")]

    def __str__(self) -> str:
        return self.spot[:8]


class HourlyCount(models.Model):
    """Reports of an issue in one hour. `hour` is the hour's start in whole hours since 1970 (UTC). Pruned after HOURLY_DAYS."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="hours")
    hour = models.IntegerField()
    reports = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "hour"], name="one_hour")]
        indexes = [models.Index(fields=["hour"], name="hour_to_prune")]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.hour}: {self.reports}"


class ProjectHour(models.Model):
    """Reports of a whole project in one hour, apart for what was noise when it came: the overview reads no issue at all."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="hours")
    hour = models.IntegerField()
    noise = models.BooleanField(default=False)
    reports = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "hour", "noise"], name="one_project_hour")]
        indexes = [models.Index(fields=["hour"], name="project_hour_to_prune")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.hour}: {self.reports}"


class NewIssueCount(models.Model):
    """Issues of a project that began in one hour, by lane and by the bit of the client network they are charged to (issues.budget)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    hour = models.IntegerField()
    lane = models.CharField(max_length=10)
    network = models.SmallIntegerField()
    made = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "hour", "lane", "network"], name="one_new_issue_count")]
        indexes = [models.Index(fields=["hour"], name="new_issue_count_to_prune")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.hour} {self.lane} {self.network}: {self.made}"


class DailyCount(models.Model):
    """One day of an issue: reports, and sketches of who sent them (no hash of a visitor is stored).

    Written beside HourlyCount, so nothing has to be rolled up later. `day` is whole days since 1970 (UTC).
    `visitors` is a linear-counting bitmap of 1,024 bits; `networks` a bitmap of 63. Pruned after DAILY_DAYS.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="days")
    day = models.IntegerField()
    reports = models.BigIntegerField(default=0)
    visitors = models.BinaryField(default=bytes, max_length=128)
    networks = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "day"], name="one_day")]
        indexes = [models.Index(fields=["day"], name="day_to_prune")]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.day}: {self.reports}"


class ObservedPolicy(models.Model):
    """Every distinct policy text seen, nonces masked and report addresses dropped. Unconfirmed until a person says so."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="policies")
    fingerprint = models.CharField(max_length=64)
    text = models.TextField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    reports = models.BigIntegerField(default=0)
    enforced = models.BigIntegerField(default=0)
    networks = models.BigIntegerField(default=0)
    nonces = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), blank=True, help_text="Marks of the nonces seen last (issues.nonces)."
    )
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "fingerprint"], name="one_policy")]
        indexes = [models.Index(fields=["project", "-last_seen"], name="policy_by_last_seen")]

    def __str__(self) -> str:
        return self.fingerprint[:8]

    @property
    def same_nonce_networks(self) -> int:
        """The most client networks that got one and the same nonce on one day; more than one means that it is not new each time."""
        return most_networks(Mark(*columns) for columns in self.nonces)


class Evidence(models.Model):
    """One way in which an issue was seen. What rules preview, policies replay and suggestions use.

    `digest` is the hash of the columns below it; the row whose digest is "other" gathers what came after the cap.
    """

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="evidence")
    digest = models.CharField(max_length=32)
    directive = models.CharField(max_length=60, blank=True, default="")
    blocked_kind = models.CharField(max_length=24, blank=True, default="")
    blocked = models.CharField(max_length=1024, blank=True, default="")
    origin = models.CharField(max_length=300, blank=True, default="", help_text="Origin of the page: what 'self' meant.")
    page = models.CharField(max_length=512, blank=True, default="")
    source = models.CharField(max_length=512, blank=True, default="")
    sample = models.CharField(max_length=120, blank=True, default="")
    policy = models.ForeignKey(ObservedPolicy, on_delete=models.SET_NULL, null=True, blank=True, related_name="evidence")
    disposition = models.CharField(max_length=8, blank=True, default="")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    reports = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "digest"], name="one_evidence")]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.digest[:8]}"


class EvidenceDay(models.Model):
    """Reports of one evidence row in one day (days since 1970, UTC), and a 63-bit sketch of the client networks they came from."""

    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="days")
    day = models.IntegerField()
    reports = models.BigIntegerField(default=0)
    networks = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evidence", "day"], name="one_evidence_day")]
        indexes = [models.Index(fields=["day"], name="evidence_day_to_prune")]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.day}: {self.reports}"


class Facet(models.Model):
    """Where and who: page, browser, family, os, source, referrer, environment, release. Value "" gathers what came after the cap."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="facets")
    kind = models.CharField(max_length=12)
    value = models.CharField(max_length=300)
    reports = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "kind", "value"], name="one_facet")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}: {self.reports}"


class Sample(models.Model):
    """A kept report. `slot` makes the newest overwrite the oldest, so an issue never has more than SAMPLES of them."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="samples")
    slot = models.PositiveSmallIntegerField()
    seen_at = models.DateTimeField()
    page = models.CharField(max_length=512, blank=True, default="")
    browser = models.CharField(max_length=60, blank=True, default="")
    disposition = models.CharField(max_length=8, blank=True, default="")
    snippet = models.CharField(max_length=120, blank=True, default="")
    received = models.TextField(help_text="The report as received, then scrubbed, with each cut marked.")
    normalised = models.JSONField(default=dict)
    rules = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "slot"], name="one_sample_slot")]
        indexes = [models.Index(fields=["seen_at"], name="sample_to_prune")]

    def __str__(self) -> str:
        return f"{self.issue_id} sample {self.slot}"


class RuleHit(models.Model):
    """Reports that a built-in noise rule or an ignore rule matched in a project on a day (days since 1970)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=60)
    day = models.IntegerField()
    reports = models.BigIntegerField(default=0)
    example = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "rule", "day"], name="one_rule_hit")]

    def __str__(self) -> str:
        return f"{self.rule} {self.day}: {self.reports}"


class RulePause(models.Model):
    """A built-in noise rule that this project has switched off."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="paused_rules")
    rule = models.CharField(max_length=60)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    paused_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "rule"], name="one_rule_pause")]

    def __str__(self) -> str:
        return self.rule


class Correction(models.Model):
    """A person's word on a key's verdict: it wins for good, for reports that come later too."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="corrections")
    key = models.CharField(max_length=32)
    key_version = models.PositiveSmallIntegerField(default=1)
    verdict = models.CharField(max_length=12, choices=CHOICES)
    excused = models.CharField(max_length=500, default="", db_default="", help_text="As of Issue.")
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    corrected_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key_version", "key"], name="one_correction")]

    def __str__(self) -> str:
        return f"{self.key[:8]} is {self.verdict}"


class IgnoreRule(models.Model):
    """Conditions in words over evidence: [{"field": "host", "op": "under", "value": "translate.goog"}, ...], all of them needed."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="rules")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, blank=True, related_name="rules")
    name = models.CharField(max_length=120)
    note = models.CharField(max_length=500, blank=True, default="")
    conditions = models.JSONField(default=list)
    hides_attacks = models.BooleanField(default=False, help_text="An admin said so, looking at one.")
    hides_own = models.BooleanField(default=False, help_text="Somebody said so, looking at own code that it hides.")
    paused = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    last_hit_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Activity(models.Model):
    """Who did what to which issue. `before` holds what undo puts back; rows of one action share its `action` id."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="activity")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, null=True, blank=True, related_name="activity")
    action = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=30)
    words = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["issue", "-at"], name="activity_of_issue"),
            models.Index(fields=["project", "-at"], name="activity_of_project"),
            models.Index(fields=["project"], condition=models.Q(kind__in=["split", "merge"]), name="activity_of_grouping"),
        ]

    def __str__(self) -> str:
        return self.words


class SavedView(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="views")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)
    sort = models.CharField(max_length=12, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user", "name"], name="one_view_name")]

    def __str__(self) -> str:
        return self.name


class LastVisit(models.Model):
    """When a person last looked at a project's list, and when the visit before that one ended: what came since then is "new"."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_last_visit")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at}"
