"""What the door bounds: bytes in flight, and token buckets per key and per client."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Hashable

MAX_BODY = 4 * 1024 * 1024
"""Bytes of one request, also after inflating."""
MAX_SINGLE = 256 * 1024
"""Bytes of a request that holds a single report. Browsers were seen to send 29 kB; M-084 has a data: address of 150 kB."""
MAX_REPORTS = 1000
INFLIGHT_BYTES = 32 * 1024 * 1024
"""Bodies being read or waiting for their append, in one process; over it requests are answered 503."""
BODY_SECONDS = 20.0
"""How long a client may take to send its body."""


class Buckets:
    """Token buckets, one for each key, the longest unused forgotten first. Not for threads: the event loop owns it."""

    def __init__(self, per_second: float, burst: float, most: int = 50_000) -> None:
        self.per_second = per_second
        self.burst = burst
        self.most = most
        self._levels: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, amount: int = 1, now: float | None = None) -> bool:
        """Whether `amount` may pass; what may not pass takes nothing."""
        if self.per_second <= 0:
            return True
        now = time.monotonic() if now is None else now
        level, since = self._levels.get(key, (self.burst, now))
        level = min(self.burst, level + (now - since) * self.per_second)
        allowed = level >= min(amount, self.burst)
        self._levels[key] = (level - amount if allowed else level, now)
        self._levels.move_to_end(key)
        if len(self._levels) > self.most:
            self._levels.popitem(last=False)
        return allowed


class OverBudget(Exception):
    """More bytes than may be held at once."""


class Budget:
    """Bytes that all requests may hold at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def share(self) -> Share:
        return Share(self)


class Share:
    """One request's part of a budget, given back when it is done."""

    __slots__ = ("budget", "held")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.held = 0

    def grow(self, amount: int) -> None:
        if self.budget.held + amount > self.budget.most:
            raise OverBudget
        self.budget.held += amount
        self.held += amount

    def __enter__(self) -> Share:
        return self

    def __exit__(self, *_: object) -> None:
        self.budget.held -= self.held


class Patience:
    """One time-out for many: a single timer looks after all who wait, since a timer for each would cost a fifth of a request.

    `with patience: await ...` raises TimeoutError after `seconds` and at most an eighth more. A task waits once at a time, and
    all tasks are of one event loop, which is asked for once: asking costs a system call each time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._since: dict[asyncio.Task[object], float] = {}
        self._lost: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        task = asyncio.current_task(self._loop)
        assert task is not None
        self._since[task] = time.monotonic()
        if self._timer is None:
            self._timer = self._loop.call_later(self.seconds / 8, self._look)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """TimeoutError where the task was cancelled by us and by nobody else."""
        task = asyncio.current_task(self._loop)
        assert task is not None
        del self._since[task]
        if task in self._lost:
            self._lost.discard(task)
            if kind is asyncio.CancelledError and task.uncancel() == 0:
                raise TimeoutError from None

    def _look(self) -> None:
        now = time.monotonic()
        for task, since in self._since.items():
            if now - since >= self.seconds and task not in self._lost:
                self._lost.add(task)
                task.cancel()
        self._timer = asyncio.get_running_loop().call_later(self.seconds / 8, self._look) if self._since else None
