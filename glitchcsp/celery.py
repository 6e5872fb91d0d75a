"""The Celery application. Tasks carry no reports: a message only says that there is something to drain."""

from __future__ import annotations

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glitchcsp.settings")
TRANSPORT_ALIASES["filesystem"] = "glitchcsp.broker_files:Transport"

app = Celery("glitchcsp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
