"""When buffer or database is not the one we knew: ids that fell behind the position after a loss or a failover (design.md)."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from django.db import connection, transaction

from ingest import intake, offsets
from ingest.buffer import Buffer, Kept
from ingest.entry import Unreadable, unpack
from ingest.models import Incident, Position
from ingest.poison import set_whole_aside
from ingest.unwanted import DELETED
from issues import memory

logger = logging.getLogger(__name__)
_AT_ONCE = 500


_database = ""


def look_at_database() -> None:
    """Before a drain: one that failed over a few seconds back lacks rows that this process remembers to be there."""
    global _database
    before, _database = _database, database_server()
    if before not in ("", _database):
        logger.warning("Another database server answers than before; what was remembered of it is forgotten.")
        memory.forget()


def database_server() -> str:
    """Who answers, as far as it may change under a running process."""
    if connection.vendor != "postgresql":
        return connection.vendor
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()::text")
        return str(cursor.fetchone()[0])


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
        _set_unread_aside(buffer, row, server)
    Position.objects.filter(id=row.id).update(server=server)
    row.server = server


def report(partition: str, words: str) -> None:
    logger.error("Partition %s: %s", partition, words)
    Incident.objects.create(partition=partition, words=words[:500])


def tell_of_deleted(partition: str, counts: Mapping[tuple[int, str, str], int]) -> None:
    """Raw bytes that had to go before anybody recorded them (ingest.unwanted): their counts are all that is left."""
    for reason, words in DELETED.items():
        if reports := sum(number for (_, kind, said), number in counts.items() if kind == "shed" and said == reason):
            report(partition, f"{reports} {words}")


def _set_unread_aside(buffer: Buffer, row: Position, server: str) -> None:
    """Entries at or below the position that the door took in after all we know: no drain will ever come by them.

    Ids grow with every append, so they are the newest up to the position: the search goes backwards and ends at a
    whole bite of entries that were recorded. Several workers may search at once; what one has set aside the others pass by.
    """
    found, recorded = 0, offsets.recorded()
    for entries in buffer.read_back(row.partition, row.position, _AT_ONCE):
        unread = [kept for kept in reversed(entries) if _is_unread(kept, row, recorded)]
        if not unread:
            break
        found += _set_aside(row.partition, unread, recorded, f"{{}} of {server[:8]}")
    if found:
        report(row.partition, f"{found} reports were found unread below the position {row.position} and set aside.")


@transaction.atomic
def _set_aside(partition: str, unread: list[Kept], recorded: dict[str, int], name: str) -> int:
    batch = set_whole_aside(partition, unread, "Its id was below the position when the buffer came back.", recorded, name)
    intake.add(batch.counts, batch.samples)
    offsets.keep(batch.spool)
    return sum(reports for (_, kind, _), reports in batch.counts.items() if kind == "set_aside")


def _is_unread(kept: Kept, row: Position, recorded: dict[str, int]) -> bool:
    """By when it came in; what waited in a spool came in long ago, but its place in the file says whether it was recorded."""
    try:
        entry = unpack(kept.data)
    except Unreadable:
        return False
    if entry.spool:
        return entry.offset > recorded.get(entry.spool, 0)
    return entry.received_at > row.updated_at.timestamp() * 1000
