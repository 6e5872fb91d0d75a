"""How far each spool file was recorded, so that a replay counts nothing twice; moved in the transaction that records the entries."""

from __future__ import annotations

from django.utils import timezone

from ingest.models import SpoolPosition
from issues.upsert import upsert


def recorded() -> dict[str, int]:
    """Few and small: a row per spool file of the last days, and hardly ever one."""
    return {str(file): offset for file, offset in SpoolPosition.objects.values_list("file", "offset")}


def keep(offsets: dict[str, int]) -> None:
    now = timezone.now()
    rows = [(file, offset, now) for file, offset in offsets.items()]
    upsert(SpoolPosition, ("file", "offset", "updated_at"), rows, key=("file",), how={"offset": "max", "updated_at": "replace"})
