"""Celery: what issues need doing by the clock."""

from __future__ import annotations

from celery import shared_task

from issues import retention as retention_rules
from issues import rules
from issues.joining import settle
from issues.rejudging import rejudge_changed
from issues.waking_due import wake_due
from issues.watch import watch_due


@shared_task(name="issues.tasks.retention")
def retention() -> dict[str, int]:
    """A few seconds of pruning, every minute until nothing is left that is too old."""
    return retention_rules.prune_if_due()


@shared_task(name="issues.tasks.watch")
def watch() -> dict[str, int]:
    """Wake what was ignored until a time that has come; give back what ignore rules no longer match; look where sites stand on
    their way to an enforced policy."""
    return {"woken": wake_due(), "given_back": rules.sweep(), "watched": watch_due()}


@shared_task(name="issues.tasks.rejudge")
def rejudge() -> int:
    """Judge again what projects declared anew; join what record() could not, because it was stopped after its commit."""
    settle()
    return rejudge_changed()
