"""Celery tasks. A message carries no report: lost or doubled, it loses and doubles nothing."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from ingest import aside, erase, lookout
from ingest import drain as draining
from ingest.buffer import open_buffer
from ingest.models import TOTAL_DAY, ErasureRequest, Incident, IntakeCount, SpoolPosition
from ingest.salts import forget_old_salts
from ingest.wakeup import flag

DRAIN_SECONDS = 5.0
INCIDENT_DAYS = 90
worker_ready.connect(lookout.start, weak=False)
logger = logging.getLogger(__name__)


@shared_task(name="ingest.tasks.drain")
def drain(partition: str = "") -> None:
    """At most DRAIN_SECONDS, so that other tasks get their turn. What has more is a task of its own then, for any worker."""
    more = draining.drain(open_buffer(), DRAIN_SECONDS, partition, flag().lower)
    try:
        for one in more:
            drain.apply_async(args=[one], retry=False, expires=60)
    except (KombuError, RedisError, OSError):
        logger.debug("No broker to come again by; the beat or the worker's own look will.")


@shared_task(name="ingest.tasks.tidy")
def tidy() -> None:
    """Forget what may not be kept: raw bytes after RAW_DAYS, salts after 48 hours, daily figures after DAILY_DAYS."""
    now = timezone.now()
    raw = now - timedelta(days=settings.RAW_DAYS)
    aside.forget_old(raw)
    aside.make_room(settings.SET_ASIDE_MB * 1024 * 1024)
    SpoolPosition.objects.filter(updated_at__lt=raw - timedelta(days=1)).delete()
    Incident.objects.filter(at__lt=now - timedelta(days=INCIDENT_DAYS)).delete()
    IntakeCount.objects.filter(day__lt=(now - timedelta(days=settings.DAILY_DAYS)).date()).exclude(day=TOTAL_DAY).delete()
    forget_old_salts(now)
    ErasureRequest.objects.filter(asked_at__lt=raw - timedelta(days=1)).delete()


@shared_task(name="ingest.tasks.erase_again")
def erase_again() -> int:
    """What somebody asked to be erased and was on its way then; nothing is asked of an instance where nobody did."""
    return erase.obey(open_buffer())
