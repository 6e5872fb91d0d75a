"""The door: requests a second and answer times, single and in batches, beside floors under the same server, in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import redis

from bench.figure import Figure
from bench.load import Result, read_pages, request, run
from bench.started import CSP_REPORT, MODES, Instance, body, floor, pages_beside, product
from ingest.buffer.redis_streams import RedisStreams

SECONDS = 3.0
CLIENTS = (1, 16, 64)
ROUNDS = 3
BATCH = 20
PARTITIONS = 4
READERS = 4
SHARE_OF_FLOOR = 0.6
TIMES_FLOOR_P99 = 3.0
BUFFERS = {"embedded": "SQLite", "full": "Redis"}
DOORS = {"embedded": "web", "full": "ingest"}
"""The process that has the endpoint, as each mode starts it: with the pages, and without."""


def figures() -> list[Figure]:
    found: list[Figure] = []
    with floor("bare") as address:
        found += _table("a bare callable", {clients: measured(address, _singles(address), clients) for clients in CLIENTS})
    for mode in MODES:
        found += _of_mode(mode)
    return found


def _of_mode(mode: str) -> list[Figure]:
    words = BUFFERS[mode]
    print(f"  {words}: floors and door in turn, {ROUNDS} rounds of {SECONDS:g} s with each of {CLIENTS} clients", flush=True)
    with _where(mode) as where, floor("appending", **where) as least, product(mode, DOORS[mode]) as ours:
        with floor("django", **where) as view:
            slow = measured(view, _singles(view), CLIENTS[-1])
        singles = _in_turn(least, ours.endpoint, _singles)
        batches = _in_turn(least, ours.endpoint, _batches, rounds=1)
        reading, pages = _while_pages_are_read(ours)
    found = [Figure(f"{words}: a Django view, {CLIENTS[-1]} clients", slow.per_second, "requests/s", best="high")]
    found += _compared(words, singles, promised=True) + _compared(f"{words}, batches of {BATCH}", batches, promised=False)
    found.append(Figure(f"{words}: p99 while {pages:,.0f} pages/s are read, {CLIENTS[1]} clients", reading.quantile(0.99), "ms"))
    found.append(Figure(f"{words}: rate while pages are read", reading.per_second, "requests/s", best="high"))
    return found


@contextmanager
def _where(mode: str) -> Iterator[dict[str, str]]:
    """Where floors append. In full mode the streams are made first, as the drain does; without them the door would spool."""
    if mode == "full":
        buffer = RedisStreams(os.environ["REDIS_URL"], PARTITIONS)
        for partition in buffer.partitions():
            buffer.prepare(partition, buffer.START)
        buffer.close()
        yield {"BENCH_REDIS": os.environ["REDIS_URL"]}
        with redis.Redis.from_url(os.environ["REDIS_URL"]) as server:
            server.flushdb()  # nothing of it shall be drained in what is measured next
        return
    with tempfile.TemporaryDirectory() as folder:
        yield {"BENCH_SQLITE": f"{folder}/floor.sqlite3"}


def _in_turn(least: str, ours: str, requests: Callable[[str], list[bytes]], rounds: int = 0) -> dict[int, tuple[Result, Result]]:
    """Floor and door in turn, so that what else the machine does meets both; of each the median round."""
    found = {}
    for clients in CLIENTS:
        pairs = [(measured(least, requests(least), clients), measured(ours, requests(ours), clients)) for _ in range(rounds or ROUNDS)]
        found[clients] = (_median([pair[0] for pair in pairs]), _median([pair[1] for pair in pairs]))
    return found


def _median(results: list[Result]) -> Result:
    middle = statistics.median_low([result.per_second for result in results])
    return next(result for result in results if result.per_second == middle)


def measured(address: str, requests: list[bytes], clients: int) -> Result:
    return _all_taken(asyncio.run(run(address, requests, clients, SECONDS)))


def _all_taken(result: Result) -> Result:
    if set(result.statuses) != {204}:
        raise RuntimeError(f"not every report was taken: {dict(result.statuses)}")
    return result


def _while_pages_are_read(ours: Instance) -> tuple[Result, float]:
    """The door's answers, and pages a second: the list of issues as the API gives it, by as many readers as there are page threads."""

    async def both(pages: str) -> tuple[Result, int]:
        posting = run(ours.endpoint, _singles(ours.endpoint), CLIENTS[1], SECONDS)
        reading = read_pages(f"{pages}/api/0/organizations/{ours.organization}/issues/", ours.token, READERS, SECONDS)
        return await asyncio.gather(posting, reading)

    with pages_beside(ours) as pages:
        result, read = asyncio.run(both(pages))
    return _all_taken(result), read / SECONDS


def _singles(address: str) -> list[bytes]:
    return [request(address, body(number)) for number in range(50)]


def _batches(address: str) -> list[bytes]:
    page, policy = "https://shop.example/", CSP_REPORT["original-policy"]
    fields = {"blockedURL": "inline", "effectiveDirective": "script-src-elem", "documentURL": page, "originalPolicy": policy}
    content = json.dumps([{"type": "csp-violation", "age": 10, "url": page, "body": fields}] * BATCH).encode()
    return [request(address, content, "application/reports+json")]


def _compared(name: str, pairs: dict[int, tuple[Result, Result]], *, promised: bool) -> list[Figure]:
    found = _table(f"{name}: floor", {clients: pair[0] for clients, pair in pairs.items()})
    found += _table(f"{name}: door", {clients: pair[1] for clients, pair in pairs.items()})
    for clients, (least, ours) in pairs.items():
        held = promised and clients == CLIENTS[-1]
        share = ours.per_second / least.per_second
        slower = ours.quantile(0.99) / max(0.001, least.quantile(0.99))
        found.append(Figure(f"{name}, {clients} clients: share of the floor", share, "", SHARE_OF_FLOOR if held else None, "high"))
        found.append(Figure(f"{name}, {clients} clients: times its p99", slower, "", TIMES_FLOOR_P99 if held else None))
    return found


def _table(name: str, results: dict[int, Result]) -> list[Figure]:
    found = []
    for clients, result in results.items():
        found.append(Figure(f"{name}, {clients} clients", result.per_second, "requests/s", best="high"))
        found.append(Figure(f"{name}, {clients} clients: p50", result.quantile(0.5), "ms"))
        found.append(Figure(f"{name}, {clients} clients: p99", result.quantile(0.99), "ms"))
    return found
