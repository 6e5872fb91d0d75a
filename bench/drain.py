"""The drain: reports recorded a second by one process, with 50 and 5,000 different violations; and from POST to visible."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from bench.figure import Figure
from bench.started import MODES, ROOT, Instance, body, environment, free_port, product

REPORTS = 20_000
LEAST_PER_SECOND = 10_000
VISIBLE_SECONDS = 5.0
POSTS = 20


def figures() -> list[Figure]:
    found: list[Figure] = []
    for mode in MODES:
        for different in (50, 5_000):
            rate = _in_a_process(mode, different)
            least = LEAST_PER_SECOND if (mode, different) == ("full", 50) else None
            found.append(Figure(f"{mode}, {different:,} different: drained", rate, "reports/s", least, "high"))
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


def _in_a_process(mode: str, different: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        env = environment(mode, folder, free_port())
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, cwd=ROOT, check=True)
        command = [sys.executable, "-m", "bench.drain", str(different)]
        return float(subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def measure(different: int) -> float:
    """Fills the buffer for a new project and drains it in this process; the issues exist already."""
    import django

    django.setup()
    from ingest.buffer import open_buffer
    from ingest.drain import drain
    from projects.models import Organization, Project

    organization, _ = Organization.objects.get_or_create(slug="bench-drain", name="Bench")
    project = Project.objects.create(organization=organization, slug=f"drain-{time.time_ns()}", name="Drain", prefix="DRAIN")
    buffer = open_buffer()
    for number in (different, REPORTS):
        drain(buffer, 0)
        _fill(project.pk, number, different)
        start = time.perf_counter()
        while drain(buffer, 60):
            pass
        seconds = time.perf_counter() - start
    return REPORTS / seconds


def _fill(project: int, number: int, different: int) -> None:
    from ingest.buffer import Held, Outcome, open_buffer
    from ingest.entry import Reports, pack

    buffer, now = open_buffer(), int(time.time() * 1000)
    agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
    partition = buffer.partition_of(project)
    for first in range(0, number, 1000):
        held = [
            Held(partition, project, 1, pack(Reports(project, 1, now, 1, body(one % different), agent, "", 1 + one % 5003, 1 + one % 211)))
            for one in range(first, min(first + 1000, number))
        ]
        if set(buffer.append(held)) != {Outcome.TAKEN}:
            raise RuntimeError("the buffer did not take the reports")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glitchcsp.settings")
    print(json.dumps(measure(int(sys.argv[1]))))
