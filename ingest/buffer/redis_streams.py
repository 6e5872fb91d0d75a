"""The buffer of full mode: Redis Streams, one per partition. No consumer groups: the position is a row of the database.

Appends are written as raw commands on one connection with a socket timeout and no retry: a client that repeats a
frozen append would enter it twice.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

import hiredis
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ingest.buffer import READ_BYTES, Backlog, BufferAway, Held, Kept, Outcome

PREFIX = "glitchcsp:reports:"
APPEND_TIMEOUT = 3.0
"""Seconds. After that the outcome is unknown and the request is answered 503."""
READ_TIMEOUT = 10.0
CONNECT_TIMEOUT = 1.0
"""Also for the first words on a new connection: while those get no answer, nothing was appended."""
AWAY_PAUSE = 0.5
"""Seconds without a new attempt after a refused connection, so that a dead Redis costs a request nothing."""
_READ_AT_ONCE = 500
_XADD = b"*10\r\n$4\r\nXADD\r\n$%d\r\n%b\r\n$10\r\nNOMKSTREAM\r\n$1\r\n*\r\n$1\r\np\r\n$%d\r\n%b\r\n$1\r\nn\r\n$%d\r\n%b\r\n$1\r\ne\r\n"
_BITE = 2000
_MOST_BITES = 20
_COUNT = """#!lua flags=no-writes
local rows = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[3])
local total, last = 0, ARGV[1]
for _, row in ipairs(rows) do
    last = row[1]
    if ARGV[2] == '' then total = total + 1
    elseif row[2][2] == ARGV[2] then total = total + tonumber(row[2][4]) end
