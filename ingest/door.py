"""The endpoint put together from the settings, once per process."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from ingest import expiry
from ingest.address import networks
from ingest.appender import Appender
from ingest.buffer import another_buffer, open_buffer
from ingest.endpoint import Endpoint
from ingest.keys import KeyCache, Known, Wanted, look_up
from ingest.limits import Buckets
from ingest.salts import Salts
from ingest.spool import Spool
from ingest.unwanted import unwanted_now
from ingest.wakeup import Waker, flag, send_drain_task

BURST_SECONDS = 30
"""Seconds of its rate that a key or a client may send at once: a page with many violations is no flood."""


@cache
def open_door() -> Endpoint:
    """The day's salt is loaded with the keys: by the same thread, from the same database, never in a request's way."""
    buffer, salts = open_buffer(), Salts()

    def keys_and_salt(batch: list[Wanted]) -> dict[Wanted, Known]:
        found = look_up(batch)
        salts.load()
        return found

    waker = Waker(flag().raised, send_drain_task)
    spool = Spool(settings.DATA_DIR / "spool", another_buffer(), settings.SPOOL_MB * 1024 * 1024, unwanted_now)
    spool.start()
    expiry.start(another_buffer())
    share = 1 / max(1, settings.INGEST_PROCESSES)
    return Endpoint(
        buffer,
        KeyCache(keys_and_salt),
        Appender(buffer, spool, waker.wake),
        salts,
        trusted=networks(settings.TRUSTED_PROXIES),
        per_key=Buckets(settings.KEY_RATE * share, settings.KEY_RATE * share * BURST_SECONDS),
        per_client=Buckets(settings.CLIENT_RATE * share, settings.CLIENT_RATE * share * BURST_SECONDS),
    )
