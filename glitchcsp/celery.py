"""The Celery application. Tasks carry no reports: a message only says that there is something to drain."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import beat_embedded_init, worker_process_init, worker_ready
from kombu.transport import TRANSPORT_ALIASES

from glitchcsp.processes import die_with_parent, keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glitchcsp.settings")
TRANSPORT_ALIASES["filesystem"] = "glitchcsp.broker_files:Transport"

app = Celery("glitchcsp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def _bind(**_: object) -> None:
    """The worker's own children, its pool and the embedded beat, go with it."""
    die_with_parent()


def _loaded(**_: object) -> None:
    """In each process of a pool, and in the worker itself, which in embedded mode does the work."""
    keep_what_is_loaded()


beat_embedded_init.connect(_bind)
worker_process_init.connect(_bind)
worker_process_init.connect(_loaded)
worker_ready.connect(_loaded)
