"""Hears what issues say after a commit, and hands the telling to a worker. Nothing imports alerts; without it all else runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from alerts.tasks import tell
from issues import signals


def connect() -> None:
    signals.issues_opened.connect(_opened, dispatch_uid="alerts.opened")
    signals.issues_breaking.connect(_breaking, dispatch_uid="alerts.breaking")
    signals.issues_suspected.connect(_suspected, dispatch_uid="alerts.suspected")
    signals.attacks_hidden.connect(_hidden, dispatch_uid="alerts.hidden")


def _opened(issues: list[int], **_: Any) -> None:
    _hand_over("attack", issues)


def _breaking(issues: list[int], **_: Any) -> None:
    _hand_over("breaking", issues)


def _suspected(issues: list[int], **_: Any) -> None:
    _hand_over("suspected", issues)


def _hidden(issues: list[int], **_: Any) -> None:
    _hand_over("hidden", issues)


def _hand_over(kind: str, issues: list[int]) -> None:
    """Without a mail server there is nobody to tell, so no message is queued."""
    if settings.HAS_MAIL:
        tell.apply_async(args=[kind, issues[:500]], retry=False, ignore_result=True)