end
return {total, last, #rows == tonumber(ARGV[3]) and 1 or 0}
"""


class RedisStreams:
    START = "0-0"

    def __init__(self, url: str, partitions: int) -> None:
        self.count = partitions
        calm = {"socket_connect_timeout": CONNECT_TIMEOUT, "retry": Retry(NoBackoff(), 0), "retry_on_error": []}
        self._pool = redis.ConnectionPool.from_url(url, socket_timeout=CONNECT_TIMEOUT, protocol=2, **calm)  # no pushes between replies
        self._client: Any = redis.Redis.from_url(url, socket_timeout=READ_TIMEOUT, **calm)
        self._appending: Any = None
        self._away_until = 0.0

    def partition_of(self, project: int) -> str:
        return str(zlib.crc32(b"%d" % project) % self.count)

    def partitions(self) -> list[str]:
        return [str(number) for number in range(self.count)]

    # --- The door's side ----------------------------------------------------------------------------------------
    def append(self, held: Sequence[Held]) -> list[Outcome]:
        connection = self._ready_connection()
        if connection is None:
            return [Outcome.REFUSED] * len(held)
        outcomes: list[Outcome] = []
        try:
            socket = connection._sock  # redis-py reads one reply at a time, which takes longer than all the rest
            socket.sendall(b"".join(map(_xadd, held)))
            replies = hiredis.Reader()
            while len(outcomes) < len(held):
                outcomes.extend(_received(socket, replies))
        except (redis.RedisError, OSError, hiredis.HiredisError):
            self._hang_up()
            outcomes.extend([Outcome.UNKNOWN] * (len(held) - len(outcomes)))
        return outcomes

    def _ready_connection(self) -> Any:
        """A connection that is not known to be dead; None when none can be had, and then nothing was sent."""
        if self._appending is not None and _is_dead(self._appending):
            self._hang_up()
        if self._appending is None and time.monotonic() >= self._away_until:
            try:
                self._appending = self._pool.get_connection()
                self._appending._sock.settimeout(APPEND_TIMEOUT)
            except (redis.RedisError, OSError):
                self._appending = None
                self._away_until = time.monotonic() + AWAY_PAUSE
        return self._appending

    def _hang_up(self) -> None:
        connection, self._appending = self._appending, None
        connection.disconnect()
        self._pool.release(connection)

    # --- The drain's side ---------------------------------------------------------------------------------------
    def server(self) -> str:
        info: dict[str, Any] = _asked(lambda: self._client.info("server"))
        return str(info["run_id"])

    def prepare(self, partition: str, position: str) -> bool:
        key = PREFIX + partition
        info = _asked(lambda: self._client.xinfo_stream(key) if self._client.exists(key) else None)
        if info is None:
            _asked(lambda: self._create(key, position))
            return position != self.START
        if not self.is_before(info["last-generated-id"].decode(), position):
            return False
        # XSETID fails when an id above ours came in meanwhile, which is just as good.
        _asked(lambda: self._client.execute_command("XSETID", key, position))
        return True

    def _create(self, key: str, position: str) -> None:
        """A stream that is empty and whose next id lies above the position, in one step."""
        pipe = self._client.pipeline(transaction=True)
        pipe.xgroup_create(key, "made", id="0", mkstream=True)
        pipe.xgroup_destroy(key, "made")
        if position != self.START:
            pipe.execute_command("XSETID", key, position)
        pipe.execute()

    def read(self, partition: str, after: str, most: int) -> list[Kept]:
        found: list[Kept] = []
        size = 0
        while len(found) < most:
            rows = self._range(partition, after, min(_READ_AT_ONCE, most - len(found)))
            if not rows:
                break
            for number, fields in rows:
                size += len(fields[b"e"])
                if found and size > READ_BYTES:
                    return found
                found.append(Kept(number.decode(), fields[b"e"]))
            after = found[-1].id
        return found

    def read_back(self, partition: str, upto: str, bite: int) -> Iterator[list[Kept]]:
        while rows := _asked(partial(self._client.xrevrange, PREFIX + partition, upto, "-", bite)):
            yield [Kept(number.decode(), fields[b"e"]) for number, fields in rows]
            upto = f"({rows[-1][0].decode()}"

    def _range(self, partition: str, after: str, count: int) -> list[tuple[bytes, dict[bytes, bytes]]]:
        rows: list[tuple[bytes, dict[bytes, bytes]]] = _asked(lambda: self._client.xrange(PREFIX + partition, f"({after}", "+", count))
        return rows

    def trim(self, partition: str, upto: str) -> None:
        milliseconds, _, number = upto.partition("-")
        _asked(lambda: self._client.xtrim(PREFIX + partition, minid=f"{milliseconds}-{int(number) + 1}", approximate=True))

    def forget(self, partition: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _BITE):
            _asked(partial(self._client.xdel, PREFIX + partition, *ids[start : start + _BITE]))

    def backlog(self, partition: str, after: str) -> Backlog:
        """Counted up to 40,000 entries; from there the length of the stream, which has up to ten minutes of recorded ones in it."""
        first = self._range(partition, after, 1)
        if not first:
            return Backlog()
        count = self._sum(partition, after, "")
        if count == _BITE * _MOST_BITES:
            count = _asked(lambda: self._client.xlen(PREFIX + partition))
        return Backlog(count, int(first[0][0].partition(b"-")[0]))

    def reports_waiting(self, partition: str, after: str, project: int) -> int:
        return self._sum(partition, after, str(project))

    def _sum(self, partition: str, after: str, project: str) -> int:
        """Counted inside Redis, a bite at a time: the bodies need not travel."""
        total = 0
        for _ in range(_MOST_BITES):
            found, last, more = self._bite(partition, after, project)
            total, after = total + int(found), last.decode()
            if not more:
                break
        return total

    def _bite(self, partition: str, after: str, project: str) -> Any:
        return _asked(lambda: self._client.eval(_COUNT, 1, PREFIX + partition, after, project, _BITE))

    def is_before(self, one: str, other: str) -> bool:
        return _order(one) < _order(other)

    def close(self) -> None:
        if self._appending is not None:
            self._hang_up()
        self._client.close()


def _xadd(held: Held) -> bytes:
    """`XADD key NOMKSTREAM * p <project> n <reports> e <entry>` as the wire wants it; the order is what _COUNT reads."""
    return b"%b$%d\r\n%b\r\n" % (_xadd_head(held.partition, held.project, held.reports), len(held.data), held.data)


@lru_cache(maxsize=4096)
def _xadd_head(partition: str, project: int, reports: int) -> bytes:
    key, of, number = (PREFIX + partition).encode(), b"%d" % project, b"%d" % reports
    return _XADD % (len(key), key, len(of), of, len(number), number)


def _received(socket: Any, replies: hiredis.Reader) -> Iterator[Outcome]:
    """An error reply (OOM, LOADING, READONLY, ...) and nil (no such stream) say that nothing happened."""
    data = socket.recv(65536)
    if not data:
        raise ConnectionResetError
    replies.feed(data)
    while (reply := replies.gets()) is not False:
        yield Outcome.TAKEN if isinstance(reply, bytes) else Outcome.REFUSED


def _is_dead(connection: Any) -> bool:
    """Nothing may be waiting to be read before we have asked: if there is, it is the end of the connection."""
    try:
        return bool(connection.can_read(timeout=0))
    except (redis.RedisError, OSError):
        return True


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except (redis.ConnectionError, redis.TimeoutError, redis.ResponseError, OSError) as error:
        raise BufferAway(str(error)) from error


def _order(number: str) -> tuple[int, int]:
    milliseconds, _, sequence = number.partition("-")
    return int(milliseconds), int(sequence or 0)
