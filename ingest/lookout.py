"""The wake-up that needs no broker: each worker looks by itself now and then (a full Redis refuses tasks too)."""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connection

from ingest.buffer import Buffer, BufferAway, open_buffer
from ingest.drain import drain
from ingest.models import Position

LOOK_SECONDS = 5.0
DRAIN_SECONDS = 5.0
logger = logging.getLogger(__name__)


def start(**_: object) -> None:
    """Connected to worker_ready (ingest.tasks)."""
    threading.Thread(target=_run, name="lookout", daemon=True).start()


def look_first() -> None:
    """Before Celery, which can't begin on a Redis that is full: a worker that is started again and again empties it by that."""
    try:
        drain(open_buffer(), DRAIN_SECONDS)
    except DatabaseError as error:
        logger.warning("The database can't be used: %s", error)
    finally:
        connection.close()  # a worker forks, and its children must not share it
        open_buffer().close()


def _run() -> None:
    pause = threading.Event()
    seen: dict[str, str] = {}
    while not pause.wait(LOOK_SECONDS):
        try:
            seen = look(open_buffer(), seen)
        except (DatabaseError, BufferAway) as error:
            logger.debug("The lookout sees nothing: %s", error)
            connection.close()


def look(buffer: Buffer, seen: dict[str, str]) -> dict[str, str]:
    """Drain what waits where no position has moved since the last look; the positions as they are now."""
    positions = dict(Position.objects.values_list("partition", "position"))
    stuck = [name for name, position in positions.items() if seen.get(name) == position and buffer.read(name, position, 1)]
    for name in stuck:
        logger.info("Partition %s waits and no task came; draining it from the lookout.", name)
        drain(buffer, DRAIN_SECONDS, name)
    return positions
