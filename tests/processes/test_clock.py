"""The clock jumps, for every process of an instance at once: no report is lost, repeated or put into an hour that was not."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.processes.chaos import promise_holds
from tests.processes.instance import Instance, wait_for
from tests.processes.prepared import Embedded
from tests.processes.senders import Load

pytestmark = pytest.mark.processes
SOURCE = Path(__file__).with_name("clock.c")
JUMPS = (timedelta(hours=2), timedelta(hours=-26), timedelta(hours=26), timedelta(0))
"""From the machine's own time: ahead, back to yesterday, into tomorrow, and right again."""


class Clock:
    """What measures (time-outs, patience) runs on; what tells dates is off by the seconds in a file that all processes map."""

    def __init__(self, folder: Path) -> None:
        self.library, self.file = folder / "clock.so", folder / "clock"
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler is on this machine; `make test` installs one where it may.")
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", self.library, SOURCE], check=True)
        self.file.write_bytes(bytes(8))

    def set(self, ahead: timedelta) -> datetime:
        """What the instance's clock shows from now on."""
        with self.file.open("r+b") as file:
            file.write(struct.pack("=q", int(ahead.total_seconds())))
        return datetime.now(UTC) + ahead


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path)


@pytest.fixture
def instance(tmp_path: Path, clock: Clock, embedded_instances: Embedded) -> Iterator[Instance]:
    with embedded_instances.instance(tmp_path) as made:
        made.environment |= {"LD_PRELOAD": str(clock.library), "MOVED_CLOCK": str(clock.file)}
        made.start()
        yield made


def test_the_clock_jumps_ahead_and_back(instance: Instance, clock: Clock) -> None:
    hours: set[int] = set()
    with Load(instance.endpoint, 2) as load:
        for ahead in JUMPS:
            shown = clock.set(ahead)
            before, counted = load.accepted, instance.intake()["counted"]
            wait_for(lambda before=before: load.accepted > before + 50, f"no report is taken at {ahead}")
            wait_for(
                lambda counted=counted: instance.intake()["counted"] > counted + 50, f"nothing is counted at {ahead}", 20, instance.words
            )
            wait_for(lambda shown=shown: rows(instance, "SELECT 1 FROM ingest_daysalt WHERE day = ?", f"{shown:%Y-%m-%d}"), "no salt", 20)
            hours |= {hour_of(shown), hour_of(clock.set(ahead))}
        load.send_one()
    counted = promise_holds(instance, "shop", load)["counted"]
    found = dict(rows(instance, "SELECT hour, sum(reports) FROM issues_hourlycount GROUP BY hour"))
    assert sum(found.values()) == counted
    assert set(found) == hours


def hour_of(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def rows(instance: Instance, query: str, *values: str) -> list[tuple[int, int]]:
    """Of the database itself: what pages and API say of hours depends on the hour they are asked at."""
    with closing(sqlite3.connect(f"file:{instance.folder / 'data'}/glitchcsp.sqlite3?mode=ro", uri=True)) as database:
        return database.execute(query, values).fetchall()
