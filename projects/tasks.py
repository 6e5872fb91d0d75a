"""Celery: what was marked deleted goes away in the background, in small steps, wherever it was interrupted."""

from __future__ import annotations

import time

from celery import shared_task

from projects.erasing import erase_next

SECONDS = 20


@shared_task(name="projects.tasks.delete_marked", ignore_result=True)
def delete_marked() -> int:
    """Rows deleted. Runs for a bounded time; beat comes again while something is left."""
    deadline = time.monotonic() + SECONDS
    total = 0
    while time.monotonic() < deadline and (rows := erase_next()):
        total += rows
    return total
