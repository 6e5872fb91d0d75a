"""The door's knowledge of keys: a bounded cache, asked without a query on the way of a report.

A key younger than FRESH is used as it is, one younger than STALE is used and looked up again behind the request's back,
and an older one is waited for: a revoked key stops within ten seconds. While the database is away what is known stays good.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DatabaseError, connection
from django.db.models import Q

from ingest.models import IntakeCount
from projects.models import Project, ProjectKey

FRESH = 4.0
STALE = 8.0
PATIENCE = 2.0
"""Seconds a request waits for a lookup; a frozen database must not hold the door."""
AWAY_PAUSE = 1.0
MOST_KNOWN = 20_000
MOST_UNKNOWN = 5_000
MOST_WAITING = 2_000
_LOOKED_UP_AT_ONCE = 200


class Wanted(NamedTuple):
    project: int
    public_key: str


class Known(NamedTuple):
    """`project_exists` tells a wrong key of a known project, which people are shown, from a shot in the dark."""

    key: int = 0
    active: bool = False
    project_exists: bool = False
    sample_percent: int = 100
    over_quota: bool = False


class KeysAway(Exception):
    """The key is not known here and can't be looked up now."""


Lookup = Callable[[list[Wanted]], dict[Wanted, Known]]


class _Shelf:
    """An LRU of (when it was looked up, what was found)."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._kept: OrderedDict[Wanted, tuple[float, Known]] = OrderedDict()

    def get(self, wanted: Wanted) -> tuple[float, Known] | None:
        found = self._kept.get(wanted)
        if found is not None:
            self._kept.move_to_end(wanted)
        return found

    def put(self, wanted: Wanted, now: float, known: Known) -> None:
        self._kept[wanted] = (now, known)
        self._kept.move_to_end(wanted)
        if len(self._kept) > self.most:
            self._kept.popitem(last=False)

    def drop(self, wanted: Wanted) -> None:
        self._kept.pop(wanted, None)


class KeyCache:
    """Owned by one event loop. Random keys have a shelf of their own, so that a flood of them evicts no real one."""

    def __init__(self, lookup: Lookup, clock: Callable[[], float] = time.monotonic) -> None:
        self._lookup = lookup
        self._clock = clock
        self._known = _Shelf(MOST_KNOWN)
        self._unknown = _Shelf(MOST_UNKNOWN)
        self._waiting: dict[Wanted, asyncio.Future[Known]] = {}
        self._running: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "keys")
        self._away_until = 0.0
        self._asked_since: float | None = None

    def at_hand(self, wanted: Wanted) -> Known | None:
        """What can be answered at once; starts a lookup behind the request's back when it begins to age."""
        found = self._known.get(wanted) or self._unknown.get(wanted)
        if found is None:
            return None
        age = self._clock() - found[0]
        if age < FRESH:
            return found[1]
        self._ask(wanted)
        return found[1] if age < STALE else None

    async def get(self, wanted: Wanted) -> Known:
        known = self.at_hand(wanted)
        return known if known is not None else await self._looked_up(wanted)

    async def _looked_up(self, wanted: Wanted) -> Known:
        answer = self._ask(wanted)
        if answer is not None and not self._keeps_silent():
            await asyncio.wait([answer], timeout=PATIENCE)
            if answer.done() and not answer.cancelled() and answer.exception() is None:
                return answer.result()
        old = self._known.get(wanted)
        if old is None:
            raise KeysAway
        return old[1]

    def _keeps_silent(self) -> bool:
        """A database that has left one question open for long is frozen: no further request waits for it."""
        return self._asked_since is not None and self._clock() - self._asked_since > PATIENCE

    def _ask(self, wanted: Wanted) -> asyncio.Future[Known] | None:
        """One lookup for all who wait for the same key; None when there is no use in asking now."""
        if (answer := self._waiting.get(wanted)) is not None:
            return answer
        if len(self._waiting) >= MOST_WAITING or self._clock() < self._away_until:
            return None
        loop = asyncio.get_running_loop()
        answer = self._waiting[wanted] = loop.create_future()
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())  # an answer nobody waited for
        if self._running is None:
            self._running = loop.create_task(self._run())
        return answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._answer(list(self._waiting)[:_LOOKED_UP_AT_ONCE])
        finally:
            self._running = None

    async def _answer(self, batch: list[Wanted]) -> None:
        self._asked_since = self._clock()
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._lookup, batch)
        except DatabaseError:
            self._away_until = self._clock() + AWAY_PAUSE
            for wanted in batch:
                self._waiting.pop(wanted).set_exception(KeysAway())
            return
        finally:
            self._asked_since = None
        now = self._clock()
        for wanted in batch:
            known = found.get(wanted, Known())
            (self._known if known.key else self._unknown).put(wanted, now, known)
            (self._unknown if known.key else self._known).drop(wanted)
            self._waiting.pop(wanted).set_result(known)


def look_up(batch: list[Wanted]) -> dict[Wanted, Known]:
    """One query for the keys, one for the projects of wrong keys, one for quotas if any. Tried again on a connection that died idle."""
    try:
        return _look_up(batch)
    except DatabaseError:
        connection.close()
    try:
        return _look_up(batch)
    except DatabaseError:
        connection.close()
        raise


def _look_up(batch: list[Wanted]) -> dict[Wanted, Known]:
    rows = ProjectKey.objects.filter(public_key__in={wanted.public_key for wanted in batch}, project__deleted_at=None).values_list(
        "project_id", "public_key", "id", "is_active", "project__sample_percent", "project__daily_quota"
    )
    found = {(row[0], row[1]): row for row in rows}
    spent = _counted_today({row[0] for row in found.values() if row[5]})
    answer = {
        wanted: Known(row[2], row[3], True, row[4], bool(row[5]) and spent.get(wanted.project, 0) >= row[5])
        for wanted in batch
        if (row := found.get((wanted.project, wanted.public_key)))
    }
    wrong = {wanted.project for wanted in batch if wanted not in answer}
    existing = set(Project.objects.filter(id__in=wrong, deleted_at=None).values_list("id", flat=True)) if wrong else set()
    return answer | {wanted: Known(project_exists=wanted.project in existing) for wanted in batch if wanted not in answer}


def _counted_today(projects: set[int]) -> dict[int, int]:
    if not projects:
        return {}
    today = Q(kind="counted", day=datetime.now(UTC).date(), project_id__in=projects)
    return dict(IntakeCount.objects.filter(today).values_list("project_id", "reports"))
