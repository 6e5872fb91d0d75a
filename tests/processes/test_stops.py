"""kill -9 under load, then a restart: 2xx <= counted <= 2xx + unanswered, and no process left behind."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.processes.instance import START_SECONDS, Instance, wait_for
from tests.processes.senders import Load

pytestmark = pytest.mark.processes
LOADED_SECONDS = 0.7
GONE_SECONDS = 10

VICTIMS = {
    "embedded": ["serve", "serve: web", "serve: web server", "serve: worker"],
    "full": ["ingest", "ingest: web", "ingest: web server", "web", "worker", "worker: worker", "beat"],
}
"""The supervisor of a command, what it started, or the process that Granian started in turn."""


def test_kills_lose_and_repeat_nothing(instance: Instance) -> None:
    """One kill of everything that may die, one after the other, under one load."""
    instance.start()
    with Load(instance.endpoint) as load:
        for victim in victims_of(instance):
            kill_and_restart(instance, victim)
        time.sleep(LOADED_SECONDS)
    counts_are_right(instance, load)


@pytest.mark.long
def test_two_hundred_kills(instance: Instance) -> None:
    instance.start()
    victims = victims_of(instance)
    with Load(instance.endpoint) as load:
        for number in range(200):
            kill_and_restart(instance, victims[number % len(victims)])
    counts_are_right(instance, load)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_loses_nothing_and_leaves_no_process(instance: Instance, number: signal.Signals) -> None:
    instance.start()
    with Load(instance.endpoint) as load:
        time.sleep(LOADED_SECONDS)
        for name in instance.commands:
            instance.signal(name, number)
        instance.wait_until_gone()
    instance.start()
    counts_are_right(instance, load)


def victims_of(instance: Instance) -> list[str]:
    return VICTIMS["embedded" if "serve" in instance.commands else "full"]


def kill_and_restart(instance: Instance, victim: str) -> None:
    time.sleep(LOADED_SECONDS)
    name, _, part = victim.partition(": ")
    supervisor = instance.running[name]
    if part:
        wait_for(lambda: process_of(instance, supervisor.pid, part) > 0, f"{victim} does not start", START_SECONDS, instance.words)
        pid = process_of(instance, supervisor.pid, part)
        family = {pid, *instance.children(pid)}
        os.kill(pid, signal.SIGKILL)
    else:
        family = {supervisor.pid, *descendants(instance, supervisor.pid)}
        supervisor.kill()
        supervisor.wait()
        del instance.running[name]
    wait_for(lambda: not family & set(instance.pids()), f"{victim} left processes behind", GONE_SECONDS, lambda: f"{family}")
    if part:
        instance.wait_until_it_answers()
    else:
        instance.start(name)


def process_of(instance: Instance, supervisor: int, part: str) -> int:
    """0 while it is not there. Only Granian's main process has a child, which is the `web server`; a full worker has some too."""
    families = {pid: instance.children(pid) for pid in instance.children(supervisor)}
    if part == "worker":
        wanted = [pid for pid, children in families.items() if not children or len(families) == 1]
    else:
        wanted = [children[-1] if part == "web server" else pid for pid, children in families.items() if children]
    return wanted[0] if wanted else 0


def descendants(instance: Instance, pid: int) -> list[int]:
    return [found for child in instance.children(pid) for found in [child, *descendants(instance, child)]]


def counts_are_right(instance: Instance, load: Load) -> None:
    counted = instance.drained(load.accepted)["counted"]
    assert load.accepted > 0
    assert load.accepted <= counted <= load.accepted + load.unanswered, f"{load.answers}, {load.unanswered} unanswered. {instance.words()}"
    assert set(load.answers) <= {204, 503}
