"""The drain: reports recorded a second by one process, beside one upsert a report; and from POST to visible."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import urllib.request

from bench import floors
from bench.figure import Figure
from bench.started import MODES, Instance, body, environment_of, in_a_process, product

REPORTS = 20_000
NAIVE_REPORTS = 2_000
KINDS = (50, 5_000, 500_000)
MOST_KNOWN = 5_000
"""Issues that are made before the measured ones; of 500,000 kinds the measured ones are all new."""
LEAST_PER_SECOND = 10_000
VISIBLE_SECONDS = 5.0
POSTS = 20


def figures() -> list[Figure]:
    found: list[Figure] = []
    for mode in MODES:
        print(f"  {mode}: {REPORTS:,} reports of each of {KINDS} different violations", flush=True)
        with environment_of(mode) as env:
            naive = json.loads(in_a_process(env, "bench.drain", "naive"))
            found.append(Figure(f"{mode}: one upsert a report", naive, "reports/s", best="high"))
            for different in KINDS:
                rate = json.loads(in_a_process(env, "bench.drain", str(different)))
                least = LEAST_PER_SECOND if (mode, different) == ("full", 50) else None
                found.append(Figure(f"{mode}, {different:,} different: drained by a process", rate, "reports/s", least, "high"))
        with product(mode) as instance:
            times = sorted(_seconds_to_visible(instance) for _ in range(POSTS))
        found.append(Figure(f"{mode}: from POST to counted, median", statistics.median(times), "s"))
        found.append(Figure(f"{mode}: from POST to counted, slowest of {POSTS}", times[-1], "s", VISIBLE_SECONDS))
    return found


def _seconds_to_visible(instance: Instance) -> float:
    """By the API, whose own answer takes a part of it."""
    before = instance.intake()["counted"]
    start = time.monotonic()
    post = urllib.request.Request(instance.endpoint, body(1), {"Content-Type": "application/csp-report"})
    urllib.request.urlopen(post, timeout=10).close()
    while instance.intake()["counted"] == before:
        time.sleep(0.02)
    return time.monotonic() - start


def measure(different: int) -> float:
    """Reports a second of a drain whose issues exist already, unless there are more kinds than reports."""
    project, known = new_project(), min(different, MOST_KNOWN)
    drained(project, known, different)
    return REPORTS / drained(project, REPORTS, different, known)


def new_project() -> int:
    """In this process: Django set up as a worker is, and nothing left in the buffer."""
    import django

    django.setup()
    from glitchcsp.processes import keep_what_is_loaded
    from ingest.buffer import open_buffer
    from ingest.drain import drain
    from projects.models import Organization, Project

    keep_what_is_loaded()
    while drain(open_buffer(), 60):
        pass
    organization, _ = Organization.objects.get_or_create(slug="bench-drain", name="Bench")
    return Project.objects.create(organization=organization, slug=f"drain-{time.time_ns()}", name="Drain", prefix="DRAIN").pk


def drained(project: int, reports: int, different: int, first: int = 0) -> float:
    """Seconds that it took to record so many, which the buffer is filled with before."""
    from ingest.buffer import open_buffer
    from ingest.drain import drain

    _fill(project, range(first, first + reports), different)
    start = time.perf_counter()
    while drain(open_buffer(), 60):
        pass
    return time.perf_counter() - start


def _fill(project: int, numbers: range, different: int) -> None:
    from ingest.buffer import Held, Outcome, open_buffer
    from ingest.entry import Reports, pack

    buffer, now = open_buffer(), int(time.time() * 1000)
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
    partition = buffer.partition_of(project)
    for some in (numbers[first : first + 1000] for first in range(0, len(numbers), 1000)):
        held = [
            Held(partition, project, 1, pack(Reports(project, 1, now, 1, body(one % different), agent, "", 1 + one % 5003, 1 + one % 211)))
            for one in some
        ]
        if set(buffer.append(held)) != {Outcome.TAKEN}:
            raise RuntimeError("the buffer did not take the reports")


def naive() -> float:
    """What a first version would do: a transaction and an upsert for each report."""
    import django

    django.setup()
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive (key varchar(300) PRIMARY KEY, n bigint)")
        start = time.perf_counter()
        for number in range(NAIVE_REPORTS):
            with transaction.atomic():
                floors.naive(cursor, body(number % 50))
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE naive")
    return NAIVE_REPORTS / seconds


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glitchcsp.settings")
    print(json.dumps(naive() if sys.argv[1] == "naive" else measure(int(sys.argv[1]))))
