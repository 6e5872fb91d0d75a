"""Telling the workers that there is something to drain: from a thread, never repeated, never in a report's way.

The flag keeps the door from sending a task for every micro-batch: the door raises it with the task, the drain lowers it
before its last empty read. A flag that is older than FLAG_SECONDS belongs to a task that was lost.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import KombuError
from redis.backoff import NoBackoff
from redis.retry import Retry

FLAG_SECONDS = 3
FLAG_PAUSE = 0.05
AWAY_PAUSE = 1.0
_FLAG = "glitchcsp:awake"
logger = logging.getLogger(__name__)


class Flag(Protocol):
    def raised(self) -> bool:
        """Raise it; False when it was up already."""

    def lower(self) -> None: ...


class FileFlag:
    def __init__(self, path: Path) -> None:
        self.path = path

    def raised(self) -> bool:
        try:
            if 0 <= time.time() - self.path.stat().st_mtime < FLAG_SECONDS:  # one from the future is of a clock that went back
                return False
        except OSError:
            pass
        try:
            self.path.touch()
        except OSError:
            logger.warning("The flag %s can't be written; a task is sent all the same.", self.path.name)
        return True

    def lower(self) -> None:
        self.path.unlink(missing_ok=True)


class RedisFlag:
    def __init__(self, url: str) -> None:
        self._client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))

    def raised(self) -> bool:
        return bool(self._client.set(_FLAG, str(os.getpid()), nx=True, ex=FLAG_SECONDS))

    def lower(self) -> None:
        self._client.delete(_FLAG)


def flag() -> Flag:
    return RedisFlag(settings.REDIS_URL) if settings.MODE == "full" else FileFlag(settings.DATA_DIR / "awake")


def send_drain_task() -> None:
    current_app.send_task("ingest.tasks.drain", retry=False, expires=60)


class Waker:
    """`wake` costs the caller nothing; the thread sends at most one task while the flag is up."""

    def __init__(self, raised: Callable[[], bool], send: Callable[[], None]) -> None:
        self._raised = raised
        self._send = send
        self._event = threading.Event()
        threading.Thread(target=self._run, name="waker", daemon=True).start()

    def wake(self) -> None:
        self._event.set()

    def _run(self) -> None:
        while True:
            self._event.wait()
            self._event.clear()
            try:
                if self._raised():
                    self._send()
                    continue
                time.sleep(FLAG_PAUSE)
            except (redis.RedisError, KombuError, OSError) as error:
                logger.debug("No wake-up could be sent (%s); the worker looks by itself.", error)
                time.sleep(AWAY_PAUSE)
