"""Raw bytes that may not stay where they wait: older than RAW_DAYS, or holding a text that somebody asked to be erased.

Nothing is dropped silently: a report that goes like this becomes a count, shed as `expired` or `erased`, in the place where it
was, so that exactly-once holds; whoever counts it makes it an incident (ingest.drain).
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection

from ingest.entry import Reports, Tallied, Tally, Unreadable, pack, unpack
from ingest.models import ErasureRequest
from issues.erase import spellings

HOUR_MS = 3_600_000
EXPIRED, ERASED = "expired", "erased"
DELETED = {
    EXPIRED: "reports waited longer than RAW_DAYS, since nothing recorded them; they were deleted and count as shed.",
    ERASED: "reports were deleted because they held a text that `manage.py erase` was told of; they count as shed.",
}


@dataclass(frozen=True, slots=True)
class Unwanted:
    """`before` in milliseconds since 1970; `texts` in their spellings."""

    before: int
    texts: tuple[str, ...] = ()

    def instead_of(self, data: bytes) -> bytes | None:
        """The entry that takes this one's place; None when it may stay."""
        try:
            entry = unpack(data)
        except Unreadable:
            return None
        if isinstance(entry, Tally):
            return None
        reason = EXPIRED if entry.received_at < self.before else ERASED if holds(data, self.texts) else ""
        return pack(counted(entry, reason)) if reason else None


def counted(entry: Reports, reason: str) -> Tally:
    """What is left of an entry: how many reports of which project, and its place in the spool."""
    return Tally(entry.received_at, (Tallied(entry.project, "shed", reason, entry.reports),), entry.spool, entry.offset)


def holds(data: bytes, words: tuple[str, ...]) -> bool:
    text = data.lower()
    return any(word.lower().encode("utf-8", "replace") in text for word in words)


def oldest_kept() -> int:
    """An hour early, since it is looked once an hour; a drain has an hour in any case."""
    return time.time_ns() // 1_000_000 - max(HOUR_MS, settings.RAW_DAYS * 24 * HOUR_MS - HOUR_MS)


def unwanted_now() -> Unwanted:
    """While the database is away nobody knows what was asked to be erased; age is known without it."""
    try:
        asked = list(ErasureRequest.objects.values_list("text", flat=True))
    except DatabaseError:
        connection.close()
        asked = []
    return Unwanted(oldest_kept(), tuple(word for text in asked for word in spellings(text)))
