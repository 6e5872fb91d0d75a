"""What can't be recorded: found by halving, inside the recording transaction, and set aside with its error."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import msgspec
from django.db import transaction
from django.utils import timezone

from ingest import intake
from ingest.buffer import Kept
from ingest.entry import Reports, Tally, Unreadable, pack, unpack
from ingest.models import SetAside
from ingest.parse import Batch, Count, add_reports, parse
from ingest.quota import shed_over_quota
from issues.record import Sighting, judge, write
from issues.upsert import upsert

Transient = tuple[type[Exception], ...]
Counts = Counter[Count]
_COLUMNS = ("project_id", "partition", "entry", "reports", "raw", "error", "created_at")


def record_carefully(partition: str, entries: list[Kept], recorded: dict[str, int], transient: Transient) -> Batch:
    """Record all entries that can be; the rest is set aside, a bad report of a good request alone. Returns what to count."""
    done = Batch(spool=dict(recorded))
    for kept in entries:
        _one_entry(partition, kept, done, transient)
    return done


def _one_entry(partition: str, kept: Kept, done: Batch, transient: Transient) -> None:
    try:
        part = parse([kept], done.spool)
        shed_over_quota(part)
    except transient:
        raise
    except Exception as error:
        _merge(done, set_whole_aside(partition, [kept], _said(error), done.spool))
        return
    counts = Counter(part.counts)
    _halve(partition, kept, part.sightings, 0, counts, transient)
    part.counts = counts
    _merge(done, part)


def _halve(partition: str, kept: Kept, sightings: list[Sighting], first: int, counts: Counts, transient: Transient) -> None:
    """`first` is the place of the first sighting in its request, so that each set-aside report has a name of its own."""
    if not sightings:
        return
    try:
        with transaction.atomic():
            judged = judge(sightings)
            written = write(judged)
    except transient:
        raise
    except Exception as error:
        if len(sightings) == 1:
            project = sightings[0].project_id
            _set_aside(partition, f"{kept.id}/{first}", _alone(kept, sightings[0]), project, 1, _said(error))
            counts[project, "set_aside", ""] += 1
            return
        half = len(sightings) // 2
        _halve(partition, kept, sightings[:half], first, counts, transient)
        _halve(partition, kept, sightings[half:], first + half, counts, transient)
        return
    for project, reports in written.counted.items():
        counts[project, "counted", ""] += reports
    for project, reports in judged.gone.items():
        counts[project, "shed", "project-deleted"] += reports


def set_whole_aside(partition: str, entries: list[Kept], error: str, recorded: dict[str, int], name: str = "{}") -> Batch:
    """Entries as they are, without looking into their bodies; each once, whoever else has the same idea. `name` tells it from its id."""
    done = Batch(spool=dict(recorded))
    for kept in entries:
        header = _header(kept)
        if header.spool and header.offset <= done.spool.get(header.spool, 0):
            continue
        if _set_aside(partition, name.format(kept.id), kept.data, header.project or None, header.reports, error):
            done.counts[header.project, "accepted", ""] += header.reports
            done.counts[header.project, "set_aside", ""] += header.reports
        done.newest = max(done.newest, header.received_at)
        if header.spool:
            done.spool[header.spool] = header.offset
    return done


class _Header(NamedTuple):
    project: int
    reports: int
    received_at: int = 0
    spool: str = ""
    offset: int = 0


def _header(kept: Kept) -> _Header:
    try:
        entry = unpack(kept.data)
    except Unreadable:
        return _Header(0, 1)
    project, reports = (entry.project, entry.reports) if isinstance(entry, Reports) else (0, sum(one.reports for one in entry.counts))
    return _Header(project, reports, entry.received_at, entry.spool, entry.offset)


def _alone(kept: Kept, sighting: Sighting) -> bytes:
    """The one report as a request of its own, so that it can be replayed."""
    entry = unpack(kept.data)
    assert isinstance(entry, Reports)
    return pack(msgspec.structs.replace(entry, body=sighting.received, reports=1, spool="", offset=0))


def _set_aside(partition: str, entry: str, raw: bytes, project: int | None, reports: int, error: str) -> bool:
    """False when it was there already: then it is counted already."""
    row = (project, partition, entry, reports, raw, error[:500], timezone.now())
    return bool(upsert(SetAside, _COLUMNS, [row], key=("partition", "entry"), how={}, returning=("id",)))


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\x00", "\\0")


def _merge(done: Batch, part: Batch) -> None:
    done.counts.update(part.counts)
    done.samples.update(part.samples)
    done.spool.update(part.spool)
    done.newest = max(done.newest, part.newest)


def replay(aside: SetAside) -> bool:
    """Try a set-aside entry again, now that what it broke is mended. False when it was replayed before."""
    with transaction.atomic():
        row = SetAside.objects.select_for_update().filter(id=aside.id, replayed_at=None).first()
        if row is None:
            return False
        _record_again(row)
    return True


def _record_again(row: SetAside) -> None:
    batch = Batch()
    entry = unpack(bytes(row.raw))
    if isinstance(entry, Tally):
        batch = parse([Kept("0", bytes(row.raw))], {})
    else:
        add_reports(batch, entry)
    judged = judge(batch.sightings)
    written = write(judged)
    for project, reports in written.counted.items():
        batch.counts[project, "counted", ""] += reports
    for project, reports in judged.gone.items():
        batch.counts[project, "shed", "project-deleted"] += reports
    # Accepted already, when it was set aside.
    batch.counts = Counter({count: reports for count, reports in batch.counts.items() if count[1] not in ("accepted", "private")})
    batch.counts[row.project_id or 0, "set_aside", ""] -= row.reports
    intake.add(batch.counts, batch.samples)
    row.replayed_at = timezone.now()
    row.save(update_fields=["replayed_at"])
