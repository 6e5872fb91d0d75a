"""One story for both buffers: SQLite's file and Redis Streams run the same tests, each on its pair."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from redis import Redis

from ingest.buffer import Buffer, BufferAway, Held, Outcome
from ingest.buffer.redis_streams import PREFIX, RedisStreams
from ingest.buffer.sqlite_file import SqliteFile
from tests.ingest.door import make_buffer


def held(buffer: Buffer, project: int = 1, data: bytes = b"x", reports: int = 1) -> Held:
    return Held(buffer.partition_of(project), project, reports, data)


def append(buffer: Buffer, *data: bytes) -> str:
    """Returns the partition."""
    assert buffer.append([held(buffer, data=one) for one in data]) == [Outcome.TAKEN] * len(data)
    return buffer.partition_of(1)


def test_entries_are_read_in_order_after_a_position(buffer: Buffer) -> None:
    partition = append(buffer, *[b"%d" % number for number in range(1500)])
    first = buffer.read(partition, buffer.START, 600)
    rest = buffer.read(partition, first[-1].id, 5000)
    assert [kept.data for kept in first + rest] == [b"%d" % number for number in range(1500)]
    assert all(buffer.is_before(one.id, other.id) for one, other in pairwise(first))
    assert buffer.read(partition, rest[-1].id, 10) == []
    assert list(buffer.read_back(partition, first[1].id, 10)) == [[first[1], first[0]]]
    assert [kept for bite in buffer.read_back(partition, rest[-1].id, 10) for kept in bite] == [*reversed(first + rest)]


def test_a_read_is_bounded_in_bytes_but_never_stuck(buffer: Buffer, monkeypatch: pytest.MonkeyPatch) -> None:
    partition = append(buffer, b"a" * 300, b"b" * 300, b"c" * 300)
    monkeypatch.setattr("ingest.buffer.sqlite_file.READ_BYTES", 700)
    monkeypatch.setattr("ingest.buffer.redis_streams.READ_BYTES", 700)
    assert len(buffer.read(partition, buffer.START, 10)) == 2
    monkeypatch.setattr("ingest.buffer.sqlite_file.READ_BYTES", 10)
    monkeypatch.setattr("ingest.buffer.redis_streams.READ_BYTES", 10)
    assert len(buffer.read(partition, buffer.START, 10)) == 1


def test_the_backlog_is_counted_by_entry_and_by_project(buffer: Buffer) -> None:
    partition = buffer.partition_of(1)
    before = int(time.time() * 1000) - 2000
    assert buffer.backlog(partition, buffer.START).entries == 0
    buffer.append([held(buffer, reports=3), held(buffer, reports=4)])
    waiting = buffer.backlog(partition, buffer.START)
    assert waiting.entries == 2
    assert before < waiting.oldest < before + 10_000
    assert buffer.reports_waiting(partition, buffer.START, 1) == 7
    assert buffer.reports_waiting(partition, buffer.START, 2) == 0
    assert buffer.reports_waiting(partition, buffer.read(partition, buffer.START, 1)[0].id, 1) == 4


def test_trimming_takes_what_lies_up_to_a_position(buffer: Buffer) -> None:
    partition = append(buffer, *[b"x" * 2000] * 300)
    middle = buffer.read(partition, buffer.START, 150)[-1].id
    buffer.trim(partition, middle)
    left = buffer.backlog(partition, buffer.START).entries
    assert 150 <= left < 300
    assert buffer.backlog(partition, middle).entries == 150


def test_ids_go_on_above_the_position_when_the_buffer_was_lost(buffer: Buffer, tmp_path: Path) -> None:
    partition = append(buffer, b"one", b"two")
    position = buffer.read(partition, buffer.START, 2)[-1].id
    assert not buffer.prepare(partition, position)
    lose(buffer, partition)
    assert buffer.prepare(partition, position)
    append(buffer, b"three")
    assert [kept.data for kept in buffer.read(partition, position, 10)] == [b"three"]


def lose(buffer: Buffer, partition: str) -> None:
    if isinstance(buffer, SqliteFile):
        buffer.close()
        for path in buffer.path.parent.glob("buffer.sqlite3*"):
            path.unlink()
    else:
        with Redis.from_url(settings.REDIS_URL) as server:
            server.delete(PREFIX + partition)


def test_a_buffer_that_is_ahead_of_its_position_is_left_alone(buffer: Buffer) -> None:
    partition = append(buffer, b"one", b"two")
    first = buffer.read(partition, buffer.START, 1)[0].id
    assert not buffer.prepare(partition, first)
    assert len(buffer.read(partition, first, 10)) == 1


@pytest.mark.embedded
def test_a_file_that_another_process_holds_refuses_and_loses_nothing(tmp_path: Path) -> None:
    buffer = make_buffer(tmp_path)
    assert isinstance(buffer, SqliteFile)
    blocker = SqliteFile(buffer.path)
    blocker._connection().execute("BEGIN IMMEDIATE")
    buffer._connection().execute("PRAGMA busy_timeout=10")
    assert buffer.append([held(buffer)]) == [Outcome.REFUSED]
    blocker.close()
    assert buffer.append([held(buffer)]) == [Outcome.TAKEN]
    buffer.close()


@pytest.mark.embedded
def test_a_full_file_refuses(tmp_path: Path) -> None:
    buffer = make_buffer(tmp_path)
    assert isinstance(buffer, SqliteFile)
    buffer._connection().execute("PRAGMA max_page_count=10")
    assert buffer.append([held(buffer, data=b"x" * 500_000)]) == [Outcome.REFUSED]
    buffer.close()


@pytest.mark.full
def test_a_missing_stream_is_not_made_by_the_door(tmp_path: Path) -> None:
    buffer = make_buffer(tmp_path)
    lose(buffer, buffer.partition_of(1))
    assert buffer.append([held(buffer)]) == [Outcome.REFUSED]
    assert buffer.read(buffer.partition_of(1), buffer.START, 10) == []


@pytest.mark.full
def test_a_full_redis_refuses_and_reads_go_on(tmp_path: Path) -> None:
    buffer = make_buffer(tmp_path)
    partition = append(buffer, b"before")
    with Redis.from_url(settings.REDIS_URL) as server:
        server.config_set("maxmemory", 1)
        try:
            assert buffer.append([held(buffer)]) == [Outcome.REFUSED]
            assert [kept.data for kept in buffer.read(partition, buffer.START, 10)] == [b"before"]
            assert buffer.backlog(partition, buffer.START).entries == 1
        finally:
            server.config_set("maxmemory", 0)
    assert buffer.append([held(buffer)]) == [Outcome.TAKEN]


@pytest.mark.full
def test_a_connection_that_died_idle_costs_nobody_a_report(tmp_path: Path) -> None:
    buffer = make_buffer(tmp_path)
    append(buffer, b"one")
    with Redis.from_url(settings.REDIS_URL) as server:
        server.client_kill_filter(skipme=True, _type="normal")
    time.sleep(0.05)
    append(buffer, b"two")


def listening(answer: Callable[[socket.socket], None]) -> tuple[socket.socket, str]:
    server = socket.create_server(("127.0.0.1", 0))
    answer(server)
    return server, f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.once
def test_a_redis_that_is_not_there_refuses() -> None:
    server, url = listening(lambda server: None)
    server.close()
    buffer = RedisStreams(url, 2)
    assert buffer.append([held(buffer)] * 3) == [Outcome.REFUSED] * 3
    with pytest.raises(BufferAway):
        buffer.read("0", "0-0", 1)


@pytest.mark.once
def test_a_frozen_redis_leaves_the_outcome_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts the connection and never answers; the entry may have been appended all the same."""
    monkeypatch.setattr("ingest.buffer.redis_streams.APPEND_TIMEOUT", 0.2)
    server, url = listening(lambda server: server.listen())
    buffer = RedisStreams(url + "?protocol=2", 2)
    buffer._pool.connection_kwargs.update(lib_name=None, lib_version=None, driver_info=None)
    with server:
        outcomes = buffer.append([held(buffer)])
    assert outcomes[0] is not Outcome.TAKEN
