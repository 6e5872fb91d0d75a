"""A minute of drain beside counters that sum to 100 million reports, and beside an empty database, in turn."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psycopg
import redis
from psycopg import sql

from bench.drain import drained, new_project
from bench.figure import Figure
from bench.started import environment_of, in_a_process

SEEDED_REPORTS = 100_000_000
SECONDS = 60.0
TURNS = 4
BITE = 20_000
"""Reports that are put into the buffer before the clock runs."""
KINDS = 50
LEAST_SHARE = 0.8


def figures() -> list[Figure]:
    with ExitStack() as stack:
        empty, seeded = (stack.enter_context(_database(name, place)) for place, name in enumerate(("bench_empty", "bench_seeded"), 1))
        print(f"  seeding {SEEDED_REPORTS:,} reports", flush=True)
        in_a_process(seeded, "bench.counters", "seed", str(SEEDED_REPORTS))
        rates: dict[str, list[float]] = {"empty": [], "seeded": []}
        for _ in range(TURNS):
            for name, env in (("empty", empty), ("seeded", seeded)):
                rates[name].append(json.loads(in_a_process(env, "bench.counters", "drain", str(SECONDS / TURNS))))
    without, beside = (sum(rates[name]) / TURNS for name in ("empty", "seeded"))
    return [
        Figure("drained into an empty database", without, "reports/s", best="high"),
        Figure(f"drained beside {SEEDED_REPORTS:,} counted reports", beside, "reports/s", best="high"),
        Figure("the second by the first", beside / without, "", LEAST_SHARE, "high"),
    ]


@contextmanager
def _database(name: str, place: int) -> Iterator[dict[str, str]]:
    """One of its own on DATABASE_URL's server, with streams of its own in Redis."""
    address, buffer = urlsplit(os.environ["DATABASE_URL"]), urlsplit(os.environ["REDIS_URL"])._replace(path=f"/{place}").geturl()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            with environment_of("full", DATABASE_URL=address._replace(path=f"/{name}").geturl(), REDIS_URL=buffer) as env:
                yield env
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            with redis.Redis.from_url(buffer) as streams:
                streams.flushdb()


def measure(seconds: float) -> float:
    """Reports a second over so many seconds of draining; filling the buffer is not counted."""
    project, done, spent = new_project(), 0, 0.0
    drained(project, KINDS, KINDS)
    while spent < seconds:
        spent += drained(project, BITE, KINDS)
        done += BITE
    return done / spent


def main(command: str, value: str) -> None:
    if command == "drain":
        print(json.dumps(measure(float(value))))
        return
    import django

    django.setup()
    from bench.seed import seed

    seed(int(value))


if __name__ == "__main__":
    main(*sys.argv[1:])
