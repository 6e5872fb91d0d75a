"""The day's salt: one row per UTC day, cached, deleted after 48 hours, so that a hash means nothing the day after."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction

from ingest.models import DaySalt

KEPT = timedelta(hours=48)
"""From the beginning of its day: a day after the last hash that was made with it."""
_DAY_MS = 86_400_000


class Salts:
    """Filled by a thread (`load`), read by the event loop (`of`): a dict is swapped whole."""

    def __init__(self) -> None:
        self._by_day: dict[int, bytes] = {}

    def of(self, milliseconds: int) -> bytes:
        """Empty when the day's salt could not be had yet: then nobody is told apart."""
        return self._by_day.get(milliseconds // _DAY_MS, b"")

    def load(self) -> None:
        """Today's and, so that midnight finds it ready, tomorrow's."""
        today = datetime.now(UTC).date()
        days = (today, today + timedelta(days=1))
        if all(_number(day) in self._by_day for day in days):
            return
        self._by_day = {_number(day): _salt_of(day) for day in days}


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _salt_of(day: date) -> bytes:
    """Two processes that come first at once agree on the row that was written."""
    row = DaySalt.objects.filter(day=day).first()
    if row is None:
        try:
            with transaction.atomic():
                row = DaySalt.objects.create(day=day, salt=secrets.token_bytes(32))
        except IntegrityError:
            row = DaySalt.objects.get(day=day)
    return bytes(row.salt)


def forget_old_salts(now: datetime | None = None) -> None:
    DaySalt.objects.filter(day__lte=((now or datetime.now(UTC)) - KEPT).date()).delete()
