"""What the door is measured against: ASGI callables that do next to nothing, under the same server and buffer settings.

`bare` answers. `redis` and `sqlite` append the body, micro-batched: whatever came while the last append was in flight.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import redis.asyncio

waiting: list[tuple[bytes, asyncio.Future[None]]] = []
busy = False
thread = ThreadPoolExecutor(1)
client = redis.asyncio.Redis.from_url(os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/0"))


async def bare(scope, receive, send):  # type: ignore[no-untyped-def]
    await receive()
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _insert(rows: list[tuple[bytes]]) -> None:
    connection = getattr(_insert, "connection", None)
    if connection is None:
        connection = _insert.connection = sqlite3.connect(os.environ["BENCH_SQLITE"], isolation_level=None)  # type: ignore[attr-defined]
        connection.executescript("PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
        connection.execute("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB)")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO entries (body) VALUES (?)", rows)
    connection.execute("COMMIT")


async def _append(rows: list[bytes]) -> None:
    if "BENCH_SQLITE" in os.environ:
        await asyncio.get_running_loop().run_in_executor(thread, _insert, [(row,) for row in rows])
        return
    pipe = client.pipeline(transaction=False)
    for row in rows:
        pipe.xadd("floor", {"e": row})
    await pipe.execute()


async def _flush() -> None:
    global busy, waiting
    while waiting:
        batch, waiting = waiting, []
        await _append([row for row, _ in batch])
        for _, answer in batch:
            answer.set_result(None)
    busy = False


async def appending(scope, receive, send):  # type: ignore[no-untyped-def]
    global busy
    body = (await receive())["body"]
    answer = asyncio.get_running_loop().create_future()
    waiting.append((body, answer))
    if not busy:
        busy = True
        asyncio.get_running_loop().create_task(_flush())
    await answer
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
