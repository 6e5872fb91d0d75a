"""The buffer between the door and the drain: one small interface, two implementations (design.md).

An entry has an id that grows within its partition. Nothing here knows what was recorded: that is a row of the main
database (ingest.models.Position), and entries stay at least ten minutes after it has passed them.
"""

from __future__ import annotations

import enum
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.conf import settings


class Outcome(enum.Enum):
    """What became of an append. REFUSED is known not to have happened; UNKNOWN may have."""

    TAKEN = "taken"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Held(NamedTuple):
    """An entry on its way into the buffer; `reports` and `project` only serve the count of a project's backlog."""

    partition: str
    project: int
    reports: int
    data: bytes


class Kept(NamedTuple):
    id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    """Entries after a position, and when the oldest of them came in (milliseconds since 1970, 0 for none)."""

    entries: int = 0
    oldest: int = 0


class BufferAway(Exception):
    """The buffer can't be reached now; trying again later is right."""


class Buffer(Protocol):
    START: str
    """The position before the first entry."""

    def partition_of(self, project: int) -> str: ...

    def partitions(self) -> list[str]: ...

    def append(self, held: Sequence[Held]) -> list[Outcome]:
        """Durable when it returns. Called from one thread only; never raises for an ordinary fault."""

    def server(self) -> str:
        """Who answers; another one than before may not have all that the last one had."""

    def prepare(self, partition: str, position: str) -> bool:
        """Make the partition exist and see that new ids lie above `position`; True when they did not (an incident)."""

    def read(self, partition: str, after: str, most: int) -> list[Kept]:
        """Entries after a position in order, at most READ_BYTES of them (but always one)."""

    def read_back(self, partition: str, upto: str, bite: int) -> Iterator[list[Kept]]:
        """Entries up to a position, the newest first, some at a time."""

    def trim(self, partition: str, upto: str) -> None: ...

    def forget(self, partition: str, ids: Sequence[str]) -> None:
        """Delete entries out of turn (ingest.erase); only recorded ones, or their reports would be lost."""

    def backlog(self, partition: str, after: str) -> Backlog: ...

    def reports_waiting(self, partition: str, after: str, project: int) -> int: ...

    def is_before(self, one: str, other: str) -> bool: ...

    def close(self) -> None: ...


READ_BYTES = 16 * 1024 * 1024


@functools.cache
def open_buffer() -> Buffer:
    """This process's buffer, as the settings pair it with the database."""
    return another_buffer()


def another_buffer() -> Buffer:
    """With connections of its own, for a thread that appends beside the door's."""
    from ingest.buffer.redis_streams import RedisStreams  # only the one that is used is loaded
    from ingest.buffer.sqlite_file import SqliteFile

    if settings.MODE == "full":
        return RedisStreams(settings.REDIS_URL, settings.INGEST_PARTITIONS)
    return SqliteFile(settings.DATA_DIR / "buffer.sqlite3")
