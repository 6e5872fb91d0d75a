"""Set-aside entries are raw bytes: they go after RAW_DAYS, and the oldest go when there are too many of them. Never silently:
they stay counted as set aside, and an incident says that they can't be replayed any more.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Length

from ingest.incidents import report
from ingest.models import SetAside

MOST_LOOKED_AT = 20_000


def forget_old(before: datetime) -> None:
    old = SetAside.objects.filter(created_at__lt=before)
    _say(old.filter(replayed_at=None).count(), "nobody replayed them in time")
    old.delete()


def make_room(most: int) -> None:
    """The newest stay, up to `most` bytes."""
    held = 0
    over: list[int] = []
    for pk, size in SetAside.objects.order_by("-pk").values_list("pk", Length("raw"))[:MOST_LOOKED_AT]:
        held += size
        if held > most:
            over.append(pk)
    if over:
        rows = SetAside.objects.filter(pk__lte=max(over))
        _say(rows.filter(replayed_at=None).count(), "there are more than SET_ASIDE_MB of them")
        rows.delete()


def _say(entries: int, why: str) -> None:
    if entries:
        report("set aside", f"{entries} set-aside entries were deleted: {why}. Their reports stay counted as set aside.")
