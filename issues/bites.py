"""Deleting without standing in recording's way: small transactions, rows that somebody holds are left, and a rest after each.

A bite is sized so that its statements take milliseconds. On PostgreSQL it skips locked rows, so it waits for nobody and can't
be in a deadlock; on SQLite, where one writer holds the whole file, the rest gives every other writer as long as the bite took.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection, models, transaction

BITE = 2_000  # rows a statement
Rows = models.QuerySet[Any]


class Pace:
    """Bites until a time is over. `done` counts rows by table; `finished` is False once something had to be left for next time."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.done: dict[str, int] = {}
        self.finished = True

    def may_go_on(self) -> bool:
        if time.monotonic() < self.until:
            return True
        self.finished = False
        return False

    def bite(self, name: str, body: Callable[[], int]) -> int:
        """One transaction; the rows it took."""
        began = time.monotonic()
        with transaction.atomic():
            taken = body()
        if taken:
            self.done[name] = self.done.get(name, 0) + taken
            if connection.vendor == "sqlite":
                time.sleep(min(0.05, time.monotonic() - began))
        return taken


def delete(pace: Pace, rows: Rows, most: int | None = None, size: int = BITE, take: Callable[[Sequence[int]], int] | None = None) -> int:
    """Delete `rows` (at most `most`) in bites of `size`; `take` does it for tables that others hang from. Returns how many."""
    name, done = str(rows.model._meta.model_name), 0
    while (most is None or done < most) and pace.may_go_on():
        wanted = size if most is None else min(size, most - done)
        taken = pace.bite(name, partial(_taken, rows, wanted, take))
        if not taken:
            break
        done += taken
    return done


def locked(rows: Rows, most: int) -> list[int]:
    """Ids of rows that nobody else is at."""
    return list(rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:most])


def _taken(rows: Rows, most: int, take: Callable[[Sequence[int]], int] | None) -> int:
    ids = locked(rows, most)
    if not ids:
        return 0
    if take is None:
        rows.model._default_manager.filter(pk__in=ids).delete()
    else:
        take(ids)
    return len(ids)
