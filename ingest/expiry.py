"""Raw bytes in the buffer live RAW_DAYS at most, also where no worker has drained it for that long (trust.md).

A thread beside the endpoint looks, since the endpoint is what goes on filling the buffer. What is too old is passed by as the
drain would pass it: the position moves in the transaction that counts it as shed, so a worker that comes back meanwhile
counts nothing twice; then its bytes are deleted. While the database is away too, nobody can tell what was recorded: it waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from django.db import DatabaseError, connection

from ingest import offsets
from ingest.buffer import Buffer, BufferAway, Kept
from ingest.drain import advance
from ingest.entry import Tallied, Tally, Unreadable, pack, unpack
from ingest.models import Position
from ingest.parse import parse
from ingest.unwanted import EXPIRED, Unwanted, oldest_kept

LOOK_SECONDS = 3600.0
_AT_ONCE = 500
logger = logging.getLogger(__name__)


def start(buffer: Buffer) -> None:
    threading.Thread(target=_run, args=(buffer,), name="expiry", daemon=True).start()


def _run(buffer: Buffer) -> None:
    pause = threading.Event()
    while not pause.wait(LOOK_SECONDS):
        try:
            expire(buffer, Unwanted(oldest_kept()))
        except (DatabaseError, BufferAway) as error:
            logger.warning("What waits too long in the buffer can't be looked at: %s", error)
        finally:
            connection.close()


def expire(buffer: Buffer, unwanted: Unwanted) -> int:
    """Entries deleted, of all partitions."""
    return sum(_expire_in(buffer, row, unwanted) for row in Position.objects.order_by("partition"))


def _expire_in(buffer: Buffer, row: Position, unwanted: Unwanted) -> int:
    done = 0
    while old := _too_old(buffer.read(row.partition, row.position, _AT_ONCE), unwanted):
        counts = parse([Kept(kept.id, instead) for kept, instead in old], offsets.recorded())
        if not advance(row, [kept for kept, _ in old], lambda counts=counts: counts):  # type: ignore[misc]
            break
        buffer.forget(row.partition, [kept.id for kept, _ in old])
        Position.objects.filter(pk=row.pk, claimed_by="").update(claimed_until=None)  # advance() prolongs a worker's claim: there is none
        row.refresh_from_db()
        done += len(old)
    return done


def _too_old(entries: Sequence[Kept], unwanted: Unwanted) -> list[tuple[Kept, bytes]]:
    """From the front, up to the last one that is, each with what is counted for it. One that can't be read is as old as the next."""
    found: list[tuple[Kept, bytes]] = []
    upto = 0
    for kept in entries:
        try:
            old = unpack(kept.data).received_at < unwanted.before
        except Unreadable:
            found.append((kept, pack(Tally(unwanted.before, (Tallied(0, "shed", EXPIRED, 1),)))))
            continue
        if not old:
            break
        found.append((kept, unwanted.instead_of(kept.data) or kept.data))
        upto = len(found)
    return found[:upto]
