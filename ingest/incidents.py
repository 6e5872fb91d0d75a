"""When the buffer is not the one we knew: ids that fell behind the position after a loss or a failover (design.md)."""

from __future__ import annotations

import logging

from django.db import transaction

from ingest import intake
from ingest.buffer import Buffer, Kept
from ingest.entry import Unreadable, unpack
from ingest.models import Incident, Position
from ingest.poison import set_whole_aside

logger = logging.getLogger(__name__)
_AT_ONCE = 1000


def look_at_server(buffer: Buffer, row: Position) -> None:
    """Before a drain reads: new ids must lie above the position, and a server we did not know may hold unread ones below it."""
    fell_behind = buffer.prepare(row.partition, row.position)
    server = buffer.server()
    if not fell_behind and server == row.server:
        return
    if fell_behind:
        words = "it lost data or its clock went back. They were moved up."
        report(row.partition, f"The buffer's ids were below the position {row.position}: {words}")
    if row.position != buffer.START:
        _set_unread_aside(buffer, row)
    Position.objects.filter(id=row.id).update(server=server)
    row.server = server


def report(partition: str, words: str) -> None:
    logger.error("Partition %s: %s", partition, words)
    Incident.objects.create(partition=partition, words=words[:500])


def _set_unread_aside(buffer: Buffer, row: Position) -> None:
    """Entries at or below the position that the door took in after our last read: no drain will ever come by them."""
    last_read = int(row.updated_at.timestamp() * 1000)
    after, found = buffer.START, 0
    while entries := buffer.read(row.partition, after, _AT_ONCE, until=row.position):
        after = entries[-1].id
        unread = [kept for kept in entries if _received_at(kept) > last_read]
        found += len(unread)
        with transaction.atomic():
            batch = set_whole_aside(row.partition, unread, "Its id was below the position when the buffer came back.")
            intake.add(batch.counts, batch.samples)
    if found:
        report(row.partition, f"{found} entries were found unread below the position {row.position} and set aside.")


def _received_at(kept: Kept) -> int:
    try:
        return unpack(kept.data).received_at
    except Unreadable:
        return 0
