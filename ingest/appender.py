"""Micro-batches without a timer: whatever queued up while the last append was in flight goes with the next one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import NamedTuple, Protocol

from ingest.buffer import Buffer, Held, Outcome
from ingest.entry import Tallied, Tally, pack

MOST_ENTRIES = 1000
MOST_BYTES = 8 * 1024 * 1024
logger = logging.getLogger(__name__)


class Spool(Protocol):
    def write(self, held: Sequence[Held]) -> bool: ...


Answer = asyncio.Future[Outcome]
Waiter = tuple[Held, Answer]


class _Work(NamedTuple):
    """One batch: entries that somebody waits for, then the tallies."""

    loop: asyncio.AbstractEventLoop
    held: list[Held]
    answers: list[Answer]
    tally_answer: Answer | None


class Appender:
    """Owned by one event loop; the buffer is spoken to by one thread, one batch at a time."""

    def __init__(self, buffer: Buffer, spool: Spool | None, wake: Callable[[], None]) -> None:
        self._buffer = buffer
        self._spool = spool
        self._wake = wake
        self._waiting: list[Waiter] = []
        self._tallies: dict[tuple[int, str, str], tuple[int, str]] = {}
        self._tally_answer: Answer | None = None
        self._work: SimpleQueue[_Work] = SimpleQueue()
        self._busy = False
        self._loop: asyncio.AbstractEventLoop | None = None
        Thread(target=self._run, name="append", daemon=True).start()

    def append(self, held: Held) -> Answer:
        answer = self._running_loop().create_future()
        self._waiting.append((held, answer))
        if not self._busy:
            self._next()
        return answer

    def tally(self, project: int, kind: str, reason: str, reports: int, sample: str = "") -> Answer:
        """Count what is shed or rejected; done when the folded entry it went into is durable."""
        before = self._tallies.get((project, kind, reason), (0, sample))
        self._tallies[project, kind, reason] = (before[0] + reports, before[1])
        if self._tally_answer is None:
            self._tally_answer = self._running_loop().create_future()
        answer = self._tally_answer
        if not self._busy:
            self._next()
        return answer

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """Asked for once: it costs a system call each time."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def _next(self) -> None:
        batch = self._taken()
        tallies, tally_answer = self._folded_tallies()
        if not batch and not tallies:
            return
        self._busy = True
        held = [held for held, _ in batch] + tallies
        self._work.put(_Work(self._running_loop(), held, [answer for _, answer in batch], tally_answer))

    def _taken(self) -> list[Waiter]:
        size = 0
        for count, (held, _) in enumerate(self._waiting):
            size += len(held.data)
            if count == MOST_ENTRIES or (size > MOST_BYTES and count):
                taken, self._waiting = self._waiting[:count], self._waiting[count:]
                return taken
        taken, self._waiting = self._waiting, []
        return taken

    def _folded_tallies(self) -> tuple[list[Held], Answer | None]:
        """One entry for each partition, since a project's figures are added up where its reports are."""
        if not self._tallies:
            return [], None
        by_partition: dict[str, list[Tallied]] = {}
        for (project, kind, reason), (reports, sample) in self._tallies.items():
            by_partition.setdefault(self._buffer.partition_of(project), []).append(Tallied(project, kind, reason, reports, sample))
        answer, self._tally_answer, self._tallies = self._tally_answer, None, {}
        now = time.time_ns() // 1_000_000
        return [Held(partition, 0, 0, pack(Tally(now, tuple(counts)))) for partition, counts in by_partition.items()], answer

    def _run(self) -> None:
        """The thread. A hand-over costs less like this than by an executor, whose two futures nobody needs."""
        while True:
            work = self._work.get()
            try:
                outcomes = self._write(work.held)
            except Exception:
                logger.exception("A batch of %d could not be appended.", len(work.held))
                outcomes = [Outcome.UNKNOWN] * len(work.held)
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                work.loop.call_soon_threadsafe(self._done, work, outcomes)

    def _write(self, batch: list[Held]) -> list[Outcome]:
        """What is known not to have been appended goes to the spool; what may have been does not."""
        outcomes = self._buffer.append(batch)
        refused = [place for place, outcome in enumerate(outcomes) if outcome is Outcome.REFUSED]
        if refused and self._spool is not None and self._spool.write([batch[place] for place in refused]):
            for place in refused:
                outcomes[place] = Outcome.TAKEN
        self._wake()
        return outcomes

    def _done(self, work: _Work, outcomes: list[Outcome]) -> None:
        for answer, outcome in zip(work.answers, outcomes, strict=False):
            if not answer.done():
                answer.set_result(outcome)
        if work.tally_answer is not None and not work.tally_answer.done():
            work.tally_answer.set_result(outcomes[-1])
        self._busy = False
        self._next()
