"""Celery: what was marked deleted goes away in the background, in small steps, wherever it was interrupted; what expired goes too."""

from __future__ import annotations

import time

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from projects.erasing import erase_next
from projects.shared import forget_expired

SECONDS = 20


@shared_task(name="projects.tasks.delete_marked", ignore_result=True)
def delete_marked() -> int:
    """Rows deleted. Runs for a bounded time; beat comes again while something is left."""
    SessionStore.clear_expired()
    forget_expired()
    deadline = time.monotonic() + SECONDS
    total = 0
    while time.monotonic() < deadline and (rows := erase_next()):
        total += rows
    return total
