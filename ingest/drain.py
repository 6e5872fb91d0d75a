"""The drain: from the buffer into issues.record, exactly once (design.md, "The buffer and the drain").

A partition's position is a row of the main database that moves in the transaction that records the batch. Reading,
parsing, judging and folding happen before it, without a transaction; inside, the row is locked and looked at again, so
a second worker that had the same idea writes nothing.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from ingest import intake, offsets
from ingest.buffer import Buffer, BufferAway, Kept
from ingest.incidents import look_at_database, look_at_server, tell_of_deleted
from ingest.models import Position
from ingest.parse import Batch, parse
from ingest.poison import record_carefully, set_whole_aside
from ingest.quota import shed_over_quota
from issues.record import Judged, judge, write

TRANSIENT = (OperationalError, InterfaceError)
"""Connections, deadlocks, timeouts, locks, disks: the same batch may well succeed later. Anything else is about the data."""
CLAIM = timedelta(seconds=5)
TRIES = 2
"""Batches tried so often and left behind by a dead worker go one entry at a time from then on."""
SINGLE_TRIES = 3
DEADLY = "A worker died of this entry three times."
TRIM_AFTER = timedelta(minutes=10)
"""So that a database that fails over a few seconds back finds its entries again."""
logger = logging.getLogger(__name__)


def drain(buffer: Buffer, seconds: float, partition: str = "", lower_flag: Callable[[], None] = lambda: None) -> list[str]:
    """Record what waits, in all partitions or one, for at most `seconds` or so; the partitions that have more.

    The debounce flag is lowered before the last empty read: an append after it raises it again and sends a task.
    """
    try:
        look_at_database()
        return _drain_all(buffer, _partitions(buffer, partition), time.monotonic() + seconds, lower_flag)
    except BufferAway as error:
        logger.warning("The buffer is away: %s", error)
    except TRANSIENT as error:
        logger.warning("The database did not take a batch, it will be tried again: %s", error)
        connection.close()
    return []


def _drain_all(buffer: Buffer, partitions: list[str], deadline: float, lower_flag: Callable[[], None]) -> list[str]:
    """One batch of each in turn, so that a busy partition does not starve the others."""
    lowered = claimed = False
    while True:
        moved = [one for one in partitions if _drain_once(buffer, one)]
        claimed = claimed or bool(moved)
        if (lowered and not moved) or time.monotonic() >= deadline:
            break
        if not moved:
            lower_flag()
        lowered = not moved
    if claimed:
        Position.objects.filter(claimed_by=_me()).update(claimed_by="", claimed_until=None)
    return moved


def _partitions(buffer: Buffer, only: str) -> list[str]:
    """Every position row there is, and the partitions doors may write to now; each looked at once a drain."""
    rows = {row.partition: row for row in Position.objects.filter(**({"partition": only} if only else {}))}
    for name in [] if only else buffer.partitions():
        if name not in rows:
            rows[name] = Position.objects.get_or_create(partition=name, defaults={"position": buffer.START})[0]
    for row in rows.values():
        look_at_server(buffer, row)
        _trim(buffer, row)
    names = list(rows)
    random.shuffle(names)
    return names


def _trim(buffer: Buffer, row: Position) -> None:
    now = timezone.now()
    if now - row.trim_at < TRIM_AFTER:
        return
    if row.trim_to:
        buffer.trim(row.partition, row.trim_to)
    Position.objects.filter(id=row.id, trim_at=row.trim_at).update(trim_to=row.position, trim_at=now)


def _drain_once(buffer: Buffer, partition: str) -> bool:
    """One batch of one partition; False when there was nothing to do or somebody else is at it."""
    row = Position.objects.get(partition=partition)
    careful = bool(row.careful_until) and buffer.is_before(row.position, row.careful_until)
    entries = buffer.read(partition, row.position, 1 if careful else settings.INGEST_BATCH)
    if not entries:
        return False
    if buffer.server() != row.server:
        raise BufferAway("it changed while it was read; what it holds below the position must be looked at first")
    if not _claim(row, entries[-1].id, timezone.now()):
        return False
    if row.attempts > (SINGLE_TRIES if careful else TRIES):
        return _give_up(row, entries[-1].id) if not careful else _record(row, entries, aside=True)
    try:
        return _record(row, entries)
    except TRANSIENT:
        if careful:
            _forgive(row)
        raise


def _claim(row: Position, last: str, now: datetime) -> bool:
    """Commit that this batch is being tried, and by whom; on return `row.attempts` counts this try. A claim further ahead than
    any is made was made before the clock went back."""
    if row.claimed_until and now < row.claimed_until <= now + CLAIM and row.claimed_by != _me() and _may_live(row.claimed_by):
        return False
    row.attempts = row.attempts + 1 if row.attempting == last else 1
    changed = Position.objects.filter(id=row.id, position=row.position, claimed_by=row.claimed_by, claimed_until=row.claimed_until).update(
        attempting=last, attempts=row.attempts, claimed_by=_me(), claimed_until=now + CLAIM
    )
    return changed == 1


def _me() -> str:
    return f"{socket.gethostname()[:16]}:{os.getpid()}:{threading.get_native_id()}"


def _may_live(claimant: str) -> bool:
    """A process of this machine that is gone has left its claim behind."""
    host, _, rest = claimant.partition(":")
    process = rest.partition(":")[0]
    if host != socket.gethostname()[:16] or not process.isdigit():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _give_up(row: Position, last: str) -> bool:
    """This batch has killed workers: its entries go one at a time."""
    words = "Partition %s: the batch up to %s was tried %d times without an end; going one entry at a time."
    logger.error(words, row.partition, last, TRIES)
    Position.objects.filter(id=row.id, position=row.position).update(careful_until=last, attempts=0, attempting="")
    return True


def _forgive(row: Position) -> None:
    """The database's trouble is not the entry's fault."""
    try:
        Position.objects.filter(id=row.id, position=row.position).update(attempts=0)
    except TRANSIENT:
        connection.close()


def _record(row: Position, entries: list[Kept], *, aside: bool = False) -> bool:
    recorded = offsets.recorded()
    if aside:
        return advance(row, entries, lambda: set_whole_aside(row.partition, entries, DEADLY, recorded))
    try:
        batch = parse(entries, recorded)
        shed_over_quota(batch)
        judged = judge(batch.sightings)
        return advance(row, entries, lambda: _write_judged(batch, judged))
    except TRANSIENT:
        raise
    except Exception:
        # Whatever the data did to us: find out which of them, one half after the other.
        logger.exception("Partition %s: a batch up to %s can't be recorded as a whole.", row.partition, entries[-1].id)
    return advance(row, entries, lambda: record_carefully(row.partition, entries, recorded, TRANSIENT))


def _write_judged(batch: Batch, judged: Judged) -> Batch:
    written = write(judged)
    _count(batch.counts, written.counted, judged.gone)
    return batch


def _count(counts: Counter[tuple[int, str, str]], counted: Counter[int], gone: Counter[int]) -> None:
    for project, reports in counted.items():
        counts[project, "counted", ""] += reports
    for project, reports in gone.items():
        counts[project, "shed", "project-deleted"] += reports


def advance(row: Position, entries: list[Kept], body: Callable[[], Batch]) -> bool:
    """The transaction. False when the position has moved meanwhile: another worker recorded these entries."""
    with transaction.atomic():
        mine = Q(id=row.id, position=row.position, server=row.server)
        if not Position.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).filter(mine).exists():
            return False
        batch = body()
        intake.add(batch.counts, batch.samples)
        tell_of_deleted(row.partition, batch.counts)
        offsets.keep(batch.spool)
        Position.objects.filter(mine).update(
            position=entries[-1].id, attempting="", attempts=0, updated_at=_newest(row, batch), claimed_until=timezone.now() + CLAIM
        )
    return True


def _newest(row: Position, batch: Batch) -> datetime:
    """When the newest recorded report came in, by the endpoint's clock; one that was ahead of ours and went back is forgotten."""
    return max(datetime.fromtimestamp(batch.newest / 1000, UTC), min(row.updated_at, timezone.now()))
