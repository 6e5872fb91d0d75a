"""What the door bounds: bytes in flight, and token buckets per key and per client."""

from __future__ import annotations

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


class Budget:
    """Bytes that may be held at once."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def reserve(self, amount: int) -> bool:
        if self.held + amount > self.most:
            return False
        self.held += amount
        return True

    def release(self, amount: int) -> None:
        self.held -= amount
