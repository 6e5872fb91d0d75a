"""How far the road has been travelled: positions, what was set aside, what was counted by reason, the day's salt."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

TOTAL_DAY = "1970-01-01"
"""IntakeCount's row for "since the project began" bears this day."""


class Position(models.Model):
    """How far one partition of the buffer was recorded, moved in the transaction that records the batch (design.md).

    `attempting` and `attempts` are committed before a batch is tried: a worker that dies in it leaves them behind, and
    after some tries entries up to `careful_until` go one by one. `trim_to` is where the position was at `trim_at`,
    at least ten minutes ago once it is used. `claimed_by` saves two workers the same work; nothing relies on it.
    `updated_at` is when the newest recorded report came in, by the endpoint's clock (ingest.incidents).
    """

    partition = models.CharField(max_length=40, unique=True)
    position = models.CharField(max_length=40, default="0", help_text="The id of the last entry recorded.")
    attempting = models.CharField(max_length=40, blank=True, default="", help_text="Last entry of the batch being tried.")
    attempts = models.PositiveSmallIntegerField(default=0)
    careful_until = models.CharField(max_length=40, blank=True, default="")
    trim_to = models.CharField(max_length=40, blank=True, default="")
    trim_at = models.DateTimeField(default=timezone.now)
    server = models.CharField(max_length=64, blank=True, default="", help_text="Which buffer server was read last.")
    claimed_by = models.CharField(max_length=40, blank=True, default="")
    claimed_until = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.partition} at {self.position}"


class SpoolPosition(models.Model):
    """The highest offset recorded of one spool file: lower ones are replays and are skipped."""

    file = models.UUIDField(unique=True)
    offset = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.file} at {self.offset}"


class SetAside(models.Model):
    """An entry that could not be recorded, with its error; admins can read and replay it. At most RAW_DAYS old."""

    project_id = models.BigIntegerField(null=True, db_index=True)
    partition = models.CharField(max_length=40)
    entry = models.CharField(max_length=60)
    reports = models.PositiveIntegerField(default=1)
    raw = models.BinaryField()
    error = models.CharField(max_length=500)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    replayed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partition", "entry"], name="set_aside_once")]

    def __str__(self) -> str:
        return f"{self.partition} {self.entry}: {self.error}"


class ErasureRequest(models.Model):
    """A text that `manage.py erase` was told of, for as long as raw bytes may live anywhere: every machine's spool thread deletes
    what holds it, and workers look again each hour, since a report may have been on its way (ingest.unwanted)."""

    text = models.CharField(max_length=500)
    asked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d %H:%M}"


class IntakeCount(models.Model):
    """Reports by what became of them, one row a day and one for ever (TOTAL_DAY).

    `kind`: accepted (what the door said), counted, shed, rejected, set_aside, type (by name, not part of the sum), private
    (by place of ingest.proxies, neither).
    Without what still waits: accepted = counted + shed + rejected + set_aside.
    """

    project_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    reason = models.CharField(max_length=60, blank=True, default="")
    day = models.DateField()
    reports = models.BigIntegerField(default=0)
    sample = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project_id", "kind", "reason", "day"], name="one_intake_count")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.kind} {self.reason} {self.day}: {self.reports}"


class Incident(models.Model):
    """Something an operator should know of: ids that fell behind, a buffer that was lost, entries set aside unread."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    partition = models.CharField(max_length=40)
    words = models.CharField(max_length=500)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.partition}: {self.words}"


class DaySalt(models.Model):
    """The salt of one UTC day's visitor and network hashes; deleted after 48 hours (trust.md)."""

    day = models.DateField(unique=True)
    salt = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.day)
