"""The buffer of embedded mode: a SQLite file of its own, so that an append never waits for a drain's write lock."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.buffer import READ_BYTES, Backlog, BufferAway, Held, Kept, Outcome

PARTITION = "file"
MAX_BYTES = 4 * 1024**3
PAGE_BYTES = 8192
_AT_ONCE = 500
_TRIM_AT_ONCE = 2000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, reports INTEGER NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL
)"""


class SqliteFile:
    START = "0"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()

    def partition_of(self, project: int) -> str:
        return PARTITION

    def partitions(self) -> list[str]:
        return [PARTITION]

    def append(self, held: Sequence[Held]) -> list[Outcome]:
        now = time.time_ns() // 1_000_000
        try:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            for start in range(0, len(held), _AT_ONCE):
                rows = held[start : start + _AT_ONCE]
                # One statement for all: each costs a change of threads, while the event loop wants the interpreter.
                places = ", ".join(["(?, ?, ?, ?)"] * len(rows))
                values = [value for one in rows for value in (one.project, one.reports, now, one.data)]
                connection.execute(f"INSERT INTO entries (project, reports, at, data) VALUES {places}", values)
        except (sqlite3.Error, BufferAway):
            self.close()  # closing rolls back: nothing has happened
            return [Outcome.REFUSED] * len(held)
        try:
            connection.execute("COMMIT")
        except sqlite3.Error:
            self.close()
            return [Outcome.UNKNOWN] * len(held)
        return [Outcome.TAKEN] * len(held)

    def server(self) -> str:
        with _away():
            self._connection()
            return str(self.path.stat().st_ino)

    def prepare(self, partition: str, position: str) -> bool:
        """A lost or restored file starts its ids anew, below a position that has passed them."""
        with _away():
            connection = self._connection()
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").fetchone()
            if (row[0] if row else 0) >= int(position):
                return False
            if row:
                connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'entries'", [int(position)])
            else:
                connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('entries', ?)", [int(position)])
            return True

    def read(self, partition: str, after: str, most: int) -> list[Kept]:
        found: list[Kept] = []
        size = 0
        with _away():
            query = "SELECT id, data FROM entries WHERE id > ? ORDER BY id LIMIT ?"
            for number, data in self._connection().execute(query, [int(after), most]):
                size += len(data)
                if found and size > READ_BYTES:
                    break
                found.append(Kept(str(number), data))
        return found

    def read_back(self, partition: str, upto: str, bite: int) -> Iterator[list[Kept]]:
        query, last = "SELECT id, data FROM entries WHERE id <= ? ORDER BY id DESC LIMIT ?", int(upto)
        while True:
            with _away():
                rows = self._connection().execute(query, [last, bite]).fetchall()
            if not rows:
                return
            yield [Kept(str(number), data) for number, data in rows]
            last = rows[-1][0] - 1

    def trim(self, partition: str, upto: str) -> None:
        """In small bites: each holds the file's write lock for a few milliseconds only."""
        with _away():
            query = "DELETE FROM entries WHERE id IN (SELECT id FROM entries WHERE id <= ? ORDER BY id LIMIT ?)"
            while self._connection().execute(query, [int(upto), _TRIM_AT_ONCE]).rowcount == _TRIM_AT_ONCE:
                time.sleep(0.005)

    def forget(self, partition: str, ids: Sequence[str]) -> None:
        with _away():
            connection = self._connection()
            connection.execute("PRAGMA secure_delete=ON")  # else the text stays in the file's free pages
            for start in range(0, len(ids), _AT_ONCE):
                some = [int(one) for one in ids[start : start + _AT_ONCE]]
                connection.execute(f"DELETE FROM entries WHERE id IN ({', '.join('?' * len(some))})", some)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def backlog(self, partition: str, after: str) -> Backlog:
        with _away():
            query = "SELECT count(*), coalesce(min(at), 0) FROM entries WHERE id > ?"
            return Backlog(*self._connection().execute(query, [int(after)]).fetchone())

    def reports_waiting(self, partition: str, after: str, project: int) -> int:
        with _away():
            query = "SELECT coalesce(sum(reports), 0) FROM entries WHERE id > ? AND project = ?"
            return int(self._connection().execute(query, [int(after), project]).fetchone()[0])

    def is_before(self, one: str, other: str) -> bool:
        return int(one) < int(other)

    def close(self) -> None:
        """Close this thread's connection; the next call opens another."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            connection.close()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _open(self.path)
        return connection


def _open(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=5, isolation_level=None, cached_statements=_AT_ONCE + 50)
    except sqlite3.Error as error:
        raise BufferAway(f"{path.name}: {error}") from None
    try:
        connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA max_page_count={MAX_BYTES // PAGE_BYTES}")
        connection.execute("PRAGMA cache_size=-4000")
        connection.execute(_SCHEMA)
    except sqlite3.Error as error:
        connection.close()
        raise BufferAway(f"{path.name}: {error}") from None
    return connection


class _away:
    """Say BufferAway for what SQLite says about locks, disks and files."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error | OSError):
            raise BufferAway(str(error)) from error
