"""The disk fills up: 503 with a name, nothing lost or counted twice, and once there is room it goes on by itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.processes.chaos import promise_holds
from tests.processes.disk import small_disk
from tests.processes.faults import Place
from tests.processes.instance import wait_for
from tests.processes.prepared import Embedded
from tests.processes.senders import Load

pytestmark = pytest.mark.processes
DATA_KB = 24 * 1024
SPOOL_KB = 128


def test_of_database_buffer_and_spool_together(tmp_path: Path, embedded_instances: Embedded) -> None:
    with small_disk(tmp_path / "data", DATA_KB) as disk, embedded_instances.instance(tmp_path) as instance:
        instance.start()
        with Load(instance.endpoint) as load:
            wait_for(lambda: load.accepted > 50, "no report is taken")
            disk.fill()
            wait_for(lambda: load.answers[503] + load.unanswered > 20, "it is never full", 20, instance.words)
            time.sleep(2)
            disk.make_room()
            load.send_one()
        found = promise_holds(instance, "shop", load)
        assert found["backlog"] == 0
        told = [line for line in instance.log("serve").read_text().splitlines() if "process ended" in line]
        assert told == [], "a full disk kills no process"


def test_of_the_spool_while_redis_is_away(place: Place) -> None:
    folder = Path(place.instance.environment["GLITCHCSP_DATA"]) / "spool"
    with small_disk(folder, SPOOL_KB), place.loaded() as load:
        wait_for(lambda: load.accepted > 50, "no report is taken")
        place.servers.redis.kill()
        wait_for(lambda: load.answers[503] > 20, "the spool is never full", 60)
        before = load.accepted
        assert before > 100, "nothing was spooled before it was full"
        place.servers.redis.start()
        load.send_one()
    wait_for(lambda: not list(folder.glob("*.spool")), "the spool is not emptied")
