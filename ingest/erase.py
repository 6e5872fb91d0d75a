"""Taking a text out of what waits or is kept raw: buffer, spool and set-aside.

An entry that waits is recorded first, since dropping it would lose its count; recorded ones, which stay ten minutes for a
database that fails over, are deleted from the buffer. What is recorded is erased by issues.erase.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from ingest.buffer import Buffer, Kept, another_buffer
from ingest.drain import drain
from ingest.models import ErasureRequest, IntakeCount, Position, SetAside
from ingest.spool import Spool, framed_entries
from ingest.unwanted import holds
from issues import erase as stored
from issues.erase import spellings

DRAIN_SECONDS = 60.0
BITE = 500


def count(buffer: Buffer, text: str) -> dict[str, int]:
    words = spellings(text)
    return {
        "buffer": sum(len(kept) for _, kept in _entries_holding(buffer, words)),
        "spool": _in_spool(settings.DATA_DIR / "spool", words),
        "set aside": len(_set_aside(words)),
        "rejected requests": _described(words).count(),
    }


def record_what_waits(buffer: Buffer) -> None:
    """What other machines' doors have spooled comes when they can append it; what is here is appended now."""
    folder = settings.DATA_DIR / "spool"
    spare = another_buffer()
    Spool(folder, spare, settings.SPOOL_MB * 1024 * 1024).replay()
    spare.close()
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        drain(buffer, 5.0)
        if not any(buffer.backlog(row.partition, row.position).entries for row in Position.objects.all()):
            return
        time.sleep(0.2)


def erase(buffer: Buffer, text: str) -> dict[str, int]:
    """Entries and rows deleted. Call record_what_waits first: what still waits is left, and `count` tells of it."""
    words = spellings(text)
    done = 0
    for partition, kept in list(_entries_holding(buffer, words)):
        position = Position.objects.get(partition=partition).position
        ids = [one.id for one in kept if not buffer.is_before(position, one.id)]
        buffer.forget(partition, ids)
        done += len(ids)
    aside = _set_aside(words)
    SetAside.objects.filter(pk__in=aside).delete()
    return {"buffer": done, "set aside": len(aside), "rejected requests": _described(words).update(sample="")}


def ask_all_machines(text: str) -> None:
    """For the spools of other machines, and for what is on its way. Kept as long as raw bytes may be."""
    ErasureRequest.objects.create(text=text)


def obey(buffer: Buffer) -> int:
    """Erase again what was asked to be erased and has come since; rows and entries."""
    asked = list(ErasureRequest.objects.values_list("text", flat=True))
    return sum(sum(erase(buffer, text).values()) + sum(stored.erase(text).values()) for text in asked)


def _entries_holding(buffer: Buffer, words: tuple[str, ...]) -> Iterator[tuple[str, list[Kept]]]:
    for partition in Position.objects.order_by("partition").values_list("partition", flat=True):
        after = buffer.START
        while entries := buffer.read(partition, after, BITE):
            after = entries[-1].id
            if found := [one for one in entries if holds(one.data, words)]:
                yield partition, found


def _in_spool(folder: Path, words: tuple[str, ...]) -> int:
    """Read without the writers' locks: a torn last entry is not counted."""
    found = 0
    for path in folder.glob("*.spool"):
        try:
            with path.open("rb") as file:
                found += sum(holds(data, words) for _, _, data in framed_entries(file))
        except FileNotFoundError:
            continue
    return found


def _set_aside(words: tuple[str, ...]) -> list[int]:
    rows = SetAside.objects.values_list("pk", "raw", "error").iterator(chunk_size=200)
    return [pk for pk, raw, error in rows if holds(bytes(raw), words) or holds(error.encode(), words)]


def _described(words: tuple[str, ...]):  # type: ignore[no-untyped-def]  # Django's own generic
    matching = IntakeCount.objects.none()
    for word in words:
        matching = matching | IntakeCount.objects.filter(sample__icontains=word)
    return matching
