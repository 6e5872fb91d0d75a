"""The file that takes over while the buffer refuses: only for what is known not to have been appended.

`<partition>-<uuid>.spool` in the spool folder, a file for each partition and writer, locked by its writer. A thread
appends closed and orphaned files to the buffer, in order and one entry at a time, and removes them. An entry says which
place of which file it was, so the drain counts it once however often it is replayed (ingest.models.SpoolPosition).
"""

from __future__ import annotations

import fcntl
import logging
import os
import struct
import threading
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import msgspec

from ingest.buffer import Buffer, Held, Outcome
from ingest.entry import pack, unpack
from ingest.unwanted import Unwanted

REPLAY_SECONDS = 1.0
LOOK_SECONDS = 10.0
"""How often it is asked what may not stay; only while something lies here."""
MOST_FILE_BYTES = 16 * 1024 * 1024
_HEAD = struct.Struct("<IIQI")
"""Length, checksum, project, reports."""
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Open:
    file: FileIO
    name: str
    entries: int = field(default=0)
    size: int = field(default=0)


class Spool:
    """`most` bounds the folder in bytes; what does not fit is refused."""

    def __init__(self, folder: Path, buffer: Buffer, most: int, unwanted: Callable[[], Unwanted] | None = None) -> None:
        self.folder, self.buffer, self.most, self.unwanted = folder, buffer, most, unwanted
        self._open: dict[str, _Open] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._run, name="spool", daemon=True).start()

    # --- Writing (the append thread) ----------------------------------------------------------------------------
    def write(self, held: Sequence[Held]) -> bool:
        """On disk when it returns True; False when not one of them is."""
        by_partition: dict[str, list[Held]] = {}
        for one in held:
            by_partition.setdefault(one.partition, []).append(one)
        with self._lock:
            try:
                if size_of(self.folder) + sum(len(one.data) for one in held) > self.most:
                    return False
                self._write(by_partition)
            except OSError as error:
                logger.error("The spool can't be written: %s", error)
                return False
        return True

    def _write(self, by_partition: dict[str, list[Held]]) -> None:
        """All or nothing over several files: what was written is cut off again when a later file fails."""
        written: list[tuple[_Open, int, int]] = []
        try:
            for partition, held in by_partition.items():
                spool = self._file_of(partition)
                written.append((spool, spool.size, spool.entries))
                _write_whole(spool.file, b"".join(_framed(one, spool) for one in held))
                os.fsync(spool.file.fileno())
                spool.size = spool.file.tell()
        except OSError:
            for spool, size, entries in written:
                spool.file.truncate(size)
                spool.file.seek(size)
                spool.size, spool.entries = size, entries
            raise

    def _file_of(self, partition: str) -> _Open:
        found = self._open.get(partition)
        if found is not None and found.size < MOST_FILE_BYTES:
            return found
        if found is not None:
            found.file.close()
        self.folder.mkdir(parents=True, exist_ok=True)
        name = str(uuid.uuid4())
        # Stays open, and locked, until it is replayed. Unbuffered: a buffer would keep what a full disk refused and write it later.
        file = open(self.folder / f"{partition}-{name}.spool", "wb", buffering=0)  # noqa: SIM115
        fcntl.flock(file, fcntl.LOCK_EX)
        self._open[partition] = found = _Open(file, name)
        return found

    # --- Replaying (the spool's own thread) ---------------------------------------------------------------------
    def _run(self) -> None:
        pause = threading.Event()
        looked = 0.0
        while not pause.wait(REPLAY_SECONDS):
            try:
                if self.unwanted and time.monotonic() - looked >= LOOK_SECONDS and any(self.folder.glob("*.spool")):
                    self.drop(self.unwanted())
                    looked = time.monotonic()
                self.replay()
            except OSError as error:
                logger.error("The spool can't be replayed: %s", error)

    def replay(self) -> int:
        """Append what waits; returns how many entries were. Stops at the first that the buffer does not take."""
        done = 0
        for path in sorted(self.folder.glob("*.spool"), key=lambda found: found.stat().st_mtime):
            if self._taken_by_buffer(path):
                done += 1
                continue
            break
        return done

    def _taken_by_buffer(self, path: Path) -> bool:
        """True when the file is done with, or is another process's."""
        self._let_go(path)
        try:
            file = open(path, "r+b")  # noqa: SIM115  # closed below, after the lock's whole life
        except FileNotFoundError:
            return True
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            partition = path.name.partition("-")[0]
            for project, reports, data in framed_entries(file):
                if self._append(Held(partition, project, reports, data)) is not Outcome.TAKEN:
                    return False
            path.unlink(missing_ok=True)
        return True

    def drop(self, unwanted: Unwanted) -> int:
        """Put a count in the place of what may not stay; returns how many entries were. A file that somebody writes is left to them."""
        done = 0
        for path in self.folder.glob("*.spool"):
            self._let_go(path)
            with suppress(FileNotFoundError, BlockingIOError), open(path, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                done += _rewrite(path, file, unwanted)
        return done

    def _append(self, held: Held) -> Outcome:
        return self.buffer.append([held])[0]

    def _let_go(self, path: Path) -> None:
        """Close our own file, so that it is replayed and the next refused entry begins another."""
        with self._lock:
            for partition, spool in list(self._open.items()):
                if spool.name in path.name:
                    spool.file.close()
                    del self._open[partition]


def _write_whole(file: FileIO, data: bytes) -> None:
    """A disk that is nearly full takes a part and refuses the next."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _framed(held: Held, spool: _Open) -> bytes:
    spool.entries += 1
    return _frame(held.project, held.reports, pack(msgspec.structs.replace(unpack(held.data), spool=spool.name, offset=spool.entries)))


def _frame(project: int, reports: int, data: bytes) -> bytes:
    return _HEAD.pack(len(data), zlib.crc32(data), project, reports) + data


def _rewrite(path: Path, file: BinaryIO, unwanted: Unwanted) -> int:
    """The whole file beside itself, then over itself: a crash leaves one or the other. Its entries keep their offsets."""
    done = 0
    frames: list[bytes] = []
    for project, reports, data in framed_entries(file):
        instead = unwanted.instead_of(data)
        done += instead is not None
        frames.append(_frame(project, reports, data) if instead is None else _frame(0, 0, instead))
    if done:
        beside = path.with_suffix(".draft")
        with open(beside, "wb") as draft:
            draft.write(b"".join(frames))
            draft.flush()
            os.fsync(draft.fileno())
        os.replace(beside, path)
    return done


def framed_entries(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """Up to the first torn one: that was never acknowledged."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        length, checksum, project, reports = _HEAD.unpack(head)
        data = file.read(length)
        if len(data) < length or zlib.crc32(data) != checksum:
            return
        yield project, reports, data


def size_of(folder: Path) -> int:
    total = 0
    for path in folder.glob("*.spool"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
