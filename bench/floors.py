"""What the product is measured against: as little as can be. As Django's settings, this module is a Django of one view."""

import asyncio
import json
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import redis
from django.http import HttpResponse
from django.urls import path

START, REST = {"type": "http.response.start", "status": 204, "headers": []}, {"type": "http.response.body", "body": b""}
XADD = b"*5\r\n$4\r\nXADD\r\n$5\r\nfloor\r\n$1\r\n*\r\n$1\r\ne\r\n$%d\r\n%b\r\n"
where = urlsplit(os.environ.get("BENCH_REDIS", ""))
waiting, streams, busy, thread = [], [], [], ThreadPoolExecutor(1)
client = redis.Redis(where.hostname or "", where.port or 6379)
file = sqlite3.connect(os.environ.get("BENCH_SQLITE", ":memory:"), isolation_level=None, check_same_thread=False)
file.executescript("""PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
    CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB)""")


async def bare(scope, receive, send):
    await receive()
    await send(START)
    await send(REST)


def insert(rows):
    file.execute("BEGIN IMMEDIATE")
    file.executemany("INSERT INTO entries (body) VALUES (?)", [(row,) for row in rows])
    file.execute("COMMIT")


async def append(rows):  # noqa: RET503
    if not where.hostname:
        return await asyncio.get_running_loop().run_in_executor(thread, insert, rows)
    streams[:] = streams or await asyncio.open_connection(where.hostname, where.port)
    streams[1].write(b"".join([XADD % (len(row), row) for row in rows]))
    left = 2 * len(rows)
    while left > 0:
        left -= (await streams[0].read(65536)).count(b"\n")


async def flush():
    global waiting
    while waiting:
        batch, waiting = waiting, []
        await append([row for row, _ in batch])
        for _, answer in batch:
            answer.set_result(None)
    busy.clear()


async def appending(scope, receive, send):
    body, answer = (await receive())["body"], asyncio.get_running_loop().create_future()
    waiting.append((body, answer))
    if not busy:
        busy.append(True)
        asyncio.get_running_loop().create_task(flush())
    await answer
    await send(START)
    await send(REST)


def view(request, project):
    client.xadd("floor", {"e": request.body}) if where.hostname else insert([request.body])
    return HttpResponse(status=204)


SECRET_KEY, ROOT_URLCONF, ALLOWED_HOSTS = "floor", "bench.floors", ["*"]
urlpatterns = [path("api/<int:project>/security/", view)]


def naive(cursor, body):
    report = json.loads(body)["csp-report"]
    key = report["effective-directive"] + " " + urlsplit(report["blocked-uri"]).netloc
    cursor.execute("INSERT INTO naive (key, n) VALUES (%s, 1) ON CONFLICT (key) DO UPDATE SET n = naive.n + 1", [key])
