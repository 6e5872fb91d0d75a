"""The door: requests a second and answer times, beside floors that only append, under the same server, in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import tempfile

from bench.figure import Figure
from bench.load import Result, request, run
from bench.started import CSP_REPORT, body, floor, product
from ingest.buffer.redis_streams import RedisStreams

SECONDS = 4.0
CLIENTS = (1, 16, 64)
ROUNDS = 3
PARTITIONS = 4
SHARE_OF_FLOOR = 0.6
TIMES_FLOOR_P99 = 3.0


def figures() -> list[Figure]:
    found: list[Figure] = []
    with floor("bare") as address:
        found += _table("a bare callable", {clients: measured(address, clients) for clients in CLIENTS})
    for mode, words in (("embedded", "SQLite"), ("full", "Redis")):
        least, ours = _both(mode)
        found += _table(f"{words}: floor", least) + _table(f"{words}: door", ours)
        for clients in CLIENTS:
            share = ours[clients].per_second / least[clients].per_second
            slower = ours[clients].quantile(0.99) / max(0.001, least[clients].quantile(0.99))
            promised = clients == CLIENTS[-1]
            found.append(Figure(f"{words}, {clients} clients: share of the floor", share, "", SHARE_OF_FLOOR if promised else None, "high"))
            found.append(Figure(f"{words}, {clients} clients: times its p99", slower, "", TIMES_FLOOR_P99 if promised else None))
    return found


def _both(mode: str) -> tuple[dict[int, Result], dict[int, Result]]:
    """Floor and door in turn, so that what else the machine does meets both; of each the median round."""
    with tempfile.TemporaryDirectory() as folder:
        where = {"BENCH_SQLITE": f"{folder}/floor.sqlite3"} if mode == "embedded" else {"BENCH_REDIS": os.environ["REDIS_URL"]}
        if mode == "full":
            _make_streams()
        with floor("appending", **where) as least, product(mode, "ingest") as ours:
            rounds = {
                clients: [(measured(least, clients), measured(ours.endpoint, clients)) for _ in range(ROUNDS)] for clients in CLIENTS
            }
            batch = measured(ours.endpoint, 64, _batch())
    print(f"  {mode}: {batch.per_second * 20:,.0f} reports/s in batches of 20, p99 {batch.quantile(0.99):.1f} ms")
    return tuple({clients: _median([pair[side] for pair in rounds[clients]]) for clients in CLIENTS} for side in (0, 1))  # type: ignore[return-value]


def _make_streams() -> None:
    """What the drain does first; without a stream the door would spool, and the spool would be what is measured."""
    buffer = RedisStreams(os.environ["REDIS_URL"], PARTITIONS)
    for partition in buffer.partitions():
        buffer.prepare(partition, buffer.START)
    buffer.close()


def _median(results: list[Result]) -> Result:
    middle = statistics.median_low([result.per_second for result in results])
    return next(result for result in results if result.per_second == middle)


def measured(address: str, clients: int, content: bytes = b"") -> Result:
    single = [request(address, body(number)) for number in range(50)]
    requests = [request(address, content, "application/reports+json")] if content else single
    result = asyncio.run(run(address, requests, clients, SECONDS))
    if set(result.statuses) != {204}:
        raise RuntimeError(f"not every report was taken: {dict(result.statuses)}")
    return result


def _batch() -> bytes:
    page = "https://shop.example/"
    policy = CSP_REPORT["original-policy"]
    fields = {"blockedURL": "inline", "effectiveDirective": "script-src-elem", "documentURL": page, "originalPolicy": policy}
    return json.dumps([{"type": "csp-violation", "age": 10, "url": page, "body": fields}] * 20).encode()


def _table(name: str, results: dict[int, Result]) -> list[Figure]:
    found = []
    for clients, result in results.items():
        found.append(Figure(f"{name}, {clients} clients", result.per_second, "requests/s", best="high"))
        found.append(Figure(f"{name}, {clients} clients: p50", result.quantile(0.5), "ms"))
        found.append(Figure(f"{name}, {clients} clients: p99", result.quantile(0.99), "ms"))
    return found
