"""kill -9 under load, then a restart: 2xx <= counted <= 2xx + unanswered, and no process left behind."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.processes.instance import Instance, wait_for
from tests.processes.senders import Load

pytestmark = pytest.mark.processes
LOADED_SECONDS = 0.7

VICTIMS = {
    "embedded": ["supervisor", "web", "worker"],
    "full": ["web", "ingest", "worker", "beat"],
}


def test_kills_lose_and_repeat_nothing(instance: Instance) -> None:
    """One kill of everything that may die, one after the other, under one load."""
    pair = "embedded" if "serve" in instance.commands else "full"
    instance.start()
    with Load(instance.project["security_endpoint"]) as load:
        for victim in VICTIMS[pair]:
            kill_and_restart(instance, victim)
        time.sleep(LOADED_SECONDS)
    counts_are_right(instance, load)


@pytest.mark.long
def test_two_hundred_kills(instance: Instance) -> None:
    pair = "embedded" if "serve" in instance.commands else "full"
    instance.start()
    with Load(instance.project["security_endpoint"]) as load:
        for number in range(200):
            kill_and_restart(instance, VICTIMS[pair][number % len(VICTIMS[pair])])
    counts_are_right(instance, load)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_loses_nothing_and_leaves_no_process(instance: Instance, number: signal.Signals) -> None:
    instance.start()
    with Load(instance.project["security_endpoint"]) as load:
        time.sleep(LOADED_SECONDS)
        for name in instance.commands:
            instance.signal(name, number)
        instance.wait_until_gone()
    instance.start()
    counts_are_right(instance, load)


def kill_and_restart(instance: Instance, victim: str) -> None:
    time.sleep(LOADED_SECONDS)
    if victim in instance.running:
        children = instance.pids()
        instance.signal(victim, signal.SIGKILL)
        instance.running.pop(victim).wait()
        wait_for(lambda: not set(orphans_of(instance, children)), f"children of {victim} were left behind")
        instance.start(victim)
        return
    for pid in embedded_pids(instance, victim):
        os.kill(pid, signal.SIGKILL)
    instance.wait_until_gone()
    instance.start()


def orphans_of(instance: Instance, before: list[int]) -> list[int]:
    """Processes of before whose parent is no process of this instance any more, and that we did not start ourselves."""
    ours = {process.pid for process in instance.running.values()}
    alive = set(instance.pids())
    return [pid for pid in alive & set(before) if pid not in ours and parent_of(pid) not in alive | ours]


def parent_of(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def embedded_pids(instance: Instance, victim: str) -> list[int]:
    supervisor = instance.running["serve"].pid
    if victim == "supervisor":
        return [supervisor]
    return [pid for pid in instance.pids("celery" if victim == "worker" else "granian") if pid != supervisor]


def counts_are_right(instance: Instance, load: Load) -> None:
    counted = instance.drained()["counted"]
    assert load.accepted > 0
    assert load.accepted <= counted <= load.accepted + load.unanswered, f"{load.answers}, {load.unanswered} unanswered. {instance.words()}"
    assert set(load.answers) <= {204, 503}
